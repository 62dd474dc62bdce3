package app

import (
	"runtime"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// key is one line of the keyboard map.
type key struct {
	shortcut *desktop.CustomShortcut // nil when a widget handles the key
	name     string
	does     string
	do       func(a *App)
}

// keyMap is everything the keyboard does, in the order the sheet lists it.
func keyMap() []key {
	const main = fyne.KeyModifierShortcutDefault
	ctrl := mainKey()
	on := func(name fyne.KeyName, modifier fyne.KeyModifier) *desktop.CustomShortcut {
		return &desktop.CustomShortcut{KeyName: name, Modifier: modifier}
	}
	const shift = fyne.KeyModifierShift
	over := func(do func(h *home)) func(a *App) { return func(a *App) { a.atHome(do) } }
	atHome := func(do func(h *home)) func(a *App) { // what lies over the window goes first
		return over(func(h *home) {
			for h.app.closeTop() {
			}
			do(h)
		})
	}
	choose := func(by int) func(a *App) { return atHome(func(h *home) { h.chat.Choose(by) }) }
	end := func(direction int) func(a *App) { return atHome(func(h *home) { h.chat.ShowEnd(direction) }) }
	larger := func(by int) func(a *App) { return func(a *App) { a.stepTextSize(by) } }
	keys := []key{
		{on(fyne.KeyN, main), ctrl + "+N", "New chat", atHome((*home).newChat)},
		{on(fyne.KeyK, main), ctrl + "+K", "Find a chat", atHome((*home).search)},
		{on(fyne.KeyF, main), ctrl + "+F", "Search in the chat", atHome((*home).find)},
		{on(fyne.KeyF, main|shift), ctrl + "+Shift+F", "Search everywhere", atHome((*home).search)},
		{on(fyne.KeyN, main|shift), ctrl + "+Shift+N", "New group", atHome((*home).newGroup)},
		{on(fyne.KeyI, main), ctrl + "+I", "Profile or group info", atHome((*home).toggleInfo)},
		{on(fyne.KeyC, main|shift), ctrl + "+Shift+C", "Call", atHome(func(h *home) { h.callOpen(false) })},
		{on(fyne.KeyD, main|shift), ctrl + "+Shift+D", "Video call", atHome(func(h *home) { h.callOpen(true) })},
		{on(fyne.KeyUp, fyne.KeyModifierAlt), "Alt+↑", "Previous chat", atHome(func(h *home) { h.step(-1) })},
		{on(fyne.KeyDown, fyne.KeyModifierAlt), "Alt+↓", "Next chat", atHome(func(h *home) { h.step(1) })},
		{on(fyne.KeyP, main|shift), ctrl + "+Shift+P", "Photos, files and links", atHome(func(h *home) { h.showShared(h.current()) })},
		{on(fyne.KeyG, main), ctrl + "+G", "Go to date", atHome((*home).askDate)},
		{on(fyne.KeyU, main|shift), ctrl + "+Shift+U", "Mark the chat as unread", atHome((*home).toggleUnread)},
		{on(fyne.KeyM, main), ctrl + "+M", "Next message that mentions you", atHome((*home).nextMention)},
		{on(fyne.KeyO, main), ctrl + "+O, " + ctrl + "+U", "Send a file", over((*home).attach)},
		{on(fyne.KeyU, main), "", "", over((*home).attach)},
		{on(fyne.KeyE, main), ctrl + "+E", "Emoji; also : and the start of a name", atHome(func(h *home) { h.chat.ShowEmoji() })},
		{on(fyne.KeyR, main), ctrl + "+R", "Record a voice message", atHome((*home).record)},
		{on(fyne.KeyHome, main), ctrl + "+Home, " + ctrl + "+End", "Oldest, newest message", end(-1)},
		{on(fyne.KeyEnd, main), "", "", end(1)},
		{nil, "Home, End in an empty field", "Oldest, newest message", nil},
		{nil, "Page Up, Page Down", "Scroll by a page", nil},
		{nil, "Enter, Shift+Enter", "Send, new line", nil},
		{
			on(fyne.KeyReturn, main|shift), ctrl + "+Shift+Enter", "Send without sound, or later",
			atHome((*home).showSendMenu),
		},
		{nil, ctrl + "+B, " + ctrl + "+I", "Selected text: bold, italic", nil},
		{nil, ctrl + "+Shift+X, " + ctrl + "+Shift+M", "Struck through, code", nil},
		{nil, "↑ in an empty field", "Edit your last message", nil},
		{on(fyne.KeyUp, main), ctrl + "+↑, " + ctrl + "+↓", "Choose a message; then:", choose(-1)},
		{on(fyne.KeyDown, main), "", "", choose(1)},
		{nil, "R, E, F, Del, +, C, I, P", "Reply, edit, forward, delete, react, copy, info, pin", nil},
		{nil, "Enter", "Menu of the chosen message", nil},
		{nil, "Space, Shift+↑, Shift+↓", "Select several; then F, C, S, Del: forward, copy, save, delete", nil},
		{nil, ctrl + "+click, Shift+click", "Select a message, all up to a message", nil},
		{nil, "Esc", "Leave the field, close, or back to the list", nil},
		{on(fyne.KeyL, main), ctrl + "+L", "Lock", (*App).lockNow},
		{on(fyne.KeyComma, main), ctrl + "+,", "Settings", func(a *App) { a.showSettings("") }},
		{on(fyne.KeySlash, main), ctrl + "+/", "This list", (*App).showKeys},
		{on(fyne.KeyEqual, main), ctrl + "+plus, " + ctrl + "+minus", "Text larger, smaller", larger(1)},
		{on(fyne.KeyPlus, main), "", "", larger(1)},
		{on(fyne.KeyEqual, main|shift), "", "", larger(1)},
		{on(fyne.KeyMinus, main), "", "", larger(-1)},
		{on(fyne.Key0, main), ctrl + "+0", "Text at 100 %", func(a *App) { a.setTextSize(usualTextSize) }},
		{on(fyne.KeyW, main), ctrl + "+W", "Close the window", (*App).closeWindow},
		{on(fyne.KeyQ, main), ctrl + "+Q", "Quit", (*App).quit},
	}
	for n := 1; n <= 9; n++ {
		k := key{shortcut: on(fyne.KeyName(strconv.Itoa(n)), main|fyne.KeyModifierAlt)}
		k.do = func(a *App) { a.switchToNumber(n) }
		if n == 1 {
			k.name, k.does = ctrl+"+Alt+1 … 9", "Another account"
		}
		keys = append(keys, k)
	}
	return keys
}

// keyName is the name of a key together with the main modifier.
func keyName(key string) string { return mainKey() + "+" + key }

// mainKey is the name of the modifier of most shortcuts.
func mainKey() string {
	if runtime.GOOS == "darwin" {
		return "Cmd"
	}
	return "Ctrl"
}

// bindKeys makes the keys work when nothing has the keyboard, or something that does not handle them.
func (a *App) bindKeys() {
	c := a.window.Canvas()
	for _, k := range keyMap() {
		if k.shortcut != nil {
			c.AddShortcut(k.shortcut, func(s fyne.Shortcut) { a.shortcut(s) })
		}
	}
	c.AddShortcut(&fyne.ShortcutPaste{}, func(s fyne.Shortcut) {
		if p, ok := s.(*fyne.ShortcutPaste); ok && !a.sheet.Shown() {
			a.atHome(func(h *home) { h.chat.Paste(p) })
		}
	})
	c.SetOnTypedKey(a.typedKey)
}

// shortcut handles keys for what has the keyboard; it reports whether they are in the keyboard map.
func (a *App) shortcut(s fyne.Shortcut) bool {
	for _, k := range keyMap() {
		if k.shortcut != nil && k.shortcut.ShortcutName() == s.ShortcutName() {
			k.do(a)
			return true
		}
	}
	return false
}

// closeTop closes the sheet, picture, popup or menu that lies over everything else; it returns false without one.
func (a *App) closeTop() bool {
	layers := a.window.Canvas().Overlays()
	top := layers.Top()
	switch {
	case top == nil:
		return false
	case a.sheet.Is(top):
		a.sheet.Close()
	case a.viewer != nil && top == fyne.CanvasObject(a.viewer.widget):
		a.closeViewer()
	default:
		top.Hide()
	}
	return layers.Top() != top
}

// typedKey handles the keys that nothing else handles.
func (a *App) typedKey(e *fyne.KeyEvent) {
	top := a.window.Canvas().Overlays().Top()
	switch {
	case e.Name == fyne.KeyEscape && a.closeTop():
	case a.sheet.Is(top) && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter):
		a.sheet.Submit()
	case top == nil:
		a.atHome(func(h *home) { h.typedKey(e) })
	}
}

// atHome does something that the user wants, unless the window is locked or there is no account.
func (a *App) atHome(f func(h *home)) {
	if a.home != nil && !a.closing && !a.locked() {
		f(a.home)
	}
}

// showKeys lists the keyboard map.
func (a *App) showKeys() { a.showSettings(pageKeyboard) }
