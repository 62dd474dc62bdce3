package gateway

import (
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// history responds with messages of a chat from the user's own log.
func (c *conn) history(id uint64, m *wire.History) {
	if n := m.GetCount(); n == 0 || n > wire.MaxHistory {
		c.refuse(id, refusal.Bad("a request must ask for between 1 and %d messages", wire.MaxHistory))
		return
	}
	where, err := c.chat(m.GetPeer(), m.GetGroupId())
	if err != nil {
		c.refuse(id, err)
		return
	}
	before := m.GetBefore()
	if head := c.member.Load().newest(); before == 0 || before > head {
		before = head + 1
	}
	receipts := !c.g.c.Log.Blocks(where.Peer.UID, c.device.UID)
	reply, looked, err := c.g.c.Log.History(c.context(), c.device.UID, where, before, int(m.GetCount()), receipts)
	if err != nil {
		c.closeStorageError(err)
		return
	}
	c.rates.owe(float64(looked) / eventsPerUnit)
	c.respondLarge(&wire.Response{Id: id, Payload: &wire.Response_History{History: reply}})
	c.wakeWriter()
}
