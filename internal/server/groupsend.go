package server

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// applyGroup takes a message to a group: the body is stored once, and each receiving member's log points to it.
func (s *sendChange) applyGroup(ctx context.Context, b *batch, key sentKey) error {
	g, err := b.group(ctx, s.send.GetGroupId())
	if err != nil {
		return err
	}
	if g == nil || g.deleted {
		s.refuse(wire.StatusInvalidDest, b.now)
		return nil
	}
	if status := g.sendStatus(s.sender.uid); status != wire.StatusSent {
		s.refuse(status, b.now)
		return nil
	}
	expiry := s.send.GetExpiry()
	if expiry < 0 {
		expiry = g.expiry
	}
	if g.flags&wire.GroupNoStorage != 0 {
		expiry = 0
	}
	receivers, status, err := s.receivers(ctx, b, g, expiry == 0)
	if err != nil {
		return err
	}
	if status != wire.StatusSent {
		s.refuse(status, b.now)
		return nil
	}
	mid, ok, err := s.reserve(ctx, b)
	if err != nil || !ok {
		return err
	}
	return s.storeGroup(ctx, b, key, groupSend{g: g, mid: mid, expiry: expiry, receivers: receivers})
}

// receivers are the members whose logs take the message. Who has a full inbox is left out.
func (s *sendChange) receivers(ctx context.Context, b *batch, g *group, onlineOnly bool) (uids []uint32, status uint32, err error) {
	if err := b.loadHeads(ctx, g.everybody()); err != nil {
		return nil, 0, err
	}
	offline, full := 0, 0
	for i := range g.members {
		m := &g.members[i]
		if m.uid == s.sender.uid || !g.receives(m) {
			continue
		}
		h, err := b.head(ctx, m.uid)
		switch {
		case err != nil:
			return nil, 0, err
		case onlineOnly && !b.w.hub.online(m.uid):
			offline++
		case b.full(h):
			full++
		default:
			uids = append(uids, m.uid)
		}
	}
	if len(uids) == 0 {
		return nil, nobodyStatus(offline, full), nil
	}
	if g.flags&wire.GroupRoundRobin != 0 {
		uids = []uint32{b.w.nextInTurn(g.gid, uids)}
	}
	return uids, wire.StatusSent, nil
}

// nobodyStatus is what becomes of a message that no member gets. A group may have nobody but the sender.
func nobodyStatus(offline, full int) uint32 {
	switch {
	case full > 0:
		return wire.StatusInboxFull
	case offline > 0:
		return wire.StatusUserOffline
	default:
		return wire.StatusSent
	}
}

// nextInTurn picks who gets the next message of a group that passes them round: those online are preferred, and of
// them the one behind the last.
func (w *writer) nextInTurn(gid uint32, uids []uint32) uint32 {
	var online []uint32
	for _, uid := range uids {
		if w.hub.online(uid) {
			online = append(online, uid)
		}
	}
	if len(online) > 0 {
		uids = online
	}
	last, next, lowest := w.turns[gid], uint32(0), uids[0]
	for _, uid := range uids {
		lowest = min(lowest, uid)
		if uid > last && (next == 0 || uid < next) {
			next = uid
		}
	}
	if next == 0 {
		next = lowest
	}
	w.turns[gid] = next
	return next
}

// groupSend is a message to a group on its way into the logs.
type groupSend struct {
	g         *group
	mid       uint64
	expiry    int32
	receivers []uint32
}

// storeGroup notes the rows of a new message to a group.
func (s *sendChange) storeGroup(ctx context.Context, b *batch, key sentKey, to groupSend) error {
	// Never before its readers joined, even when the clock went back: who joined later is not told of changes to it.
	now := max(b.now.UnixMilli(), to.g.newestMember())
	exp := b.now.Add(lifetime(to.expiry, b.w.online)).UnixMilli()
	m := s.message(to.mid, now, exp)
	m.Loopback = to.g.flags&wire.GroupLoopback != 0
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	seq, err := b.append(ctx, s.sender.uid, entry{kind: kindOwn, mid: to.mid, raw: raw})
	if err != nil {
		return err
	}
	copies := fanOut{kind: kindMessage, mid: to.mid, exp: exp, raw: raw, from: arrival{
		sender: s.sender.uid, sseq: seq, flags: s.send.GetFlags(), gid: to.g.gid,
	}}
	if err := b.fanOut(ctx, copies, to.receivers); err != nil {
		return err
	}
	if b.w.hook != nil {
		var parties []party
		for _, uid := range to.receivers {
			parties = append(parties, to.g.find(uid).party)
		}
		b.hook(m, parties)
	}
	var only uint32 // who may know of changes to the message, when not all may
	if to.g.flags&wire.GroupRoundRobin != 0 && len(to.receivers) > 0 {
		only = to.receivers[0]
	}
	b.msgs.add(int64(to.mid), int64(s.sender.uid), int64(seq), int64(only), int64(to.g.gid), now, exp,
		int64(s.send.GetFlags()), raw)
	b.addRef(refMessage, int64(to.mid), s.file, exp)
	s.stored(b, key, &sentRow{mid: to.mid, seq: seq, time: now})
	return nil
}
