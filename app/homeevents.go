package app

import (
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

var _ events = (*home)(nil)

// batch surrounds the events that the inbox delivers.
func (h *home) batch(deliver func()) {
	if h.closed {
		return
	}
	h.contacts.Model().Batch(deliver)
	h.refreshConnection()
}

// openChat is the open chat if it is this one, else nil.
func (h *home) openChat(id contacts.ID) *chat.Model {
	if m := h.chat.Model(); m != nil && h.current().Is(id) {
		return m
	}
	return nil
}

// connectionChanged implements events.
func (h *home) connectionChanged(status mesibo.ConnectionStatus) {
	h.connection.Status(status)
	h.chat.Refresh() // files wait for the network, or no longer
}

// fileProgress implements events.
func (h *home) fileProgress(f *mesibo.FileInfo) {
	if f.Params == nil {
		return
	}
	id := contacts.IDOf(f.Params)
	h.files.Progress(f)
	if open := h.openChat(id); open != nil {
		open.FileProgress(f)
	}
}

// folderFile implements events.
func (h *home) folderFile(f *mesibo.FolderFile) { h.files.FolderFile(f) }

// received implements events.
func (h *home) received(m *mesibo.Message) {
	line := contacts.NewLine(m)
	h.notifications.received(m, line)
	h.contacts.Model().Received(line)
	if !line.Out {
		h.typing.stopped(line.ID, m.Peer)
	}
	if open := h.openChat(line.ID); open != nil {
		open.Received(chat.NewMessage(m))
	}
}

// edited implements events.
func (h *home) edited(m *mesibo.Message) {
	id := contacts.IDOf(&m.MessageParams)
	h.notifications.edited(id, m.Mid, contacts.NewLine(m).Text)
	h.contacts.Model().Edited(id, m.Mid)
	if open := h.openChat(id); open != nil {
		open.Changed(chat.NewMessage(m))
	}
}

// statusChanged implements events.
func (h *home) statusChanged(p *mesibo.MessageParams) {
	id := contacts.IDOf(p)
	h.contacts.Model().StatusChanged(id, p.Mid, p.Status, p.IsDeleted())
	if p.IsDeleted() {
		h.notifications.deleted(id, p.Mid)
	}
	open := h.openChat(id)
	switch {
	case open == nil:
	case p.IsDeleted():
		open.Removed(p.Mid)
	default:
		open.StatusChanged(p.Mid, p.Status)
	}
}

// disappeared implements events.
func (h *home) disappeared(p *mesibo.MessageParams) {
	id := contacts.IDOf(p)
	h.notifications.deleted(id, p.Mid)
	if open := h.openChat(id); open != nil {
		open.Gone(p.Mid)
	}
	h.contacts.Model().Reload(id)
}

// active implements events.
func (h *home) active(p *mesibo.MessageParams, a mesibo.Activity) {
	h.typing.activity(contacts.IDOf(p), p.Peer, a)
}

// typingChanged shows who is typing in a chat.
func (h *home) typingChanged(id contacts.ID, words string) {
	h.contacts.Model().SetTyping(id, words)
	if open := h.openChat(id); open != nil {
		open.SetTyping(words)
	}
}

// unreadChanged implements events.
func (h *home) unreadChanged(id contacts.ID, unread int) {
	h.contacts.Model().UnreadChanged(id, unread)
}

// profileChanged implements events.
func (h *home) profileChanged(id contacts.ID) {
	h.gallery.invalidate(id)
	h.contacts.Model().ProfileChanged(id)
	if id.IsZero() || h.openChat(id) != nil || h.current().Group != 0 {
		h.peopleChanged()
	}
	h.updateTitle()
	h.info.Refresh()
}

// peopleChanged refreshes the names in the open chat.
func (h *home) peopleChanged() {
	if m := h.chat.Model(); m != nil {
		m.PeopleChanged(h.contacts.Model().Title(h.current()))
		h.updateTitle()
	}
}

// groupCreated implements groupEvents.
func (h *home) groupCreated(id contacts.ID, requestID uint32) {
	h.groupChanged(id)
	if requestID == h.request {
		h.request = 0
		h.app.sheet.Close()
		h.open(id, true)
	}
}

// groupJoined implements groupEvents.
func (h *home) groupJoined(id contacts.ID) {
	h.groupChanged(id)
	if h.joining {
		h.joining = false
		h.open(id, true)
	}
}

// groupChanged implements groupEvents.
func (h *home) groupChanged(id contacts.ID) {
	h.contacts.Model().ProfileChanged(id)
	if h.openChat(id) != nil {
		h.chat.SetCallable(h.canCall(id))
		h.peopleChanged()
	}
	if err := h.info.Model().MembersChanged(id.Group); err != nil {
		h.app.cfg.Logger.Debug("members not asked for", errorAttr(err))
	}
	h.info.Refresh()
}

// groupMembers implements groupEvents.
func (h *home) groupMembers(id contacts.ID, members []mesibo.Member, more bool) {
	h.info.Model().MembersReceived(id.Group, members, more)
	if h.openChat(id) != nil {
		h.peopleChanged()
	}
	h.info.Refresh()
}

// groupPins implements groupEvents.
func (h *home) groupPins(id contacts.ID, pins []mesibo.GroupPin) {
	h.info.Model().PinsReceived(id.Group, pins)
	if h.openChat(id) != nil {
		h.chat.SetCallable(h.canCall(id))
	}
	h.profileChanged(id)
}

// groupFailed implements groupEvents.
func (h *home) groupFailed(_ contacts.ID, err mesibo.GroupError) {
	h.request, h.joining = 0, false
	h.failed(err)
	h.info.Refresh()
}
