package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/app"
)

// loop is a user interface of one goroutine, the test's.
type loop struct{ posted chan func() }

func newLoop() (*loop, *app.Dispatcher) {
	l := &loop{posted: make(chan func(), 16)}
	return l, app.NewDispatcherOn(func(f func()) { l.posted <- f })
}

// run runs what was posted so far.
func (l *loop) run() {
	for {
		select {
		case f := <-l.posted:
			f()
		default:
			return
		}
	}
}

func TestDispatcher_Order(t *testing.T) {
	l, d := newLoop()
	defer d.Close()
	var got []int
	for i := range 3 {
		d.Post(func() { got = append(got, i) })
	}
	l.run()
	if want := []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("order: got %v, want %v", got, want)
	}
}

func TestDispatcher_Async(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLoop()
		defer d.Close()
		worked, done := false, false
		d.Async(func(context.Context) { worked = true }, func() { done = worked })
		synctest.Wait()
		if done {
			t.Error("done before the loop ran: got true, want false")
		}
		l.run()
		if !done {
			t.Error("done after work: got false, want true")
		}
	})
}

func TestDispatcher_After(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLoop()
		defer d.Close()
		var got []string
		d.After(time.Second, func() { got = append(got, "kept") })
		early := d.After(time.Second, func() { got = append(got, "cancelled early") })
		late := d.After(time.Second, func() { got = append(got, "cancelled when posted already") })
		early()
		<-time.After(2 * time.Second)
		synctest.Wait()
		late()
		l.run()
		if want := []string{"kept"}; !slices.Equal(got, want) {
			t.Errorf("run: got %q, want %q", got, want)
		}
	})
}

func TestDispatcher_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLoop()
		var err error
		done := false
		d.Async(func(ctx context.Context) {
			<-ctx.Done()
			err = ctx.Err()
		}, func() { done = true })
		d.After(time.Second, func() { done = true })
		d.Close()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("work's context: got %v, want %v", err, context.Canceled)
		}
		d.Post(func() { done = true })
		d.Async(func(context.Context) { done = true }, func() { done = true })
		<-time.After(2 * time.Second)
		d.Close()
		l.run()
		if done {
			t.Error("something ran after Close: got true, want false")
		}
	})
}

func TestDispatcher_IsUI(t *testing.T) {
	l, d := newLoop()
	defer d.Close()
	if d.IsUI() {
		t.Error("known before anything was posted")
	}
	posted, worked := false, true
	d.Post(func() { posted = d.IsUI() })
	l.run()
	ended := make(chan struct{})
	d.Async(func(context.Context) {
		worked = d.IsUI()
		close(ended)
	}, func() {})
	<-ended
	if !posted || !d.IsUI() || worked {
		t.Errorf("posted %v, on the loop's goroutine %v, on another %v", posted, d.IsUI(), worked)
	}
}
