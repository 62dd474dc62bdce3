package server

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
)

// ackChange makes known that a user's devices have stored what they acknowledged. There is at most one in the queue
// per connected user; it takes the newest number when it is applied.
type ackChange struct {
	c *conn
	m *member
}

func (a *ackChange) origin() *conn { return a.c }

func (a *ackChange) plan(*batch) {}

func (a *ackChange) apply(ctx context.Context, b *batch) error {
	return b.deliver(ctx, party{a.m.uid, a.c.dev.address}, a.m.takeAck())
}

func (a *ackChange) finish(err error) {
	if err != nil {
		// The client's next Hello brings the cursor again.
		a.m.dropAck()
		a.c.storageFailure()
	}
}

// deliver raises what the user's devices have stored, and tells the senders who asked. Several messages of one sender
// make one status.
func (b *batch) deliver(ctx context.Context, to party, upTo uint64) error {
	h, err := b.head(ctx, to.uid)
	if err != nil {
		return err
	}
	upTo = min(upTo, h.last)
	if upTo <= h.delivered {
		return nil
	}
	var arrivals []arrival
	if h.delivered < h.known {
		if arrivals, err = b.undelivered(ctx, to.uid, h.delivered, min(upTo, h.known)); err != nil {
			return err
		}
	}
	arrivals = append(arrivals, h.take(upTo)...)
	h.delivered = upTo
	if len(arrivals) == 0 {
		return nil // nothing but events that nobody waits to hear of: memory is enough
	}
	b.touch(to.uid, h)
	var order []readKey // sender and group
	newest := make(map[readKey]uint64)
	for _, a := range arrivals {
		if a.flags&wire.FlagDeliveryReceipt == 0 {
			continue
		}
		k := readKey{uid: a.sender, gid: a.gid}
		if _, ok := newest[k]; !ok {
			order = append(order, k)
		}
		newest[k] = max(newest[k], a.sseq)
	}
	for _, k := range order {
		st := &wire.Status{Status: wire.StatusDelivered, Peer: to.address, GroupId: k.gid, UpTo: newest[k]}
		if err := b.appendReceipt(ctx, k.uid, to, st); err != nil {
			return err
		}
	}
	return nil
}

// appendReceipt tells a sender of DELIVERED or READ, if the sender is to know: one who is blocked is not told, nor one
// who is no longer in the group.
func (b *batch) appendReceipt(ctx context.Context, sender uint32, from party, st *wire.Status) error {
	if gid := st.GetGroupId(); gid != 0 {
		g, err := b.group(ctx, gid)
		if err != nil {
			return err
		}
		if g == nil || g.deleted || (g.find(sender) == nil && g.flags&wire.GroupSendByAnyone == 0) {
			return nil
		}
	} else if b.isBlocked(from.uid, sender) {
		return nil
	}
	return b.appendStatus(ctx, sender, st)
}

// undelivered reads the messages among the events (after, upTo] of a log.
func (b *batch) undelivered(ctx context.Context, uid uint32, after, upTo uint64) ([]arrival, error) {
	var list []arrival
	err := b.query(ctx, `SELECT e.id, m.sender, m.sseq, m.flags, m.gid FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? ORDER BY e.id`,
		[]any{eventKey(uid, after), eventKey(uid, upTo), int(kindMessage)}, func(rows *sql.Rows) error {
			var (
				a  arrival
				id int64
			)
			if err := rows.Scan(&id, &a.sender, &a.sseq, &a.flags, &a.gid); err != nil {
				return fmt.Errorf("read undelivered: %w", err)
			}
			_, a.seq = splitKey(id)
			list = append(list, a)
			return nil
		})
	return list, err
}

func (b *batch) appendStatus(ctx context.Context, uid uint32, st *wire.Status) error {
	st.Time = uint64(b.now.UnixMilli())
	return b.appendBody(ctx, uid, kindStatus, &wire.Event{Body: &wire.Event_Status{Status: st}})
}

// readChange marks a conversation as read.
type readChange struct {
	c       *conn
	request uint64
	reader  party
	peer    party  // of a one-to-one conversation
	gid     uint32 // of a group
	upTo    uint64
	newest  []newestRead
}

