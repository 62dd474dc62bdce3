package speexdsp

import "sync"

const (
	queueMost = 8   // frames
	reserve   = 2   // frames that wait, so that a speaker that is a little late does not leave a hole
	window    = 100 // frames, 2 s, in which the clocks of speaker and microphone are compared
)

// queue has what was played until the microphone hears it. Two clocks move it: when the speaker's is faster, a frame is
// left out now and then, and when it is slower, silence takes the place of one. The frames must not wait longer than
// the sound takes to the microphone, because no echo comes before its sound: so only a few wait.
type queue struct {
	mutex   sync.Mutex
	frames  [queueMost][frame]int16
	first   int
	count   int
	running bool // after enough have come
	least   int  // the fewest that were left in this window
	taken   int  // in this window
}

// put adds a frame, in place of the oldest when too many wait.
func (q *queue) put(samples []float32) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.count == queueMost {
		q.drop(1)
	}
	toIntegers(q.frames[(q.first+q.count)%queueMost][:], samples)
	q.count++
}

func (q *queue) drop(n int) {
	q.first = (q.first + n) % queueMost
	q.count -= n
}

// take sets out to the next frame, or to silence.
func (q *queue) take(out []int16) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if !q.running && q.count >= reserve {
		q.drop(q.count - reserve)
		q.running, q.least, q.taken = true, queueMost, 0
	}
	if !q.running || q.count == 0 {
		q.running = false
		clear(out)
		return
	}
	copy(out, q.frames[q.first][:])
	q.drop(1)
	q.least = min(q.least, q.count)
	if q.taken++; q.taken < window {
		return
	}
	if q.least > reserve {
		q.drop(1)
	}
	q.least, q.taken = queueMost, 0
}
