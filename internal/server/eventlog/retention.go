package eventlog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Retention says what the server keeps. Devices keep what they have.
type Retention struct {
	// Age is how old a message becomes; 0 is any age. Groups may have a lower age of their own.
	Age time.Duration
	// Size is how large the database becomes before its oldest messages are removed, in bytes; 0 is any size.
	Size int64
	// Quota is how many bytes of messages of one user are kept; more are refused. 0 is any number.
	Quota int64
}

const (
	// retainChunk is how many events or messages one change removes.
	retainChunk = 500
	// leastAge is how old messages become in any case.
	leastAge = time.Hour
	// sizeReserve is how much more than necessary is removed for the size, as a part of it.
	sizeReserve = 20
)

// Retain removes what is not to be kept any longer, in chunks. Sweep calls it every hour. A message that waits for its
// recipient stays until its deadline.
func (l *Log) Retain(ctx context.Context) error {
	_, err := l.record.Once(ctx, "retain", func(ctx context.Context) error {
		r := &retainer{log: l, now: l.sweeper.now()}
		if err := r.run(ctx); err != nil {
			return err
		}
		return l.countUsage(ctx)
	})
	return err
}

// retainer is one round.
type retainer struct {
	log     *Log
	now     time.Time
	cutoff  int64 // ms: what is older is removed
	waiting map[int64]struct{}
}

func (r *retainer) run(ctx context.Context) error {
	if err := r.decide(ctx); err != nil {
		return err
	}
	if r.cutoff > 0 {
		if err := r.loadWaiting(ctx); err != nil {
			return err
		}
		if err := r.trimLogs(ctx); err != nil {
			return err
		}
		if err := r.dropMessages(ctx); err != nil {
			return err
		}
	}
	return r.emptyGroups(ctx)
}

// decide sets the cutoff.
func (r *retainer) decide(ctx context.Context) error {
	keep := &r.log.limits.Load().Retention
	if keep.Age > 0 {
		r.cutoff = r.now.Add(-max(keep.Age, leastAge)).UnixMilli()
	}
	if keep.Size <= 0 {
		return nil
	}
	size, err := r.log.record.Size(ctx)
	if err != nil || size <= keep.Size {
		return err
	}
	over := float64(size-keep.Size)/float64(size) + 1.0/sizeReserve
	var mid int64
	err = r.log.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT mid FROM msgs ORDER BY mid LIMIT 1
			OFFSET (SELECT CAST(? * count(*) AS BIGINT) FROM msgs)`
		return read.Query(query, []any{min(over, 1)}, func(row record.Row) error { return row.Scan(&mid) })
	})
	if err != nil {
		return fmt.Errorf("find oldest messages: %w", err)
	}
	if mid != 0 {
		r.cutoff = max(r.cutoff, min(wire.MessageTime(uint64(mid)).UnixMilli(), r.now.Add(-leastAge).UnixMilli()))
	}
	return nil
}

// bound returns the id below which messages are older than the cutoff.
func bound(cutoff int64) int64 { return int64(wire.MessageID(time.UnixMilli(cutoff), 0)) }

// loadWaiting finds the old messages that are not delivered and not expired.
func (r *retainer) loadWaiting(ctx context.Context) error {
	r.waiting = make(map[int64]struct{})
	return r.log.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT e.mid FROM heads h JOIN events e ON e.id > ((CAST(h.uid AS BIGINT) << 32) | h.delivered)
			AND e.id <= ((CAST(h.uid AS BIGINT) << 32) | h.last)
			WHERE h.delivered < h.last AND e.kind = ? AND e.exp > ? AND e.mid < ?`
		return read.Query(query, []any{int(record.KindMessage), r.now.UnixMilli(), bound(r.cutoff)}, func(row record.Row) error {
			var mid int64
			if err := row.Scan(&mid); err != nil {
				return fmt.Errorf("find waiting messages: %w", err)
			}
			r.waiting[mid] = struct{}{}
			return nil
		})
	})
}