// newestRead is the newest message of one sender who wants to know that it was read.
type newestRead struct {
	sender uint32
	seq    uint64 // in the reader's log
	sseq   uint64 // in the sender's
}

func (r *readChange) origin() *conn { return r.c }

func (r *readChange) plan(*batch) {}

func (r *readChange) apply(ctx context.Context, b *batch) error {
	if err := b.deliver(ctx, r.reader, r.upTo); err != nil {
		return err
	}
	key := readKey{uid: r.reader.uid, peer: r.peer.uid, gid: r.gid}
	mark, err := b.readMark(ctx, key)
	if err != nil {
		return err
	}
	if r.upTo <= mark {
		return nil
	}
	b.reads[key] = r.upTo
	err = b.appendBody(ctx, r.reader.uid, kindRead, &wire.Event{Body: &wire.Event_Read{Read: &wire.ReadMark{
		Peer: r.peer.address, GroupId: r.gid, UpTo: r.upTo, Time: uint64(b.now.UnixMilli()),
	}}})
	if err != nil {
		return err
	}
	for _, n := range r.newest {
		if n.seq <= mark {
			continue
		}
		st := &wire.Status{Status: wire.StatusRead, Peer: r.reader.address, GroupId: r.gid, UpTo: n.sseq}
		if err := b.appendReceipt(ctx, n.sender, r.reader, st); err != nil {
			return err
		}
	}
	return nil
}

func (r *readChange) finish(err error) {
	if err != nil {
		r.c.storageFailure()
		return
	}
	r.c.respond(&wire.Response{Id: r.request, Payload: &wire.Response_MarkRead{MarkRead: &wire.MarkReadReply{}}})
}

func (b *batch) readMark(ctx context.Context, k readKey) (uint64, error) {
	if upTo, ok := b.reads[k]; ok {
		return upTo, nil
	}
	return findReadMark(b.reading(ctx), k)
}

func findReadMark(read reading, k readKey) (uint64, error) {
	var upTo uint64
	err := read(`SELECT up_to FROM reads WHERE uid = ? AND peer = ? AND gid = ?`,
		[]any{int64(k.uid), int64(k.peer), int64(k.gid)}, func(rows *sql.Rows) error {
			if err := rows.Scan(&upTo); err != nil {
				return fmt.Errorf("read mark: %w", err)
			}
			return nil
		})
	return upTo, err
}

// findNewestRead looks for the newest message from peer in the reader's log, up to an event and after what is marked
// as read already, whose sender asked for a read receipt. It runs on the reader's connection, not in the writer: the
// log may be long, and what it reads cannot change.
func findNewestRead(read reading, reader, peer uint32, upTo uint64) ([]newestRead, error) {
	mark, err := findReadMark(read, readKey{uid: reader, peer: peer})
	if err != nil {
		return nil, err
	}
	var list []newestRead
	err = read(`SELECT e.id, m.sender, m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.sender = ? AND m.gid = 0 AND m.flags & ? <> 0
		ORDER BY e.id DESC LIMIT 1`,
		[]any{eventKey(reader, mark), eventKey(reader, upTo), int(kindMessage), int64(peer), wire.FlagReadReceipt},
		scanNewest(&list))
	return list, err
}

// readChunk is how many entries of a log one lookup walks over.
const readChunk = 20_000

// findNewestReadInGroup is findNewestRead for the messages (after, upTo] of a group, one entry for each sender. The
// caller goes from chunk to chunk.
func findNewestReadInGroup(read reading, reader, gid uint32, after, upTo uint64) ([]newestRead, error) {
	var list []newestRead
	err := read(`SELECT max(e.id), m.sender, m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.gid = ? AND m.flags & ? <> 0 GROUP BY m.sender`,
		[]any{eventKey(reader, after), eventKey(reader, upTo), int(kindMessage), int64(gid), wire.FlagReadReceipt},
		scanNewest(&list))
	return list, err
}

func scanNewest(list *[]newestRead) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var (
			n  newestRead
			id int64
		)
		if err := rows.Scan(&id, &n.sender, &n.sseq); err != nil {
			return fmt.Errorf("find newest message: %w", err)
		}
		_, n.seq = splitKey(id)
		*list = append(*list, n)
		return nil
	}
}
