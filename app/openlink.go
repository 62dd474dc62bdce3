package app

import (
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/app/link"
	"github.com/parley-chat/parley/internal/tr"
)

// openLink opens a link to this program. It comes from elsewhere, so the user is asked before anything is done.
func (a *App) openLink(text string) {
	l, err := link.Parse(text)
	switch {
	case err != nil:
		a.cfg.Logger.Info("link not opened", errorAttr(err))
		a.notify(tr.L("This link is damaged, or of a newer version of Parley."))
	case a.locked():
		a.outside.link = text
	case a.sheet.Shown():
		a.notify(tr.L("Close what is open first, then open the link again."))
	case a.home != nil:
		a.home.openOwn(l)
	case a.login != nil && l.Kind == link.Join:
		a.login.Offer(l.Value)
	default:
		a.outside.link = text // there is no account yet
	}
}

// openWaiting opens the link that has waited for an account.
func (a *App) openWaiting() {
	if text := a.outside.link; text != "" {
		a.outside.link = ""
		a.openLink(text)
	}
}

func (h *home) openOwn(l link.Link) {
	switch l.Kind {
	case link.Join:
		h.openInvite(l.Value)
	case link.Chat:
		h.openLinked(contacts.ID{Peer: l.Value})
	case link.Group:
		h.app.sheet.Confirm(tr.L("Join a group?"),
			tr.L("The link has the code {{.Code}}. The members will see that you joined.", "Code", l.Value),
			tr.L("Join"), func() { h.joinByCode(l.Value) })
	}
}

// openLinked opens a chat; it asks before it is one with someone unknown.
func (h *home) openLinked(id contacts.ID) {
	_, listed := h.contacts.Model().Row(id)
	if _, known := h.session.Client.GetProfile(id.Peer, 0); listed || known {
		h.open(id, true)
		return
	}
	h.app.sheet.Confirm(tr.L("Open a chat with {{.Address}}?", "Address", id.Peer),
		tr.L("A link asks for it. You have not written to this address before."), tr.L("Open chat"),
		func() { h.open(id, true) })
}

// joinByCode joins a group.
func (h *home) joinByCode(code string) {
	if err := h.session.Client.JoinGroup(code); err != nil {
		h.failed(err)
		return
	}
	h.joining = true
	h.notifyOffline(tr.L("You will join the group as soon as there is a connection."))
}
