package app

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/settings"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// The keys of the pages of the settings.
const (
	pageAccount       = "account"
	pageNotifications = "notifications"
	pageAppearance    = "appearance"
	pageStorage       = "storage"
	pagePrivacy       = "privacy"
	pageLanguage      = "language"
	pageNetwork       = "network"
	pageDevices       = "devices"
	pageSharing       = "sharing"
	pageKeyboard      = "keyboard"
	pageAbout         = "about"
)

// showSettings shows the settings, at the first page or the one with a key.
func (a *App) showSettings(key string) {
	if a.locked() {
		return
	}
	a.settings = settings.Show(settings.Config{
		Host: a.sheet, Window: a.window.Canvas(), Pages: a.settingsPages(), Key: key, Shortcut: a.shortcut,
		Closed: func() { a.settings = nil },
	})
}

// settingsPages are the pages; without an account, those that need none.
func (a *App) settingsPages() []settings.Page {
	var pages []settings.Page
	add := func(key string, icon assets.Icon, title string, show func(set setParts)) {
		pages = append(pages, settings.Page{Key: key, Icon: icon, Title: title, Show: show})
	}
	h := a.home
	if h != nil {
		add(pageAccount, assets.IconUser, tr.L("Account"), h.accountPage)
	}
	add(pageNotifications, assets.IconBell, tr.L("Notifications"), a.notificationsPage)
	add(pageAppearance, assets.IconSun, tr.L("Appearance"), a.appearancePage)
	if h != nil {
		add(pageStorage, assets.IconStorage, tr.L("Chats and storage"), h.storagePage)
		add(pagePrivacy, assets.IconShield, tr.L("Privacy"), h.privacyPage)
	}
	if a.cfg.SetLanguage != nil {
		add(pageLanguage, assets.IconLanguage, tr.L("Language"), a.languagePage)
	}
	add(pageNetwork, assets.IconGlobe, tr.L("Network and proxy"), a.networkPage)
	if h != nil {
		add(pageDevices, assets.IconComputer, tr.L("Devices"), h.devicesPage)
	}
	if h != nil && h.session.Network != nil {
		add(pageSharing, assets.IconUsers, tr.L("People on this network"), h.sharingPage)
	}
	add(pageKeyboard, assets.IconKeyboard, tr.L("Keyboard"), a.keyboardPage)
	add(pageAbout, assets.IconInfo, tr.X("About", "the program"), a.aboutPage)
	return pages
}

// setParts shows the parts of a page.
type setParts = func(parts ...fyne.CanvasObject)

// refreshSettings shows a page of the settings anew, if it is the one that is shown.
func (a *App) refreshSettings(key string) {
	if a.settings != nil && a.settings.Key() == key {
		a.settings.Refresh()
	}
}

// newChoice is a row with a menu of values. chosen is called with another value than before.
func (a *App) newChoice(
	icon assets.Icon, label string, choices []sheet.Choice, now int64, chosen func(value int64),
) *widgets.InfoChoice {
	words := func() string {
		for _, c := range choices {
			if c.Value == now {
				return c.Label
			}
		}
		return ""
	}
	row := widgets.NewInfoChoice(icon, label, words())
	row.OnMenu = func(at fyne.Position) {
		var items []*widgets.MenuItem
		for _, c := range choices {
			item := widgets.NewMenuItem(c.Label, func() {
				if c.Value != now {
					now = c.Value
					row.SetValue(words())
					chosen(c.Value)
				}
			})
			item.Checked = c.Value == now
			items = append(items, item)
		}
		widgets.ShowMenu(a.window.Canvas(), at, items...).Start()
	}
	return row
}

// newSwitch is a row with a switch.
func newSwitch(label string, on bool, changed func(on bool)) *widgets.InfoSwitch {
	s := widgets.NewInfoSwitch("", label)
	s.Set(on)
	s.OnChanged = changed
	return s
}

// keyboardPage lists the keyboard map.
func (a *App) keyboardPage(set setParts) {
	var parts []fyne.CanvasObject
	for _, k := range keyMap() {
		if k.name != "" { // others belong to the one before
			parts = append(parts, widgets.NewInfoKey(k.name, k.does))
		}
	}
	set(parts...)
}
