package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// sweepChunk is how many events one change handles.
	sweepChunk = 500
	// sweepRetry is the delay after an undecided event or an error.
	sweepRetry = time.Second
	// sweepMost is how long the sweeper sleeps at most.
	sweepMost = time.Minute
	// transitTime is how long after its deadline a sent message may stay unacknowledged.
	transitTime = 2 * time.Minute
	// forgetInterval is how often old nonces are deleted.
	forgetInterval = time.Hour
	// tidyInterval is how long removed content may stay in the files of the database.
	tidyInterval = time.Minute
	// forgetChunk is how many nonces one change handles.
	forgetChunk = 2000
)

// sweeper expires messages that no device has fetched, and deletes nonces older than wire.DedupWindow. It sleeps until
// the next deadline.
type sweeper struct {
	log     *Log          // immutable, like earlier
	earlier chan struct{} // wakes Sweep when next was moved forward
	// deadlines is the clock by which messages expire, keeping that by which they are removed.
	deadlines, keeping *patientClock

	mu   sync.Mutex
	next int64 // deadline in ms that Sweep sleeps until; 0 none
}

// newSweeper returns a sweeper that believes the clock if last, the time of the newest message, is a short time ago.
func newSweeper(l *Log, last time.Time, elapsed func() time.Duration) *sweeper {
	if elapsed == nil {
		started := time.Now()
		elapsed = func() time.Duration { return time.Since(started) }
	}
	return &sweeper{
		log: l, earlier: make(chan struct{}, 1),
		deadlines: newPatientClock(l.clock, elapsed, last, deadlineGrace),
		keeping:   newPatientClock(l.clock, elapsed, last, retentionGrace),
	}
}

// now returns the time by which messages are removed.
func (s *sweeper) now() time.Time { return time.UnixMilli(s.keeping.read().before) }

// wakeAt makes the sweeper look at a deadline, in ms.
func (s *sweeper) wakeAt(at int64) {
	s.mu.Lock()
	sooner := s.next == 0 || at < s.next
	jumped := !sooner && s.next <= s.log.clock().UnixMilli() // while Sweep sleeps
	if sooner {
		s.next = at
	}
	s.mu.Unlock()
	if sooner || jumped {
		select {
		case s.earlier <- struct{}{}:
		default:
		}
	}
}

