package app

import (
	"context"
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	// systemDelay is how long after the window has content the desktop is asked for more: it must not delay the start.
	systemDelay = 500 * time.Millisecond
	// hiddenDelay is how long a start without a window waits for a tray to show the icon in.
	hiddenDelay = 20 * time.Second
	// chimeDelay is how long the device for a sound stays open: the sound, and what the device adds.
	chimeDelay = 800 * time.Millisecond
	// forEver is how do-not-disturb is stored that the user has to end.
	forEver = -1
	morning = 8 // o'clock
)

// outside is what the program does outside of its windows.
type outside struct {
	alone     bool   // the desktop has no notifications
	hosted    bool   // the icon of the tray can be seen
	hidden    bool   // the window is not shown: the program was started so, or it was closed to the tray
	waiting   func() // cancels the timer that shows the window after a start without one
	attention bool   // the window is marked as one that wants attention
	chiming   bool
	quietEnd  func() // cancels the timer for the end of do-not-disturb
	tray      tray
	link      string // to open as soon as there is an account
}

// startSystem begins with notifications and the tray, once.
func (a *App) startSystem() {
	delay := systemDelay
	if a.outside.hidden {
		delay = 0
		a.outside.waiting = a.cfg.UI.After(hiddenDelay, a.reveal)
	}
	a.scheduleQuietEnd()
	if a.cfg.System == nil {
		if a.outside.hidden {
			a.reveal()
		}
		return
	}
	a.cfg.UI.After(delay, func() {
		a.runNotifications()
		a.runTray()
	})
}

func (a *App) runNotifications() {
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		err = a.cfg.System.RunNotifications(ctx, system.NotificationHandler{
			Invoked: func(i system.Invocation) {
				a.cfg.UI.Post(func() { a.invoked(i) })
			},
			Sound: func() { a.cfg.UI.Post(a.chime) },
		})
	}, func() {
		if err != nil {
			a.cfg.Logger.Info("the desktop shows no notifications", errorAttr(err))
			a.outside.alone = true
		}
	})
}

// showNotification shows a notification, or only makes its sound where the desktop shows none.
func (a *App) showNotification(n system.Notification) {
	switch {
	case a.cfg.System != nil && !a.outside.alone:
		a.cfg.System.Notify(n)
	case a.cfg.System == nil, runtime.GOOS == "windows", runtime.GOOS == "darwin":
		if !n.Update {
			a.cfg.UI.Async(func(context.Context) {
				a.cfg.FyneApp.SendNotification(fyne.NewNotification(n.Title, n.Body))
			}, func() {})
		}
	case n.Sound:
		a.chime()
	}
}

// invoked does what the user wants of a notification. While the window is locked, it has to be unlocked before.
func (a *App) invoked(i system.Invocation) {
	h, key := a.accountOf(i.Key)
	switch {
	case h == nil || a.closing:
	case a.locked() && key != callKey:
		a.lock.opened = &i
		a.raise(i.Token)
	default:
		i.Key = key
		h.notifications.invoked(i)
	}
}

// withdrawNotification removes a notification.
func (a *App) withdrawNotification(key string) {
	if a.cfg.System != nil && !a.outside.alone {
		a.cfg.System.Withdraw(key)
	}
}

// chime plays the sound of a message.
func (a *App) chime() {
	if a.outside.chiming || a.cfg.Sound == nil || a.cfg.Sound.Output == nil || !a.disturbs() {
		return
	}
	a.outside.chiming = true
	var stop func()
	var err error
	a.cfg.UI.Async(func(context.Context) {
		stop, err = audio.PlayTone(a.cfg.Sound.Output, audio.ToneMessage)
	}, func() {
		if err != nil {
			a.outside.chiming = false
			a.cfg.Logger.Info("the sound of a message is not played", errorAttr(err))
			return
		}
		a.cfg.UI.After(chimeDelay, func() {
			a.cfg.UI.Async(func(context.Context) { stop() }, func() { a.outside.chiming = false })
		})
	})
}

// demandAttention marks the window as one that wants attention, unless the user is using it.
func (a *App) demandAttention() {
	if !a.front && !a.outside.hidden {
		a.setAttention(true)
	}
}

func (a *App) setAttention(on bool) {
	window := windowHandle(a.window)
	if a.cfg.System == nil || a.outside.attention == on || window == 0 {
		return
	}
	a.outside.attention = on
	var err error
	a.cfg.UI.Async(func(context.Context) { err = a.cfg.System.SetAttention(window, on) }, func() {
		if err != nil {
			a.cfg.Logger.Debug("window does not ask for attention", errorAttr(err))
		}
	})
}

