package app

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/widgets"
)

// showNotifySettings shows the settings for notifications, and for what goes on without a window. Changes apply at
// once.
func (a *App) showNotifySettings() {
	starts, err := false, error(nil)
	if a.cfg.System == nil {
		a.notifySheet(false, false)
		return
	}
	a.cfg.UI.Async(func(context.Context) { starts, err = a.cfg.System.Autostarts() }, func() {
		if err != nil {
			a.cfg.Logger.Info("start with the session not possible", errorAttr(err))
		}
		a.notifySheet(err == nil, starts)
	})
}

func (a *App) notifySheet(canStart, starts bool) {
	p := a.prefs
	text := newCheck("Show what is written", !p.hidesText(), func(on bool) { p.setHidesText(!on) })
	sound := newCheck("Play a sound", p.notifySound(), p.setNotifySound)
	enable := func(on bool) {
		for _, c := range []*widget.Check{text, sound} {
			if on {
				c.Enable()
			} else {
				c.Disable()
			}
		}
	}
	show := newCheck("Notify of messages and calls", p.notifies(), func(on bool) {
		p.setNotifies(on)
		enable(on)
	})
	enable(show.Checked)
	rows := []fyne.CanvasObject{widgets.NewCheckBox(show), widgets.NewCheckBox(text), widgets.NewCheckBox(sound)}
	rows = append(rows, sheet.NewCaption(
		"Chats are muted in their own menus. Groups can notify of mentions only."))
	if a.outside.hosted || canStart {
		rows = append(rows, sheet.NewSection("Without a window"))
	}
	if a.outside.hosted {
		rows = append(rows, widgets.NewCheckBox(newCheck("Keep running in the tray when the window is closed",
			p.closing() == closeKeeps, func(on bool) {
				choice := closeQuits
				if on {
					choice = closeKeeps
				}
				p.setClosing(choice)
			})))
	}
	if canStart {
		rows = append(rows, widgets.NewCheckBox(newCheck("Start with the session", starts, a.setAutostart)))
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(6), rows...)
	a.sheet.Show(sheet.Content{Title: "Notifications", Body: body})
}

func newCheck(label string, on bool, changed func(on bool)) *widget.Check {
	c := widget.NewCheck(label, nil)
	c.Checked = on
	c.OnChanged = changed
	return c
}

// setAutostart sets whether the program is started with the session.
func (a *App) setAutostart(on bool) {
	var err error
	a.cfg.UI.Async(func(context.Context) { err = a.cfg.System.SetAutostart(on) }, func() {
		if err != nil {
			a.cfg.Logger.Warn("start with the session not changed", errorAttr(err))
			a.notify("This could not be changed. " + Explain(err))
		}
	})
}
