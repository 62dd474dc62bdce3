package transfer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Way is the direction of a transfer.
type Way int

// The ways.
const (
	Up Way = iota
	Down
	// Tidy is for what is left of a transfer that is not resumed. It comes before others of its key.
	Tidy
	ways
)

// Job is one transfer in a queue.
type Job struct {
	Way Way
	Key string // jobs of the same key never run at the same time
	// Run does the work until ctx ends, whose cause it then returns. After ErrLater it is called again later,
	// without holding up others.
	Run func(ctx context.Context) error
	// End is called once, after the last Run, with its error. It is not called after Remove.
	End func(err error)

	queue atomic.Pointer[Queue] // the one that it was added to

	// What follows is guarded by Queue.mu.
	urgent  bool
	removed bool
	cancel  context.CancelCauseFunc
	delay   time.Duration
	timer   *time.Timer // while it waits to be tried again
}

const (
	firstDelay = 30 * time.Second
	mostDelay  = 5 * time.Minute
)

// Queue runs jobs, a limited number of each way at a time, urgent ones first, others in the order they came. It
// also knows whether there is a connection.
type Queue struct {
	mu      sync.Mutex
	wait    sync.WaitGroup
	limit   [ways]int
	running [ways]int
	waiting [ways][]*Job
	delayed map[*Job]struct{}
	busy    map[string]*Job // those that run, by key
	closed  bool
	up      bool
	online  chan struct{} // closed while up
	woken   chan struct{} // closed and replaced when the connection comes up
}

// NewQueue makes a queue that is not online.
func NewQueue(uploads, downloads int) *Queue {
	return &Queue{
		limit: limits(uploads, downloads), delayed: make(map[*Job]struct{}), busy: make(map[string]*Job),
		online: make(chan struct{}), woken: make(chan struct{}),
	}
}

func limits(uploads, downloads int) [ways]int {
	return [ways]int{Up: uploads, Down: downloads, Tidy: 1}
}

// SetLimits changes how many jobs run at a time. Those that run go on.
func (q *Queue) SetLimits(uploads, downloads int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit = limits(uploads, downloads)
	q.pump()
}

// Add puts a job into the queue; false when the queue is closed.
func (q *Queue) Add(j *Job, urgent bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	j.urgent = urgent
	j.queue.Store(q)
	q.put(j)
	q.pump()
	return true
}

// put finds the place of a job. Under mu.
func (q *Queue) put(j *Job) {
	list := q.waiting[j.Way]
	at := len(list)
	if j.urgent {
		for at = 0; at < len(list) && list[at].urgent; at++ {
		}
	}
	list = append(list, nil)
	copy(list[at+1:], list[at:])
	list[at] = j
	q.waiting[j.Way] = list
}

// Raise makes a job urgent, and tries one again at once that waits for its next try.
func (q *Queue) Raise(j *Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j.urgent = true
	if q.take(j) || q.undelay(j) {
		q.put(j)
	}
	q.pump()
}

// Raise is Queue.Raise of the job's queue.
func (j *Job) Raise() {
	if q := j.queue.Load(); q != nil {
		q.Raise(j)
	}
}

// Stop is Queue.Remove of the job's queue.
func (j *Job) Stop() {
	if q := j.queue.Load(); q != nil {
		q.Remove(j)
	}
}

// take removes a job from those that wait. Under mu.
func (q *Queue) take(j *Job) bool {
	for i, other := range q.waiting[j.Way] {
		if other == j {
			q.waiting[j.Way] = append(q.waiting[j.Way][:i:i], q.waiting[j.Way][i+1:]...)
			return true
		}
	}
	return false
}

// undelay removes a job from those that wait for their next try. Under mu.
func (q *Queue) undelay(j *Job) bool {
	if _, ok := q.delayed[j]; !ok {
		return false
	}
	j.timer.Stop()
	delete(q.delayed, j)
	return true
}

// Fail ends a job with an error, soon: one that waits as well as one that runs. It does not wait for it.
func (q *Queue) Fail(j *Job, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed, j.removed:
	case q.take(j), q.undelay(j):
		j.removed = true
		q.wait.Go(func() { j.End(err) })
	case j.cancel != nil:
		j.cancel(err)
	}
}

// Fail is Queue.Fail of the job's queue.
func (j *Job) Fail(err error) {
	if q := j.queue.Load(); q != nil {
		q.Fail(j, err)
	}
}

// Remove removes a job from the queue, or cancels it with ErrStopped. Its End is not called any more, unless the
// job is ending just then. It does not wait for the job.
func (q *Queue) Remove(j *Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j.removed = true
	q.take(j)
	q.undelay(j)
	if j.cancel != nil {
		j.cancel(ErrStopped)
	}
}

// pump starts what may run. Under mu.
func (q *Queue) pump() {
	if q.closed {
		return
	}
	for _, way := range []Way{Tidy, Up, Down} {
		list := q.waiting[way]
		var left []*Job
		for _, j := range list {
			if q.running[way] >= q.limit[way] || q.busy[j.Key] != nil {
				left = append(left, j)
				continue
			}
			q.start(j)
		}
		q.waiting[way] = left
	}
}

// start runs a job. Under mu.
func (q *Queue) start(j *Job) {
	ctx, cancel := context.WithCancelCause(context.Background())
	j.cancel = cancel
	q.running[j.Way]++
	q.busy[j.Key] = j
	q.wait.Go(func() {
		err := j.Run(ctx)
		cancel(nil)
		if q.ended(j, err) {
			j.End(err)
		}
		q.free(j)
	})
}

// ended notes that a run is over, and reports whether the job is.
func (q *Queue) ended(j *Job, err error) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	j.cancel = nil
	if j.removed {
		return false
	}
	if !errors.Is(err, ErrLater) || q.closed {
		return true
	}
	j.delay = min(max(2*j.delay, firstDelay), mostDelay)
	q.delayed[j] = struct{}{}
	j.timer = time.AfterFunc(j.delay, func() { q.retry(j) })
	return false
}

func (q *Queue) retry(j *Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.undelay(j) {
		q.put(j)
		q.pump()
	}
}

// free passes a job's place to the next.
func (q *Queue) free(j *Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[j.Way]--
	delete(q.busy, j.Key)
	q.pump()
}

// SetOnline says whether there is a connection.
func (q *Queue) SetOnline(up bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case up == q.up:
	case !up:
		q.online = make(chan struct{})
	default:
		close(q.online)
		close(q.woken)
		q.woken = make(chan struct{})
		for j := range q.delayed {
			q.undelay(j)
			q.put(j)
		}
		q.pump()
	}
	q.up = up
}

// Online waits until there is a connection.
func (q *Queue) Online(ctx context.Context) error {
	q.mu.Lock()
	online := q.online
	q.mu.Unlock()
	select {
	case <-online:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx) //nolint:wrapcheck // cancellation is returned unchanged
	}
}

// Woken returns a channel that is closed when the connection comes up the next time.
func (q *Queue) Woken() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.woken
}

// Close ends all jobs with ErrLater and waits for them.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	var left []*Job
	for j := range q.delayed {
		q.undelay(j)
		left = append(left, j)
	}
	for way := range ways {
		left = append(left, q.waiting[way]...)
		q.waiting[way] = nil
	}
	for _, j := range q.busy {
		if j.cancel != nil {
			j.cancel(ErrLater)
		}
	}
	q.mu.Unlock()
	for _, j := range left {
		j.End(ErrLater)
	}
	q.wait.Wait()
}
