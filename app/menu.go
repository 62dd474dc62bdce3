package app

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// showMenu is the program's menu.
func (a *App) showMenu(at fyne.Position) {
	atHome := func(do func(h *home)) func() { return func() { a.atHome(do) } }
	widgets.ShowMenu(a.window.Canvas(), at,
		widgets.NewMenuItem("Your profile", atHome((*home).showSelf)).With(assets.IconUser),
		a.accountMenu(),
		widgets.NewMenuItem("New group", atHome((*home).newGroup)).With(assets.IconUsers).WithKey(keyName("Shift+N")),
		widgets.NewMenuItem("Join a group with a code", atHome((*home).joinGroup)).With(assets.IconLink),
		widgets.NewMenuItem("Calls", atHome((*home).showCalls)).With(assets.IconPhone),
		widgets.NewMenuSeparator(),
		a.quietMenu(),
		widgets.NewMenuItem("Copy my address", a.copyAddress).With(assets.IconCopy),
		widgets.NewMenuItem("Keyboard", a.showKeys).With(assets.IconKeyboard).WithKey(keyName("/")),
		widgets.NewMenuItem("Lock", a.lockNow).With(assets.IconLock).WithKey(keyName("L")),
		widgets.NewMenuItem("Settings", func() { a.showSettings("") }).With(assets.IconSettings).WithKey(keyName(",")),
		widgets.NewMenuSeparator(),
		widgets.NewMenuItem("Quit", a.quit).With(assets.IconLeave).WithKey(keyName("Q")),
	)
}

func (a *App) copyAddress() {
	a.atHome(func(h *home) {
		a.cfg.FyneApp.Clipboard().SetContent(h.contacts.Model().Self())
		a.notify("Your address was copied. Others can use it to write to you.")
	})
}
