package eventlog

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// A message to a user who has never written to its sender is a request, where the server is set so: until the user
// accepts the sender, by an answer or by Accept, it is the only one.

var errNotAccepted = refusal.Denied(0, "this user has not accepted your message yet")

// IsStranger reports whether a user's messages to another one have to be accepted first.
func (l *Log) IsStranger(ctx context.Context, to, sender uint32) (stranger bool, err error) {
	if !l.requests || to == sender {
		return false, nil
	}
	err = l.record.View(ctx, func(read record.Reader) error {
		known, err := isContact(read, pair{to, sender})
		stranger = !known
		return err
	})
	return stranger, err
}

// isStranger is Log.IsStranger with the changes of this batch. uid 0 is the application's backend, whom all have
// accepted.
func (b *batch) isStranger(to, sender uint32) (bool, error) {
	if !b.log.requests || to == sender || sender == 0 {
		return false, nil
	}
	known, err := b.isContact(pair{to, sender})
	return !known, err
}

// request returns the message with which a sender has asked a user, 0 if there is none.
func (b *batch) request(p pair) (mid int64, err error) {
	if mid, ok := b.requests[p]; ok {
		return mid, nil
	}
	err = b.tx.Query(`SELECT mid FROM requests WHERE uid = ? AND sender = ?`, []any{int64(p.uid), int64(p.other)},
		func(row record.Row) error {
			if err := row.Scan(&mid); err != nil {
				return fmt.Errorf("read request: %w", err)
			}
			return nil
		})
	return mid, err
}

// setRequest stores a request, or removes it if mid is 0.
func (b *batch) setRequest(p pair, mid int64) {
	b.requests[p] = mid
	b.update(`DELETE FROM requests WHERE uid = ? AND sender = ?`, int64(p.uid), int64(p.other))
	if mid != 0 {
		b.update(`INSERT INTO requests(uid, sender, mid) VALUES(?, ?, ?)`, int64(p.uid), int64(p.other), mid)
	}
}

// endRequest removes a request that has expired before the user got it, so that the sender may ask again.
func (b *batch) endRequest(p pair, mid uint64) error {
	asked, err := b.request(p)
	if err == nil && asked == int64(mid) {
		b.setRequest(p, 0)
	}
	return err
}

// Accept accepts the messages of another user.
type Accept struct {
	Submission

	UID   uint32
	Other accounts.UserRef
}

func (ch *Accept) apply(b *batch) error {
	p := pair{ch.UID, ch.Other.UID}
	if known, err := b.isContact(p); known || err != nil {
		return err
	}
	b.addContact(p)
	return b.appendBody(ch.UID, record.KindSetting, &wire.Event{Body: &wire.Event_Accept{Accept: &wire.Accept{
		Address: ch.Other.Address,
	}}})
}
