package server

import (
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// sendTransient hands a message to whoever is connected now and notes the answer. Nothing is stored, so a repeat is a
// second message.
func (s *Server) sendTransient(m *sendChange) error {
	now := time.Now()
	status, conns, err := s.transientTargets(m)
	if err != nil {
		return err
	}
	if status == wire.StatusSent && len(conns) == 0 {
		status = wire.StatusUserOffline
	}
	if status != wire.StatusSent {
		m.refuse(status, now)
		return nil
	}
	mid := wire.MessageID(now, m.send.GetId())
	signal(conns, &wire.Signal{Body: &wire.Signal_Message{Message: m.message(mid, now.UnixMilli(), 0)}})
	m.accept(&sentRow{mid: mid, time: now.UnixMilli()})
	return nil
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
func (s *Server) transientTargets(m *sendChange) (status uint32, conns []*conn, err error) {
	if gid := m.send.GetGroupId(); gid != 0 {
		g, err := s.groups.find(gid)
		switch {
		case err != nil:
			return 0, nil, err
		case g == nil || g.deleted:
			return wire.StatusInvalidDest, nil, nil
		}
		return g.sendStatus(m.sender.uid), s.hub.connsOfGroup(g, m.sender.uid), nil
	}
	switch {
	case m.peer == nil:
		return wire.StatusInvalidDest, nil, nil
	case s.blocks.has(m.peer.uid, m.sender.uid):
		return wire.StatusBlocked, nil, nil
	}
	return wire.StatusSent, s.hub.connsOf(m.peer.uid), nil
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
