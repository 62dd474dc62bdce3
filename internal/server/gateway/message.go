package gateway

import (
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// send checks a message and submits it.
func (c *conn) send(id uint64, m *wire.Send) {
	if err := eventlog.CheckSend(m); err != nil {
		c.refuse(id, err)
		return
	}
	s := &eventlog.Send{Message: m, Sender: c.device.UserRef}
	if m.GetGroupId() == 0 {
		peer, err := c.g.c.Directory.Recipient(c.context(), m.GetPeer())
		if err != nil {
			c.closeStorageError(err)
			return
		}
		s.Peer = peer
	}
	if m.GetFlags()&wire.FlagTransient != 0 {
		if err := c.g.SendTransient(c.context(), s); err != nil {
			c.closeStorageError(err)
			return
		}
		c.answerSend(id, s)
		c.wakeWriter()
		return
	}
	c.submit(s, &s.Submission, func() { c.answerSend(id, s) })
}

func (c *conn) answerSend(id uint64, s *eventlog.Send) {
	if s.Refused != nil {
		c.respond(responseTo(id, s.Refused))
		return
	}
	c.g.c.Metrics.Message(s.Reply.GetStatus())
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_Send{Send: s.Reply}})
}

// errNoEvent refuses a read mark without an event.
var errNoEvent = refusal.Bad("the event number is 0")

// markRead checks a read mark and submits it.
func (c *conn) markRead(id uint64, m *wire.MarkRead) {
	if m.GetUpTo() == 0 {
		c.refuse(id, errNoEvent)
		return
	}
	c.mu.Lock()
	beyond := m.GetUpTo() > c.head
	c.mu.Unlock()
	if beyond && (m.GetPeer() == "") != (m.GetGroupId() == 0) {
		c.closeProtocolError(errBeyondHead)
		return
	}
	ch := &eventlog.MarkRead{Reader: c.device.UserRef, UpTo: m.GetUpTo()}
	var err error
	if ch.Where, err = c.chat(m.GetPeer(), m.GetGroupId()); err == nil {
		err = c.knowsGroup(ch.Where.GID)
	}
	if err == nil && !m.GetSilent() {
		ch.Newest, err = c.g.c.Log.NewestUnread(c.context(), c.device.UID, ch.Where, ch.UpTo)
	}
	if err != nil {
		c.refuse(id, err)
		return
	}
	c.submit(ch, &ch.Submission, func() {
		c.respond(&wire.Response{Id: id, Payload: &wire.Response_MarkRead{MarkRead: &wire.MarkReadReply{}}})
	})
}

// knowsGroup refuses a group of which the user has never seen anything, whether or not it exists. 0 means no group and is
// accepted.
func (c *conn) knowsGroup(gid uint32) error {
	if gid == 0 {
		return nil
	}
	ok, err := c.g.c.Log.KnowsGroup(c.context(), c.device.UID, gid)
	if err == nil && !ok {
		return eventlog.ErrNotMember
	}
	return err
}
