package server

import (
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// sendTransient hands a message to whoever is connected now. Nothing is stored, so a repeat is a second message.
func (c *conn) sendTransient(s *sendChange) {
	now := time.Now()
	status, conns, err := c.transientTargets(s)
	if err != nil {
		c.broken(err)
		return
	}
	if status == wire.StatusSent && len(conns) == 0 {
		status = wire.StatusUserOffline
	}
	if status != wire.StatusSent {
		s.refuse(status, now)
	} else {
		mid := wire.MessageID(now, s.send.GetId())
		signal(conns, &wire.Signal{Body: &wire.Signal_Message{Message: s.message(mid, now.UnixMilli(), 0)}})
		s.accept(&sentRow{mid: mid, time: now.UnixMilli()})
	}
	s.finish(nil)
	c.kick()
}

// signal hands connections something that is not stored.
func signal(conns []*conn, sig *wire.Signal) {
	frame := &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: sig}}
	for _, to := range conns {
		to.enqueue(frame)
		to.kick()
	}
}

// transientTargets finds out who is to get a transient message, or the status that refuses it.
func (c *conn) transientTargets(s *sendChange) (status uint32, conns []*conn, err error) {
	if gid := s.send.GetGroupId(); gid != 0 {
		g, err := c.s.groups.find(gid)
		switch {
		case err != nil:
			return 0, nil, err
		case g == nil || g.deleted:
			return wire.StatusInvalidDest, nil, nil
		}
		return g.sendStatus(s.sender.uid), c.s.hub.connsOfGroup(g, s.sender.uid), nil
	}
	switch {
	case s.peer == nil:
		return wire.StatusInvalidDest, nil, nil
	case c.s.blocks.has(s.peer.uid, s.sender.uid):
		return wire.StatusBlocked, nil, nil
	}
	return wire.StatusSent, c.s.hub.connsOf(s.peer.uid), nil
}

// connsOfGroup lists the connections of the members who get the group's messages, without one of them.
func (h *hub) connsOfGroup(g *group, without uint32) []*conn {
	var conns []*conn
	for i := range g.members {
		if m := &g.members[i]; m.uid != without && g.receives(m) {
			conns = append(conns, h.connsOf(m.uid)...)
		}
	}
	return conns
}
