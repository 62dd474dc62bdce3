package eventlog

import "sync"

const (
	// maxBatch is the maximum number of changes in one transaction.
	maxBatch = 512
	// batchShare is how much of a batch one user can take, in messages to one user. One change is always taken.
	batchShare = 16
	// maxBacklog is the number of queued changes of one user from which on Submit blocks: more than all devices of a user
	// can have in flight.
	maxBacklog = 1024
	// maxQueue is the number of all queued changes from which on Submit blocks.
	maxQueue = 16 << 10
)

// queue has the changes that wait to be committed. Users take turns, so nobody waits for the backlog of another.
type queue struct {
	ready chan struct{} // receives while there may be something to take

	mu     sync.Mutex
	room   *sync.Cond // signaled when there may be room again, or the queue is closed
	users  map[uint32]*backlog
	turns  []*backlog // those that are not empty, in the order of their turns
	size   int
	closed bool
}

// backlog has the queued changes of one user, in order.
type backlog struct {
	user    uint32
	changes []Change
	taken   float64 // of the batch that is being made
}

func newQueue() *queue {
	q := &queue{ready: make(chan struct{}, 1), users: make(map[uint32]*backlog)}
	q.room = sync.NewCond(&q.mu)
	return q
}

// add appends a change. It blocks while its user has too many, or all have; those of the server itself only count towards
// the latter.
func (q *queue) add(ch Change) error {
	user := ch.submission().User
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && (q.size >= maxQueue || (user != 0 && q.of(user) >= maxBacklog)) {
		q.room.Wait()
	}
	if q.closed {
		return ErrClosed
	}
	b := q.users[user]
	if b == nil {
		b = &backlog{user: user}
		q.users[user] = b
		q.turns = append(q.turns, b)
	}
	b.changes = append(b.changes, ch)
	q.size++
	q.wake()
	return nil
}

// of returns the number of queued changes of a user. The caller holds mu.
func (q *queue) of(user uint32) int {
	if b := q.users[user]; b != nil {
		return len(b.changes)
	}
	return 0
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take removes the changes of the next batch: one of each user in turn, and so on until the batch or the share of each is
// full. Those of one user stay in order.
func (q *queue) take() []Change {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := make([]Change, 0, min(q.size, maxBatch))
	var later []*backlog // those that have had their share
	for len(q.turns) > 0 && len(batch) < maxBatch {
		b := q.turns[0]
		q.turns = q.turns[1:]
		ch := b.changes[0]
		b.changes[0] = nil
		b.changes = b.changes[1:]
		batch = append(batch, ch)
		b.taken += max(1, ch.submission().Weight)
		switch {
		case len(b.changes) == 0:
			delete(q.users, b.user)
		case b.user != 0 && b.taken >= batchShare:
			later = append(later, b)
		default:
			q.turns = append(q.turns, b)
		}
	}
	q.turns = append(q.turns, later...)
	for _, b := range q.turns {
		b.taken = 0
	}
	q.size -= len(batch)
	if q.size > 0 {
		q.wake()
	}
	q.room.Broadcast()
	return batch
}

// close makes add return ErrClosed; what is queued can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.room.Broadcast()
}
