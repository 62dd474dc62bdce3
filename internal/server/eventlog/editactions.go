package eventlog

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errNotYours  = refusal.Denied(0, "the message is not yours")
	errRecalled  = refusal.Denied(0, "the message has been recalled")
	errNoSending = refusal.Denied(wire.GroupErrorPermission, "you are not allowed to send messages to this group")
)

// Recall deletes messages for everyone.
type Recall struct{ IDs []uint64 }

// Check implements EditAction.
func (a *Recall) Check() error {
	if n := len(a.IDs); n == 0 || n > wire.MaxRecall {
		return refusal.Bad("a request can recall between 1 and %d messages", wire.MaxRecall)
	}
	return nil
}

// run recalls all messages or none. Messages that are recalled already are skipped.
func (a *Recall) run(b *batch, op *Edit) error {
	var list []*storedMsg
	for _, id := range a.IDs {
		m, err := op.message(b, id)
		if err != nil {
			return err
		}
		if m.sender != op.Actor.UID && !op.moderates() {
			return errNotYours
		}
		if m.msg.GetRecalled() {
			continue
		}
		if err := op.checkAge(b, m); err != nil {
			return err
		}
		list = append(list, m)
	}
	return op.recall(b, list)
}

// recall removes what messages carry.
func (o *Edit) recall(b *batch, list []*storedMsg) error {
	var notices []recalled
	for _, m := range list {
		if b.bodies[m.mid] != m {
			continue // a repeated id
		}
		old := m.msg
		next := *m
		next.msg = &wire.Message{
			Id: old.GetId(), From: old.GetFrom(), Peer: old.GetPeer(), GroupId: old.GetGroupId(), Time: old.GetTime(),
			Flags: old.GetFlags(), Nonce: old.GetNonce(), Loopback: old.GetLoopback(), Recalled: true,
		}
		if err := b.saveMessage(&next); err != nil {
			return err
		}
		b.drop(m.mid)
		notices = addRecalled(notices, o.holders(m), m.mid)
	}
	for _, n := range notices {
		event := &wire.Event{Body: &wire.Event_Recalled{Recalled: &wire.Recalled{
			From: o.Actor.Address, Peer: o.Where.Peer.Address, GroupId: o.Where.GID, Ids: n.ids,
			Time: uint64(b.now.UnixMilli()),
		}}}
		if _, err := b.fanOutEdit(o.Actor, o.Where.GID, n.users, event); err != nil {
			return err
		}
	}
	return nil
}

// recalled are messages that the same users may have.
type recalled struct {
	users []uint32
	ids   []uint64
}

func addRecalled(list []recalled, users []uint32, id uint64) []recalled {
	for i := range list {
		if slices.Equal(list[i].users, users) {
			list[i].ids = append(list[i].ids, id)
			return list
		}
	}
	return append(list, recalled{users, []uint64{id}})
}

// moderates reports whether the actor may recall messages of other users.
func (o *Edit) moderates() bool {
	return o.group != nil && o.group.modifies(o.Actor.UID)
}

// Modify replaces the content of the actor's own message.
type Modify struct {
	ID      uint64
	Content *wire.Content
}

// Check implements EditAction.
func (a *Modify) Check() error { return checkContent(a.Content) }

func (a *Modify) run(b *batch, op *Edit) error {
	m, err := op.message(b, a.ID)
	if err != nil {
		return err
	}
	switch {
	case m.sender != op.Actor.UID:
		return errNotYours
	case m.msg.GetRecalled():
		return errRecalled
	case op.group != nil && op.group.sendStatus(op.Actor.UID, false) != wire.StatusSent:
		return errNoSending
	case proto.Equal(m.msg.GetContent(), a.Content):
		return nil
	}
	if err := op.checkAge(b, m); err != nil {
		return err
	}
	if err := op.checkReachable(b); err != nil {
		return err
	}
	readers, err := b.withInboxRoom(op.Actor, op.Where.GID, op.readers(m))
	if err != nil {
		return err
	}
	if err := a.updateFileRef(b, op, m); err != nil {
		return err
	}
	next := *m
	next.msg = proto.CloneOf(m.msg)
	next.msg.Content, next.msg.Modified = a.Content, uint64(b.now.UnixMilli())
	if err := b.saveMessage(&next); err != nil {
		return err
	}
	event := &wire.Event{Body: &wire.Event_Modified{Modified: &wire.Modified{
		From: op.Actor.Address, Peer: op.Where.Peer.Address, GroupId: op.Where.GID, Id: m.mid, Content: a.Content,
		Time: next.msg.GetModified(),
	}}}
	emid, err := b.fanOutEdit(op.Actor, op.Where.GID, readers, event)
	if err != nil {
		return err
	}
	b.update(`INSERT INTO edits(mid, emid) VALUES(?, ?)`, int64(m.mid), int64(emid))
	if op.group == nil {
		return nil
	}
	return b.freeze(m, op.group, emid)
}

