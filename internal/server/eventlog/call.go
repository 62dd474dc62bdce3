package eventlog

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// LiveCall is a call that has not ended, as stored, so that it outlives the process.
type LiveCall struct {
	ID             uint64
	Nonce          [wire.NonceSize]byte // of the request that started it
	Caller, Callee accounts.UserRef
	// CallerDevice and CalleeDevice are the ids of tokens; CalleeDevice is empty while nothing has answered.
	CallerDevice, CalleeDevice string
	Video                      bool
	Offer, Answer              string // Answer is empty before
	AnswerVideo                bool
	Started, Answered          int64 // ms, Answered is 0 before
}

// OpenCall stores a call that begins.
type OpenCall struct {
	Submission

	Call LiveCall

	// Over reports that the nonce is that of a call which has ended, or of a message: nothing was stored.
	Over bool
}

func (ch *OpenCall) key() record.NonceKey {
	return record.NonceKey{UID: ch.Call.Caller.UID, Nonce: ch.Call.Nonce}
}

func (ch *OpenCall) plan(b *batch) { b.plan.Nonces = append(b.plan.Nonces, ch.key()) }

func (ch *OpenCall) apply(b *batch) error { //nolint:unparam // a Change
	if _, ch.Over = b.sentBefore(ch.key()); ch.Over {
		return nil
	}
	c := &ch.Call
	// An earlier attempt may have been stored though its commit failed.
	b.update(`DELETE FROM calls WHERE caller = ? AND nonce = ?`, int64(c.Caller.UID), c.Nonce[:])
	b.update(`INSERT INTO calls(id, nonce, caller, callee, caller_device, callee_device, video, offer, answer,
		answer_video, started, answered) VALUES(?, ?, ?, ?, ?, '', ?, ?, '', 0, ?, 0)`, int64(c.ID), c.Nonce[:],
		int64(c.Caller.UID), int64(c.Callee.UID), c.CallerDevice, c.Video, c.Offer, c.Started)
	return nil
}

// DropCall removes a call that could not be opened, though it may be stored.
type DropCall struct {
	Submission

	ID uint64
}

func (ch *DropCall) apply(b *batch) error { //nolint:unparam // a Change
	b.update(`DELETE FROM calls WHERE id = ?`, int64(ch.ID))
	return nil
}

// AnswerCall stores which device has answered a call, and what.
type AnswerCall struct {
	Submission

	ID     uint64
	Device string
	Answer string
	Video  bool
	Time   int64 // ms
}

func (ch *AnswerCall) apply(b *batch) error { //nolint:unparam // a Change
	b.update(`UPDATE calls SET callee_device = ?, answer = ?, answer_video = ?, answered = ? WHERE id = ?`,
		ch.Device, ch.Answer, ch.Video, ch.Time, int64(ch.ID))
	return nil
}

// EndCall replaces a call by its record, a message from the caller to the callee. It has no effect on a call that is
// not there any more.
type EndCall struct {
	Submission

	Call     LiveCall
	Status   uint32
	Ended    int64 // ms
	Declined bool

	plannedID uint64
}

func (ch *EndCall) key() record.NonceKey {
	return record.NonceKey{UID: ch.Call.Caller.UID, Nonce: ch.Call.Nonce}
}

func (ch *EndCall) plan(b *batch) {
	ch.plannedID = wire.MessageID(b.now, ch.low(0))
	b.plan.Nonces = append(b.plan.Nonces, ch.key())
	b.plan.IDs = append(b.plan.IDs, ch.plannedID)
	b.plan.Logs = append(b.plan.Logs, ch.Call.Caller.UID, ch.Call.Callee.UID)
}

// low returns the low half of the record's message id for the n-th attempt.
func (ch *EndCall) low(n uint32) uint32 { return max(1, uint32(ch.Call.ID)+n) }

