package devices

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	guessEvery = 6 * time.Second // a request of one network or user
	guessBurst = 10
	guessesAll = 50 // per second, of all
	maxAskers  = 10_000
)

// limits limits requests: of those who have no token by their network, of others by user. Its methods may be called from
// any goroutine.
type limits[K comparable] struct {
	all *rate.Limiter // immutable

	mu     sync.Mutex
	askers map[K]*rate.Limiter
}

func newLimits[K comparable]() *limits[K] {
	return &limits[K]{all: rate.NewLimiter(guessesAll, guessesAll), askers: make(map[K]*rate.Limiter)}
}

// allow reports whether a request is served.
func (l *limits[K]) allow(asker K) bool {
	l.mu.Lock()
	limit := l.askers[asker]
	if limit == nil {
		if len(l.askers) >= maxAskers {
			l.forget()
		}
		limit = rate.NewLimiter(rate.Every(guessEvery), guessBurst)
		l.askers[asker] = limit
	}
	l.mu.Unlock()
	return limit.Allow() && l.all.Allow()
}

// forget forgets those who have not asked lately, or all: the limit of all requests holds then.
func (l *limits[K]) forget() {
	for asker, limit := range l.askers {
		if limit.Tokens() >= guessBurst {
			delete(l.askers, asker)
		}
	}
	if len(l.askers) >= maxAskers {
		clear(l.askers)
	}
}

// networkOf returns what one user may be thought to have: an IPv4 address, or 64 bits of an IPv6 address.
func networkOf(remote string) netip.Prefix {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return netip.PrefixFrom(ip, ip.BitLen())
	}
	const site = 64
	return netip.PrefixFrom(ip, site).Masked()
}

// placeOf returns an address as lists of devices show it: enough to recognise a network, and not who is in it.
func placeOf(remote string) string {
	network := networkOf(remote)
	if !network.IsValid() {
		return ""
	}
	ip := network.Addr()
	const v4, v6 = 24, 48
	if ip.Is4() {
		return netip.PrefixFrom(ip, v4).Masked().String()
	}
	return netip.PrefixFrom(ip, v6).Masked().String()
}
