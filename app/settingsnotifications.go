package app

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// notificationsPage has what is notified, and what goes on without a window.
func (a *App) notificationsPage(set setParts) {
	set(a.notificationParts(false, false)...)
	if a.cfg.System == nil {
		return
	}
	starts, err := false, error(nil)
	a.cfg.UI.Async(func(context.Context) { starts, err = a.cfg.System.Autostarts() }, func() {
		if err != nil {
			a.cfg.Logger.Info("start with the session not possible", errorAttr(err))
			return
		}
		set(a.notificationParts(true, starts)...)
	})
}

func (a *App) notificationParts(canStart, starts bool) []fyne.CanvasObject {
	p := a.prefs
	text := newSwitch(tr.L("Show what is written"), !p.hidesText(), func(on bool) { p.setHidesText(!on) })
	sound := newSwitch(tr.L("Play a sound"), p.notifySound(), p.setNotifySound)
	enable := func(on bool) {
		text.SetDisabled(!on)
		sound.SetDisabled(!on)
	}
	show := newSwitch(tr.L("Notify of messages and calls"), p.notifies(), func(on bool) {
		p.setNotifies(on)
		enable(on)
	})
	enable(show.On())
	parts := []fyne.CanvasObject{
		show, text, sound, a.quietRow(),
		widgets.NewInfoText(tr.L("Chats are muted in their own menus. Groups can notify of mentions only.")),
	}
	if a.outside.hosted || canStart {
		parts = append(parts, widgets.NewInfoSection(tr.L("Without a window")))
	}
	if a.outside.hosted {
		parts = append(parts, newSwitch(tr.L("Keep running when the window is closed"),
			p.closing() == closeKeeps, func(on bool) {
				choice := closeQuits
				if on {
					choice = closeKeeps
				}
				p.setClosing(choice)
			}))
	}
	if canStart {
		parts = append(parts, newSwitch(tr.L("Start with the session"), starts, a.setAutostart))
	}
	if h := a.home; h != nil {
		parts = append(parts, widgets.NewInfoSection(tr.L("Calls")), widgets.NewInfoAction(assets.IconMicrophone,
			tr.L("Microphone, speaker and camera…"), func() { h.calls.chooseDevices(a.sheet) }))
	}
	return parts
}

// quietRow is do-not-disturb.
func (a *App) quietRow() fyne.CanvasObject {
	const off, kept = 0, -2
	choices := []sheet.Choice{{Label: tr.X("Off", "do not disturb"), Value: off}}
	now := int64(off)
	if until := a.quietEnds(); until != "" && !a.disturbs() {
		now = kept
		choices = append(choices, sheet.Choice{Label: tr.L("On until {{.Time}}", "Time", until), Value: kept})
	}
	for i, c := range quietChoices() {
		choices = append(choices, sheet.Choice{Label: c.label, Value: int64(i + 1)})
		if a.prefs.quietUntil() == forEver && c.until(a.cfg.UI.Now()) == forEver {
			now = int64(i + 1)
		}
	}
	return a.newChoice("", tr.L("Do not disturb"), choices, now, func(value int64) {
		until := int64(0)
		if value > 0 {
			until = quietChoices()[value-1].until(a.cfg.UI.Now())
		}
		a.setQuiet(until)
	})
}

// setAutostart sets whether the program is started with the session.
func (a *App) setAutostart(on bool) {
	var err error
	a.cfg.UI.Async(func(context.Context) { err = a.cfg.System.SetAutostart(on) }, func() {
		if err != nil {
			a.cfg.Logger.Warn("start with the session not changed", errorAttr(err))
			a.notify(tr.L("This could not be changed.") + " " + Explain(err))
		}
	})
}
