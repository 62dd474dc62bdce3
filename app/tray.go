package app

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"slices"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// tray is the icon in the tray, as it was set last.
type tray struct {
	image   image.Image // nil before it was decoded
	tooltip string
	quiet   int64
	running bool
}

// The entries of the icon's menu.
const (
	trayOpen  = "open"
	trayQuiet = "quiet.off"
	trayLock  = "lock"
	trayQuit  = "quit"
)

func (a *App) runTray() {
	var err error
	var icon image.Image
	a.cfg.UI.Async(func(context.Context) {
		icon, err = png.Decode(bytes.NewReader(assets.AppIcon().Content()))
	}, func() {
		if err != nil {
			a.cfg.Logger.Warn("icon of the tray not decoded", errorAttr(err))
			return
		}
		a.outside.tray.image, a.outside.tray.running = icon, true
		a.refreshTray()
		a.serveTray()
	})
}

func (a *App) serveTray() {
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		err = a.cfg.System.RunTray(ctx, system.TrayHandler{
			Hosted:    func(hosted bool) { a.cfg.UI.Post(func() { a.setHosted(hosted) }) },
			Activated: func(token string) { a.cfg.UI.Post(func() { a.raise(token) }) },
			Chosen:    func(id string) { a.cfg.UI.Post(func() { a.trayChosen(id) }) },
		})
	}, func() {
		if err != nil {
			a.cfg.Logger.Info("the desktop has no tray", errorAttr(err))
			a.outside.tray.running = false
			a.reveal()
		}
	})
}

// setHosted notes whether the icon can be seen. A window that was closed to the tray must not be lost with it.
func (a *App) setHosted(hosted bool) {
	a.outside.hosted = hosted
	if hosted {
		if a.outside.waiting != nil {
			a.outside.waiting()
			a.outside.waiting = nil
		}
		return
	}
	a.reveal()
}

// refreshTray shows what is unread, and do-not-disturb.
func (a *App) refreshTray() {
	t := &a.outside.tray
	if !t.running || a.closing {
		return
	}
	unread, chats := 0, 0
	for _, h := range a.homes() {
		unread += h.contacts.Model().Unread()
		chats += h.contacts.Model().UnreadChats()
	}
	quiet := a.prefs.quietUntil()
	if tooltip := trayWords(unread, chats); t.tooltip != tooltip || t.quiet != quiet {
		t.tooltip, t.quiet = tooltip, quiet
		a.cfg.System.SetTray(system.TrayIcon{Image: t.image, Dot: unread > 0, Tooltip: tooltip, Menu: a.trayMenu()})
	}
}

// unread counts the unread messages of all accounts.
func (a *App) unread() int {
	n := 0
	for _, h := range a.homes() {
		n += h.contacts.Model().Unread()
	}
	return n
}

func trayWords(unread, chats int) string {
	if unread == 0 {
		return tr.L("No unread messages")
	}
	return tr.N("{{.Unread}} unread in {{.N}} chat", "{{.Unread}} unread in {{.N}} chats", chats, "Unread", unread)
}

func (a *App) trayMenu() []system.MenuItem {
	quiet := system.MenuItem{Label: tr.L("Do not disturb"), ID: "quiet"}
	if !a.disturbs() {
		quiet.Label = tr.L("Do not disturb (on)")
		end := system.MenuItem{ID: trayQuiet, Label: a.quietOffWords()}
		quiet.Items = append(quiet.Items, end, system.MenuItem{})
	}
	for _, c := range quietChoices() {
		quiet.Items = append(quiet.Items, system.MenuItem{ID: c.id, Label: c.label})
	}
	return []system.MenuItem{
		{ID: trayOpen, Label: tr.L("Open Parley")},
		quiet,
		{ID: trayLock, Label: tr.L("Lock")},
		{},
		{ID: trayQuit, Label: tr.L("Quit")},
	}
}

func (a *App) trayChosen(id string) {
	switch id {
	case trayOpen:
		a.raise("")
	case trayQuiet:
		a.setQuiet(0)
	case trayLock:
		if a.prefs.passcode() == "" { // the settings show where to set one
			a.raise("")
		}
		a.lockNow()
	case trayQuit:
		a.quit()
	}
	for _, c := range quietChoices() {
		if c.id == id {
			a.setQuiet(c.until(a.cfg.UI.Now()))
		}
	}
}

// What the program does when its window is closed.
const (
	closeKeeps = "keep" // running, in the tray
	closeQuits = "quit"
)

// closeWindow is called when the user closes the window: the program goes on in the tray, or ends.
func (a *App) closeWindow() {
	switch {
	case !a.outside.hosted:
		a.quitWarned()
	case a.prefs.closing() == closeKeeps:
		a.hide()
	case a.prefs.closing() == closeQuits:
		a.quitWarned()
	default:
		a.askKeep()
	}
}

// askKeep asks what closing the window is to do, once.
func (a *App) askKeep() {
	a.sheet.Show(sheet.Content{
		Title: tr.L("Keep Parley running?"),
		Body: sheet.NewParagraph(tr.L("In the tray it goes on receiving messages and calls, and can notify you. " +
			"You can change this in the settings, under Notifications.")),
		Verb: tr.L("Keep running"),
		Do: func() bool {
			a.prefs.setClosing(closeKeeps)
			a.hide()
			return true
		},
		Extra: &widgets.Action{Text: tr.L("Quit"), Tapped: func() {
			a.prefs.setClosing(closeQuits)
			a.sheet.Close()
			a.quit()
		}},
	})
}

// quitWarned ends the program. When that ends a call, and the first time that it interrupts transfers, it asks before.
func (a *App) quitWarned() {
	if slices.ContainsFunc(a.homes(), func(h *home) bool { return h.calls.model.Lasts() }) {
		a.sheet.Confirm(tr.L("Quit during a call?"), tr.L("The call ends when Parley does."), tr.L("Quit"), a.quit)
		return
	}
	transferring := slices.ContainsFunc(a.homes(), func(h *home) bool { return h.files.Transferring() })
	if !transferring || a.prefs.warnedOfTransfers() {
		a.quit()
		return
	}
	a.prefs.setWarnedOfTransfers()
	a.sheet.Confirm(tr.L("Quit while files are on their way?"),
		tr.L("They go on where they are when Parley is started again."), tr.L("Quit"), a.quit)
}
