package eventlog

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// errPageFull ends the reading of a table.
var errPageFull = errors.New("the page is full")

// History returns up to count messages of one chat before an event of a user's log and, if receipts is true, how far
// the peer has received and read the user's messages.
func (l *Log) History(
	ctx context.Context, uid uint32, where Chat, before uint64, count int, receipts bool,
) (*wire.HistoryReply, error) {
	var reply *wire.HistoryReply
	err := l.record.View(ctx, func(read record.Reader) (err error) {
		h := historyReader{read: read, now: l.sweeper.deadlines.read(), uid: uid, where: where}
		if reply, err = h.page(before, count, receipts); err != nil || reply.GetPeerDelivered() == 0 {
			return err
		}
		if hidden, err := l.conceals(read, where.Peer.UID, uid); hidden || err != nil {
			reply.PeerDelivered = reply.GetPeerRead()
			return err
		}
		return nil
	})
	return reply, err
}

// historyReader reads one chat from the log of user uid.
type historyReader struct {
	read  record.Reader
	now   moment
	uid   uint32
	where Chat
}

// page reads up to count messages before an event. It scans a bounded part of the log, so it may return fewer even if
// there are more.
func (h *historyReader) page(before uint64, count int, receipts bool) (*wire.HistoryReply, error) {
	lowest := uint64(0) // the scan ends after this event
	if before > readChunk {
		lowest = before - readChunk - 1
	}
	reply := &wire.HistoryReply{Before: lowest + 1}
	floor, err := h.floor()
	if err != nil {
		return nil, err
	}
	if lowest <= floor {
		reply.Before = 0
	}
	size := 0
	err = h.messages(lowest, before, count, func(e *wire.Event, raw int) error {
		if size += raw + 16; size > MaxEventsBytes && len(reply.Events) > 0 {
			return errPageFull
		}
		reply.Events = append(reply.Events, e)
		return nil
	})
	full := errors.Is(err, errPageFull)
	if err != nil && !full {
		return nil, err
	}
	if n := len(reply.Events); full || n == count {
		reply.Before = reply.Events[n-1].GetSeq()
	}
	slices.Reverse(reply.Events)
	key := readKey{uid: h.uid, peer: h.where.Peer.UID, gid: h.where.GID}
	if reply.Read, err = findReadMark(h.read, key); err != nil {
		return nil, err
	}
	if h.where.GID == 0 && h.where.Peer.UID != h.uid && receipts {
		return reply, h.receipts(reply)
	}
	return reply, nil
}

// floor returns the number of the last event that is no longer kept.
func (h *historyReader) floor() (floor uint64, err error) {
	err = h.read.Query(`SELECT floor FROM heads WHERE uid = ?`, []any{int64(h.uid)}, func(row record.Row) error {
		return row.Scan(&floor)
	})
	if err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	return floor, nil
}

// messages calls each for the messages of the chat among the events (after, before), newest first.
func (h *historyReader) messages(after, before uint64, count int, each func(e *wire.Event, size int) error) error {
	text := `SELECT e.id, coalesce(` + bodyFor + `, m.body) FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id < ? AND e.kind IN (?, ?) AND (e.exp = 0 OR e.exp > ? OR (e.exp > ? AND e.ts < ?) OR
		e.id <= (SELECT CAST(uid AS BIGINT) << 32 | delivered FROM heads WHERE uid = ?)) AND `
	args := []any{
		int64(h.uid), record.EventKey(h.uid, after), record.EventKey(h.uid, before), int(record.KindMessage), int(record.KindOwn),
		h.now.now, h.now.before, h.now.from, int64(h.uid),
	}
	if h.where.GID != 0 {
		text += `m.gid = ?`
		args = append(args, int64(h.where.GID))
	} else {
		text += `m.gid = 0 AND ((m.sender = ? AND m.peer = ?) OR (m.sender = ? AND m.peer = ?))`
		a, b := int64(h.uid), int64(h.where.Peer.UID)
		args = append(args, a, b, b, a)
	}
	return h.read.Query(text+` ORDER BY e.id DESC LIMIT ?`, append(args, count), func(row record.Row) error {
		var (
			id  int64
			raw []byte
		)
		if err := row.Scan(&id, &raw); err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		var e wire.Event
		if err := proto.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		_, e.Seq = record.SplitKey(id)
		return each(&e, len(raw))
	})
}

// receipts sets how far the peer has received and read the messages of this user. It scans a bounded part of the
// peer's log.
func (h *historyReader) receipts(reply *wire.HistoryReply) error {
	peer := h.where.Peer.UID
	var delivered uint64
	err := h.read.Query(`SELECT delivered FROM heads WHERE uid = ?`, []any{int64(peer)}, func(row record.Row) error {
		return row.Scan(&delivered)
	})
	if err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	if reply.PeerDelivered, err = h.newestAmong(delivered, wire.FlagDeliveryReceipt); err != nil {
		return err
	}
	read, err := findReadMark(h.read, readKey{uid: peer, peer: h.uid})
	if err != nil {
		return err
	}
	reply.PeerRead, err = h.newestAmong(read, wire.FlagReadReceipt)
	return err
}

// newestAmong returns the newest message of this user, by its number in this user's log, among the peer's events up to
// upTo that requested a receipt with flag; 0 if there is none.
func (h *historyReader) newestAmong(upTo uint64, flag uint32) (uint64, error) {
	if upTo == 0 {
		return 0, nil
	}
	peer, after := h.where.Peer.UID, uint64(0)
	if upTo > readChunk {
		after = upTo - readChunk
	}
	var seq uint64
	err := h.read.Query(`SELECT m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.gid = 0 AND m.sender = ? AND m.flags & ? <> 0
		ORDER BY e.id DESC LIMIT 1`,
		[]any{record.EventKey(peer, after), record.EventKey(peer, upTo), int(record.KindMessage), int64(h.uid), flag},
		func(row record.Row) error {
			if err := row.Scan(&seq); err != nil {
				return fmt.Errorf("find receipt: %w", err)
			}
			return nil
		})
	return seq, err
}
