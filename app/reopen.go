package app

import (
	"context"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// reopen closes an account that has a session, and opens it as it is on the disk: after a backup was restored, or its
// messages were found to be damaged. prefs are those of the backup, nil without one. done is called afterwards, unless that failed.
func (a *App) reopen(c *account, prefs []byte, done func()) {
	h, failed := c.home, c.failed
	first := h == nil && failed == nil // the account is new here
	shown := a.home == h
	if h != nil {
		h.close()
		c.home = nil
	}
	c.failed = nil
	if shown {
		for a.closeTop() {
		}
		a.home = nil
		a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{Icon: assets.IconLock, Text: tr.L("Opening…")}))
	}
	var session *Session
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		if h != nil {
			a.closeSession(ctx, h)
		}
		if failed != nil {
			if err := failed.Close(ctx); err != nil {
				a.cfg.Logger.Warn("session not closed", errorAttr(err))
			}
		}
		session, err = c.workspace.Resume(ctx)
	}, func() {
		if a.closing {
			return
		}
		if err == nil && session != nil {
			a.usePreferences(c, prefs, first && len(a.homes()) == 0)
			err = a.begin(c, session)
		}
		if err != nil || session == nil {
			a.cfg.Logger.Error("account not opened again", errorAttr(err))
			a.showFailure(err)
			return
		}
		a.reopened(c, shown)
		if done != nil {
			done()
		}
	})
}

// usePreferences sets what a backup has of an account's preferences; with all, also those that are for all accounts.
func (a *App) usePreferences(c *account, prefs []byte, all bool) {
	if prefs == nil {
		return
	}
	own := preferences{store: a.prefs.store, account: c.key}
	if err := own.copyIn(prefs, all); err != nil {
		a.cfg.Logger.Warn("preferences not restored", errorAttr(err))
		return
	}
	if all {
		if a.cfg.SetScale != nil {
			a.cfg.SetScale(a.prefs.textSize())
		}
		a.applyLook()
	}
}

// reopened shows an account that has a session again, and connects it.
func (a *App) reopened(c *account, shown bool) {
	known := false
	for _, other := range a.accounts {
		known = known || other == c
	}
	if !known {
		a.accounts = append(a.accounts, c)
	}
	if shown {
		a.login, a.adding = nil, nil
		a.enter(c)
	} else {
		a.put()
	}
	a.connect(c.home)
	a.openWaiting()
}

// watchDamage begins anew when the messages on this computer turn out to be damaged, and says when that was done.
func (a *App) watchDamage(c *account, session *Session) {
	if session.OnDamage != nil {
		session.OnDamage(func() {
			a.cfg.UI.Post(func() {
				open := c.home != nil && c.home.session == session
				if (open || c.failed == session) && !a.closing {
					a.cfg.Logger.Error("the messages on this computer are damaged")
					a.reopen(c, nil, nil)
				}
			})
		})
	}
	r := session.Rebuilt
	if r == nil {
		return
	}
	words := tr.L("The messages on this computer were damaged, and come again from the server.")
	if r.Rescued > 0 {
		words += " " + tr.N("One message that was not sent yet is kept.",
			"{{.N}} messages that were not sent yet are kept.", r.Rescued)
	}
	a.cfg.UI.Post(func() {
		if a.locked() {
			a.notify(words)
			return
		}
		a.sheet.Show(sheet.Content{
			Title: tr.L("Your messages were damaged"), Body: sheet.NewParagraph(words + " " + tr.L(
				"The damaged file is {{.File}} in {{.Folder}}.", "File", r.Aside, "Folder", session.Client.GetBasePath())),
		})
	})
}
