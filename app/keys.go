package app

import (
	"runtime"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/internal/tr"
)

// key is one line of the keyboard map.
type key struct {
	shortcut *desktop.CustomShortcut // nil when a widget handles the key
	name     string
	does     string
	do       func(a *App)
}

// keyMap is everything the keyboard does, in the order the sheet lists it.
func keyMap() []key { //nolint:funlen // a table
	const main = fyne.KeyModifierShortcutDefault
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
	shifted := func(key string) string { return keyName(shiftKey(), key) }
	first, last := tr.X("Home", "key"), tr.X("End", "key")
	enter, del := tr.L("Enter"), tr.X("Del", "key")
	click := tr.X("click", "while a key is held")
	keys := []key{
		{on(fyne.KeyN, main), keyName("N"), tr.L("New chat"), atHome((*home).newChat)},
		{on(fyne.KeyK, main), keyName("K"), tr.L("Find a chat"), atHome((*home).search)},
		{on(fyne.KeyF, main), keyName("F"), tr.L("Search in the chat"), atHome((*home).find)},
		{on(fyne.KeyF, main|shift), shifted("F"), tr.L("Search everywhere"), atHome((*home).search)},
		{on(fyne.KeyN, main|shift), shifted("N"), tr.L("New group"), atHome((*home).newGroup)},
		{on(fyne.KeyI, main), keyName("I"), tr.L("Profile or group info"), atHome((*home).toggleInfo)},
		{on(fyne.KeyC, main|shift), shifted("C"), tr.X("Call", "verb"), atHome(func(h *home) { h.callOpen(false) })},
		{on(fyne.KeyD, main|shift), shifted("D"), tr.L("Video call"), atHome(func(h *home) { h.callOpen(true) })},
		{on(fyne.KeyUp, fyne.KeyModifierAlt), altKey("↑"), tr.L("Previous chat"), atHome(func(h *home) { h.step(-1) })},
		{on(fyne.KeyDown, fyne.KeyModifierAlt), altKey("↓"), tr.L("Next chat"), atHome(func(h *home) { h.step(1) })},
		{
			on(fyne.KeyP, main|shift), shifted("P"), tr.L("Photos, files and links"),
			atHome(func(h *home) { h.showShared(h.current()) }),
		},
		{on(fyne.KeyG, main), keyName("G"), tr.L("Go to date"), atHome((*home).askDate)},
		{on(fyne.KeyU, main|shift), shifted("U"), tr.L("Mark the chat as unread"), atHome((*home).toggleUnread)},
		{on(fyne.KeyM, main), keyName("M"), tr.L("Next message that mentions you"), atHome((*home).nextMention)},
		{on(fyne.KeyO, main), either("O", "U"), tr.L("Send a file"), over((*home).attach)},
		{on(fyne.KeyU, main), "", "", over((*home).attach)},
		{
			on(fyne.KeyE, main), keyName("E"), tr.L("Emoji; also : and the start of a name"),
			atHome(func(h *home) { h.chat.ShowEmoji() }),
		},
		{on(fyne.KeyR, main), keyName("R"), tr.L("Record a voice message"), atHome((*home).record)},
		{on(fyne.KeyHome, main), either(first, last), tr.L("Oldest, newest message"), end(-1)},
		{on(fyne.KeyEnd, main), "", "", end(1)},
		{nil, inEmptyField(first + ", " + last), tr.L("Oldest, newest message"), nil},
		{nil, tr.X("Page Up", "key") + ", " + tr.X("Page Down", "key"), tr.L("Scroll by a page"), nil},
		{nil, enter + ", " + shiftKey() + "+" + enter, tr.L("Send, new line"), nil},
		{
			on(fyne.KeyReturn, main|shift), shifted(enter), tr.L("Send without sound, or later"),
			atHome((*home).showSendMenu),
		},
		{nil, either("B", "I"), tr.L("Selected text: bold, italic"), nil},
		{nil, shifted("X") + ", " + shifted("M"), tr.L("Struck through, code"), nil},
		{nil, inEmptyField("↑"), tr.L("Edit your last message"), nil},
		{on(fyne.KeyUp, main), either("↑", "↓"), tr.L("Choose a message; then:"), choose(-1)},
		{on(fyne.KeyDown, main), "", "", choose(1)},
		{
			nil, strings.Join([]string{"R", "E", "F", del, "+", "C", "I", "P"}, ", "),
			tr.L("Reply, edit, forward, delete, react, copy, info, pin"), nil,
		},
		{nil, enter, tr.L("Menu of the chosen message"), nil},
		{
			nil, tr.X("Space", "key") + ", " + shiftKey() + "+↑, " + shiftKey() + "+↓",
			tr.L("Select several; then F, C, S, {{.Del}}: forward, copy, save, delete", "Del", del), nil,
		},
		{nil, keyName(click) + ", " + shiftKey() + "+" + click, tr.L("Select a message, all up to a message"), nil},
		{nil, tr.L("Esc"), tr.L("Leave the field, close, or back to the list"), nil},
		{on(fyne.KeyL, main), keyName("L"), tr.L("Lock"), (*App).lockNow},
		{on(fyne.KeyComma, main), keyName(","), tr.L("Settings"), func(a *App) { a.showSettings("") }},
		{on(fyne.KeySlash, main), keyName("/"), tr.L("This list"), (*App).showKeys},
		{on(fyne.KeyEqual, main), either(plusKey(), minusKey()), tr.L("Text larger, smaller"), larger(1)},
		{on(fyne.KeyPlus, main), "", "", larger(1)},
		{on(fyne.KeyEqual, main|shift), "", "", larger(1)},
		{on(fyne.KeyMinus, main), "", "", larger(-1)},
		{on(fyne.Key0, main), keyName("0"), tr.L("Text at 100 %"), func(a *App) { a.setTextSize(usualTextSize) }},
		{on(fyne.KeyW, main), keyName("W"), tr.L("Close the window"), (*App).closeWindow},
		{on(fyne.KeyQ, main), keyName("Q"), tr.L("Quit"), (*App).quit},
	}
	for n := 1; n <= 9; n++ {
		k := key{shortcut: on(fyne.KeyName(strconv.Itoa(n)), main|fyne.KeyModifierAlt)}
		k.do = func(a *App) { a.switchToNumber(n) }
		if n == 1 {
			k.name, k.does = keyName(altKey("1 … 9")), tr.L("Another account")
		}
		keys = append(keys, k)
	}
	return keys
}

// keyName is the name of keys together with the main modifier.
func keyName(keys ...string) string { return mainKey() + "+" + strings.Join(keys, "+") }

// either is keyName for the keys of two shortcuts.
func either(one, other string) string { return keyName(one) + ", " + keyName(other) }

// altKey is the name of a key together with Alt.
func altKey(key string) string { return tr.L("Alt") + "+" + key }

func shiftKey() string { return tr.L("Shift") }

func plusKey() string { return tr.X("plus", "key") }

func minusKey() string { return tr.X("minus", "key") }

// inEmptyField says where a widget handles keys.
func inEmptyField(keys string) string { return tr.L("{{.Keys}} in an empty field", "Keys", keys) }

// mainKey is the name of the modifier of most shortcuts.
func mainKey() string {
	if runtime.GOOS == "darwin" {
		return tr.L("Cmd")
	}
	return tr.L("Ctrl")
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
