package server

import (
	"database/sql"
	"fmt"
	"sync"
)

// blockBook keeps in memory who blocks whom: every message asks. Only the writer changes blocks.
type blockBook struct {
	mu     sync.RWMutex
	blocks map[pair]struct{} // the blocker comes first
}

func loadBlocks(read reading) (*blockBook, error) {
	k := &blockBook{blocks: make(map[pair]struct{})}
	err := read(`SELECT uid, blocked FROM blocks`, nil, func(rows *sql.Rows) error {
		var p pair
		if err := rows.Scan(&p.uid, &p.other); err != nil {
			return fmt.Errorf("read blocks: %w", err)
		}
		k.blocks[p] = struct{}{}
		return nil
	})
	return k, err
}

// has tells whether uid blocks other.
func (k *blockBook) has(uid, other uint32) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, ok := k.blocks[pair{uid, other}]
	return ok
}

// either tells whether one of the two blocks the other.
func (k *blockBook) either(a, b uint32) bool { return k.has(a, b) || k.has(b, a) }

// put keeps what the writer has committed.
func (k *blockBook) put(changes map[pair]bool) {
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

// isBlocked tells whether uid blocks other, as this batch will leave it.
func (b *batch) isBlocked(uid, other uint32) bool {
	if blocked, ok := b.blocks[pair{uid, other}]; ok {
		return blocked
	}
	return b.w.blocks.has(uid, other)
}
