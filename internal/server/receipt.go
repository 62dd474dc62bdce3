package server

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"

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
	var order []uint32
	newest := make(map[uint32]uint64)
	for _, a := range arrivals {
		if a.flags&wire.FlagDeliveryReceipt == 0 {
			continue
		}
		if _, ok := newest[a.sender]; !ok {
			order = append(order, a.sender)
		}
		newest[a.sender] = max(newest[a.sender], a.sseq)
	}
	for _, sender := range order {
		if err := b.appendStatus(ctx, sender, &wire.Status{Status: wire.StatusDelivered, Peer: to.address, UpTo: newest[sender]}); err != nil {
			return err
		}
	}
	return nil
}

// undelivered reads the messages among the events (after, upTo] of a log.
func (b *batch) undelivered(ctx context.Context, uid uint32, after, upTo uint64) ([]arrival, error) {
	var list []arrival
	err := b.query(ctx, `SELECT e.id, m.sender, m.sseq, m.flags FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? ORDER BY e.id`,
		[]any{eventKey(uid, after), eventKey(uid, upTo), int(kindMessage)}, func(rows *sql.Rows) error {
			var (
				a  arrival
				id int64
			)
			if err := rows.Scan(&id, &a.sender, &a.sseq, &a.flags); err != nil {
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
	peer    party
	upTo    uint64
	newest  newestRead
}

// newestRead is the newest message of a conversation whose sender wants to know that it was read.
type newestRead struct {
	seq  uint64 // in the reader's log; 0: there is none
	sseq uint64 // in the sender's
}

func (r *readChange) origin() *conn { return r.c }

func (r *readChange) plan(*batch) {}

func (r *readChange) apply(ctx context.Context, b *batch) error {
	if err := b.deliver(ctx, r.reader, r.upTo); err != nil {
		return err
	}
	key := readKey{uid: r.reader.uid, peer: r.peer.uid}
	mark, err := b.readMark(ctx, key)
	if err != nil {
		return err
	}
	if r.upTo <= mark {
		return nil
	}
	b.reads[key] = r.upTo
	err = b.appendBody(ctx, r.reader.uid, kindRead, &wire.Event{Body: &wire.Event_Read{Read: &wire.ReadMark{
		Peer: r.peer.address, UpTo: r.upTo, Time: uint64(b.now.UnixMilli()),
	}}})
	if err != nil {
		return err
	}
	if r.newest.seq <= mark {
		return nil
	}
	return b.appendStatus(ctx, r.peer.uid, &wire.Status{Status: wire.StatusRead, Peer: r.reader.address, UpTo: r.newest.sseq})
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
	var upTo uint64
	err := b.query(ctx, `SELECT up_to FROM reads WHERE uid = ? AND peer = ? AND gid = ?`,
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
func findNewestRead(db *gorm.DB, reader, peer uint32, upTo uint64) (newestRead, error) {
	var mark uint64
	err := db.Raw(`SELECT up_to FROM reads WHERE uid = ? AND peer = ? AND gid = 0`, reader, peer).Scan(&mark).Error
	if err != nil {
		return newestRead{}, fmt.Errorf("read mark: %w", err)
	}
	var rows []struct {
		ID   int64 `gorm:"column:id"`
		Sseq uint64
	}
	err = db.Raw(`SELECT e.id, m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.sender = ? AND m.flags & ? <> 0 ORDER BY e.id DESC LIMIT 1`,
		eventKey(reader, mark), eventKey(reader, upTo), int(kindMessage), peer, wire.FlagReadReceipt).Scan(&rows).Error
	if err != nil {
		return newestRead{}, fmt.Errorf("find newest message: %w", err)
	}
	if len(rows) == 0 {
		return newestRead{}, nil
	}
	_, seq := splitKey(rows[0].ID)
	return newestRead{seq: seq, sseq: rows[0].Sseq}, nil
}
