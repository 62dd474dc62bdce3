package server

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/wire"
)

// sentKey names a message by its sender and the sender's nonce.
type sentKey struct {
	uid   uint32
	nonce [wire.NonceSize]byte
}

// sentRow is the answer that a message was given.
type sentRow struct {
	mid  uint64
	seq  uint64
	time int64
}

// sendChange takes a message.
type sendChange struct {
	c       *conn
	request uint64
	send    *wire.Send
	sender  party
	peer    *party                   // nil: nobody has the address, or the message is for a group
	done    func(*sendChange, error) // not nil: told instead of c, which is nil then

	file   fileID // of this server, that the message carries
	reply  *wire.SendReply
	reason string // why the request is refused altogether
}

func (s *sendChange) origin() *conn { return s.c }

func (s *sendChange) key() sentKey {
	k := sentKey{uid: s.sender.uid}
	copy(k.nonce[:], s.send.GetNonce())
	return k
}

func (s *sendChange) plan(b *batch) {
	b.wanted = append(b.wanted, s.key())
	b.wantMID = append(b.wantMID, wire.MessageID(b.now, s.send.GetId()))
}

func (s *sendChange) apply(ctx context.Context, b *batch) error {
	key := s.key()
	if first, ok := b.sent[key]; ok {
		s.accept(first)
		return nil
	}
	if s.send.GetGroupId() != 0 {
		return s.applyGroup(ctx, b, key)
	}
	if s.peer == nil {
		s.refuse(wire.StatusInvalidDest, b.now)
		return nil
	}
	if s.peer.uid != s.sender.uid {
		if b.isBlocked(s.peer.uid, s.sender.uid) {
			s.refuse(wire.StatusBlocked, b.now)
			return nil
		}
		h, err := b.head(ctx, s.peer.uid)
		if err != nil {
			return err
		}
		if b.full(h) {
			s.refuse(wire.StatusInboxFull, b.now)
			return nil
		}
		if s.send.GetExpiry() == 0 && !b.w.hub.online(s.peer.uid) {
			s.refuse(wire.StatusUserOffline, b.now)
			return nil
		}
	}
	mid, ok, err := s.reserve(ctx, b)
	if err != nil || !ok {
		return err
	}
	return s.store(ctx, b, key, mid)
}

// reserve finds the message's id. When there is none, or the message carries a file that it may not, the request is
// refused.
func (s *sendChange) reserve(ctx context.Context, b *batch) (mid uint64, ok bool, err error) {
	s.file, s.reason, err = b.fileFor(ctx, s.sender.uid, s.send.GetContent().GetFile().GetUrl())
	if err != nil || s.reason != "" {
		return 0, false, err
	}
	mid, ok, err = b.reserve(ctx, s.send.GetId())
	if err == nil && !ok {
		s.reason = "the message id has been used too often in the last minute"
	}
	return mid, ok, err
}

// full tells whether nothing more may wait for a user.
func (b *batch) full(h *head) bool { return h.last-h.delivered >= b.w.limit || h.last >= 1<<seqBits-2 }

// store notes the rows of a new message.
func (s *sendChange) store(ctx context.Context, b *batch, key sentKey, mid uint64) error {
	now := b.now.UnixMilli()
	own := s.peer.uid == s.sender.uid
	var exp int64
	if !own {
		exp = b.now.Add(lifetime(s.send.GetExpiry(), b.w.online)).UnixMilli()
	}
	m := s.message(mid, now, exp)
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	seq, err := b.append(ctx, s.sender.uid, entry{kind: kindOwn, mid: mid, raw: raw})
	if err != nil {
		return err
	}
	if !own {
		peerSeq, err := b.append(ctx, s.peer.uid, entry{kind: kindMessage, mid: mid, exp: exp, raw: raw})
		if err != nil {
			return err
		}
		h, err := b.head(ctx, s.peer.uid)
		if err != nil {
			return err
		}
		h.arrived(arrival{seq: peerSeq, sender: s.sender.uid, sseq: seq, flags: s.send.GetFlags()})
		b.hook(m, []party{*s.peer})
		b.meet(pair{s.sender.uid, s.peer.uid})
	}
	b.msgs.add(int64(mid), int64(s.sender.uid), int64(seq), int64(s.peer.uid), 0, now, exp, int64(s.send.GetFlags()), raw)
	b.addRef(refMessage, int64(mid), s.file, exp)
	s.stored(b, key, &sentRow{mid: mid, seq: seq, time: now})
	return nil
}

