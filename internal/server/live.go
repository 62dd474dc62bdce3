package server

// What one connection keeps in memory of events that have been committed but not sent.
const (
	maxLiveEvents = 256
	maxLiveBytes  = 256 << 10
)

// liveEvent is a committed event. raw is shared by all who get it and never changed.
type liveEvent struct {
	seq uint64
	raw []byte // encoded wire.Event without number; nil: look into the log
	exp int64  // deadline in ms, 0 never
}

// liveQueue holds events whose numbers follow on one another. Whatever does not fit empties it: the log has everything.
type liveQueue struct {
	events []liveEvent
	bytes  int
}

func (q *liveQueue) push(e liveEvent) {
	if n := len(q.events); n > 0 && q.events[n-1].seq+1 != e.seq {
		q.clear()
	}
	if e.raw == nil || len(q.events) >= maxLiveEvents || q.bytes+len(e.raw) > maxLiveBytes {
		q.clear()
		return
	}
	q.events = append(q.events, e)
	q.bytes += len(e.raw)
}

// skip drops events up to a number.
func (q *liveQueue) skip(upTo uint64) {
	n := 0
	for n < len(q.events) && q.events[n].seq <= upTo {
		q.bytes -= len(q.events[n].raw)
		n++
	}
	if n == len(q.events) {
		q.clear()
		return
	}
	q.events = q.events[n:]
}

func (q *liveQueue) clear() { q.events, q.bytes = nil, 0 }
