package server

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// sweepChunk is how many events one change looks at.
	sweepChunk = 500
	// sweepRetry is how long the sweeper waits when something could not be decided or written.
	sweepRetry = time.Second
	// transitTime is how long after its deadline a message may be on its way to a device that says nothing.
	transitTime = 2 * time.Minute
	// forgetInterval is how often old nonces are forgotten.
	forgetInterval = time.Hour
	// forgetChunk is how many nonces one change looks at.
	forgetChunk = 2000
)

// sweeper ends what has had its time: messages that nobody has fetched, and nonces older than wire.DedupWindow. It
// sleeps until the next deadline.
type sweeper struct {
	db     *gorm.DB // immutable, like all up to earlier
	writer *writer
	hub    *hub
	log    *slog.Logger
	// earlier is told that poke has lowered next.
	earlier chan struct{}

	mu   sync.Mutex
	next int64 // deadline in ms that run sleeps until; 0 none
}

func newSweeper(db *gorm.DB, w *writer, h *hub, log *slog.Logger) *sweeper {
	return &sweeper{db: db, writer: w, hub: h, log: log, earlier: make(chan struct{}, 1)}
}

// poke tells the sweeper of a deadline.
func (s *sweeper) poke(at int64) {
	s.mu.Lock()
	sooner := s.next == 0 || at < s.next
	if sooner {
		s.next = at
	}
	s.mu.Unlock()
	if sooner {
		select {
		case s.earlier <- struct{}{}:
		default:
		}
	}
}