func (ch *EndCall) apply(b *batch) error {
	live := false
	err := b.tx.Query(`SELECT id FROM calls WHERE id = ?`, []any{int64(ch.Call.ID)}, func(record.Row) error {
		live = true
		return nil
	})
	if err != nil || !live {
		return err
	}
	b.update(`DELETE FROM calls WHERE id = ?`, int64(ch.Call.ID))
	for n := uint32(0); ; n++ {
		mid, ok, err := b.reserve(ch.Call.Caller.UID, ch.low(n), ch.plannedID)
		if err != nil {
			return err
		}
		if ok {
			return ch.store(b, mid)
		}
	}
}

func (ch *EndCall) store(b *batch, mid uint64) error {
	caller, callee := ch.Call.Caller, ch.Call.Callee
	m := ch.message(mid, b.now.UnixMilli())
	raw, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: m}})
	if err != nil {
		return fmt.Errorf("encode call record: %w", err)
	}
	seq, err := b.append(caller.UID, entry{kind: record.KindOwn, mid: mid, chat: record.PeerChat(callee.UID), raw: raw})
	if err != nil {
		return err
	}
	// It never expires: what happened to a call is as true a year later.
	copied := entry{kind: record.KindMessage, mid: mid, chat: record.PeerChat(caller.UID), raw: raw}
	if _, err := b.append(callee.UID, copied); err != nil {
		return err
	}
	b.addContact(pair{caller.UID, callee.UID})
	if ch.Call.Answered != 0 {
		b.addContact(pair{callee.UID, caller.UID})
	} else {
		b.queueWebhook(m, []accounts.UserRef{callee})
	}
	now := b.now.UnixMilli()
	b.msgs.Add(int64(mid), int64(caller.UID), int64(seq), int64(callee.UID), 0, now, int64(0), int64(0), raw)
	if _, taken := b.sentBefore(ch.key()); taken { // by a message that was sent during the call
		return nil
	}
	row := record.Sent{MID: mid, Seq: seq, Time: now}
	b.dedups.Add(int64(caller.UID), ch.Call.Nonce[:], int64(mid), int64(seq), now)
	b.sent[ch.key()] = row
	return nil
}

func (ch *EndCall) message(mid uint64, now int64) *wire.Message {
	return &wire.Message{
		Id: mid, From: ch.Call.Caller.Address, Peer: ch.Call.Callee.Address, Time: uint64(now), Nonce: ch.Call.Nonce[:],
		Content: &wire.Content{Call: &wire.CallRecord{
			CallId: ch.Call.ID, Video: ch.Call.Video, Status: ch.Status, Started: uint64(ch.Call.Started),
			Answered: uint64(ch.Call.Answered), Ended: uint64(ch.Ended), Declined: ch.Declined,
		}},
	}
}

// Calls returns the calls that had not ended when the server stopped.
func (l *Log) Calls(ctx context.Context) ([]LiveCall, error) {
	var calls []LiveCall
	err := l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT c.id, c.nonce, c.caller, a.address, c.callee, b.address, c.caller_device, c.callee_device,
			c.video, c.offer, c.answer, c.answer_video, c.started, c.answered
			FROM calls c JOIN users a ON a.uid = c.caller JOIN users b ON b.uid = c.callee ORDER BY c.started`, nil,
			func(row record.Row) error {
				var c LiveCall
				var id int64
				var nonce []byte
				if err := row.Scan(&id, &nonce, &c.Caller.UID, &c.Caller.Address, &c.Callee.UID, &c.Callee.Address,
					&c.CallerDevice, &c.CalleeDevice, &c.Video, &c.Offer, &c.Answer, &c.AnswerVideo, &c.Started, &c.Answered); err != nil {
					return fmt.Errorf("read calls: %w", err)
				}
				c.ID = uint64(id)
				copy(c.Nonce[:], nonce)
				calls = append(calls, c)
				return nil
			})
	})
	return calls, err
}