// Open shows the window, unless hidden, and opens a link if it is not empty. token lets the window be raised. May be
// called from any goroutine.
func (a *App) Open(link, token string, hidden bool) {
	a.cfg.UI.Post(func() {
		if !hidden || link != "" {
			a.raise(token)
		}
		if link != "" {
			a.openLink(link)
		}
	})
}

// raise shows the window before all others.
func (a *App) raise(token string) {
	if a.closing {
		return
	}
	a.reveal()
	window := windowHandle(a.window)
	if a.cfg.System == nil || window == 0 {
		a.window.RequestFocus()
		return
	}
	var err error
	a.cfg.UI.Async(func(context.Context) { err = a.cfg.System.Raise(window, token) }, func() {
		if err != nil && !a.closing {
			a.window.RequestFocus()
		}
	})
}

// reveal shows the window if it is hidden.
func (a *App) reveal() {
	if a.outside.waiting != nil {
		a.outside.waiting()
		a.outside.waiting = nil
	}
	if !a.outside.hidden || a.closing {
		return
	}
	a.outside.hidden = false
	if !a.shown {
		return // it is about to be
	}
	a.window.Show()
	a.revealed = true
	a.updateFront()
	a.atHome(func(h *home) { h.dragging.watch() })
}

// hide closes the window to the tray.
func (a *App) hide() {
	a.prefs.setWindowSize(a.window.Canvas().Size())
	a.outside.hidden = true
	a.sheet.Close()
	a.window.Hide()
	a.updateFront()
}

// inFront reports whether the user is using the window. A window that was closed to the tray may not hear that it has
// lost the keyboard. One that is locked shows nothing.
func (a *App) inFront() bool { return a.front && !a.outside.hidden && !a.locked() }

// disturbs reports whether the user may be disturbed now.
func (a *App) disturbs() bool {
	until := a.prefs.quietUntil()
	return until == 0 || until != forEver && a.cfg.UI.Now().Unix() >= until
}

// setQuiet sets do-not-disturb: until a time, forEver, or with 0 not at all.
func (a *App) setQuiet(until int64) {
	a.prefs.setQuietUntil(until)
	a.scheduleQuietEnd()
	a.refreshTray()
	for _, h := range a.homes() {
		h.calls.model.QuietChanged()
	}
}

// scheduleQuietEnd shows the end of do-not-disturb in time.
func (a *App) scheduleQuietEnd() {
	if a.outside.quietEnd != nil {
		a.outside.quietEnd()
		a.outside.quietEnd = nil
	}
	if until := a.prefs.quietUntil(); until > 0 && !a.disturbs() {
		a.outside.quietEnd = a.cfg.UI.After(time.Unix(until, 0).Sub(a.cfg.UI.Now()), func() { a.setQuiet(0) })
	}
}

// quietChoice is how long the user is not disturbed.
type quietChoice struct {
	id, label string
	until     func(now time.Time) int64
}

func quietChoices() []quietChoice {
	return []quietChoice{
		{"quiet.hour", tr.L("For 1 hour"), func(now time.Time) int64 { return now.Add(time.Hour).Unix() }},
		{"quiet.morning", tr.L("Until tomorrow morning"), func(now time.Time) int64 { return nextMorning(now).Unix() }},
		{"quiet.on", tr.L("Until I turn it off"), func(time.Time) int64 { return forEver }},
	}
}

// nextMorning is the next time it is 8 o'clock.
func nextMorning(now time.Time) time.Time {
	at := time.Date(now.Year(), now.Month(), now.Day(), morning, 0, 0, 0, now.Location())
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// quietMenu offers do-not-disturb.
func (a *App) quietMenu() *widgets.MenuItem {
	item := widgets.NewMenuItem(tr.L("Do not disturb"), nil).With(assets.IconBellOff)
	if !a.disturbs() {
		end := widgets.NewMenuItem(a.quietOffWords(), func() { a.setQuiet(0) })
		item.Sub = append(item.Sub, end, widgets.NewMenuSeparator())
		item.Checked = true
	}
	for _, c := range quietChoices() {
		item.Sub = append(item.Sub, widgets.NewMenuItem(c.label, func() {
			a.setQuiet(c.until(a.cfg.UI.Now()))
		}))
	}
	return item
}

// quietOffWords say what the entry of a menu does that ends do-not-disturb, and when it ends by itself.
func (a *App) quietOffWords() string {
	if until := a.quietEnds(); until != "" {
		return tr.L("Turn off (on until {{.Time}})", "Time", until)
	}
	return tr.L("Turn off")
}

// quietEnds is the time until which the user is not disturbed; empty for as long as they want.
func (a *App) quietEnds() string {
	until := a.prefs.quietUntil()
	if until <= 0 {
		return ""
	}
	return format.Clock(time.Unix(until, 0).In(a.cfg.UI.Now().Location()))
}
