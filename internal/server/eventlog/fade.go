package eventlog

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
)

// fadeAfter lets a message that was sent at a time, in ms, disappear some seconds later; 0 never.
func (b *batch) fadeAfter(mid uint64, sent int64, age uint32) {
	if age == 0 {
		return
	}
	at := sent + int64(age)*int64(time.Second/time.Millisecond)
	b.update(`INSERT INTO fading(mid, at) VALUES(?, ?)`, int64(mid), at)
	if b.earliest == 0 || at < b.earliest {
		b.earliest = at
	}
}

// fade removes the content of the messages whose time is over.
func (s *sweeper) fade(ctx context.Context, now time.Time) error {
	for ctx.Err() == nil {
		ch := &fadeChange{}
		err := s.log.record.View(ctx, func(read record.Reader) error {
			const query = `SELECT mid FROM fading WHERE at <= ? ORDER BY at LIMIT ?`
			return read.Query(query, []any{now.UnixMilli(), sweepChunk}, func(row record.Row) error {
				var mid int64
				if err := row.Scan(&mid); err != nil {
					return fmt.Errorf("read fading messages: %w", err)
				}
				ch.mids = append(ch.mids, mid)
				return nil
			})
		})
		if err != nil || len(ch.mids) == 0 {
			return err
		}
		if err := s.log.Commit(ch); err != nil {
			return err
		}
	}
	return nil
}

// fadeChange removes messages from all logs. The devices that have them remove them by themselves.
type fadeChange struct {
	Submission

	mids []int64
}

func (f *fadeChange) apply(b *batch) error {
	b.erases = true
	for _, mid := range f.mids {
		b.bodies[uint64(mid)] = nil
		b.update(`UPDATE msgs SET body = ? WHERE mid = ?`, goneEvent, mid)
		if err := b.forgetEdit(uint64(mid)); err != nil {
			return err
		}
		b.update(`DELETE FROM fading WHERE mid = ?`, mid)
		b.drop(uint64(mid))
	}
	return nil
}
