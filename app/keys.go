package app

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/widgets"
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
	return []key{
		{on(fyne.KeyN, main), ctrl + "+N", "New chat", func(a *App) { a.atHome((*home).newChat) }},
		{on(fyne.KeyK, main), ctrl + "+K", "Find a chat", func(a *App) { a.atHome((*home).search) }},
		{on(fyne.KeyF, main), ctrl + "+F", "Search in the chat", func(a *App) { a.atHome((*home).find) }},
		{on(fyne.KeyF, main|fyne.KeyModifierShift), ctrl + "+Shift+F", "Search everywhere", func(a *App) { a.atHome((*home).search) }},
		{on(fyne.KeyN, main|fyne.KeyModifierShift), ctrl + "+Shift+N", "New group", func(a *App) { a.atHome((*home).newGroup) }},
		{on(fyne.KeyI, main), ctrl + "+I", "Profile or group info", func(a *App) { a.atHome((*home).toggleInfo) }},
		{on(fyne.KeyUp, fyne.KeyModifierAlt), "Alt+↑", "Previous chat", func(a *App) { a.atHome(func(h *home) { h.step(-1) }) }},
		{on(fyne.KeyDown, fyne.KeyModifierAlt), "Alt+↓", "Next chat", func(a *App) { a.atHome(func(h *home) { h.step(1) }) }},
		{on(fyne.KeyG, main), ctrl + "+G", "Go to date", func(a *App) { a.atHome((*home).askDate) }},
		{on(fyne.KeyO, main), ctrl + "+O, " + ctrl + "+U", "Send a file", func(a *App) { a.atHome((*home).attach) }},
		{on(fyne.KeyU, main), "", "", func(a *App) { a.atHome((*home).attach) }},
		{on(fyne.KeyR, main), ctrl + "+R", "Record a voice message", func(a *App) { a.atHome((*home).record) }},
		{nil, "Home, End", "Oldest, newest message", nil},
		{nil, "Page Up, Page Down", "Scroll by a page", nil},
		{nil, "Enter, Shift+Enter", "Send, new line", nil},
		{nil, "↑ in an empty field", "Edit your last message", nil},
		{on(fyne.KeyUp, main), ctrl + "+↑, " + ctrl + "+↓", "Choose a message; then:", func(a *App) { a.atHome(func(h *home) { h.chat.Choose(-1) }) }},
		{on(fyne.KeyDown, main), "", "", func(a *App) { a.atHome(func(h *home) { h.chat.Choose(1) }) }},
		{nil, "R, E, F, Del, +, C, I", "Reply, edit, forward, delete, react, copy, info", nil},
		{nil, "Esc", "Close, or back to the list", nil},
		{on(fyne.KeySlash, main), ctrl + "+/", "This list", (*App).showKeys},
		{on(fyne.KeyQ, main), ctrl + "+Q", "Quit", (*App).quit},
	}
}

// mainKey is what the key of most shortcuts is called here.
func mainKey() string {
	if runtime.GOOS == "darwin" {
		return "Cmd"
	}
	return "Ctrl"
}

// bindKeys makes the keys work when nothing, or something that is not interested, has the keyboard.
func (a *App) bindKeys() {
	c := a.window.Canvas()
	for _, k := range keyMap() {
		if k.shortcut != nil {
			c.AddShortcut(k.shortcut, func(fyne.Shortcut) { k.do(a) })
		}
	}
	c.AddShortcut(&fyne.ShortcutPaste{}, func(s fyne.Shortcut) {
		if p, ok := s.(*fyne.ShortcutPaste); ok && a.sheet == nil {
			a.atHome(func(h *home) { h.chat.Paste(p) })
		}
	})
	c.SetOnTypedKey(a.typedKey)
}

// shortcut is asked by whatever has the keyboard; it tells whether the keys were of the keyboard map.
func (a *App) shortcut(s fyne.Shortcut) bool {
	for _, k := range keyMap() {
		if k.shortcut != nil && k.shortcut.ShortcutName() == s.ShortcutName() {
			k.do(a)
			return true
		}
	}
	return false
}

// typedKey gets the keys that nothing else wants.
func (a *App) typedKey(e *fyne.KeyEvent) {
	if a.sheet != nil {
		switch e.Name {
		case fyne.KeyEscape:
			a.closeSheet()
		case fyne.KeyReturn, fyne.KeyEnter:
			a.sheet.primary()
		}
		return
	}
	a.atHome(func(h *home) { h.typedKey(e) })
}

func (a *App) atHome(f func(h *home)) {
	if a.home != nil && !a.closing {
		f(a.home)
	}
}

// showKeys lists the keyboard map.
func (a *App) showKeys() {
	names, meanings := container.New(layout.NewCustomPaddedVBoxLayout(8)), container.New(layout.NewCustomPaddedVBoxLayout(8))
	for _, k := range keyMap() {
		if k.name == "" {
			continue // named with the one before
		}
		names.Add(newText(k.name, theme.SizeNameText, widgets.ColorText, true))
		meanings.Add(newText(k.does, theme.SizeNameText, widgets.ColorSecondary, false))
	}
	grid := container.New(layout.NewCustomPaddedHBoxLayout(24), names, meanings)
	a.showSheet(sheetContent{title: "Keyboard", content: grid})
}
