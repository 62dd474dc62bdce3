package app

import (
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/tr"
)

// answerRequest does something with the stranger whose message is open.
func (h *home) answerRequest(answer chat.RequestAnswer) {
	id := h.current()
	switch answer {
	case chat.AcceptRequest:
		if err := h.session.Client.AcceptMessageRequest(id.Peer); err != nil {
			h.failed(err)
		}
		h.profileChanged(id)
		h.chat.Focus()
	case chat.BlockRequest:
		h.app.sheet.Confirm(tr.L("Block {{.Name}}?", "Name", h.name(id.Peer)),
			tr.L("You no longer get their messages, and they can't see when you are online. They are not notified."),
			tr.L("Block"), func() { h.block(id.Peer) })
	case chat.DeleteRequest:
		h.contacts.AskDelete(id)
	}
}

func (h *home) block(address string) {
	p, ok := h.session.Client.GetProfile(address, 0)
	if !ok {
		return
	}
	p.BlockMessages(true)
	if err := h.session.Client.SetProfile(p); err != nil {
		h.failed(err)
	}
	h.profileChanged(h.current())
}
