package calls

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// ringEvery and ringBurst bound how often a user rings at another one, who does not answer.
	ringEvery = time.Minute
	ringBurst = 6
	// ringsKept is how many pairs are kept before those that may ring as often as any are forgotten.
	ringsKept = 1024
)

// pair is a caller and a callee.
type pair struct{ caller, callee uint32 }

// rings counts the calls that were not answered.
type rings struct {
	limits map[pair]*rate.Limiter
	sweep  int // the number of pairs at which some are forgotten
}

func newRings() rings { return rings{limits: make(map[pair]*rate.Limiter), sweep: ringsKept} }

// allow counts a call and reports whether it may ring.
func (r *rings) allow(p pair) bool {
	l := r.limits[p]
	if l == nil {
		r.tidy()
		l = rate.NewLimiter(rate.Every(ringEvery), ringBurst)
		r.limits[p] = l
	}
	return l.Allow()
}

// answered forgets the calls before one that was answered.
func (r *rings) answered(p pair) { delete(r.limits, p) }

func (r *rings) tidy() {
	if len(r.limits) < r.sweep {
		return
	}
	for p, l := range r.limits {
		if l.Tokens() >= ringBurst {
			delete(r.limits, p)
		}
	}
	r.sweep = max(ringsKept, 2*len(r.limits))
}
