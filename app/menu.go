package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// showMenu is the program's menu.
func (a *App) showMenu(at fyne.Position) {
	menu := fyne.NewMenu("",
		fyne.NewMenuItem("Your profile", func() { a.atHome((*home).showSelf) }),
		a.accountMenu(),
		fyne.NewMenuItem("New group", func() { a.atHome((*home).newGroup) }),
		fyne.NewMenuItem("Join a group with a code", func() { a.atHome((*home).joinGroup) }),
		fyne.NewMenuItem("Calls", func() { a.atHome((*home).showCalls) }),
		fyne.NewMenuItemSeparator(),
		a.quietMenu(),
		fyne.NewMenuItem("Copy my address", a.copyAddress),
		fyne.NewMenuItem("Keyboard", a.showKeys),
		fyne.NewMenuItem("Lock", a.lockNow),
		fyne.NewMenuItem("Settings", func() { a.showSettings("") }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Quit", a.quit),
	)
	widget.ShowPopUpMenuAtPosition(menu, a.window.Canvas(), at)
}

func (a *App) copyAddress() {
	a.atHome(func(h *home) {
		a.cfg.FyneApp.Clipboard().SetContent(h.contacts.Model().Self())
		a.notify("Your address was copied. Others can use it to write to you.")
	})
}
