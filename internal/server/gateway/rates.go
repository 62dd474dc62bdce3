package gateway

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/server/refusal"
)

const (
	// maxRates is the maximum number of users, and of addresses, whose rates are kept. They are kept after the last
	// connection: else who connects again and again would have none.
	maxRates = 100_000
	// maxPause is how far a user may be over the rate, and the longest time that a request waits. Further ones are refused.
	maxPause = 5 * time.Second
	// addressUsers is the number of users whose rate all users of one address have together.
	addressUsers = 20
)

// Rates of what the cost of requests does not limit well enough: activities, profile changes and calls of a user, signals
// of calls of a connection, and changes of a group by all who may.
const (
	groupRate       = 1
	groupBurst      = 10
	activityRate    = 5
	activityBurst   = 20
	selfRate        = 1
	selfBurst       = 10
	callRate        = 0.5
	callBurst       = 10
	callSignalRate  = 50
	callSignalBurst = 200
)

// budget is a number of units that grows with time. Unlike a rate.Limiter it can be overdrawn by any request, which only
// the next one has to wait for.
type budget struct {
	level float64
	at    time.Time
}

// spend takes units and returns how long to wait for that. It takes nothing, and reports false, if the budget is overdrawn
// by more than maxPause; wait is then when it is not any more.
func (b *budget) spend(now time.Time, units, perSecond, most float64) (wait time.Duration, ok bool) {
	if b.at.IsZero() {
		b.level = most
	} else {
		b.level = min(most, b.level+now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	if over := b.overdrawn(perSecond); over > maxPause {
		return over - maxPause, false
	}
	b.level -= units
	return b.overdrawn(perSecond), true
}

func (b *budget) overdrawn(perSecond float64) time.Duration {
	return time.Duration(max(0, -b.level) / perSecond * float64(time.Second))
}

// monotonic returns the time by which budgets grow. It differs from the clock of the server, which may be set: a jump must
// neither fill a budget nor keep it empty.
func monotonic() time.Time { return time.Now() } //nolint:forbidigo // as above

// userRates limit what one user does, on all devices.
type userRates struct {
	mu             sync.Mutex
	budget         budget
	activities     *rate.Limiter
	profileChanges *rate.Limiter
	calls          *rate.Limiter
}

// sharedBudget is what several users have together: all of one address, or who changes one group.
type sharedBudget struct {
	mu     sync.Mutex
	budget budget
}

func (s *sharedBudget) spend(units, perSecond, most float64) (wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.budget.spend(monotonic(), units, perSecond, most)
}

// rateBook has the rates of users and addresses, those used last.
type rateBook struct {
	mu        sync.Mutex
	users     *simplelru.LRU[uint32, *userRates]
	addresses *simplelru.LRU[netip.Addr, *sharedBudget]
	groups    *simplelru.LRU[uint32, *sharedBudget]
}

func newRateBook() *rateBook {
	users, _ := simplelru.NewLRU[uint32, *userRates](maxRates, nil) // fails for other sizes
	addresses, _ := simplelru.NewLRU[netip.Addr, *sharedBudget](maxRates, nil)
	groups, _ := simplelru.NewLRU[uint32, *sharedBudget](maxRates, nil)
	return &rateBook{users: users, addresses: addresses, groups: groups}
}

// of returns the rates for a user's connection from an address.
func (b *rateBook) of(uid uint32, address netip.Addr, limits *atomic.Pointer[Limits]) *connRates {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, ok := b.users.Get(uid)
	if !ok {
		u = &userRates{
			activities:     rate.NewLimiter(activityRate, activityBurst),
			profileChanges: rate.NewLimiter(selfRate, selfBurst),
			calls:          rate.NewLimiter(callRate, callBurst),
		}
		b.users.Add(uid, u)
	}
	return &connRates{userRates: u, address: shared(b.addresses, address), limits: limits}
}

// shared returns the budget of an address or group. The caller holds mu.
func shared[K comparable](of *simplelru.LRU[K, *sharedBudget], key K) *sharedBudget {
	s, ok := of.Get(key)
	if !ok {
		s = &sharedBudget{}
		of.Add(key, s)
	}
	return s
}

// changeGroup counts a change of a group's name, picture or settings, of which all members are notified. It returns how
// long to delay it, or the refusal.
func (b *rateBook) changeGroup(gid uint32) (wait time.Duration, refused *refusal.Error) {
	b.mu.Lock()
	s := shared(b.groups, gid)
	b.mu.Unlock()
	wait, ok := s.spend(1, groupRate, groupBurst)
	if !ok {
		return 0, refusal.Later(wait, "the group was changed too often")
	}
	return wait, nil
}

// connRates are the rates that a connection's requests count towards.
type connRates struct {
	*userRates

	address *sharedBudget
	limits  *atomic.Pointer[Limits] // those of the hub
}

// spend counts a request of some units and returns how long to delay it, or the refusal.
func (r *connRates) spend(units float64) (wait time.Duration, refused *refusal.Error) {
	now := monotonic()
	limits := r.limits.Load()
	perSecond, most := limits.SendRate, float64(limits.SendBurst)
	r.mu.Lock()
	wait, ok := r.budget.spend(now, units, perSecond, most)
	r.mu.Unlock()
	if !ok {
		return 0, refusal.Later(wait, "too many requests in a short time")
	}
	more, ok := r.address.spend(units, addressUsers*perSecond, addressUsers*most)
	if !ok {
		return 0, refusal.Later(more, "too many requests of this network in a short time")
	}
	return max(wait, more), nil
}

// owe counts units for a request that has been served already.
func (r *connRates) owe(units float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.budget.level -= units
}
