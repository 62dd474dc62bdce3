package eventlog

import (
	"sync"
	"time"
)

const (
	// jumpTolerance is how much faster than real time the clock may go before that counts as a jump.
	jumpTolerance = time.Minute
	// deadlineGrace is how long after a jump of the clock what was stored before still has its old deadlines, so that
	// devices can fetch it. A start after a time without new events is such a jump.
	deadlineGrace = 10 * time.Minute
	// retentionGrace is how long a jump has to last before messages are removed for it.
	retentionGrace = 24 * time.Hour
)

// patientClock is the server's clock, but follows a jump forward only after a grace: until then it goes on from before
// the jump, at the pace of real time.
type patientClock struct {
	clock func() time.Time     // immutable, like grace
	real  func() time.Duration // real time since some moment
	grace time.Duration

	mu     sync.Mutex
	base   time.Time // what the clock showed at
	at     time.Duration
	jumped time.Duration // when it jumped, in real time
	from   time.Time     // later than anything stored before; zero unless it has jumped
}

// newPatientClock returns a clock that showed last when elapsed was what it is now.
func newPatientClock(
	clock func() time.Time, elapsed func() time.Duration, last time.Time, grace time.Duration,
) *patientClock {
	if last.IsZero() {
		last = clock()
	}
	return &patientClock{clock: clock, real: elapsed, grace: grace, base: last, at: elapsed()}
}

// moment is the time by which deadlines are judged.
type moment struct {
	now    int64 // ms, of the server's clock
	before int64 // ms, of the patient clock
	from   int64 // ms: what was stored before that is judged by before; 0 if the clock has not jumped
}

// passed reports whether the deadline of something stored at ts is over.
func (m moment) passed(deadline, ts int64) bool {
	return deadline <= m.before || (deadline <= m.now && ts >= m.from)
}

// held reports whether the clock has jumped a short time ago.
func (m moment) held() bool { return m.from != 0 }

// read returns the time.
func (c *patientClock) read() moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, at := c.clock(), c.real()
	expected := c.base.Add(at - c.at)
	switch {
	case now.Sub(expected) <= jumpTolerance:
		c.from = time.Time{}
	case c.from.IsZero():
		c.from, c.jumped = expected.Add(time.Millisecond), at // nothing older has the new time
		fallthrough
	default:
		if at-c.jumped < c.grace {
			c.base, c.at = expected, at
			return moment{now: now.UnixMilli(), before: expected.UnixMilli(), from: c.from.UnixMilli()}
		}
		c.from = time.Time{}
	}
	c.base, c.at = now, at
	return moment{now: now.UnixMilli(), before: now.UnixMilli()}
}
