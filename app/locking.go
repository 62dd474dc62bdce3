package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/app/lock"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	idleEvery    = 10 * time.Second // how often it is looked whether the user is away
	lockUsual    = 15               // minutes
	shortestCode = 4                // characters of a passcode
)

// locking is the app lock.
type locking struct {
	screen *lock.Screen // nil while the window is not locked
	front  time.Time    // when the user was last seen at the window
	watch  func()       // cancels the timer that looks whether the user is away
	words  string       // what there was to say while it was locked
	opened *system.Invocation
}

// locked reports whether the window asks for the passcode.
func (a *App) locked() bool { return a.lock.screen != nil }

// hidesText reports whether notifications do not say what was written.
func (a *App) hidesText() bool { return a.locked() || a.prefs.hidesText() }

// lockNow locks the window, if there is a passcode.
func (a *App) lockNow() {
	switch {
	case a.locked() || a.closing:
		return
	case a.prefs.passcode() == "":
		if a.home != nil {
			a.showSettings(pagePrivacy)
			a.notify(tr.L("Set a passcode first. Then {{.Keys}} locks.", "Keys", keyName("L")))
		}
		return
	}
	a.window.Canvas().Unfocus()
	for a.closeTop() {
	}
	a.sheet.SetBlocked(true)
	a.lock.screen = lock.NewScreen(a.cfg.UI, a.prefs.passcode(), a.window.Canvas(), a.shortcut, a.unlock)
	a.toast.Hide()
	a.put()
	a.lockChanged()
}

// lockAtStart locks the window before it shows anything.
func (a *App) lockAtStart() {
	a.lock.front = a.cfg.UI.Now()
	a.content = container.NewStack()
	if a.prefs.passcode() != "" {
		a.lockNow()
	}
	a.watchIdle()
}

// unlock shows the chats again.
func (a *App) unlock() {
	if !a.locked() {
		return
	}
	a.lock.screen.Close()
	a.lock.screen = nil
	a.sheet.SetBlocked(false)
	a.put()
	a.lock.front = a.cfg.UI.Now()
	a.lockChanged()
	a.atHome((*home).focus)
	if words := a.lock.words; words != "" {
		a.lock.words = ""
		a.notify(words)
	}
	if i := a.lock.opened; i != nil {
		a.lock.opened = nil
		a.invoked(*i)
	}
	a.openWaiting()
}

// lockChanged shows in title, tray and notifications that the window was locked or unlocked.
func (a *App) lockChanged() {
	a.updateFront()
	for _, h := range a.homes() {
		h.updateTitle()
		h.notifications.hideOrShow()
	}
}

// put puts into the window what it shows now.
func (a *App) put() {
	content := a.content
	if a.locked() {
		content = a.lock.screen.Object()
	} else {
		content = a.withRail(content)
	}
	a.putting = true // the toolkit lays out what is not in the window yet, and cannot focus it
	a.window.SetContent(container.NewStack(content, a.toast.Object(), a.tips))
	a.putting = false
	if a.locked() {
		a.lock.screen.Focus()
	}
}

// watchIdle locks the window when the user has been away for as long as the settings say.
func (a *App) watchIdle() {
	if a.lock.watch != nil {
		a.lock.watch()
		a.lock.watch = nil
	}
	if a.prefs.passcode() == "" || a.prefs.lockAfter() == 0 {
		return
	}
	a.lock.watch = a.cfg.UI.After(idleEvery, func() {
		a.lock.watch = nil
		if a.locked() || a.closing {
			a.watchIdle()
			return
		}
		var away time.Duration
		var known bool
		a.cfg.UI.Async(func(context.Context) { away, known = a.idle() }, func() {
			if !known {
				away = a.cfg.UI.Now().Sub(a.lock.front)
				if a.front {
					away = 0
				}
			}
			if after := a.prefs.lockAfter(); after > 0 && away >= time.Duration(after)*time.Minute {
				a.lockNow()
			}
			a.watchIdle()
		})
	})
}

// idle is how long the user has touched neither keys nor mouse; known is false where that is not known. It is called on
// another goroutine.
func (a *App) idle() (away time.Duration, known bool) {
	if a.cfg.System == nil {
		return 0, false
	}
	away, err := a.cfg.System.Idle()
	return away, err == nil
}

