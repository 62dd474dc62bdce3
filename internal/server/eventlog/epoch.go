package eventlog

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
)

// Mark identifies an event that a device has stored.
type Mark struct {
	Seq  uint64
	ID   uint64 // of the message, 0 when it is none or not known
	Time uint64 // of another event in ms, 0 when not known
}

// Holds reports whether a log may hold an event: a mark without id and time is believed, and so is one of an event that
// has been removed or has expired.
func (l *Log) Holds(ctx context.Context, uid uint32, m Mark) (same bool, err error) {
	same = true
	err = l.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT kind, ts, coalesce(mid, 0) FROM events WHERE id = ?`
		return read.Query(query, []any{record.EventKey(uid, m.Seq)}, func(row record.Row) error {
			var (
				kind record.EventKind
				ts   uint64
				mid  int64
			)
			if err := row.Scan(&kind, &ts, &mid); err != nil {
				return fmt.Errorf("read event: %w", err)
			}
			message := kind == record.KindMessage || kind == record.KindOwn
			switch {
			case kind == record.KindGone:
			case m.ID != 0:
				same = message && uint64(mid) == m.ID
			case m.Time != 0:
				same = !message && ts == m.Time
			}
			return nil
		})
	})
	return same, err
}

// Renew gives a user's log an epoch of its own, unless another device had that done since From was read.
type Renew struct {
	Submission

	UID  uint32
	From uint64 // Position.Epoch

	Epoch uint64 // the result
}

func (r *Renew) plan(b *batch) { b.plan.Logs = append(b.plan.Logs, r.UID) }

func (r *Renew) apply(b *batch) error {
	r.Epoch = r.From
	const query = `SELECT epoch FROM heads WHERE uid = ?`
	err := b.tx.Query(query, []any{int64(r.UID)}, func(row record.Row) error { return row.Scan(&r.Epoch) })
	if err != nil {
		return fmt.Errorf("read epoch: %w", err)
	}
	if r.Epoch != r.From {
		return nil
	}
	r.Epoch = accounts.NewEpoch()
	b.update(`INSERT INTO heads(uid, last, epoch) VALUES(?, 0, ?) ON CONFLICT(uid) DO UPDATE SET epoch = excluded.epoch`,
		int64(r.UID), int64(r.Epoch))
	return nil
}
