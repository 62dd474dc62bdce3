package eventlog

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// MaxEventsBytes is the maximum size of the events in one frame; it keeps the frame under wire.MaxFrame. A single event
// is always smaller, because a text is at most wire.MaxText.
const MaxEventsBytes = wire.MaxFrame - 16<<10

// ErrTrimmed is returned by Read if the events after a number are no longer kept. A new Hello goes on behind them.
var ErrTrimmed = errors.New("the events between are no longer kept")

// goneEvent is an encoded Gone.
var goneEvent, _ = proto.Marshal(&wire.Event{Body: &wire.Event_Gone{Gone: &wire.Gone{}}})

// errStop ends a query.
var errStop = errors.New("enough")

// Read encodes up to n events of a log after event after, and returns the number of the last. It stops before an
// expired message that no device has stored, and wakes the sweeper to decide on it.
func (l *Log) Read(ctx context.Context, uid uint32, after uint64, n int) (body []byte, last uint64, err error) {
	last = after
	var due int64
	err = l.record.View(ctx, func(read record.Reader) error {
		body, last, due, err = readLog(read, l.sweeper.deadlines.read(), uid, after, n)
		return err
	})
	if err != nil {
		return nil, after, err
	}
	if due != 0 {
		l.sweeper.wakeAt(due)
	}
	return body, last, nil
}

func readLog(
	read record.Reader, now moment, uid uint32, after uint64, n int,
) (body []byte, last uint64, due int64, err error) {
	head := record.Head{}
	last = after
	// A subquery per event, not a join: the planner must not scan all messages.
	err = read.Query(`SELECT e.id, e.ts, e.exp, coalesce(e.body, `+bodyFor+`, (SELECT m.body FROM msgs m WHERE m.mid = e.mid))
		FROM events e WHERE e.id > ? AND e.id <= ? ORDER BY e.id LIMIT ?`,
		[]any{int64(uid), record.EventKey(uid, after), record.EventKey(uid+1, 0) - 1, n}, func(row record.Row) error {
			var (
				id, ts, exp int64
				raw         []byte
			)
			if err := row.Scan(&id, &ts, &exp, &raw); err != nil {
				return fmt.Errorf("read log: %w", err)
			}
			_, seq := record.SplitKey(id)
			if exp != 0 && now.passed(exp, ts) {
				if head.Last == 0 {
					if head, err = readHead(read, uid); err != nil {
						return err
					}
				}
				if seq > head.Delivered {
					due = exp
					return errStop
				}
			}
			if raw == nil { // the message was removed for its age, while the clock had gone back
				raw = goneEvent
			}
			if len(body)+len(raw) > MaxEventsBytes {
				return errStop
			}
			if seq != last+1 {
				return fmt.Errorf("log of user %d: event %d follows on %d: %w", uid, seq, last, ErrTrimmed)
			}
			body = wire.AppendEvent(body, seq, raw)
			last = seq
			return nil
		})
	if errors.Is(err, errStop) {
		err = nil
	}
	return body, last, due, err
}

func readHead(read record.Reader, uid uint32) (h record.Head, err error) {
	err = read.Query(`SELECT last, delivered FROM heads WHERE uid = ?`, []any{int64(uid)}, func(row record.Row) error {
		return row.Scan(&h.Last, &h.Delivered)
	})
	if err != nil {
		return h, fmt.Errorf("read head: %w", err)
	}
	return h, nil
}

// Position is the extent of a log.
type Position struct {
	record.Head

	Floor uint64 // events up to it have been removed
	Epoch uint64 // of this log alone, 0 for that of the server
}

// Position returns the extent of a user's log and the newest revision of profiles and groups.
func (l *Log) Position(ctx context.Context, uid uint32) (p Position, revision uint64, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		err := read.Query(`SELECT last, floor, delivered, epoch FROM heads WHERE uid = ?`, []any{int64(uid)},
			func(row record.Row) error { return row.Scan(&p.Last, &p.Floor, &p.Delivered, &p.Epoch) })
		if err != nil {
			return fmt.Errorf("read head: %w", err)
		}
		revision, err = accounts.MetaNumber(read, record.MetaProfileRev)
		return err
	})
	return p, revision, err
}

// revisionOfOthers reads by how much others than the writer have raised the revision of profiles.
type revisionOfOthers struct {
	Submission

	raised uint64
}

func (r *revisionOfOthers) apply(b *batch) error {
	revision, err := accounts.MetaNumber(b.tx, record.MetaProfileRev)
	r.raised = revision - b.log.revisions
	return err
}

// Changed returns a number that changes when others than this log have changed profiles: the operator, or another node. It
// asks the writer, because only that knows what it has committed itself.
func (l *Log) Changed() (uint64, error) {
	r := &revisionOfOthers{}
	err := l.Commit(r)
	return r.raised, err
}

// Revision returns the newest revision of profiles and groups.
func (l *Log) Revision(ctx context.Context) (revision uint64, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		revision, err = accounts.MetaNumber(read, record.MetaProfileRev)
		return err
	})
	return revision, err
}
