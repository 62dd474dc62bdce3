package apptest

import (
	"context"
	"slices"
	"time"
)

// Queue is a dispatcher that the test drains by hand, on its own goroutine, with a clock that moves when the test says
// so.
type Queue struct {
	now    time.Time
	posted []func()
	work   []job
	timers []*timer
}

type job struct {
	work func(context.Context)
	done func()
}

type timer struct {
	due time.Time
	f   func()
}

// NewQueue makes an empty Queue. Its clock stands on Monday, 16 November 2026, 14:02.
func NewQueue() *Queue {
	return &Queue{now: time.Date(2026, time.November, 16, 14, 2, 0, 0, time.Local)}
}

// Now is the time on the queue's clock.
func (q *Queue) Now() time.Time { return q.now }

// Post keeps f for Drain.
func (q *Queue) Post(f func()) { q.posted = append(q.posted, f) }

// Async keeps work for Work.
func (q *Queue) Async(work func(ctx context.Context), done func()) {
	q.work = append(q.work, job{work, done})
}

// After keeps f until Advance has moved the clock that far.
func (q *Queue) After(delay time.Duration, f func()) (cancel func()) {
	t := &timer{due: q.now.Add(delay), f: f}
	q.timers = append(q.timers, t)
	return func() { q.drop(t) }
}

// IsUI is always true: there is one goroutine.
func (q *Queue) IsUI() bool { return true }

// Close forgets everything.
func (q *Queue) Close() { q.posted, q.work, q.timers = nil, nil, nil }

// Drain runs what was posted, and what that posts.
func (q *Queue) Drain() {
	for len(q.posted) > 0 {
		f := q.posted[0]
		q.posted = q.posted[1:]
		f()
	}
}

// Busy reports whether background work waits for Work.
func (q *Queue) Busy() bool { return len(q.work) > 0 }

// Work runs the oldest piece of background work on the calling goroutine, then its continuation.
func (q *Queue) Work(ctx context.Context) {
	if len(q.work) == 0 {
		return
	}
	j := q.work[0]
	q.work = q.work[1:]
	j.work(ctx)
	q.Post(j.done)
	q.Drain()
}

// WorkAll does Work until nothing is left.
func (q *Queue) WorkAll(ctx context.Context) {
	q.Drain()
	for q.Busy() {
		q.Work(ctx)
	}
}

// Timers says how many timers are set.
func (q *Queue) Timers() int { return len(q.timers) }

// Advance moves the clock by d and runs the timers that become due, each at its time.
func (q *Queue) Advance(d time.Duration) {
	q.Drain()
	end := q.now.Add(d)
	for {
		next := q.next(end)
		if next == nil {
			break
		}
		q.now = next.due
		q.drop(next)
		next.f()
		q.Drain()
	}
	q.now = end
}

func (q *Queue) next(end time.Time) *timer {
	var first *timer
	for _, t := range q.timers {
		if !t.due.After(end) && (first == nil || t.due.Before(first.due)) {
			first = t
		}
	}
	return first
}

func (q *Queue) drop(t *timer) {
	q.timers = slices.DeleteFunc(q.timers, func(other *timer) bool { return other == t })
}