// lockParts are the rows of the settings about the lock.
func (a *App) lockParts() []fyne.CanvasObject {
	parts := []fyne.CanvasObject{widgets.NewInfoSection(tr.L("App lock"))}
	about := widgets.NewInfoText(tr.L("The passcode keeps others from reading at this screen: {{.Keys}} locks, and "+
		"notifications then hide what is written. It does not encrypt what is on the disk.", "Keys", keyName("L")))
	if a.prefs.passcode() == "" {
		return append(parts, widgets.NewInfoAction(assets.IconLock, tr.L("Set a passcode…"), a.askPasscode), about)
	}
	choices := []sheet.Choice{{Label: tr.X("Never", "lock when away for"), Value: 0}}
	for _, minutes := range []int64{1, 5, lockUsual, 60, 300} {
		choices = append(choices, sheet.Choice{
			Label: format.Lasting(time.Duration(minutes) * time.Minute), Value: minutes,
		})
	}
	after := a.newChoice(assets.IconLock, tr.L("Lock when away for"), choices, int64(a.prefs.lockAfter()), func(v int64) {
		a.prefs.setLockAfter(int(v))
		a.watchIdle()
	})
	return append(parts, after,
		widgets.NewInfoAction(assets.IconKey, tr.L("Change the passcode…"), a.askPasscode),
		widgets.NewInfoAction(assets.IconDelete, tr.L("Remove the passcode"), a.askRemovePasscode), about)
}

// askPasscode lets the user set a passcode; where there is one, it is asked for.
func (a *App) askPasscode() {
	hash := a.prefs.passcode()
	old, first := a.passcodeField(tr.L("Passcode so far")), a.passcodeField(tr.L("New passcode"))
	second := a.passcodeField(tr.L("Once more"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	done := false
	save := func(passcode string) {
		kept := ""
		a.cfg.UI.Async(func(context.Context) { kept = lock.Hash(passcode) }, func() {
			done = true
			a.sheet.Close()
			a.prefs.setPasscode(kept)
			a.watchIdle()
			a.showSettings(pagePrivacy)
			a.notify(tr.L("The passcode is set. {{.Keys}} locks.", "Keys", keyName("L")))
		})
	}
	apply := func() bool {
		switch passcode := first.Text; {
		case len([]rune(passcode)) < shortestCode:
			problem.SetText(tr.N("A passcode has at least {{.N}} character.",
				"A passcode has at least {{.N}} characters.", shortestCode))
		case passcode != second.Text:
			problem.SetText(tr.L("The two are not the same."))
		case hash == "":
			save(passcode)
		default:
			a.checkPasscode(old.Text, problem, func() { save(passcode) })
		}
		a.sheet.Relayout()
		return false
	}
	rows := []fyne.CanvasObject{first, second, sheet.Bare(problem)}
	focus := first
	if hash != "" {
		rows = append([]fyne.CanvasObject{old}, rows...)
		focus = old
	}
	for _, f := range []*widgets.Field{old, first, second} {
		f.OnSubmitted = func(string) { apply() }
	}
	a.sheet.Show(sheet.Content{
		Title: tr.L("Passcode"), Verb: tr.L("Set"), Do: apply, Focus: focus, Body: container.NewVBox(rows...),
		Closed: func() { a.backToPrivacy(done) },
	})
}

// backToPrivacy shows the page again that a sheet came from, unless that was done.
func (a *App) backToPrivacy(done bool) {
	if !done {
		a.cfg.UI.Post(func() {
			if !a.sheet.Shown() && !a.locked() {
				a.showSettings(pagePrivacy)
			}
		})
	}
}

func (a *App) passcodeField(placeholder string) *widgets.Field {
	f := a.sheet.NewField(placeholder)
	f.Password = true
	return f
}

// checkPasscode calls right if the passcode is the one that is set.
func (a *App) checkPasscode(passcode string, problem *widgets.Words, right func()) {
	var ok bool
	var err error
	a.cfg.UI.Async(func(context.Context) { ok, err = lock.Matches(a.prefs.passcode(), passcode) }, func() {
		switch {
		case err != nil:
			a.cfg.Logger.Warn("stored passcode damaged", errorAttr(err))
			right()
		case ok:
			right()
		default:
			problem.SetText(tr.L("This is not the passcode."))
		}
	})
}

// askRemovePasscode removes the passcode after asking for it.
func (a *App) askRemovePasscode() {
	field := a.passcodeField(tr.L("Passcode"))
	problem := sheet.NewRichText("", theme.SizeNameCaptionText, widgets.ColorError, false)
	done := false
	apply := func() bool {
		a.checkPasscode(field.Text, problem, func() {
			done = true
			a.sheet.Close()
			a.prefs.setPasscode("")
			a.watchIdle()
			a.showSettings(pagePrivacy)
		})
		return false
	}
	field.OnSubmitted = func(string) { apply() }
	a.sheet.Show(sheet.Content{
		Title: tr.L("Remove the passcode"), Verb: tr.L("Remove"), Do: apply, Focus: field,
		Body: container.NewVBox(field, sheet.Bare(problem)), Closed: func() { a.backToPrivacy(done) },
	})
}
