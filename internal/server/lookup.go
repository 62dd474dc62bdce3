package server

import (
	"context"
	"sync"
)

// lookupWorkers is how many lookups run at the same time; more would wait for the reading connections.
const lookupWorkers = readerConns

// lookups runs what reads the database for connections on a few goroutines of its own. SQLite needs deep stacks, and
// a goroutine's stack stays large long after; twenty thousand goroutines of idle connections keep small ones this way.
type lookups struct {
	jobs chan func(context.Context)
	wg   sync.WaitGroup
}

func newLookups() *lookups { return &lookups{jobs: make(chan func(context.Context))} }

// run starts the workers; they end with ctx. wait waits for them.
func (l *lookups) run(ctx context.Context) {
	// A context that can end costs the driver a goroutine for each statement.
	dbCtx := context.WithoutCancel(ctx)
	for range lookupWorkers {
		l.wg.Go(func() {
			for {
				select {
				case job := <-l.jobs:
					job(dbCtx)
				case <-ctx.Done():
					return
				}
			}
		})
	}
}

func (l *lookups) wait() { l.wg.Wait() }

// do runs f and waits for it. It must not be called after the workers were told to end.
func (l *lookups) do(f func(context.Context)) {
	done := make(chan struct{})
	l.jobs <- func(ctx context.Context) {
		defer close(done)
		f(ctx)
	}
	<-done
}
