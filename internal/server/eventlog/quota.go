package eventlog

import (
	"context"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// usage is how many bytes of messages of each user are stored. It is counted every hour, and what is sent meanwhile is
// added.
type usage struct {
	mu    sync.Mutex
	bytes map[uint32]int64
	since map[uint32]int64 // added since the current count started; nil while nothing is counted
}

func (u *usage) add(sent map[uint32]int64) {
	if len(sent) == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for uid, n := range sent {
		u.bytes[uid] += n
		if u.since != nil {
			u.since[uid] += n
		}
	}
}

func (u *usage) of(uid uint32) int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.bytes[uid]
}

// countUsage counts again, after something may have been removed.
func (l *Log) countUsage(ctx context.Context) error {
	if l.limits.Load().Retention.Quota <= 0 {
		return nil
	}
	u := &l.usage
	u.mu.Lock()
	u.since = make(map[uint32]int64)
	u.mu.Unlock()
	counted := make(map[uint32]int64)
	err := l.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT sender, CAST(sum(length(body)) AS BIGINT) FROM msgs GROUP BY sender`
		return read.Query(query, nil, func(row record.Row) error {
			var (
				uid uint32
				n   int64
			)
			if err := row.Scan(&uid, &n); err != nil {
				return fmt.Errorf("count messages: %w", err)
			}
			counted[uid] = n
			return nil
		})
	})
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		for uid, n := range u.since { // perhaps counted twice, until the next time
			counted[uid] += n
		}
		u.bytes = counted
	}
	u.since = nil
	return err
}

// charge refuses a message that would exceed the quota of its sender.
func (b *batch) charge(uid uint32, size int) error {
	quota := b.log.limits.Load().Retention.Quota
	if quota > 0 && b.log.usage.of(uid)+b.stored[uid]+int64(size) > quota {
		return &refusal.Error{
			Result: wire.ResultOverCapacity,
			Reason: fmt.Sprintf("you have as many messages on this server as it keeps of one user, %d bytes", quota),
		}
	}
	b.stored[uid] += int64(size)
	return nil
}
