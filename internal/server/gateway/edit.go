package gateway

import (
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

func (c *conn) recall(id uint64, m *wire.Recall) {
	c.edit(id, m.GetPeer(), m.GetGroupId(), &eventlog.Recall{IDs: m.GetIds()})
}

func (c *conn) modify(id uint64, m *wire.Modify) {
	c.edit(id, m.GetPeer(), m.GetGroupId(), &eventlog.Modify{ID: m.GetId(), Content: m.GetContent()})
}

func (c *conn) react(id uint64, m *wire.React) {
	c.edit(id, m.GetPeer(), m.GetGroupId(), &eventlog.React{ID: m.GetId(), Emoji: m.GetEmoji()})
}

// edit checks and submits a change of messages.
func (c *conn) edit(id uint64, peer string, gid uint32, a eventlog.EditAction) {
	if err := a.Check(); err != nil {
		c.refuse(id, err)
		return
	}
	where, err := c.chat(peer, gid)
	if err != nil {
		c.refuse(id, err)
		return
	}
	op := &eventlog.Edit{Actor: c.device.UserRef, Where: where, Action: a}
	c.submit(op, &op.Submission, func() {
		if op.Refused != nil {
			c.g.c.Metrics.Refused("edit")
		}
		c.respond(responseTo(id, op.Refused))
	})
}
