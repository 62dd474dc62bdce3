package app

import (
	"context"

	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/internal/tr"
)

// missedCall notifies of a call that was missed.
func (n *notifications) missedCall(address string, groupID uint32, title, text string) {
	id, a := idOf(address, groupID), n.home.app
	if n.closed || !a.disturbs() || !a.prefs.notifies() || n.home.contacts.Model().Known(id).Muted {
		return
	}
	n.missed = append(n.missed, id)
	n.post(system.Notification{
		Key: missedKey + id.Key(), Title: title, Body: text,
		Actions: []system.Action{{ID: system.ActionOpen, Label: tr.L("Open")}},
	})
	a.demandAttention()
}

// callsChanged shows the call that rings, and withdraws it when it does not ring any more.
func (n *notifications) callsChanged() {
	a := n.home.app
	ring, rings := n.home.calls.model.Ringing()
	words := ring.Title + "\n" + ring.Text
	switch {
	case !rings, !a.disturbs(), !a.prefs.notifies():
		if n.ring != "" {
			n.ring = ""
			n.take(callKey)
		}
		return
	case n.ring == words:
		return
	}
	again := n.ring != ""
	n.ring = words
	answer, decline := tr.L("Answer"), tr.L("Decline")
	if ring.Group {
		answer, decline = tr.L("Join"), tr.L("Ignore")
	}
	n.post(system.Notification{
		Key: callKey, Title: ring.Title, Body: ring.Text, Call: true, Update: again, Actions: []system.Action{
			{ID: system.ActionOpen, Label: tr.L("Show")},
			{ID: actionAnswer, Label: answer},
			{ID: actionDecline, Label: decline},
		},
	})
}

// callInvoked does what the user wants of a call that rings.
func (n *notifications) callInvoked(i system.Invocation) {
	c := n.home.calls
	switch i.Action {
	case actionAnswer:
		c.model.AnswerRing()
		c.raise(i.Token)
	case actionDecline:
		c.model.DeclineRing()
	default:
		c.bringBack()
		c.raise(i.Token)
	}
}

// raise shows the window of the call before all others.
func (c *calls) raise(token string) {
	a, w := c.home.app, c.window
	if w == nil {
		return
	}
	window := windowHandle(w)
	if a.cfg.System == nil || window == 0 {
		w.RequestFocus()
		return
	}
	var err error
	a.cfg.UI.Async(func(context.Context) { err = a.cfg.System.Raise(window, token) }, func() {
		if err != nil && c.window == w {
			w.RequestFocus()
		}
	})
}
