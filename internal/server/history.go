package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// history answers with messages of one conversation that are in the user's own log.
func (c *conn) history(id uint64, m *wire.History) {
	if n := m.GetCount(); n == 0 || n > wire.MaxHistory {
		c.refuse(id, wire.ResultBadRequest, fmt.Sprintf("between 1 and %d messages are asked for", wire.MaxHistory))
		return
	}
	where, ok := c.conversation(id, m.GetPeer(), m.GetGroupId())
	if !ok {
		return
	}
	c.pause(c.member.Load().reserveSend(time.Now()))
	before := m.GetBefore()
	if head := c.member.Load().newest(); before == 0 || before > head {
		before = head + 1
	}
	var (
		reply *wire.HistoryReply
		err   error
	)
	c.s.lookups.do(func(ctx context.Context) {
		h := historian{read: readFrom(c.s.reader.WithContext(ctx)), uid: c.dev.uid, where: where}
		reply, err = h.page(before, int(m.GetCount()), !c.s.blocks.has(where.peer.uid, c.dev.uid))
	})
	if err != nil {
		c.broken(err)
		return
	}
	c.respond(&wire.Response{Id: id, Payload: &wire.Response_History{History: reply}})
	c.kick()
}

// historian reads one conversation from the log of one of its ends.
type historian struct {
	read  reading
	uid   uint32
	where conversation
}

// page reads up to count messages before an event. It walks over a bounded piece of the log, so there may be fewer, and
// more all the same.
func (h *historian) page(before uint64, count int, receipts bool) (*wire.HistoryReply, error) {
	lowest := uint64(0) // the walk ends behind this event
	if before > readChunk {
		lowest = before - readChunk - 1
	}
	reply := &wire.HistoryReply{Before: lowest + 1}
	if lowest == 0 {
		reply.Before = 0
	}
	size := 0
	err := h.messages(lowest, before, count, func(e *wire.Event, raw int) error {
		if size += raw + 16; size > maxEventsBytes && len(reply.Events) > 0 {
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
	if reply.Read, err = findReadMark(h.read, readKey{uid: h.uid, peer: h.where.peer.uid, gid: h.where.gid}); err != nil {
		return nil, err
	}
	if h.where.gid == 0 && h.where.peer.uid != h.uid && receipts {
		return reply, h.receipts(reply)
	}
	return reply, nil
}

// messages calls each for the messages of the conversation among the events (after, before), newest first.
func (h *historian) messages(after, before uint64, count int, each func(e *wire.Event, size int) error) error {
	text := `SELECT e.id, m.body FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id < ? AND e.kind IN (?, ?) AND (e.exp = 0 OR e.exp > ? OR
		e.id <= (SELECT uid << 32 | delivered FROM heads WHERE uid = ?)) AND `
	args := []any{
		eventKey(h.uid, after), eventKey(h.uid, before), int(kindMessage), int(kindOwn), time.Now().UnixMilli(), int64(h.uid),
	}
	if h.where.gid != 0 {
		text += `m.gid = ?`
		args = append(args, int64(h.where.gid))
	} else {
		text += `m.gid = 0 AND ((m.sender = ? AND m.peer = ?) OR (m.sender = ? AND m.peer = ?))`
		a, b := int64(h.uid), int64(h.where.peer.uid)
		args = append(args, a, b, b, a)
	}
	return h.read(text+` ORDER BY e.id DESC LIMIT ?`, append(args, count), func(rows *sql.Rows) error {
		var (
			id  int64
			raw []byte
		)
		if err := rows.Scan(&id, &raw); err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		var e wire.Event
		if err := proto.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		_, e.Seq = splitKey(id)
		return each(&e, len(raw))
	})
}

// receipts finds out how far the peer has the messages of this user. The peer's log tells, as far back as a bounded
// walk reaches.
func (h *historian) receipts(reply *wire.HistoryReply) error {
	peer := h.where.peer.uid
	var delivered uint64
	err := h.read(`SELECT delivered FROM heads WHERE uid = ?`, []any{int64(peer)}, func(rows *sql.Rows) error {
		return rows.Scan(&delivered)
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

// newestAmong returns the number, in this user's log, of the newest message among the peer's events up to one of which
// a receipt was wanted; 0 when there is none.
func (h *historian) newestAmong(upTo uint64, flag uint32) (uint64, error) {
	if upTo == 0 {
		return 0, nil
	}
	peer, after := h.where.peer.uid, uint64(0)
	if upTo > readChunk {
		after = upTo - readChunk
	}
	var seq uint64
	err := h.read(`SELECT m.sseq FROM events e JOIN msgs m ON m.mid = e.mid
		WHERE e.id > ? AND e.id <= ? AND e.kind = ? AND m.gid = 0 AND m.sender = ? AND m.flags & ? <> 0 ORDER BY e.id DESC LIMIT 1`,
		[]any{eventKey(peer, after), eventKey(peer, upTo), int(kindMessage), int64(h.uid), flag}, func(rows *sql.Rows) error {
			if err := rows.Scan(&seq); err != nil {
				return fmt.Errorf("find receipt: %w", err)
			}
			return nil
		})
	return seq, err
}
