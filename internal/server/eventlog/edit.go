package eventlog

import (
	"cmp"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// storedMsg is a message as stored. It is immutable; a change makes a copy.
type storedMsg struct {
	mid               uint64
	sender, peer, gid uint32
	ts                int64
	msg               *wire.Message
}

// message returns a message, including the changes of this batch; nil if it does not exist.
func (b *batch) message(mid uint64) (*storedMsg, error) {
	if m, ok := b.bodies[mid]; ok {
		return m, nil
	}
	var m *storedMsg
	const query = `SELECT sender, peer, gid, ts, body FROM msgs WHERE mid = ?`
	err := b.tx.Query(query, []any{int64(mid)}, func(row record.Row) error {
		found := &storedMsg{mid: mid}
		var body []byte
		if err := row.Scan(&found.sender, &found.peer, &found.gid, &found.ts, &body); err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		var e wire.Event
		if err := proto.Unmarshal(body, &e); err != nil {
			return fmt.Errorf("read message %d: %w", mid, err)
		}
		if found.msg = e.GetMessage(); found.msg != nil { // nil: an event of another kind
			m = found
		}
		return nil
	})
	if err != nil || m == nil {
		return nil, err
	}
	b.bodies[mid] = m
	return m, nil
}

// saveMessage replaces the stored body of a message.
func (b *batch) saveMessage(m *storedMsg) error {
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m.msg}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	b.bodies[m.mid], b.erases = m, true
	b.update(`UPDATE msgs SET body = ? WHERE mid = ?`, raw, int64(m.mid))
	return b.forgetEdit(m.mid)
}

// forgetEdit blanks the event of an earlier Modify in all logs.
func (b *batch) forgetEdit(mid uint64) error {
	b.update(`UPDATE msgs SET body = ? WHERE mid = (SELECT emid FROM edits WHERE mid = ?)`, goneEvent, int64(mid))
	b.update(`DELETE FROM edits WHERE mid = ?`, int64(mid))
	return nil
}

// Chat is the chat with a peer or, if GID is not 0, in a group.
type Chat struct {
	Peer accounts.UserRef
	GID  uint32
}

// holds reports whether a message belongs to the chat as user uid sees it.
func (v Chat) holds(m *storedMsg, uid uint32) bool {
	if v.GID != 0 || m.gid != 0 {
		return m.gid == v.GID
	}
	return (m.sender == uid && m.peer == v.Peer.UID) || (m.sender == v.Peer.UID && m.peer == uid)
}

// EditAction is Recall, Modify or React.
type EditAction interface {
	// Check refuses a malformed request. It is called before the request is submitted.
	Check() error
	// run adds rows to the batch; it returns a refusal or a storage failure.
	run(b *batch, op *Edit) error
}

// Edit changes messages.
type Edit struct {
	Submission

	Actor  accounts.UserRef
	Where  Chat
	Action EditAction

	// Refused is nil on success.
	Refused *refusal.Error

	group *group // nil in a chat with a peer
}

func (o *Edit) apply(b *batch) error {
	o.Refused, o.group = nil, nil
	err := o.run(b)
	o.Refused = refusal.Of(err)
	return failureOf(err)
}

func (o *Edit) run(b *batch) error {
	if o.Where.GID != 0 {
		g, err := b.group(o.Where.GID)
		switch {
		case err != nil:
			return err
		case !g.has(o.Actor.UID) && !g.open():
			return ErrNotMember
		case g.deleted:
			return refusal.ErrNoGroup
		}
		o.group = g
	}
	return o.Action.run(b, o)
}

// message returns a message of the chat, and refuses one that does not exist or cannot be changed.
func (o *Edit) message(b *batch, mid uint64) (*storedMsg, error) {
	m, err := b.message(mid)
	switch {
	case err != nil:
		return nil, err
	case m == nil || !o.Where.holds(m, o.Actor.UID):
		return nil, &refusal.Error{Result: wire.ResultNoSuchUser, Reason: "there is no such message in this chat"}
	case m.msg.GetContent().GetGroup() != nil:
		return nil, refusal.Denied(0, "group notices cannot be changed")
	case m.msg.GetContent().GetCall() != nil:
		return nil, refusal.Denied(0, "records of calls cannot be changed")
	}
	return m, nil
}

// checkAge refuses when the message is too old to be recalled or modified.
func (o *Edit) checkAge(b *batch, m *storedMsg) error {
	if w := b.log.RetractWindow(); w >= 0 && b.now.Sub(time.UnixMilli(m.ts)) > w {
		return refusal.Denied(0, "the message is older than %s", w)
	}
	return nil
}

// checkReachable refuses when the peer has blocked the actor or has a full inbox.
func (o *Edit) checkReachable(b *batch) error {
	if o.group != nil || o.Where.Peer.UID == o.Actor.UID {
		return nil
	}
	if b.isBlocked(o.Where.Peer.UID, o.Actor.UID) {
		return refusal.Denied(0, "this user has blocked you")
	}
	if stranger, err := b.isStranger(o.Where.Peer.UID, o.Actor.UID); stranger || err != nil {
		return cmp.Or[error](err, errNotAccepted)
	}
	h, err := b.state(o.Where.Peer.UID)
	if err != nil {
		return err
	}
	full, err := b.full(o.Where.Peer.UID, h, o.Actor.UID, 0)
	if full && err == nil {
		return &refusal.Error{Result: wire.ResultInboxFull, Reason: "the recipient's inbox is full"}
	}
	return err
}

// withInboxRoom filters out users with a full inbox, except the actor.
func (b *batch) withInboxRoom(actor accounts.UserRef, gid uint32, uids []uint32) ([]uint32, error) {
	if err := b.lock(uids); err != nil {
		return nil, err
	}
	list := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		h, err := b.state(uid)
		if err != nil {
			return nil, err
		}
		full := false
		if uid != actor.UID {
			full, err = b.full(uid, h, actor.UID, gid)
		}
		if err != nil {
			return nil, err
		}
		if !full {
			list = append(list, uid)
		}
	}
	return list, nil
}

// fanOutEdit appends one event to many logs. Its body is stored once, under the returned id.
func (b *batch) fanOutEdit(actor accounts.UserRef, gid uint32, uids []uint32, e *wire.Event) (uint64, error) {
	if err := b.lock(uids); err != nil {
		return 0, err
	}
	mid, err := b.reserveAny()
	if err != nil {
		return 0, err
	}
	raw, err := proto.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("encode event: %w", err)
	}
	if err := b.fanOut(fanOut{kind: record.KindEdit, mid: mid, raw: raw, by: actor.UID}, uids); err != nil {
		return 0, err
	}
	b.msgs.Add(int64(mid), int64(actor.UID), 0, 0, int64(gid), b.now.UnixMilli(), 0, 0, raw)
	return mid, nil
}
