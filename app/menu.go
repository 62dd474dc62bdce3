package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// showMenu is the program's menu.
func (a *App) showMenu(at fyne.Position) {
	atHome := func(do func(h *home)) func() { return func() { a.atHome(do) } }
	items := []*widgets.MenuItem{
		widgets.NewMenuItem(tr.L("Your profile"), atHome((*home).showSelf)).With(assets.IconUser).WithKey(a.shortName()),
		a.accountMenu(),
		widgets.NewMenuItem(tr.L("New group"), atHome((*home).newGroup)).With(assets.IconUsers).
			WithKey(keyName(shiftKey(), "N")),
		widgets.NewMenuItem(tr.L("Join a group with a code"), atHome((*home).joinGroup)).With(assets.IconLink),
		a.inviteMenu(),
		widgets.NewMenuItem(tr.L("Calls"), atHome((*home).showCalls)).With(assets.IconPhone),
		widgets.NewMenuSeparator(),
		a.quietMenu(),
		widgets.NewMenuItem(tr.L("Copy my address"), a.copyAddress).With(assets.IconCopy),
		widgets.NewMenuItem(tr.L("Keyboard"), a.showKeys).With(assets.IconKeyboard).WithKey(keyName("/")),
		widgets.NewMenuItem(tr.L("Lock"), a.lockNow).With(assets.IconLock).WithKey(keyName("L")),
		widgets.NewMenuItem(tr.L("Settings"), func() { a.showSettings("") }).With(assets.IconSettings).
			WithKey(keyName(",")),
		widgets.NewMenuSeparator(),
		widgets.NewMenuItem(tr.L("Quit"), a.quit).With(assets.IconLeave).WithKey(keyName("Q")),
	}
	items = slices.DeleteFunc(items, func(i *widgets.MenuItem) bool { return i == nil })
	widgets.ShowMenu(a.window.Canvas(), at, items...)
}

// shortName is the name of the account that is shown, as far as it fits into a menu: it says whose window this is.
func (a *App) shortName() string {
	const most = 18
	if a.home == nil {
		return ""
	}
	name := []rune(a.home.ownName())
	if len(name) > most {
		return string(name[:most-1]) + "…"
	}
	return string(name)
}

func (a *App) copyAddress() {
	a.atHome(func(h *home) {
		a.cfg.FyneApp.Clipboard().SetContent(h.contacts.Model().Self())
		a.notify(tr.L("Your address was copied. Others can use it to write to you."))
	})
}
