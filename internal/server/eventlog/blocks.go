package eventlog

import (
	"context"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/internal/server/record"
)

// blockCache holds all blocks in memory, because every message checks them. Only the writer changes blocks.
type blockCache struct {
	mu     sync.RWMutex
	blocks map[pair]struct{} // the blocker comes first
}

func loadBlocks(ctx context.Context, rec record.Record) (*blockCache, error) {
	k := &blockCache{blocks: make(map[pair]struct{})}
	err := rec.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT uid, blocked FROM blocks`, nil, func(row record.Row) error {
			var p pair
			if err := row.Scan(&p.uid, &p.other); err != nil {
				return fmt.Errorf("read blocks: %w", err)
			}
			k.blocks[p] = struct{}{}
			return nil
		})
	})
	return k, err
}

// Blocks reports whether one user blocks another.
func (l *Log) Blocks(uid, other uint32) bool { return l.blocks.has(uid, other) }

// EitherBlocks reports whether one of two users blocks the other.
func (l *Log) EitherBlocks(a, b uint32) bool { return l.blocks.has(a, b) || l.blocks.has(b, a) }

// has reports whether uid blocks other.
func (k *blockCache) has(uid, other uint32) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, ok := k.blocks[pair{uid, other}]
	return ok
}

// put applies committed changes.
func (k *blockCache) put(changes map[pair]bool) {
	if len(changes) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for p, blocked := range changes {
		if blocked {
			k.blocks[p] = struct{}{}
		} else {
			delete(k.blocks, p)
		}
	}
}

// isBlocked reports whether uid blocks other, including the changes of this batch.
func (b *batch) isBlocked(uid, other uint32) bool {
	if blocked, ok := b.blocks[pair{uid, other}]; ok {
		return blocked
	}
	return b.log.blocks.has(uid, other)
}
