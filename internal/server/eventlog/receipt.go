package eventlog

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Ack records which events a user's devices have stored. One per user in the queue is enough, because it calls UpTo for
// the newest number when it is applied.
type Ack struct {
	Submission

	User accounts.UserRef
	UpTo func() uint64 // called on the writer's goroutine
}

func (a *Ack) plan(b *batch) { b.plan.Logs = append(b.plan.Logs, a.User.UID) }

func (a *Ack) apply(b *batch) error { return b.deliver(a.User, a.UpTo()) }

// deliver raises the user's newest delivered event and sends DELIVERED receipts to the senders who requested them, one
// per sender and group.
func (b *batch) deliver(to accounts.UserRef, upTo uint64) error {
	h, err := b.state(to.UID)
	if err != nil {
		return err
	}
	upTo = min(upTo, h.last)
	if upTo <= h.delivered {
		return nil
	}
	var arrivals []arrival
	if h.delivered < h.known {
		if arrivals, err = b.undelivered(to.UID, h.delivered, min(upTo, h.known)); err != nil {
			return err
		}
	}
	arrivals = append(arrivals, h.popUpTo(upTo)...)
	if h.senders != nil {
		gone, err := countSenders(b.tx, to.UID, h.delivered, upTo)
		if err != nil {
			return err
		}
		h.senders.subtract(gone)
	}
	h.delivered = upTo
	if len(arrivals) == 0 {
		return nil // no messages: the head need not be written yet
	}
	b.touch(to.UID, h)
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
		st := &wire.Status{Status: wire.StatusDelivered, Peer: to.Address, GroupId: k.gid, UpTo: newest[k]}
		if err := b.appendReceipt(k.uid, to, st); err != nil {
			return err
		}
	}
	return nil
}

// appendReceipt sends DELIVERED or READ to a sender, unless the sender is blocked or not accepted, or has left the group. DELIVERED is
// not for those who may not know when the user is online.
func (b *batch) appendReceipt(sender uint32, from accounts.UserRef, st *wire.Status) error {
	if gid := st.GetGroupId(); gid != 0 {
		g, err := b.group(gid)
		if err != nil {
			return err
		}
		if g == nil || g.deleted || (g.find(sender) == nil && g.flags&wire.GroupSendByAnyone == 0) {
			return nil
		}
	}
	if b.isBlocked(from.UID, sender) {
		return nil
	}
	if st.GetGroupId() == 0 {
		if stranger, err := b.isStranger(from.UID, sender); stranger || err != nil {
			return err
		}
	}
	if st.GetStatus() == wire.StatusDelivered {
		if hidden, err := b.conceals(from.UID, sender); hidden || err != nil {
			return err
		}
	}
	return b.appendStatus(sender, st)
}

// undelivered reads the messages among the events (after, upTo] of a log.
func (b *batch) undelivered(uid uint32, after, upTo uint64) ([]arrival, error) {
	var list []arrival
	err := b.tx.Query(`SELECT e.id, m.sender, m.sseq, m.flags, m.gid FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? ORDER BY e.id`,
		[]any{record.EventKey(uid, after), record.EventKey(uid, upTo), int(record.KindMessage)}, func(row record.Row) error {
			var (
				a  arrival
				id int64
			)
			if err := row.Scan(&id, &a.sender, &a.sseq, &a.flags, &a.gid); err != nil {
				return fmt.Errorf("read undelivered: %w", err)
			}
			_, a.seq = record.SplitKey(id)
			list = append(list, a)
			return nil
		})
	return list, err
}

func (b *batch) appendStatus(uid uint32, st *wire.Status) error {
	st.Time = uint64(b.now.UnixMilli())
	return b.appendBody(uid, record.KindStatus, &wire.Event{Body: &wire.Event_Status{Status: st}})
}

// MarkRead marks a chat as read up to an event.
type MarkRead struct {
	Submission

	Reader accounts.UserRef
	Where  Chat
	UpTo   uint64
	// Newest is the result of Log.NewestUnread; empty if the senders are not to be told.
	Newest []Newest
}

// Newest is the newest message of one sender with a request for a read receipt.
type Newest struct {
	sender uint32
	seq    uint64 // in the reader's log
	sseq   uint64 // in the sender's
}

func (r *MarkRead) plan(b *batch) { b.plan.Logs = append(b.plan.Logs, r.Reader.UID) }

