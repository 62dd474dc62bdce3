package app

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// Dispatcher brings work to the goroutine of the user interface, and away from it. It is the only place that calls fyne.Do
// and that starts goroutines. Tests use apptest.Queue instead.
type Dispatcher struct {
	work sync.WaitGroup

	mu      sync.Mutex // guards what follows
	closed  bool
	last    uint64
	cancels map[uint64]context.CancelFunc
}

// NewDispatcher makes a Dispatcher; Close ends it.
func NewDispatcher() *Dispatcher {
	return &Dispatcher{cancels: map[uint64]context.CancelFunc{}}
}

// Now is the time of day.
func (d *Dispatcher) Now() time.Time { return time.Now() }

// Post runs f soon on the goroutine of the user interface, after what was posted before. May be called from any goroutine.
// After Close it does nothing.
func (d *Dispatcher) Post(f func()) {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if !closed {
		fyne.Do(f)
	}
}

// Async runs work on a goroutine of its own and then posts done. Close cancels work's context, waits for work, and done is not
// called any more.
func (d *Dispatcher) Async(work func(ctx context.Context), done func()) {
	ctx, cancel := context.WithCancel(context.Background())
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		cancel()
		return
	}
	d.last++
	id := d.last
	d.cancels[id] = cancel
	d.work.Add(1)
	d.mu.Unlock()

	go func() {
		defer d.work.Done()
		work(ctx)
		d.mu.Lock()
		delete(d.cancels, id)
		d.mu.Unlock()
		cancel()
		d.Post(done)
	}()
}

// After posts f when delay has passed. The result takes that back; called on the goroutine of the user interface it is final:
// f does not run after it.
func (d *Dispatcher) After(delay time.Duration, f func()) (cancel func()) {
	cancelled := false // belongs to the goroutine of the user interface
	timer := time.AfterFunc(delay, func() {
		d.Post(func() {
			if !cancelled {
				f()
			}
		})
	})
	return func() {
		cancelled = true
		timer.Stop()
	}
}

// Close lets nothing more through, cancels what Async started and waits for it. Called on the goroutine of the user interface
// or after that has ended.
func (d *Dispatcher) Close() {
	d.mu.Lock()
	d.closed = true
	for _, cancel := range d.cancels {
		cancel()
	}
	d.mu.Unlock()
	d.work.Wait()
}