// stored notes the answer for repeats.
func (s *sendChange) stored(b *batch, key sentKey, row *sentRow) {
	b.dedups.add(int64(key.uid), key.nonce[:], int64(row.mid), int64(row.seq), row.time)
	b.sent[key] = row
	s.accept(row)
}

// meet notes that one user has written to another.
func (b *batch) meet(p pair) {
	if _, ok := b.w.met[p]; ok || slices.Contains(b.met, p) {
		return
	}
	b.met = append(b.met, p)
	b.contacts.add(int64(p.uid), int64(p.other))
}

// lifetime is how long a message waits for its recipient.
func lifetime(expiry int32, online time.Duration) time.Duration {
	switch {
	case expiry < 0:
		return wire.DefaultExpiry
	case expiry == 0:
		return online
	default:
		return time.Duration(expiry) * time.Second
	}
}

func (s *sendChange) message(mid uint64, now, exp int64) *wire.Message {
	m := &wire.Message{
		Id:      mid,
		From:    s.sender.address,
		GroupId: s.send.GetGroupId(),
		Flags:   s.send.GetFlags(),
		Type:    s.send.GetType(),
		RefId:   s.send.GetRefId(),
		Time:    uint64(now),
		Expires: uint64(exp),
		Content: s.send.GetContent(),
		Nonce:   s.send.GetNonce(),
	}
	if s.peer != nil {
		m.Peer = s.peer.address
	}
	return m
}

func (s *sendChange) accept(first *sentRow) {
	s.reply = &wire.SendReply{Status: wire.StatusSent, Id: first.mid, Time: uint64(first.time), Seq: first.seq}
}

func (s *sendChange) refuse(status uint32, now time.Time) {
	s.reply = &wire.SendReply{Status: status, Id: wire.MessageID(now, s.send.GetId()), Time: uint64(now.UnixMilli())}
}

func (s *sendChange) finish(err error) {
	switch {
	case s.done != nil:
		s.done(s, err)
	case err != nil:
		s.c.storageFailure()
	case s.reason != "":
		s.c.respond(&wire.Response{Id: s.request, Result: wire.ResultBadRequest, Reason: s.reason})
	default:
		s.c.s.metrics.message(s.reply.GetStatus())
		s.c.respond(&wire.Response{Id: s.request, Payload: &wire.Response_Send{Send: s.reply}})
	}
}

// lookupSent finds the answers that the batch's messages were given when they were sent before.
func (b *batch) lookupSent(ctx context.Context) error {
	if len(b.wanted) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(b.wanted))
	for _, k := range b.wanted {
		args = append(args, int64(k.uid), k.nonce[:])
	}
	text := `SELECT uid, nonce, mid, seq, ts FROM dedups WHERE (uid, nonce) IN (VALUES (?,?)` +
		strings.Repeat(",(?,?)", len(b.wanted)-1) + `)`
	return b.query(ctx, text, args, func(rows *sql.Rows) error {
		var (
			key   sentKey
			nonce []byte
			mid   int64
			row   sentRow
		)
		if err := rows.Scan(&key.uid, &nonce, &mid, &row.seq, &row.time); err != nil {
			return fmt.Errorf("look up nonces: %w", err)
		}
		copy(key.nonce[:], nonce)
		row.mid = uint64(mid)
		b.sent[key] = &row
		return nil
	})
}