// run works until ctx ends.
func (s *sweeper) run(ctx context.Context) {
	dbCtx := context.WithoutCancel(ctx)
	forget := time.NewTicker(forgetInterval)
	defer forget.Stop()
	for {
		wait := s.sweep(ctx, dbCtx)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.earlier:
		case <-forget.C:
			if err := s.forgetNonces(ctx, dbCtx); err != nil {
				s.log.Warn("forget nonces", slog.Any("error", err))
			}
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// sweep ends what is due and returns how long to sleep.
func (s *sweeper) sweep(ctx, dbCtx context.Context) time.Duration {
	for ctx.Err() == nil {
		s.mu.Lock()
		s.next = 0 // from here on every poke counts
		s.mu.Unlock()
		due, err := s.due(dbCtx, time.Now())
		if err == nil && len(due) > 0 {
			var undecided int
			undecided, err = s.expire(due)
			if err == nil && undecided == 0 {
				continue
			}
		}
		if err != nil {
			s.log.Warn("sweep", slog.Any("error", err))
		}
		if err != nil || len(due) > 0 {
			return sweepRetry
		}
		break
	}
	var next int64
	if err := s.db.WithContext(dbCtx).Raw(`SELECT coalesce(min(exp), 0) FROM events WHERE exp > 0`).Scan(&next).Error; err != nil {
		s.log.Warn("sweep", slog.Any("error", err))
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
	return max(time.Until(time.UnixMilli(s.next)), 0) + time.Millisecond
}

// dueEvent is a message event whose time has come.
type dueEvent struct {
	ID     int64  `gorm:"column:id"`
	Mid    int64  `gorm:"column:mid"`
	Exp    int64  `gorm:"column:exp"`
	Sender uint32 `gorm:"column:sender"`
	GID    uint32 `gorm:"column:gid"`
	Peer   string `gorm:"column:address"`
}

func (s *sweeper) due(ctx context.Context, now time.Time) ([]dueEvent, error) {
	var list []dueEvent
	err := s.db.WithContext(ctx).Raw(`SELECT e.id, e.mid, e.exp, m.sender, m.gid, u.address FROM events e
		JOIN msgs m ON m.mid = e.mid JOIN users u ON u.uid = e.id >> ? WHERE e.exp > 0 AND e.exp <= ?
		ORDER BY e.exp LIMIT ?`, seqBits, now.UnixMilli(), sweepChunk).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read due events: %w", err)
	}
	return list, nil
}

// expire has the events decided on; undecided ones are on their way to a device at this moment.
func (s *sweeper) expire(due []dueEvent) (undecided int, err error) {
	ch := &expireChange{due: due, done: make(chan error, 1)}
	if err := s.writer.submit(ch); err != nil {
		return 0, err
	}
	if err := <-ch.done; err != nil {
		return 0, err
	}
	for uid := range ch.users {
		s.hub.wake(uid) // its connections may have stopped before one of the events
	}
	return ch.undecided, nil
}

// expireChange ends the messages among due that no device has stored.
type expireChange struct {
	due  []dueEvent
	done chan error

	undecided int
	users     map[uint32]struct{}
}

func (*expireChange) origin() *conn { return nil }

func (*expireChange) plan(*batch) {}

func (e *expireChange) finish(err error) { e.done <- err }

func (e *expireChange) apply(ctx context.Context, b *batch) error {
	e.users = make(map[uint32]struct{})
	gone, err := proto.Marshal(&wire.Event{Body: &wire.Event_Gone{Gone: &wire.Gone{}}})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	var delivered []any
	groups := make(map[int64]bool) // messages to groups that are decided on
	for _, d := range e.due {
		if d.GID != 0 {
			if groups[d.Mid] {
				continue
			}
			groups[d.Mid] = true
			if err := e.applyGroup(ctx, b, d, gone); err != nil {
				return err
			}
			continue
		}
		fate, err := e.decide(ctx, b, d.ID, d.Exp, gone)
		if err != nil {
			return err
		}
		switch fate {
		case fateStored:
			delivered = append(delivered, d.ID)
		case fateGone:
			b.unrefer(refMessage, d.Mid)
			err := b.appendStatus(ctx, d.Sender, &wire.Status{Status: wire.StatusExpired, Peer: d.Peer, Id: uint64(d.Mid)})
			if err != nil {
				return err
			}
		case fateOpen:
		}
	}
	if n := len(delivered); n > 0 {
		b.update(`UPDATE events SET exp = 0 WHERE id IN (?`+strings.Repeat(",?", n-1)+`)`, delivered...)
	}
	return nil
}

// fate is what has become of a message in one log.
type fate int

const (
	fateOpen   fate = iota // on its way to a device at this moment
	fateStored             // a device has it
	fateGone
)

// decide finds out about one event whose time has come, and takes the message away if no device has it.
func (e *expireChange) decide(ctx context.Context, b *batch, id, exp int64, gone []byte) (fate, error) {
	uid, seq := splitKey(id)
	h, err := b.head(ctx, uid)
	if err != nil {
		return fateOpen, err
	}
	late := b.now.Sub(time.UnixMilli(exp))
	if seq > h.delivered && late < transitTime && b.w.hub.inTransit(uid, seq) {
		e.undecided++
		return fateOpen, nil
	}
	e.users[uid] = struct{}{}
	if seq <= h.delivered {
		return fateStored, nil
	}
	b.update(`UPDATE events SET exp = 0, kind = ?, mid = NULL, body = ? WHERE id = ?`, int(kindGone), gone, id)
	h.forget()
	return fateGone, nil
}

// applyGroup ends a message to a group in all logs that still wait for it. Its sender is told only when no member has
// it. While a copy is under way, the copies that have been stored are left marked, as what is known about that.
func (e *expireChange) applyGroup(ctx context.Context, b *batch, d dueEvent, gone []byte) error {
	var ids []int64
	err := b.query(ctx, `SELECT id FROM events WHERE exp > 0 AND exp = ? AND mid = ?`, []any{d.Exp, d.Mid}, func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("read copies: %w", err)
		}
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return err
	}
	stored, open := false, false
	for _, id := range ids {
		fate, err := e.decide(ctx, b, id, d.Exp, gone)
		if err != nil {
			return err
		}
		stored = stored || fate == fateStored
		open = open || fate == fateOpen
	}
	if open || len(ids) == 0 {
		return nil
	}
	b.update(`UPDATE events SET exp = 0 WHERE exp > 0 AND exp = ? AND mid = ?`, d.Exp, d.Mid)
	if stored {
		return nil
	}
	b.unrefer(refMessage, d.Mid)
	return b.appendStatus(ctx, d.Sender, &wire.Status{Status: wire.StatusExpired, GroupId: d.GID, Id: uint64(d.Mid)})
}

// forgetNonces walks over all nonces, a few at a time.
func (s *sweeper) forgetNonces(ctx, dbCtx context.Context) error {
	before := time.Now().Add(-wire.DedupWindow).UnixMilli()
	var last nonceRow
	last.Nonce = []byte{}
	for ctx.Err() == nil {
		var rows []nonceRow
		err := s.db.WithContext(dbCtx).Raw(`SELECT uid, nonce, ts FROM dedups WHERE (uid, nonce) > (?, ?)
			ORDER BY uid, nonce LIMIT ?`, last.UID, last.Nonce, forgetChunk).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("read nonces: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		last = rows[len(rows)-1]
		ch := &forgetChange{done: make(chan error, 1)}
		for _, r := range rows {
			if r.TS < before {
				ch.old = append(ch.old, r)
			}
		}
		if len(ch.old) == 0 {
			continue
		}
		if err := s.writer.submit(ch); err != nil {
			return err
		}
		if err := <-ch.done; err != nil {
			return err
		}
	}
	return nil
}

type nonceRow struct {
	UID   uint32 `gorm:"column:uid"`
	Nonce []byte
	TS    int64 `gorm:"column:ts"`
}

// forgetChange deletes nonces.
type forgetChange struct {
	old  []nonceRow
	done chan error
}

func (*forgetChange) origin() *conn { return nil }

func (*forgetChange) plan(*batch) {}

func (f *forgetChange) apply(_ context.Context, b *batch) error {
	for _, r := range f.old {
		b.updates = append(b.updates, statement{`DELETE FROM dedups WHERE uid = ? AND nonce = ?`, []any{int64(r.UID), r.Nonce}})
	}
	return nil
}

func (f *forgetChange) finish(err error) { f.done <- err }