// updateFileRef makes the message refer to the file of its new content.
func (a *Modify) updateFileRef(b *batch, op *Edit, m *storedMsg) error {
	url := a.Content.GetFile().GetUrl()
	if url == m.msg.GetContent().GetFile().GetUrl() {
		return nil
	}
	id, err := b.fileFor(op.Actor.UID, url)
	if err != nil {
		return err
	}
	b.setFileRef(fileref.OfMessage, int64(m.mid), id, int64(m.msg.GetExpires()))
	return nil
}

// readers returns the users who received a message and may see what becomes of it.
func (o *Edit) readers(m *storedMsg) []uint32 { return o.involved(m, o.group.receives) }

// holders returns the users whose devices may have a message, so that it is removed even from those of a member who
// does not receive messages any more.
func (o *Edit) holders(m *storedMsg) []uint32 {
	return o.involved(m, func(*groupMember) bool { return true })
}

// involved returns the actor and the other user of the chat, or the members of the group to whom a message was sent
// and who pass a filter.
func (o *Edit) involved(m *storedMsg, passes func(*groupMember) bool) []uint32 {
	switch {
	case o.group == nil && o.Where.Peer.UID == o.Actor.UID:
		return []uint32{o.Actor.UID}
	case o.group == nil:
		return []uint32{o.Actor.UID, o.Where.Peer.UID}
	}
	uids := []uint32{o.Actor.UID}
	for i := range o.group.members {
		r := &o.group.members[i]
		only := m.peer != 0 && m.peer != r.UID && m.sender != r.UID // a round-robin message for another member
		if r.UID != o.Actor.UID && !only && r.joined <= m.ts && passes(r) {
			uids = append(uids, r.UID)
		}
	}
	return uids
}

// React sets the actor's reaction to a message; a user has at most one.
type React struct {
	ID    uint64
	Emoji string // empty removes it
}

// Check implements EditAction.
func (a *React) Check() error {
	if len(a.Emoji) > wire.MaxEmoji {
		return refusal.Bad("the reaction is longer than %d bytes", wire.MaxEmoji)
	}
	if !isEmoji(a.Emoji) && !isVote(a.Emoji) {
		return errNoEmoji
	}
	return nil
}

type reactionKey struct {
	mid uint64
	uid uint32
}

func (a *React) run(b *batch, op *Edit) error {
	m, err := op.message(b, a.ID)
	if err != nil {
		return err
	}
	switch {
	case m.msg.GetRecalled():
		return errRecalled
	case !isEmoji(a.Emoji) && (!isVote(a.Emoji) || m.msg.GetType() != wire.TypePoll):
		return errNoEmoji
	case op.group != nil && a.Emoji != "" && op.group.sendStatus(op.Actor.UID, false) != wire.StatusSent:
		return errNoSending
	}
	key := reactionKey{mid: m.mid, uid: op.Actor.UID}
	old, err := b.reaction(key)
	if err != nil || old == a.Emoji {
		return err
	}
	if err := op.checkReachable(b); err != nil {
		return err
	}
	uids, err := b.withInboxRoom(op.Actor, op.Where.GID, op.readers(m))
	if err != nil {
		return err
	}
	b.reactions[key] = a.Emoji
	if a.Emoji == "" {
		b.update(`DELETE FROM reactions WHERE mid = ? AND uid = ?`, int64(key.mid), int64(key.uid))
	} else {
		b.update(`INSERT INTO reactions(mid, uid, emoji) VALUES(?, ?, ?)
			ON CONFLICT(mid, uid) DO UPDATE SET emoji = excluded.emoji`, int64(key.mid), int64(key.uid), a.Emoji)
	}
	event := &wire.Event{Body: &wire.Event_Reaction{Reaction: &wire.Reaction{
		From: op.Actor.Address, Peer: op.Where.Peer.Address, GroupId: op.Where.GID, Id: m.mid, Emoji: a.Emoji,
		Time: uint64(b.now.UnixMilli()),
	}}}
	_, err = b.fanOutEdit(op.Actor, op.Where.GID, uids, event)
	return err
}

// reaction returns the current reaction, empty if there is none.
func (b *batch) reaction(k reactionKey) (string, error) {
	if emoji, ok := b.reactions[k]; ok {
		return emoji, nil
	}
	var emoji string
	err := b.tx.Query(`SELECT emoji FROM reactions WHERE mid = ? AND uid = ?`, []any{int64(k.mid), int64(k.uid)},
		func(row record.Row) error {
			if err := row.Scan(&emoji); err != nil {
				return fmt.Errorf("read reaction: %w", err)
			}
			return nil
		})
	return emoji, err
}
