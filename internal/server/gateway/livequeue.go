package gateway

import "github.com/parley-chat/parley/internal/server/eventlog"

// Limits of the queue of one connection.
const (
	maxLiveEvents = 256
	maxLiveBytes  = 256 << 10
)

// liveQueue holds committed, unsent events with consecutive numbers. An event that does not fit empties it, because the
// events can be read from the log.
type liveQueue struct {
	events []eventlog.Event
	bytes  int
}

func (q *liveQueue) push(e eventlog.Event) {
	if n := len(q.events); n > 0 && q.events[n-1].Seq+1 != e.Seq {
		q.clear()
	}
	if e.Raw == nil || len(q.events) >= maxLiveEvents || q.bytes+len(e.Raw) > maxLiveBytes {
		q.clear()
		return
	}
	q.events = append(q.events, e)
	q.bytes += len(e.Raw)
}

// skip drops events up to a number.
func (q *liveQueue) skip(upTo uint64) {
	n := 0
	for n < len(q.events) && q.events[n].Seq <= upTo {
		q.bytes -= len(q.events[n].Raw)
		n++
	}
	if n == len(q.events) {
		q.clear()
		return
	}
	q.events = q.events[n:]
}

func (q *liveQueue) clear() { q.events, q.bytes = nil, 0 }
