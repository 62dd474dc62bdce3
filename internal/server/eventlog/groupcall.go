package eventlog

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// CallRights are what a user may do in the calls of a group.
type CallRights struct {
	Join     bool
	Publish  bool // send sound and video, and let the call ring
	Controls bool // mute others
	Removes  bool // remove others
}

// CallMembers are the members of a group as its calls see them.
type CallMembers struct{ g *group }

// UIDs returns the members who may join.
func (m CallMembers) UIDs() []uint32 {
	if m.g == nil {
		return nil
	}
	var uids []uint32
	for _, uid := range m.g.memberUIDs() {
		if m.Rights(uid).Join {
			uids = append(uids, uid)
		}
	}
	return uids
}

// Rights returns the rights of a user, none for a user who is not a member.
func (m CallMembers) Rights(uid uint32) CallRights {
	if m.g == nil || m.g.deleted {
		return CallRights{}
	}
	member := m.g.find(uid)
	if member == nil || member.disabled ||
		m.g.flags&wire.GroupSubBySelected != 0 && member.flags&wire.MemberSubscribe == 0 {
		return CallRights{}
	}
	return CallRights{
		Join: true, Publish: m.g.mayPublish(member),
		Controls: member.admin&wire.AdminCall != 0, Removes: member.admin&wire.AdminHangup != 0,
	}
}

// mayPublish reports whether a member may send in calls: as the group's flags say, or else as with messages.
func (g *group) mayPublish(m *groupMember) bool {
	switch {
	case g.flags&wire.GroupPubByAnyone != 0:
		return true
	case g.flags&wire.GroupPubBySelected != 0:
		return m.flags&wire.MemberPublish != 0
	}
	return g.sendStatus(m.UID) == wire.StatusSent
}

// CallMembers returns the members of a group, none of one that does not exist.
func (l *Log) CallMembers(ctx context.Context, gid uint32) (CallMembers, error) {
	g, err := l.groups.find(ctx, gid)
	return CallMembers{g}, err
}

// EndGroupCall stores the record of the call of a group, a message from who has started it to the group.
type EndGroupCall struct {
	Submission

	GID     uint32
	Nonce   [wire.NonceSize]byte // of the call: the record is stored once
	Starter accounts.UserRef
	Record  *wire.CallRecord
}

func (ch *EndGroupCall) key() record.NonceKey {
	return record.NonceKey{UID: ch.Starter.UID, Nonce: ch.Nonce}
}

func (ch *EndGroupCall) plan(b *batch) { b.plan.Nonces = append(b.plan.Nonces, ch.key()) }

func (ch *EndGroupCall) apply(b *batch) error {
	g, err := b.group(ch.GID)
	if err != nil || g == nil || g.deleted {
		return err
	}
	if _, stored := b.sentBefore(ch.key()); stored {
		return nil
	}
	if err := b.lock(g.memberUIDs()); err != nil {
		return err
	}
	mid, err := b.reserveAny()
	if err != nil {
		return err
	}
	return ch.store(b, g, mid)
}

func (ch *EndGroupCall) store(b *batch, g *group, mid uint64) error {
	now := b.now.UnixMilli()
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: mid, From: ch.Starter.Address, GroupId: ch.GID, Time: uint64(now), Nonce: ch.Nonce[:],
		Content: &wire.Content{Call: ch.Record},
	}}})
	if err != nil {
		return fmt.Errorf("encode call record: %w", err)
	}
	var seq uint64
	if g.find(ch.Starter.UID) != nil {
		if seq, err = b.append(ch.Starter.UID, entry{kind: record.KindOwn, mid: mid, raw: raw}); err != nil {
			return err
		}
	}
	copies := fanOut{kind: record.KindMessage, mid: mid, raw: raw, from: arrival{
		sender: ch.Starter.UID, sseq: seq, gid: ch.GID,
	}}
	if err := b.fanOut(copies, g.receivers(ch.Starter.UID)); err != nil {
		return err
	}
	b.msgs.Add(int64(mid), int64(ch.Starter.UID), int64(seq), 0, int64(ch.GID), now, int64(0), int64(0), raw)
	b.dedups.Add(int64(ch.Starter.UID), ch.Nonce[:], int64(mid), int64(seq), now)
	b.sent[ch.key()] = record.Sent{MID: mid, Seq: seq, Time: now}
	return nil
}
