package app

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/widgets"
)

// showMenu is the program's menu.
func (a *App) showMenu(at fyne.Position) {
	look := fyne.NewMenuItem("Appearance", nil)
	look.ChildMenu = fyne.NewMenu("",
		a.lookItem("As the system", widgets.VariantSystem),
		a.lookItem("Light", widgets.VariantLight),
		a.lookItem("Dark", widgets.VariantDark),
	)
	menu := fyne.NewMenu("",
		fyne.NewMenuItem("Your profile", func() { a.atHome((*home).showSelf) }),
		fyne.NewMenuItem("New group", func() { a.atHome((*home).newGroup) }),
		fyne.NewMenuItem("Join a group with a code", func() { a.atHome((*home).joinGroup) }),
		fyne.NewMenuItem("Calls", func() { a.atHome((*home).showCalls) }),
		fyne.NewMenuItemSeparator(),
		look,
		a.quietMenu(),
		fyne.NewMenuItem("Notifications…", a.showNotifySettings),
		fyne.NewMenuItem("Devices for calls…", func() { a.atHome(func(h *home) { h.calls.chooseDevices(a.sheet) }) }),
		fyne.NewMenuItem("Files…", func() { a.atHome((*home).showFileSettings) }),
		fyne.NewMenuItem("Copy my address", a.copyAddress),
		fyne.NewMenuItem("Keyboard", a.showKeys),
		fyne.NewMenuItem("About "+productName, a.showAbout),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Quit", a.quit),
	)
	widget.ShowPopUpMenuAtPosition(menu, a.window.Canvas(), at)
}

func (a *App) lookItem(name string, v widgets.Variant) *fyne.MenuItem {
	item := fyne.NewMenuItem(name, func() { a.setLook(v) })
	item.Checked = a.prefs.variant() == v
	return item
}

// SetLook changes to "light", "dark" or, with any other name, the system's look.
func (a *App) SetLook(name string) { a.setLook(variantOf(name)) }

// setLook changes the look at once and stores it.
func (a *App) setLook(v widgets.Variant) {
	a.prefs.setVariant(v)
	a.cfg.FyneApp.Settings().SetTheme(widgets.NewTheme(v))
}

func (a *App) copyAddress() {
	a.atHome(func(h *home) {
		a.cfg.FyneApp.Clipboard().SetContent(h.contacts.Model().Self())
		a.notify("Your address was copied. Others can use it to write to you.")
	})
}

func (a *App) showAbout() {
	text := fmt.Sprintf("Version %s. "+
		"The connection to a remote server is encrypted; the server itself can read your messages.", a.cfg.Version)
	a.sheet.Show(sheet.Content{Title: productName, Body: sheet.NewParagraph(text)})
}
