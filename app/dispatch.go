package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/goroutine"
)

// Dispatcher brings work to the goroutine of the user interface, and away from it. This file is the only place that
// mentions fyne.Do and that starts goroutines. Tests use apptest.Queue instead.
type Dispatcher struct {
	do   func(func()) // immutable
	work sync.WaitGroup
	ui   atomic.Uint64 // the number of the user interface's goroutine, 0 before anything was posted

	mu      sync.Mutex // guards what follows
	closed  bool
	last    uint64
	cancels map[uint64]context.CancelFunc
}

// NewDispatcher makes a Dispatcher for a program with windows; Close ends it.
func NewDispatcher() *Dispatcher { return NewDispatcherOn(fyne.Do) }

// NewDispatcherOn makes a Dispatcher for a program that has a loop of its own: do hands a function to the loop's goroutine,
// in order and without waiting.
func NewDispatcherOn(do func(func())) *Dispatcher {
	return &Dispatcher{do: do, cancels: map[uint64]context.CancelFunc{}}
}

// Now is the time of day.
func (d *Dispatcher) Now() time.Time { return time.Now() }

// Post runs f soon on the goroutine of the user interface, after what was posted before. May be called from any goroutine.
// After Close it does nothing.
func (d *Dispatcher) Post(f func()) {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return
	}
	if d.ui.Load() == 0 {
		do := f
		f = func() {
			d.ui.Store(goroutine.Number())
			do()
		}
	}
	d.do(f)
}

// IsUI tells whether it is called on the goroutine of the user interface, which is known as soon as something was posted.
func (d *Dispatcher) IsUI() bool { return d.ui.Load() == goroutine.Number() }

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