func (r *MarkRead) apply(b *batch) error {
	if err := b.deliver(r.Reader, r.UpTo); err != nil {
		return err
	}
	key := readKey{uid: r.Reader.UID, peer: r.Where.Peer.UID, gid: r.Where.GID}
	mark, err := b.readMark(key)
	if err != nil {
		return err
	}
	if r.UpTo <= mark {
		return nil
	}
	b.reads[key] = r.UpTo
	err = b.appendBody(r.Reader.UID, record.KindRead, &wire.Event{Body: &wire.Event_Read{Read: &wire.ReadMark{
		Peer: r.Where.Peer.Address, GroupId: r.Where.GID, UpTo: r.UpTo, Time: uint64(b.now.UnixMilli()),
	}}})
	if err != nil {
		return err
	}
	for _, n := range r.Newest {
		if n.seq <= mark {
			continue
		}
		st := &wire.Status{Status: wire.StatusRead, Peer: r.Reader.Address, GroupId: r.Where.GID, UpTo: n.sseq}
		if err := b.appendReceipt(n.sender, r.Reader, st); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) readMark(k readKey) (uint64, error) {
	if upTo, ok := b.reads[k]; ok {
		return upTo, nil
	}
	return findReadMark(b.tx, k)
}

func findReadMark(read record.Reader, k readKey) (uint64, error) {
	var upTo uint64
	err := read.Query(`SELECT up_to FROM reads WHERE uid = ? AND peer = ? AND gid = ?`,
		[]any{int64(k.uid), int64(k.peer), int64(k.gid)}, func(row record.Row) error {
			if err := row.Scan(&upTo); err != nil {
				return fmt.Errorf("read mark: %w", err)
			}
			return nil
		})
	return upTo, err
}

// findNewestRead finds the newest message from peer, between the current read mark and an event of the reader's log,
// that requests a read receipt. It does not run in the writer, because the log may be long and its events do not
// change.
func findNewestRead(read record.Reader, reader, peer uint32, upTo uint64) ([]Newest, error) {
	mark, err := findReadMark(read, readKey{uid: reader, peer: peer})
	if err != nil {
		return nil, err
	}
	var list []Newest
	err = read.Query(`SELECT e.id, m.sender, m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.sender = ? AND m.gid = 0 AND m.flags & ? <> 0
		ORDER BY e.id DESC LIMIT 1`,
		[]any{
			record.EventKey(reader, mark), record.EventKey(reader, upTo), int(record.KindMessage), int64(peer),
			wire.FlagReadReceipt,
		}, scanNewest(&list))
	return list, err
}

// NewestUnread returns the newest unread message of each sender in a chat, up to an event of the reader's log, that
// requests a read receipt. It reads the log in chunks.
func (l *Log) NewestUnread(ctx context.Context, reader uint32, where Chat, upTo uint64) (list []Newest, err error) {
	if where.GID == 0 {
		err = l.record.View(ctx, func(read record.Reader) error {
			list, err = findNewestRead(read, reader, where.Peer.UID, upTo)
			return err
		})
		return list, err
	}
	var after uint64
	err = l.record.View(ctx, func(read record.Reader) error {
		after, err = findReadMark(read, readKey{uid: reader, gid: where.GID})
		return err
	})
	newest := make(map[uint32]Newest)
	for err == nil && after < upTo {
		to := min(after+readChunk, upTo)
		err = l.record.View(ctx, func(read record.Reader) error {
			list, err = findNewestReadInGroup(read, reader, where.GID, after, to)
			return err
		})
		for _, n := range list {
			newest[n.sender] = n
		}
		after = to
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b Newest) int { return cmp.Compare(a.seq, b.seq) }), err
}

// readChunk is how many entries of a log one query scans.
const readChunk = 20_000

// findNewestReadInGroup is findNewestRead for the messages (after, upTo] of a group, with one entry for each sender.
func findNewestReadInGroup(read record.Reader, reader, gid uint32, after, upTo uint64) ([]Newest, error) {
	var list []Newest
	err := read.Query(`SELECT n.id, m.sender, m.sseq FROM (
			SELECT max(e.id) AS id FROM events e JOIN msgs m ON m.mid = e.mid
			WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.gid = ? AND m.flags & ? <> 0 GROUP BY m.sender) n
		JOIN events e ON e.id = n.id JOIN msgs m ON m.mid = e.mid`,
		[]any{
			record.EventKey(reader, after), record.EventKey(reader, upTo), int(record.KindMessage), int64(gid),
			wire.FlagReadReceipt,
		}, scanNewest(&list))
	return list, err
}

func scanNewest(list *[]Newest) func(record.Row) error {
	return func(row record.Row) error {
		var (
			n  Newest
			id int64
		)
		if err := row.Scan(&id, &n.sender, &n.sseq); err != nil {
			return fmt.Errorf("find newest message: %w", err)
		}
		_, n.seq = record.SplitKey(id)
		*list = append(*list, n)
		return nil
	}
}
