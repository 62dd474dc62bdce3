package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// storedMsg is a message as the database has it. It is never changed; who changes a message makes another.
type storedMsg struct {
	mid               uint64
	sender, peer, gid uint32
	ts                int64
	msg               *wire.Message
}

// message returns a message as this batch will leave it; nil when there is none.
func (b *batch) message(ctx context.Context, mid uint64) (*storedMsg, error) {
	if m, ok := b.bodies[mid]; ok {
		return m, nil
	}
	var m *storedMsg
	err := b.query(ctx, `SELECT sender, peer, gid, ts, body FROM msgs WHERE mid = ?`, []any{int64(mid)}, func(rows *sql.Rows) error {
		found := &storedMsg{mid: mid}
		var body []byte
		if err := rows.Scan(&found.sender, &found.peer, &found.gid, &found.ts, &body); err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		var e wire.Event
		if err := proto.Unmarshal(body, &e); err != nil {
			return fmt.Errorf("read message %d: %w", mid, err)
		}
		if found.msg = e.GetMessage(); found.msg != nil { // else it is an event of another kind
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

// saveMessage replaces what a message carries, for whoever reads it from now on.
func (b *batch) saveMessage(m *storedMsg) error {
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m.msg}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	b.bodies[m.mid] = m
	b.update(`UPDATE msgs SET body = ? WHERE mid = ?`, raw, int64(m.mid))
	return b.forgetEdit(m.mid)
}

// forgetEdit takes out of all logs what an earlier Modify has put there.
func (b *batch) forgetEdit(mid uint64) error {
	gone, err := proto.Marshal(&wire.Event{Body: &wire.Event_Gone{Gone: &wire.Gone{}}})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	b.update(`UPDATE msgs SET body = ? WHERE mid = (SELECT emid FROM edits WHERE mid = ?)`, gone, int64(mid))
	b.update(`DELETE FROM edits WHERE mid = ?`, int64(mid))
	return nil
}

// conversation is where a request says that its messages are.
type conversation struct {
	peer party
	gid  uint32
}

// holds tells whether a message is in the conversation, seen from one of its ends.
func (v conversation) holds(m *storedMsg, uid uint32) bool {
	if v.gid != 0 || m.gid != 0 {
		return m.gid == v.gid
	}
	return (m.sender == uid && m.peer == v.peer.uid) || (m.sender == v.peer.uid && m.peer == uid)
}

// editAction decides about one request that changes messages.
type editAction interface {
	// run notes rows, or a refusal in op; an error means the storage failed.
	run(ctx context.Context, b *batch, op *editOp) error
}

// editOp takes a Recall, Modify or React through the writer.
type editOp struct {
	c       *conn
	request uint64
	actor   party
	where   conversation
	action  editAction

	group  *group // of a conversation in a group
	result uint32
	reason string
}

func (o *editOp) origin() *conn { return o.c }

func (*editOp) plan(*batch) {}

func (o *editOp) apply(ctx context.Context, b *batch) error {
	if o.where.gid != 0 {
		g, err := b.group(ctx, o.where.gid)
		if err != nil {
			return err
		}
		switch {
		case g == nil || g.deleted:
			o.refuse(wire.ResultNoSuchUser, errNoGroup.Error())
			return nil
		case g.find(o.actor.uid) == nil && g.flags&wire.GroupSendByAnyone == 0:
			o.refuse(wire.ResultDenied, "you are not a member of the group")
			return nil
		}
		o.group = g
	}
	return o.action.run(ctx, b, o)
}

func (o *editOp) finish(err error) {
	if err != nil {
		o.c.storageFailure()
		return
	}
	if o.result != wire.ResultOK {
		o.c.s.metrics.refused("edit")
	}
	o.c.respond(&wire.Response{Id: o.request, Result: o.result, Reason: o.reason})
}

func (o *editOp) refuse(result uint32, reason string) { o.result, o.reason = result, reason }

// message finds a message of the conversation; nil when the request is refused.
func (o *editOp) message(ctx context.Context, b *batch, mid uint64) (*storedMsg, error) {
	m, err := b.message(ctx, mid)
	if err != nil {
		return nil, err
	}
	switch {
	case m == nil || !o.where.holds(m, o.actor.uid):
		o.refuse(wire.ResultNoSuchUser, "there is no such message in this conversation")
		return nil, nil //nolint:nilnil // refused is an answer, not a failure
	case m.msg.GetContent().GetGroup() != nil:
		o.refuse(wire.ResultDenied, "what the server tells of a group stays as it is")
		return nil, nil //nolint:nilnil // refused is an answer, not a failure
	}
	return m, nil
}

// young refuses the request when the message is too old to be taken back or changed.
func (o *editOp) young(b *batch, m *storedMsg) bool {
	if w := b.w.retract; w >= 0 && b.now.Sub(time.UnixMilli(m.ts)) > w {
		o.refuse(wire.ResultDenied, fmt.Sprintf("the message is older than %s", w))
		return false
	}
	return true
}

// reaches refuses the request when the other party is not to be bothered.
func (o *editOp) reaches(ctx context.Context, b *batch) (bool, error) {
	if o.group != nil || o.where.peer.uid == o.actor.uid {
		return true, nil
	}
	if b.isBlocked(o.where.peer.uid, o.actor.uid) {
		o.refuse(wire.ResultDenied, "you are blocked")
		return false, nil
	}
	h, err := b.head(ctx, o.where.peer.uid)
	if err == nil && b.full(h) {
		o.refuse(wire.ResultInboxFull, "too much waits for the recipient")
		return false, nil
	}
	return err == nil, err
}

// peerAddress is empty in a group.
func (o *editOp) peerAddress() string { return o.where.peer.address }

// everybody lists who is told: both parties, or the members and the actor.
func (o *editOp) everybody() []uint32 {
	switch {
	case o.group == nil && o.where.peer.uid == o.actor.uid:
		return []uint32{o.actor.uid}
	case o.group == nil:
		return []uint32{o.actor.uid, o.where.peer.uid}
	}
	uids := o.group.everybody()
	if o.group.find(o.actor.uid) == nil {
		uids = append(uids, o.actor.uid)
	}
	return uids
}

// withRoom leaves out who has a full inbox, but not the actor.
func (b *batch) withRoom(ctx context.Context, actor party, uids []uint32) ([]uint32, error) {
	if err := b.loadHeads(ctx, uids); err != nil {
		return nil, err
	}
	list := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		h, err := b.head(ctx, uid)
		if err != nil {
			return nil, err
		}
		if uid == actor.uid || !b.full(h) {
			list = append(list, uid)
		}
	}
	return list, nil
}

// spread puts one event into many logs. Its body is stored once; the id is that of the body.
func (b *batch) spread(ctx context.Context, actor party, gid uint32, uids []uint32, e *wire.Event) (uint64, error) {
	if err := b.loadHeads(ctx, uids); err != nil {
		return 0, err
	}
	mid, err := b.reserveAny(ctx)
	if err != nil {
		return 0, err
	}
	raw, err := proto.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("encode event: %w", err)
	}
	if err := b.fanOut(ctx, fanOut{kind: kindEdit, mid: mid, raw: raw}, uids); err != nil {
		return 0, err
	}
	b.msgs.add(int64(mid), int64(actor.uid), 0, 0, int64(gid), b.now.UnixMilli(), 0, 0, raw)
	return mid, nil
}

// requestEdit serves a request that changes messages; false when it is about something else.
func (c *conn) requestEdit(req *wire.Request) bool {
	id := req.GetId()
	switch op := req.GetOp().(type) {
	case *wire.Request_Recall:
		m := op.Recall
		c.edit(id, m.GetPeer(), m.GetGroupId(), checkRecall(m), &recall{ids: m.GetIds()})
	case *wire.Request_Modify:
		m := op.Modify
		c.edit(id, m.GetPeer(), m.GetGroupId(), checkContent(m.GetContent()), &modify{id: m.GetId(), content: m.GetContent()})
	case *wire.Request_React:
		m := op.React
		c.edit(id, m.GetPeer(), m.GetGroupId(), checkEmoji(m.GetEmoji()), &react{id: m.GetId(), emoji: m.GetEmoji()})
	default:
		return false
	}
	return true
}

// edit hands a request to the writer, unless something is wrong with it.
func (c *conn) edit(id uint64, peer string, gid uint32, wrong string, a editAction) {
	if wrong != "" {
		c.refuse(id, wire.ResultBadRequest, wrong)
		return
	}
	where, ok := c.conversation(id, peer, gid)
	if !ok {
		return
	}
	c.pause(c.member.Load().reserveSend(time.Now()))
	c.submit(&editOp{c: c, request: id, actor: party{c.dev.uid, c.dev.address}, where: where, action: a})
}

// conversation looks up what a request names; when ok is false the request has been answered.
func (c *conn) conversation(id uint64, peer string, gid uint32) (v conversation, ok bool) {
	if (peer == "") == (gid == 0) {
		c.refuse(id, wire.ResultBadRequest, "either a peer or a group has to be given")
		return v, false
	}
	if gid != 0 {
		return conversation{gid: gid}, true
	}
	p, err := c.s.directory.find(peer)
	switch {
	case errors.Is(err, ErrNoUser):
		c.refuse(id, wire.ResultNoSuchUser, "nobody has this address")
		return v, false
	case err != nil:
		c.broken(err)
		return v, false
	}
	return conversation{peer: p.party}, true
}
