package server

import (
	"context"
	"database/sql"
	"fmt"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// recall takes messages back.
type recall struct{ ids []uint64 }

func checkRecall(m *wire.Recall) string {
	if n := len(m.GetIds()); n == 0 || n > wire.MaxRecall {
		return fmt.Sprintf("between 1 and %d messages are taken back at a time", wire.MaxRecall)
	}
	return ""
}

// run takes back all or none; those that are taken back already do not count.
func (a *recall) run(ctx context.Context, b *batch, op *editOp) error {
	var list []*storedMsg
	for _, id := range a.ids {
		m, err := op.message(ctx, b, id)
		if err != nil || m == nil {
			return err
		}
		if m.sender != op.actor.uid && !op.moderates() {
			op.refuse(wire.ResultDenied, "the message is not yours")
			return nil
		}
		if m.msg.GetRecalled() {
			continue
		}
		if !op.young(b, m) {
			return nil
		}
		list = append(list, m)
	}
	var ids []uint64
	for _, m := range list {
		if b.bodies[m.mid] != m {
			continue // named twice
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
		b.update(`DELETE FROM reactions WHERE mid = ?`, int64(m.mid))
		b.unrefer(refMessage, int64(m.mid))
		ids = append(ids, m.mid)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := b.spread(ctx, op.actor, op.where.gid, op.everybody(), &wire.Event{Body: &wire.Event_Recalled{Recalled: &wire.Recalled{
		From: op.actor.address, Peer: op.peerAddress(), GroupId: op.where.gid, Ids: ids, Time: uint64(b.now.UnixMilli()),
	}}})
	return err
}

// moderates tells whether the actor may take back what others have sent.
func (o *editOp) moderates() bool {
	if o.group == nil {
		return false
	}
	m := o.group.find(o.actor.uid)
	return m != nil && m.admin&wire.AdminModify != 0
}

// modify replaces what an own message carries.
type modify struct {
	id      uint64
	content *wire.Content
}

func (a *modify) run(ctx context.Context, b *batch, op *editOp) error {
	m, err := op.message(ctx, b, a.id)
	if err != nil || m == nil {
		return err
	}
	switch {
	case m.sender != op.actor.uid:
		op.refuse(wire.ResultDenied, "the message is not yours")
		return nil
	case m.msg.GetRecalled():
		op.refuse(wire.ResultDenied, "the message has been taken back")
		return nil
	case op.group != nil && op.group.sendStatus(op.actor.uid) != wire.StatusSent:
		op.refuse(wire.ResultDenied, "you may not send to the group")
		return nil
	case proto.Equal(m.msg.GetContent(), a.content):
		return nil
	case !op.young(b, m):
		return nil
	}
	if ok, err := op.reaches(ctx, b); !ok {
		return err
	}
	readers, err := b.withRoom(ctx, op.actor, op.readers(m))
	if err != nil {
		return err
	}
	if ok, err := a.referTo(ctx, b, op, m); !ok {
		return err
	}
	next := *m
	next.msg = proto.CloneOf(m.msg)
	next.msg.Content, next.msg.Modified = a.content, uint64(b.now.UnixMilli())
	if err := b.saveMessage(&next); err != nil {
		return err
	}
	emid, err := b.spread(ctx, op.actor, op.where.gid, readers, &wire.Event{Body: &wire.Event_Modified{Modified: &wire.Modified{
		From: op.actor.address, Peer: op.peerAddress(), GroupId: op.where.gid, Id: m.mid, Content: a.content,
		Time: next.msg.GetModified(),
	}}})
	if err == nil {
		b.update(`INSERT INTO edits(mid, emid) VALUES(?, ?)`, int64(m.mid), int64(emid))
	}
	return err
}

// referTo makes the message refer to the file that it carries from now on, or refuses the request.
func (a *modify) referTo(ctx context.Context, b *batch, op *editOp, m *storedMsg) (ok bool, err error) {
	url := a.content.GetFile().GetUrl()
	if url == m.msg.GetContent().GetFile().GetUrl() {
		return true, nil
	}
	id, refused, err := b.fileFor(ctx, op.actor.uid, url)
	switch {
	case err != nil:
		return false, err
	case refused != "":
		op.refuse(wire.ResultBadRequest, refused)
		return false, nil
	}
	b.refer(refMessage, int64(m.mid), id, int64(m.msg.GetExpires()))
	return true, nil
}

// readers lists who has been sent a message and is still to know what is in it.
func (o *editOp) readers(m *storedMsg) []uint32 {
	if o.group == nil {
		return o.everybody()
	}
	uids := []uint32{o.actor.uid}
	for i := range o.group.members {
		r := &o.group.members[i]
		only := m.peer != 0 && m.peer != r.uid // the group passed messages round
		if r.uid != o.actor.uid && !only && r.joined <= m.ts && o.group.receives(r) {
			uids = append(uids, r.uid)
		}
	}
	return uids
}

// react sets somebody's one reaction to a message.
type react struct {
	id    uint64
	emoji string // empty takes it away
}

func checkEmoji(s string) string {
	if len(s) > wire.MaxEmoji {
		return fmt.Sprintf("the reaction is longer than %d bytes", wire.MaxEmoji)
	}
	if !utf8.ValidString(s) {
		return "the reaction is not UTF-8"
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return "the reaction holds a control character or white space"
		}
	}
	return ""
}

// reactionKey is who reacts to which message.
type reactionKey struct {
	mid uint64
	uid uint32
}

func (a *react) run(ctx context.Context, b *batch, op *editOp) error {
	m, err := op.message(ctx, b, a.id)
	if err != nil || m == nil {
		return err
	}
	if m.msg.GetRecalled() {
		op.refuse(wire.ResultDenied, "the message has been taken back")
		return nil
	}
	key := reactionKey{mid: m.mid, uid: op.actor.uid}
	old, err := b.reaction(ctx, key)
	if err != nil || old == a.emoji {
		return err
	}
	if ok, err := op.reaches(ctx, b); !ok {
		return err
	}
	uids, err := b.withRoom(ctx, op.actor, op.everybody())
	if err != nil {
		return err
	}
	b.reactions[key] = a.emoji
	if a.emoji == "" {
		b.update(`DELETE FROM reactions WHERE mid = ? AND uid = ?`, int64(key.mid), int64(key.uid))
	} else {
		b.update(`INSERT INTO reactions(mid, uid, emoji) VALUES(?, ?, ?) ON CONFLICT(mid, uid) DO UPDATE SET emoji = excluded.emoji`,
			int64(key.mid), int64(key.uid), a.emoji)
	}
	_, err = b.spread(ctx, op.actor, op.where.gid, uids, &wire.Event{Body: &wire.Event_Reaction{Reaction: &wire.Reaction{
		From: op.actor.address, Peer: op.peerAddress(), GroupId: op.where.gid, Id: m.mid, Emoji: a.emoji,
		Time: uint64(b.now.UnixMilli()),
	}}})
	return err
}

// reaction is empty when there is none.
func (b *batch) reaction(ctx context.Context, k reactionKey) (string, error) {
	if emoji, ok := b.reactions[k]; ok {
		return emoji, nil
	}
	var emoji string
	err := b.query(ctx, `SELECT emoji FROM reactions WHERE mid = ? AND uid = ?`, []any{int64(k.mid), int64(k.uid)},
		func(rows *sql.Rows) error {
			if err := rows.Scan(&emoji); err != nil {
				return fmt.Errorf("read reaction: %w", err)
			}
			return nil
		})
	return emoji, err
}
