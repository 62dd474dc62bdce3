package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/goroutine"
)

// Dispatcher brings work to the user interface's goroutine, and away from it. Only this file uses fyne.Do and starts
// goroutines. Tests use apptest.Queue instead.
type Dispatcher struct {
	do   func(func()) // immutable
	work sync.WaitGroup
	ui   atomic.Uint64 // the user interface's goroutine, 0 before anything was posted

	mu      sync.Mutex // guards what follows
	closed  bool
	last    uint64
	cancels map[uint64]context.CancelFunc
}

// NewDispatcher makes a Dispatcher for a program with windows; Close ends it.
func NewDispatcher() *Dispatcher { return NewDispatcherOn(fyne.Do) }

// NewDispatcherOn makes a Dispatcher for a program with a loop of its own: do hands a function to the loop's
// goroutine, in order and without waiting.
func NewDispatcherOn(do func(func())) *Dispatcher {
	return &Dispatcher{do: do, cancels: map[uint64]context.CancelFunc{}}
}

// Now is the time of day.
func (d *Dispatcher) Now() time.Time { return time.Now() }

// Post runs f soon on the user interface's goroutine, after what was posted before. It may be called on any goroutine.
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

// IsUI reports whether it is called on the user interface's goroutine, which is known once something was posted.
func (d *Dispatcher) IsUI() bool { return d.ui.Load() == goroutine.Number() }

// Async runs work on a goroutine of its own and then posts done. Close cancels work's context and waits for work; then
// done is not called.
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

// After posts f after a delay. The result cancels that; called on the user interface's goroutine it is final: f does
// not run after it.
func (d *Dispatcher) After(delay time.Duration, f func()) (cancel func()) {
	cancelled := false // used only on the user interface's goroutine
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

// Close drops what is posted from now on, cancels what Async started and waits for it. It is called on the user
// interface's goroutine or after that has ended.
func (d *Dispatcher) Close() {
	d.mu.Lock()
	d.closed = true
	for _, cancel := range d.cancels {
		cancel()
	}
	d.mu.Unlock()
	d.work.Wait()
}
