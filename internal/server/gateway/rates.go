package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// ratesKept is how long the rates of a user are kept after the last connection. All of them recover in less.
const ratesKept = time.Minute

// rates limit what one user does, on all devices. They are kept for a while when the last one is gone: else a user who
// connects again and again would have none.
type rates struct {
	limits *Limits // immutable

	forget *time.Timer // under Hub.mu; runs while the user has no connection

	mu             sync.Mutex
	sends          *rate.Limiter // created by the first message
	profileChanges *rate.Limiter // created by the first change
	calls          *rate.Limiter // created by the first call
}

// ratesOf returns the rates of a user who connects. Under mu.
func (h *Hub) ratesOf(uid uint32) *rates {
	r := h.gone[uid]
	if r == nil {
		return &rates{limits: &h.limits}
	}
	r.forget.Stop()
	delete(h.gone, uid)
	return r
}

// keepRates keeps the rates of a user who has no connection any more, if any was used. Under mu.
func (h *Hub) keepRates(m *member) {
	r := m.rates
	if !r.used() {
		return
	}
	h.gone[m.uid] = r
	r.forget = time.AfterFunc(ratesKept, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.gone[m.uid] == r {
			delete(h.gone, m.uid)
		}
	})
}

func (r *rates) used() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sends != nil || r.profileChanges != nil || r.calls != nil
}

// reserveSend counts one message towards the user's rate and returns how long to delay it.
func (r *rates) reserveSend(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sends == nil {
		r.sends = rate.NewLimiter(rate.Limit(r.limits.SendRate), r.limits.SendBurst)
	}
	return r.sends.ReserveN(now, 1).DelayFrom(now)
}

// mayChangeSelf counts one change of the user's profile and reports whether the rate allows it.
func (r *rates) mayChangeSelf(now time.Time) bool {
	return r.allow(&r.profileChanges, selfRate, selfBurst, now)
}

// mayCall counts one call of the user and reports whether the rate allows it.
func (r *rates) mayCall(now time.Time) bool { return r.allow(&r.calls, callRate, callBurst, now) }

// allow counts one use of a limiter, which the first use creates, and reports whether the rate allows it.
func (r *rates) allow(l **rate.Limiter, limit rate.Limit, burst int, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if *l == nil {
		*l = rate.NewLimiter(limit, burst)
	}
	return (*l).AllowN(now, 1)
}