// Sweep expires messages until ctx ends.
func (l *Log) Sweep(ctx context.Context) {
	s := l.sweeper
	forget, tidy := time.NewTicker(forgetInterval), time.NewTicker(tidyInterval)
	defer forget.Stop()
	defer tidy.Stop()
	s.warn(ctx, l.Retain(ctx))
	for {
		wait := s.sweep(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.earlier:
		case <-forget.C:
			s.warn(ctx, errors.Join(l.ForgetNonces(ctx), l.Retain(ctx)))
		case <-tidy.C:
			s.warn(ctx, errors.Join(l.EraseUsers(ctx), l.Tidy(ctx)))
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// Tidy removes content from the files of the database that was removed from its tables. Sweep calls it every
// tidyInterval.
func (l *Log) Tidy(ctx context.Context) error {
	if !l.erased.Swap(false) {
		return nil
	}
	done, err := l.record.Tidy(ctx)
	if !done {
		l.erased.Store(true)
	}
	return err
}

// sweep expires what is due and returns how long to sleep.
func (s *sweeper) sweep(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		s.mu.Lock()
		s.next = 0 // from here on every wakeAt counts
		s.mu.Unlock()
		due, err := s.due(ctx, s.deadlines.read())
		if err == nil && len(due) > 0 {
			var undecided int
			undecided, err = s.expire(due)
			if err == nil && undecided == 0 {
				continue
			}
		}
		s.warn(ctx, err)
		if err != nil || len(due) > 0 {
			return sweepRetry
		}
		break
	}
	if err := s.fade(ctx, time.UnixMilli(s.deadlines.read().before)); err != nil {
		s.warn(ctx, err)
		return sweepRetry
	}
	next, err := s.nextDeadline(ctx)
	s.warn(ctx, err)
	if err != nil {
		return sweepRetry
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == 0 || (next != 0 && next < s.next) {
		s.next = next
	}
	if s.next == 0 {
		return forgetInterval
	}
	wait := max(time.UnixMilli(s.next).Sub(s.log.clock()), 0) + time.Millisecond
	if s.deadlines.read().held() { // deadlines that are over have to wait
		wait = max(wait, sweepRetry)
	}
	return min(wait, sweepMost) // the clock may jump meanwhile
}

// warn logs an error, unless it comes from the end of the server.
func (s *sweeper) warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		s.log.log.Warn("sweep", slog.Any("error", err))
	}
}

func (s *sweeper) nextDeadline(ctx context.Context) (next int64, err error) {
	err = s.log.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT coalesce(min(exp), 0) FROM events WHERE exp > 0
			UNION ALL SELECT coalesce(min(at), 0) FROM fading`
		return read.Query(query, nil, func(row record.Row) error {
			var at int64
			if err := row.Scan(&at); err != nil {
				return fmt.Errorf("read deadlines: %w", err)
			}
			if at != 0 && (next == 0 || at < next) {
				next = at
			}
			return nil
		})
	})
	return next, err
}

// dueEvent is an expired message in a log.
type dueEvent struct {
	id, mid, exp int64
	sender, gid  uint32
	peer         string
}

func (s *sweeper) due(ctx context.Context, now moment) ([]dueEvent, error) {
	var list []dueEvent
	err := s.log.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT e.id, e.mid, e.exp, m.sender, m.gid, u.address FROM events e
			JOIN msgs m ON m.mid = e.mid JOIN users u ON u.uid = e.id >> 32 WHERE e.exp > 0 AND e.exp <= ?
			AND (e.exp <= ? OR e.ts >= ?) ORDER BY e.exp LIMIT ?`, []any{now.now, now.before, now.from, sweepChunk}, func(row record.Row) error {
			var d dueEvent
			if err := row.Scan(&d.id, &d.mid, &d.exp, &d.sender, &d.gid, &d.peer); err != nil {
				return fmt.Errorf("read due events: %w", err)
			}
			list = append(list, d)
			return nil
		})
	})
	return list, err
}

// expire decides on the events; undecided ones are in transit to a device.
func (s *sweeper) expire(due []dueEvent) (undecided int, err error) {
	ch := &expireChange{due: due}
	if err := s.log.Commit(ch); err != nil {
		return 0, err
	}
	for uid := range ch.users {
		s.log.hub.Wake(uid) // its connections may have stopped before an expired event
	}
	return ch.undecided, nil
}

// expireChange expires the messages among due that no device has stored.
type expireChange struct {
	Submission

	due []dueEvent

	undecided int
	users     map[uint32]struct{}
}

func (e *expireChange) plan(b *batch) {
	for _, d := range e.due {
		uid, _ := record.SplitKey(d.id)
		b.plan.Logs = append(b.plan.Logs, uid, d.sender)
	}
}

func (e *expireChange) apply(b *batch) error {
	e.users, e.undecided = make(map[uint32]struct{}), 0
	var delivered []any
	groups := make(map[int64]bool) // messages to groups that have been handled
	for _, d := range e.due {
		if d.gid != 0 {
			if groups[d.mid] {
				continue
			}
			groups[d.mid] = true
			if err := e.applyGroup(b, d); err != nil {
				return err
			}
			continue
		}
		outcome, err := e.decide(b, d.id, d.exp)
		if err != nil {
			return err
		}
		switch outcome {
		case outcomeDelivered:
			delivered = append(delivered, d.id)
		case outcomeExpired:
			b.removeFileRef(fileref.OfMessage, d.mid)
			uid, _ := record.SplitKey(d.id)
			err := b.appendExpired(d.sender, &wire.Status{Status: wire.StatusExpired, Peer: d.peer, Id: uint64(d.mid)}, uid)
			if err != nil {
				return err
			}
		case outcomePending:
		}
	}
	if n := len(delivered); n > 0 {
		b.update(`UPDATE events SET exp = 0 WHERE id IN (?`+strings.Repeat(",?", n-1)+`)`, delivered...)
	}
	return nil
}

// copyOutcome is the state of one copy of an expired message.
type copyOutcome int

