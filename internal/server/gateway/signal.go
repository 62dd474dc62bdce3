package gateway

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// SendTransient passes a message to the connected recipients and sets the reply. Nothing is stored, so a repeated
// request is a second message.
func (g *Gateway) SendTransient(ctx context.Context, s *eventlog.Send) error {
	now := g.c.Log.Now()
	status, uids, err := g.transientAudience(ctx, s)
	if err != nil {
		return err
	}
	m := s.Transient(now)
	if status == wire.StatusSent {
		reached, err := g.hub.Signal(uids, &wire.Signal{Body: &wire.Signal_Message{Message: m}}, true)
		switch {
		case err != nil:
			return err
		case !reached:
			if status, err = g.offlineStatus(ctx, uids, s.Sender.UID); err != nil {
				return err
			}
		}
	}
	s.Answer(status, m, now)
	return nil
}

// offlineStatus is the status of a message that none of its recipients gets: SENT when the sender may not know that.
func (g *Gateway) offlineStatus(ctx context.Context, uids []uint32, sender uint32) (uint32, error) {
	hidden, err := g.c.Log.Conceals(ctx, uids, sender)
	if hidden {
		return wire.StatusSent, err
	}
	return wire.StatusUserOffline, err
}

// transientAudience returns the recipients of a transient message, or the status of the refusal.
func (g *Gateway) transientAudience(ctx context.Context, s *eventlog.Send) (status uint32, uids []uint32, err error) {
	if gid := s.Message.GetGroupId(); gid != 0 {
		uids, status, err = g.c.Log.Audience(ctx, gid, s.Sender.UID, s.Trusted)
		return status, uids, err
	}
	switch {
	case s.Peer == nil:
		return wire.StatusInvalidDest, nil, nil
	case g.c.Log.Blocks(s.Peer.UID, s.Sender.UID):
		return wire.StatusBlocked, nil, nil
	}
	stranger, err := g.c.Log.IsStranger(ctx, s.Peer.UID, s.Sender.UID)
	if (stranger && !s.Trusted) || err != nil {
		return wire.StatusNotAccepted, nil, err
	}
	return wire.StatusSent, []uint32{s.Peer.UID}, nil
}

// Signal sends a signal, which is not stored, to the connections of users and reports whether any gets it. Those that
// have much to read already are skipped if the signal is droppable.
func (h *Hub) Signal(uids []uint32, sig *wire.Signal, droppable bool) (reached bool, err error) {
	raw, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: sig}})
	if err != nil {
		return false, fmt.Errorf("encode frame: %w", err)
	}
	s := &bus.Signal{UIDs: uids, Raw: raw, Droppable: droppable}
	elsewhere := make(map[bus.NodeID][]uint32)
	for _, uid := range uids {
		for _, node := range h.presence.Elsewhere(uid) {
			elsewhere[node] = append(elsewhere[node], uid)
		}
	}
	for node, list := range elsewhere {
		h.publish(node, &bus.Frame{Signal: &bus.Signal{UIDs: list, Raw: raw, Droppable: droppable}})
	}
	return h.relay(s) || len(elsewhere) > 0, nil
}

// relay queues a signal on the connections of this node and reports whether any gets it.
func (h *Hub) relay(s *bus.Signal) (reached bool) {
	for _, uid := range s.UIDs {
		for _, c := range h.connsOf(uid) {
			if c.signal(s.Raw, s.Droppable) {
				reached = true
				c.wakeWriter()
			}
		}
	}
	return reached
}
