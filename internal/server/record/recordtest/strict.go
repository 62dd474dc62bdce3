package recordtest

import (
	"context"
	"sync"

	"github.com/parley-chat/parley/internal/server/record"
)

// Strict is a record that refuses to lock unplanned logs, as a record with several writing processes may at any time.
type Strict struct {
	record.Record

	mu      sync.Mutex
	replans int
}

// Replans returns how often Lock has returned ErrReplan.
func (s *Strict) Replans() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replans
}

// Begin implements record.Record.
func (s *Strict) Begin(ctx context.Context, p *record.Plan) (record.Tx, error) { //nolint:ireturn // the contract
	tx, err := s.Record.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	planned := make(map[uint32]bool)
	for _, uid := range p.Logs {
		planned[uid] = true
	}
	return &strictTx{tx, s, planned}, nil
}

type strictTx struct {
	record.Tx

	strict  *Strict
	planned map[uint32]bool
}

// Lock implements record.Tx.
func (t *strictTx) Lock(logs []uint32) error {
	for _, uid := range logs {
		if !t.planned[uid] {
			t.strict.mu.Lock()
			t.strict.replans++
			t.strict.mu.Unlock()
			return record.ErrReplan
		}
	}
	return t.Tx.Lock(logs)
}
