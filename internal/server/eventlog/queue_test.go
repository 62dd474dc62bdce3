package eventlog

import (
	"errors"
	"testing"
	"testing/synctest"
)

// queued is a change that does nothing.
type queued struct{ Submission }

func (*queued) apply(*batch) error { return nil }

func addChange(t *testing.T, q *queue, user uint32, weight float64) *queued {
	t.Helper()
	ch := &queued{Submission{User: user, Weight: weight}}
	if err := q.add(ch); err != nil {
		t.Fatal(err)
	}
	return ch
}

// TestQueue_takes_turns: the backlog of one user keeps nobody else out of the next batch, and takes no more than a share
// of each.
func TestQueue_takes_turns(t *testing.T) {
	t.Parallel()
	const flooder, other, server = 1, 2, 0
	q := newQueue()
	var flood []*queued
	for range 200 {
		flood = append(flood, addChange(t, q, flooder, 1))
	}
	late := addChange(t, q, other, 1)
	own := addChange(t, q, server, 1)
	taken := q.take()
	if len(taken) != batchShare+2 {
		t.Errorf("got a batch of %d, want %d", len(taken), batchShare+2)
	}
	for i, want := range []Change{flood[0], late, own, flood[1]} {
		if taken[i] != want {
			t.Errorf("change %d is not the one whose turn it is", i)
		}
	}
	left := flood[batchShare:]
	for len(left) > 0 {
		for _, ch := range q.take() {
			if ch != Change(left[0]) {
				t.Fatal("the changes of one user are out of order")
			}
			left = left[1:]
		}
	}
	if got := q.take(); len(got) != 0 || len(q.users) != 0 || len(q.turns) != 0 {
		t.Errorf("got %d more changes", len(got))
	}
}

// TestQueue_weighs: changes for many users take more of a batch.
func TestQueue_weighs(t *testing.T) {
	t.Parallel()
	q := newQueue()
	for range 10 {
		addChange(t, q, 1, batchShare/2-1)
		addChange(t, q, 2, 1000)
	}
	if got := len(q.take()); got != 3+1 { // three that exceed a share together, and one that does alone
		t.Errorf("got a batch of %d, want 4", got)
	}
}

// TestQueue_blocks: who has queued too much waits, others do not, and nobody waits for a queue that is closed.
func TestQueue_blocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for range maxBacklog {
			addChange(t, q, 1, 1)
		}
		added := make(chan error, 1)
		go func() { added <- q.add(&queued{Submission{User: 1}}) }()
		synctest.Wait()
		addChange(t, q, 2, 1)
		select {
		case err := <-added:
			t.Fatalf("a change too many was queued: %v", err)
		default:
		}
		q.take()
		if err := <-added; err != nil {
			t.Errorf("got %v when there was room", err)
		}
		for range batchShare - 1 {
			addChange(t, q, 1, 1)
		}
		go func() { added <- q.add(&queued{Submission{User: 1}}) }()
		synctest.Wait()
		q.close()
		if err := <-added; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want %v", err, ErrClosed)
		}
	})
}