const (
	outcomePending   copyOutcome = iota // in transit to a device
	outcomeDelivered                    // a device has it
	outcomeExpired
)

// decide expires the message of one event unless a device has it, or may have it.
func (e *expireChange) decide(b *batch, id, exp int64) (copyOutcome, error) {
	uid, seq := record.SplitKey(id)
	h, err := b.state(uid)
	if err != nil {
		return outcomePending, err
	}
	late := time.Duration(b.log.sweeper.deadlines.read().before-exp) * time.Millisecond
	if seq > h.delivered && late < transitTime && b.log.hub.InTransit(uid, seq) {
		e.undecided++
		return outcomePending, nil
	}
	e.users[uid] = struct{}{}
	if seq <= h.delivered {
		return outcomeDelivered, nil
	}
	b.update(`UPDATE events SET exp = 0, kind = ?, mid = NULL, body = ? WHERE id = ?`, int(record.KindGone), goneEvent, id)
	h.reset()
	return outcomeExpired, nil
}

// applyGroup expires a message to a group in all logs where it is undelivered. The sender gets EXPIRED only if no
// member has it. While one copy is in transit, the delivered copies keep their deadline, so that this can still be
// decided.
func (e *expireChange) applyGroup(b *batch, d dueEvent) error {
	var ids []int64
	const query = `SELECT id FROM events WHERE exp > 0 AND exp = ? AND mid = ?`
	err := b.tx.Query(query, []any{d.exp, d.mid}, func(row record.Row) error {
		var id int64
		if err := row.Scan(&id); err != nil {
			return fmt.Errorf("read copies: %w", err)
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return err
	}
	stored, open := false, false
	members := make([]uint32, len(ids))
	for i, id := range ids {
		members[i], _ = record.SplitKey(id)
		outcome, err := e.decide(b, id, d.exp)
		if err != nil {
			return err
		}
		stored = stored || outcome == outcomeDelivered
		open = open || outcome == outcomePending
	}
	if open || len(ids) == 0 {
		return nil
	}
	b.update(`UPDATE events SET exp = 0 WHERE exp > 0 AND exp = ? AND mid = ?`, d.exp, d.mid)
	if stored {
		return nil
	}
	b.removeFileRef(fileref.OfMessage, d.mid)
	st := &wire.Status{Status: wire.StatusExpired, GroupId: d.gid, Id: uint64(d.mid)}
	return b.appendExpired(d.sender, st, members...)
}

// ForgetNonces deletes the nonces older than wire.DedupWindow in chunks. Sweep calls it every forgetInterval.
func (l *Log) ForgetNonces(ctx context.Context) error {
	_, err := l.record.Once(ctx, "forget nonces", l.forgetNonces)
	return err
}

func (l *Log) forgetNonces(ctx context.Context) error {
	before := l.sweeper.deadlines.read().before - wire.DedupWindow.Milliseconds()
	last := nonceRow{nonce: []byte{}}
	for ctx.Err() == nil {
		ch := &forgetChange{}
		n := 0
		err := l.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT uid, nonce, ts FROM dedups WHERE (uid, nonce) > (?, ?) ORDER BY uid, nonce LIMIT ?`
			return read.Query(query,
				[]any{int64(last.uid), last.nonce, forgetChunk}, func(row record.Row) error {
					var (
						r  nonceRow
						ts int64
					)
					if err := row.Scan(&r.uid, &r.nonce, &ts); err != nil {
						return fmt.Errorf("read nonces: %w", err)
					}
					n++
					last = r
					if ts < before {
						ch.old = append(ch.old, r)
					}
					return nil
				})
		})
		if err != nil || n == 0 {
			return err
		}
		if len(ch.old) == 0 {
			continue
		}
		if err := l.Commit(ch); err != nil {
			return err
		}
	}
	return nil
}

type nonceRow struct {
	uid   uint32
	nonce []byte
}

// forgetChange deletes nonces.
type forgetChange struct {
	Submission

	old []nonceRow
}

func (f *forgetChange) apply(b *batch) error {
	for _, r := range f.old {
		b.update(`DELETE FROM dedups WHERE uid = ? AND nonce = ?`, int64(r.uid), r.nonce)
	}
	return nil
}
