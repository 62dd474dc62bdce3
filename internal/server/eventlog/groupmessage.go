package eventlog

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// applyGroup applies a message to a group: the body is stored once, and the logs of the receiving members point to it.
func (s *Send) applyGroup(b *batch, key record.NonceKey) error {
	g, err := b.group(s.Message.GetGroupId())
	if err != nil {
		return err
	}
	status := g.sendStatus(s.Sender.UID, s.Trusted)
	if status == wire.StatusSent && isControl(s.Message.GetType()) && !g.modifies(s.Sender.UID) {
		status = wire.StatusNotMember
	}
	if status != wire.StatusSent {
		s.refuse(status, b.now)
		return nil
	}
	expiry := s.Message.GetExpiry()
	if expiry < 0 {
		expiry = g.expiry
	}
	if g.flags&wire.GroupNoStorage != 0 {
		expiry = 0
	}
	receivers, status, err := s.receivers(b, g, expiry == 0)
	if err != nil {
		return err
	}
	if status != wire.StatusSent {
		s.refuse(status, b.now)
		return nil
	}
	mid, ok, err := s.reserve(b)
	if err != nil || !ok {
		return err
	}
	return s.storeGroup(b, key, groupSend{g: g, mid: mid, expiry: expiry, receivers: receivers})
}

// isControl reports whether messages of a type are about the chat; in a group who may modify it sends them.
func isControl(messageType uint32) bool {
	return messageType == wire.TypePin || messageType == wire.TypeUnpin || messageType == wire.TypeAge
}

// receivers returns the members who get the message, without those whose inbox is full, or the status of the refusal.
func (s *Send) receivers(b *batch, g *group, onlineOnly bool) (uids []uint32, status uint32, err error) {
	if err := b.lock(g.memberUIDs()); err != nil {
		return nil, 0, err
	}
	var out missed
	for i := range g.members {
		m := &g.members[i]
		if m.UID == s.Sender.UID || !g.receives(m) {
			continue
		}
		reached, err := s.reaches(b, g, m.UID, onlineOnly, &out)
		if err != nil {
			return nil, 0, err
		}
		if reached {
			uids = append(uids, m.UID)
		}
	}
	if len(uids) == 0 {
		return nil, out.status(), nil
	}
	if g.flags&wire.GroupRoundRobin != 0 {
		uids = []uint32{b.nextInTurn(g.gid, uids)}
	}
	return uids, wire.StatusSent, nil
}

// missed says why members do not get a message.
type missed struct {
	offline, full bool
	concealed     bool // one of those who are offline does not let the sender know
}

// status is the status of a message that no member gets. It is SENT in a group without other members.
func (m *missed) status() uint32 {
	switch {
	case m.full:
		return wire.StatusInboxFull
	case m.offline && !m.concealed:
		return wire.StatusUserOffline
	default:
		return wire.StatusSent
	}
}

// reaches reports whether a member gets the message, and notes otherwise why not.
func (s *Send) reaches(b *batch, g *group, uid uint32, onlineOnly bool, out *missed) (bool, error) {
	if onlineOnly && !b.log.hub.Online(uid) {
		hidden, err := b.conceals(uid, s.Sender.UID)
		out.offline, out.concealed = true, out.concealed || hidden
		return false, err
	}
	h, err := b.state(uid)
	if err != nil {
		return false, err
	}
	full, err := b.full(uid, h, s.by(), g.gid)
	out.full = out.full || full
	return !full, err
}

// nextInTurn picks the next recipient in a round-robin group. Online members are preferred.
func (b *batch) nextInTurn(gid uint32, uids []uint32) uint32 {
	var online []uint32
	for _, uid := range uids {
		if b.log.hub.Online(uid) {
			online = append(online, uid)
		}
	}
	if len(online) > 0 {
		uids = online
	}
	last, ok := b.turns[gid]
	if !ok {
		last = b.log.turns[gid]
	}
	next, lowest := uint32(0), uids[0]
	for _, uid := range uids {
		lowest = min(lowest, uid)
		if uid > last && (next == 0 || uid < next) {
			next = uid
		}
	}
	if next == 0 {
		next = lowest
	}
	b.turns[gid] = next
	return next
}

// groupSend is a message to a group with its recipients.
type groupSend struct {
	g         *group
	mid       uint64
	expiry    int32
	receivers []uint32
}

func (s *Send) storeGroup(b *batch, key record.NonceKey, to groupSend) error {
	// Never before a recipient joined, even if the clock went back: later members do not get changes to the message.
	now := max(b.now.UnixMilli(), to.g.newestMember())
	exp := b.now.Add(lifetime(to.expiry, b.log.online)).UnixMilli()
	m := s.message(to.mid, now, exp)
	m.Loopback = to.g.flags&wire.GroupLoopback != 0
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	chat := record.GroupChat(to.g.gid)
	seq, err := b.append(s.Sender.UID, entry{kind: record.KindOwn, mid: to.mid, chat: chat, raw: raw})
	if err != nil {
		return err
	}
	copies := fanOut{
		kind: record.KindMessage, mid: to.mid, exp: exp, chat: chat, raw: raw, by: s.Sender.UID,
		from: arrival{sender: s.Sender.UID, sseq: seq, flags: s.Message.GetFlags(), gid: to.g.gid},
	}
	if err := b.fanOut(copies, to.receivers); err != nil {
		return err
	}
	if b.log.webhook != nil {
		users := make([]accounts.UserRef, len(to.receivers))
		for i, uid := range to.receivers {
			users[i] = to.g.find(uid).UserRef
		}
		b.queueWebhook(m, users)
	}
	var only uint32 // the recipient in a round-robin group, 0 in others
	if to.g.flags&wire.GroupRoundRobin != 0 && len(to.receivers) > 0 {
		only = to.receivers[0]
	}
	b.msgs.Add(int64(to.mid), int64(s.Sender.UID), int64(seq), int64(only), int64(to.g.gid), now, exp,
		int64(s.Message.GetFlags()), raw)
	b.addFileRef(fileref.OfMessage, int64(to.mid), s.file, exp)
	b.fadeAfter(to.mid, now, s.Message.GetAge())
	s.stored(b, key, record.Sent{MID: to.mid, Seq: seq, Time: now})
	return nil
}
