package devices

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	guessEvery  = 6 * time.Second // a request of one network
	guessBurst  = 10
	guessesAll  = 50 // per second, of all networks
	maxNetworks = 10_000
)

// guesses limits requests of those who have no token, by network. Its methods may be called from any goroutine.
type guesses struct {
	all *rate.Limiter // immutable

	mu       sync.Mutex
	networks map[netip.Prefix]*rate.Limiter
}

func newGuesses() *guesses {
	return &guesses{all: rate.NewLimiter(guessesAll, guessesAll), networks: make(map[netip.Prefix]*rate.Limiter)}
}

// allow reports whether a request from a remote address is served.
func (g *guesses) allow(remote string) bool {
	network := networkOf(remote)
	g.mu.Lock()
	limit := g.networks[network]
	if limit == nil {
		if len(g.networks) >= maxNetworks {
			g.forget()
		}
		limit = rate.NewLimiter(rate.Every(guessEvery), guessBurst)
		g.networks[network] = limit
	}
	g.mu.Unlock()
	return limit.Allow() && g.all.Allow()
}

// forget forgets the networks that have not asked lately, or all: the limit of all requests holds then.
func (g *guesses) forget() {
	for network, limit := range g.networks {
		if limit.Tokens() >= guessBurst {
			delete(g.networks, network)
		}
	}
	if len(g.networks) >= maxNetworks {
		clear(g.networks)
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