// trimLogs removes the events at the start of each log that are older than the cutoff.
func (r *retainer) trimLogs(ctx context.Context) error {
	after := int64(-1)
	for ctx.Err() == nil {
		type logHead struct {
			uid         uint32
			floor, last uint64
		}
		var heads []logHead
		err := r.log.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT uid, floor, last FROM heads WHERE uid > ? AND floor < last ORDER BY uid LIMIT ?`
			return read.Query(query, []any{after, retainChunk}, func(row record.Row) error {
				var h logHead
				if err := row.Scan(&h.uid, &h.floor, &h.last); err != nil {
					return fmt.Errorf("list logs: %w", err)
				}
				heads = append(heads, h)
				return nil
			})
		})
		if err != nil || len(heads) == 0 {
			return err
		}
		for _, h := range heads {
			after = int64(h.uid)
			if err := r.trimLog(ctx, h.uid, h.floor); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *retainer) trimLog(ctx context.Context, uid uint32, floor uint64) error {
	for ctx.Err() == nil {
		to, more := floor, false
		err := r.log.record.View(ctx, func(read record.Reader) error {
			n := 0
			const query = `SELECT id, ts, coalesce(mid, 0) FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`
			args := []any{record.EventKey(uid, floor), record.EventKey(uid, record.MaxSeq), retainChunk}
			err := read.Query(query, args, func(row record.Row) error {
				var id, ts, mid int64
				if err := row.Scan(&id, &ts, &mid); err != nil {
					return fmt.Errorf("read log: %w", err)
				}
				if _, waits := r.waiting[mid]; waits || ts >= r.cutoff {
					return errStop
				}
				n++
				_, to = record.SplitKey(id)
				return nil
			})
			more = err == nil && n == retainChunk
			return ignoreStop(err)
		})
		if err != nil {
			return err
		}
		if to == floor {
			return nil
		}
		if err := r.log.Commit(&trimChange{uid: uid, to: to}); err != nil {
			return err
		}
		if floor = to; !more {
			return nil
		}
	}
	return nil
}

func ignoreStop(err error) error {
	if err == errStop { //nolint:errorlint // returned as it is
		return nil
	}
	return err
}

// trimChange removes the start of a log. Devices that have not stored it go on after it.
type trimChange struct {
	Submission

	uid uint32
	to  uint64
}

func (c *trimChange) plan(b *batch) { b.plan.Logs = append(b.plan.Logs, c.uid) }

func (c *trimChange) apply(b *batch) error {
	h, err := b.state(c.uid)
	if err != nil {
		return err
	}
	if h.delivered < c.to {
		h.delivered = c.to
		h.popUpTo(c.to)
		b.touch(c.uid, h)
	}
	b.erases = true
	b.update(`DELETE FROM events WHERE id > ? AND id <= ?`, record.EventKey(c.uid, 0), record.EventKey(c.uid, c.to))
	b.update(`DELETE FROM stretches WHERE uid = ? AND stretch < ?`, int64(c.uid), int64(record.Stretch(c.to+1)))
	b.update(`UPDATE heads SET floor = ? WHERE uid = ? AND floor < ?`, int64(c.to), int64(c.uid), int64(c.to))
	return nil
}

// dropMessages removes the messages that are older than the cutoff.
func (r *retainer) dropMessages(ctx context.Context) error {
	after := int64(0)
	for ctx.Err() == nil {
		var mids []int64
		last := after
		err := r.log.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT mid FROM msgs WHERE mid > ? AND mid < ? ORDER BY mid LIMIT ?`
			return read.Query(query, []any{after, bound(r.cutoff), retainChunk}, func(row record.Row) error {
				if err := row.Scan(&last); err != nil {
					return fmt.Errorf("list messages: %w", err)
				}
				if _, waits := r.waiting[last]; !waits {
					mids = append(mids, last)
				}
				return nil
			})
		})
		if err != nil || last == after {
			return err
		}
		if len(mids) > 0 {
			if err := r.log.Commit(&dropChange{mids: mids}); err != nil {
				return err
			}
		}
		after = last
	}
	return nil
}

// dropChange removes messages and what belongs to them.
type dropChange struct {
	Submission

	mids []int64
}

func (c *dropChange) apply(b *batch) error {
	b.erases = true
	args := make([]any, len(c.mids))
	for i, mid := range c.mids {
		b.bodies[uint64(mid)] = nil
		args[i] = mid
	}
	in := ` IN (?` + strings.Repeat(",?", len(args)-1) + `)`
	for _, table := range []string{"msgs", "reactions", "edits", "fading", "frozen", "versions"} {
		b.update(`DELETE FROM `+table+` WHERE mid`+in, args...)
	}
	b.update(`DELETE FROM refs WHERE kind = ? AND owner`+in, append([]any{int(fileref.OfMessage)}, args...)...)
	return nil
}

// emptyGroups removes the content of messages of groups that have an age of their own.
func (r *retainer) emptyGroups(ctx context.Context) error {
	ages := make(map[uint32]int64)
	err := r.log.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT gid, age FROM keeps`, nil, func(row record.Row) error {
			var (
				gid uint32
				age int64
			)
			if err := row.Scan(&gid, &age); err != nil {
				return fmt.Errorf("list groups: %w", err)
			}
			ages[gid] = age
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, gid := range slices.Sorted(maps.Keys(ages)) {
		cutoff := r.now.Add(-time.Duration(ages[gid]) * time.Second).UnixMilli()
		if err := r.emptyGroup(ctx, gid, bound(cutoff)); err != nil {
			return err
		}
	}
	return nil
}

func (r *retainer) emptyGroup(ctx context.Context, gid uint32, before int64) error {
	after := int64(0)
	for ctx.Err() == nil {
		ch := &fadeChange{}
		err := r.log.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT mid FROM msgs WHERE gid = ? AND mid > ? AND mid < ? AND length(body) > ? ORDER BY mid LIMIT ?`
			return read.Query(query, []any{int64(gid), after, before, len(goneEvent), sweepChunk}, func(row record.Row) error {
				if err := row.Scan(&after); err != nil {
					return fmt.Errorf("list messages of group: %w", err)
				}
				ch.mids = append(ch.mids, after)
				return nil
			})
		})
		if err != nil || len(ch.mids) == 0 {
			return err
		}
		if err := r.log.Commit(ch); err != nil {
			return err
		}
	}
	return nil
}
