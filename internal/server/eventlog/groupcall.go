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
	return g.sendStatus(m.UID, false) == wire.StatusSent
}

// CallMembers returns the members of a group, none of one that does not exist.
func (l *Log) CallMembers(ctx context.Context, gid uint32) (CallMembers, error) {
	g, err := l.groups.find(ctx, gid)
	return CallMembers{g}, err
}

// LiveGroupCall is the call of a group that has not ended, as stored, so that there is a record of it after a restart.
type LiveGroupCall struct {
	ID       uint64
	GID      uint32
	Nonce    [wire.NonceSize]byte // the record is stored once
	Starter  accounts.UserRef
	Video    bool
	Started  int64 // ms, like Answered and Seen
	Answered int64 // when there were two participants for the first time, 0 before
	People   int   // the most at the same time
	Seen     int64 // when it was last known to go on
}

// KeepGroupCall stores how far the call of a group is.
type KeepGroupCall struct {
	Submission

	Call LiveGroupCall
}

func (ch *KeepGroupCall) apply(b *batch) error { //nolint:unparam // a Change
	c := &ch.Call
	b.update(`DELETE FROM group_calls WHERE id = ?`, int64(c.ID))
	b.update(`INSERT INTO group_calls(id, nonce, gid, starter, video, started, answered, people, seen)
		VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(c.ID), c.Nonce[:], int64(c.GID), int64(c.Starter.UID), c.Video, c.Started, c.Answered, c.People, c.Seen)
	return nil
}

// GroupCalls returns the calls of groups that had not ended when the server stopped.
func (l *Log) GroupCalls(ctx context.Context) ([]LiveGroupCall, error) {
	var calls []LiveGroupCall
	err := l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT c.id, c.nonce, c.gid, c.starter, u.address, c.video, c.started, c.answered, c.people, c.seen
			FROM group_calls c JOIN users u ON u.uid = c.starter ORDER BY c.started`, nil, func(row record.Row) error {
			var c LiveGroupCall
			var id int64
			var nonce []byte
			if err := row.Scan(&id, &nonce, &c.GID, &c.Starter.UID, &c.Starter.Address, &c.Video, &c.Started, &c.Answered,
				&c.People, &c.Seen); err != nil {
				return fmt.Errorf("read calls of groups: %w", err)
			}
			c.ID = uint64(id)
			copy(c.Nonce[:], nonce)
			calls = append(calls, c)
			return nil
		})
	})
	return calls, err
}

// EndGroupCall replaces the call of a group by its record, a message from who has started it to the group.
type EndGroupCall struct {
	Submission

	Call  LiveGroupCall
	Ended int64 // ms
}

func (ch *EndGroupCall) key() record.NonceKey {
	return record.NonceKey{UID: ch.Call.Starter.UID, Nonce: ch.Call.Nonce}
}

func (ch *EndGroupCall) plan(b *batch) { b.plan.Nonces = append(b.plan.Nonces, ch.key()) }

func (ch *EndGroupCall) apply(b *batch) error {
	b.update(`DELETE FROM group_calls WHERE id = ?`, int64(ch.Call.ID))
	g, err := b.group(ch.Call.GID)
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

// Record returns what the members are to know of the call.
func (ch *EndGroupCall) Record() *wire.CallRecord {
	c := &ch.Call
	r := &wire.CallRecord{
		CallId: c.ID, Video: c.Video, Status: wire.CallNoAnswer, Started: uint64(c.Started), Answered: uint64(c.Answered),
		Ended: uint64(ch.Ended), People: uint32(c.People),
	}
	if c.Answered != 0 {
		r.Status = wire.CallComplete
	}
	return r
}

func (ch *EndGroupCall) store(b *batch, g *group, mid uint64) error {
	now := b.now.UnixMilli()
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: mid, From: ch.Call.Starter.Address, GroupId: ch.Call.GID, Time: uint64(now), Nonce: ch.Call.Nonce[:],
		Content: &wire.Content{Call: ch.Record()},
	}}})
	if err != nil {
		return fmt.Errorf("encode call record: %w", err)
	}
	var seq uint64
	chat := record.GroupChat(ch.Call.GID)
	if g.find(ch.Call.Starter.UID) != nil {
		own := entry{kind: record.KindOwn, mid: mid, chat: chat, raw: raw}
		if seq, err = b.append(ch.Call.Starter.UID, own); err != nil {
			return err
		}
	}
	copies := fanOut{kind: record.KindMessage, mid: mid, chat: chat, raw: raw, from: arrival{
		sender: ch.Call.Starter.UID, sseq: seq, gid: ch.Call.GID,
	}}
	if err := b.fanOut(copies, g.receivers(ch.Call.Starter.UID)); err != nil {
		return err
	}
	b.msgs.Add(int64(mid), int64(ch.Call.Starter.UID), int64(seq), 0, int64(ch.Call.GID), now, int64(0), int64(0), raw)
	b.dedups.Add(int64(ch.Call.Starter.UID), ch.Call.Nonce[:], int64(mid), int64(seq), now)
	b.sent[ch.key()] = record.Sent{MID: mid, Seq: seq, Time: now}
	return nil
}
