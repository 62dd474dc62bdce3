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

// mostStretches is how many stretches of a log are looked through for one request.
const mostStretches = 80

// History returns up to count messages of one chat before an event of a user's log and, if receipts is true, how far
// the peer has received and read the user's messages. looked is how many events it has looked at.
func (l *Log) History(
	ctx context.Context, uid uint32, where Chat, before uint64, count int, receipts bool,
) (reply *wire.HistoryReply, looked int, err error) {
	err = l.record.View(ctx, func(read record.Reader) (err error) {
		h := historyReader{read: read, now: l.sweeper.deadlines.read(), uid: uid, where: where}
		reply, err = h.page(before, count, receipts)
		if looked = h.looked; err != nil || reply.GetPeerDelivered() == 0 {
			return err
		}
		if hidden, err := l.conceals(read, where.Peer.UID, uid); hidden || err != nil {
			reply.PeerDelivered = reply.GetPeerRead()
			return err
		}
		return nil
	})
	return reply, looked, err
}

// historyReader reads one chat from the log of user uid.
type historyReader struct {
	read  record.Reader
	now   moment
	uid   uint32
	where Chat

	looked int // events
}

// page reads up to count messages before an event. It looks through a bounded part of the log, so it may return fewer
// even if there are more.
func (h *historyReader) page(before uint64, count int, receipts bool) (*wire.HistoryReply, error) {
	reply := &wire.HistoryReply{}
	size := 0
	lowest, err := h.messages(before, count, func(e *wire.Event, raw int) error {
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
	reply.Before = lowest
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

// stretchQuery has the stretches of a log in which there are messages of a chat, newest first.
const stretchQuery = `SELECT stretch FROM stretches WHERE uid = ? AND chat = ? AND stretch <= ? ORDER BY stretch DESC LIMIT ?`

// stretches returns at most so many stretches of a user's log up to an event.
func stretches(read record.Reader, uid uint32, chat int64, upTo uint64, most int) (list []uint64, err error) {
	args := []any{int64(uid), chat, int64(record.Stretch(upTo)), most}
	err = read.Query(stretchQuery, args, func(row record.Row) error {
		var n uint64
		if err := row.Scan(&n); err != nil {
			return fmt.Errorf("find chat: %w", err)
		}
		list = append(list, n)
		return nil
	})
	return list, err
}

// messages calls each for up to count messages of the chat before an event, newest first. It returns the event before
// which there may be more, 0 if there are none.
func (h *historyReader) messages(
	before uint64, count int, each func(e *wire.Event, size int) error,
) (lowest uint64, err error) {
	chat := record.PeerChat(h.where.Peer.UID)
	if h.where.GID != 0 {
		chat = record.GroupChat(h.where.GID)
	}
	list, err := stretches(h.read, h.uid, chat, before, mostStretches)
	if err != nil {
		return 0, err
	}
	for _, n := range list {
		from, to := record.StretchStart(n), min(record.StretchStart(n+1), before)
		h.looked += int(to - from)
		found, err := h.inStretch(from, to, count, each)
		if count -= found; err != nil || count == 0 {
			return from, err
		}
	}
	if len(list) < mostStretches {
		return 0, nil
	}
	return record.StretchStart(list[len(list)-1]), nil
}

// historyQuery has the messages of a part of a log that the user may see: not those that expired before they were
// delivered.
const historyQuery = `SELECT e.id, coalesce(` + bodyFor + `, m.body) FROM events e JOIN msgs m ON m.mid = e.mid
	WHERE e.id >= ? AND e.id < ? AND e.kind IN (?, ?) AND (e.exp = 0 OR e.exp > ? OR (e.exp > ? AND e.ts < ?) OR
	e.id <= (SELECT CAST(uid AS BIGINT) << 32 | delivered FROM heads WHERE uid = ?)) AND `

// inStretch calls each for up to count messages of the chat among the events [from, to), newest first.
func (h *historyReader) inStretch(
	from, to uint64, count int, each func(e *wire.Event, size int) error,
) (found int, err error) {
	text := historyQuery
	args := []any{
		int64(h.uid), record.EventKey(h.uid, from), record.EventKey(h.uid, to), int(record.KindMessage), int(record.KindOwn),
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
	err = h.read.Query(text+` ORDER BY e.id DESC LIMIT ?`, append(args, count), func(row record.Row) error {
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
		found++
		return each(&e, len(raw))
	})
	return found, err
}

// receipts sets how far the peer has received and read the messages of this user.
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

// receiptStretches is how many stretches of the peer's log are looked through for a message that requested a receipt.
// Nearly all of the others do.
const receiptStretches = 4

// newestAmong returns the newest message of this user, by its number in this user's log, among the peer's events up to
// upTo that requested a receipt with flag; 0 if there is none.
func (h *historyReader) newestAmong(upTo uint64, flag uint32) (seq uint64, err error) {
	if upTo == 0 {
		return 0, nil
	}
	peer := h.where.Peer.UID
	list, err := stretches(h.read, peer, record.PeerChat(h.uid), upTo, receiptStretches)
	for _, n := range list {
		if err != nil || seq != 0 {
			break
		}
		from, to := record.StretchStart(n), min(record.StretchStart(n+1)-1, upTo)
		h.looked += int(to - from)
		err = h.read.Query(`SELECT m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
			WHERE e.id >= ? AND e.id <= ? AND e.kind = ? AND m.gid = 0 AND m.sender = ? AND m.flags & ? <> 0
			ORDER BY e.id DESC LIMIT 1`,
			[]any{record.EventKey(peer, from), record.EventKey(peer, to), int(record.KindMessage), int64(h.uid), flag},
			func(row record.Row) error {
				if err := row.Scan(&seq); err != nil {
					return fmt.Errorf("find receipt: %w", err)
				}
				return nil
			})
	}
	return seq, err
}
