package relay

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	"github.com/pion/turn/v5"
	"golang.org/x/time/rate"
)

// Limits of one user and of one allocation.
const (
	maxAllocations = 4       // of a user; a device in a call has one
	maxPeers       = 128     // addresses that an allocation reaches at a time: more than a device has candidates
	maxChannels    = 256     // of an allocation: for each packet the library compares all of them
	byteRate       = 8e6 / 8 // of an allocation in each direction, per second: more than video needs
	byteBurst      = 1 << 20
	headerSize     = 28 // bytes of the headers of a packet, IPv4 and UDP, which count too
	portTries      = 32
)

// relays are the running allocations.
type relays struct {
	c   *Config                 // immutable, like own
	own map[netip.Addr]struct{} // addresses of this machine

	mu     sync.Mutex
	closed bool
	conns  map[int]*conn  // by port
	users  map[string]int // allocations, by user
	made   map[origin]*allocation
}

// origin is from where an allocation was made.
type origin struct{ network, address string }

func originOf(from net.Addr) origin { return origin{from.Network(), from.String()} }

// allocation is an allocation as the library reports it.
type allocation struct {
	user     string
	conn     *conn
	peers    map[netip.Addr]struct{} // addresses that it reaches
	channels int
}

func newRelays(c *Config) *relays {
	return &relays{
		c: c, own: ownAddresses(), conns: make(map[int]*conn), users: make(map[string]int),
		made: make(map[origin]*allocation),
	}
}

// ownAddresses returns the addresses of this machine, also public ones.
func ownAddresses() map[netip.Addr]struct{} {
	own := make(map[netip.Addr]struct{})
	list, _ := net.InterfaceAddrs() // an error: those that are not public are refused anyway
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own[prefix.Addr().Unmap()] = struct{}{}
		}
	}
	return own
}

func (r *relays) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// has reports whether an allocation of a user was made from an address.
func (r *relays) has(from net.Addr, user string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.made[originOf(from)]
	return a != nil && a.user == user
}

// events returns what follows the allocations.
func (r *relays) events() turn.EventHandler {
	return turn.EventHandler{
		OnAllocationCreated: func(from, _ net.Addr, _, user, _ string, relay net.Addr, _ int) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.made[originOf(from)] = &allocation{user: user, conn: r.conns[portOf(relay)], peers: make(map[netip.Addr]struct{})}
		},
		OnAllocationDeleted: func(from, _ net.Addr, _, _, _ string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.made, originOf(from))
		},
		OnPermissionCreated: func(from, _ net.Addr, _, _, _ string, _ net.Addr, peer net.IP) {
			r.with(from, func(a *allocation) { a.peers[ipOf(peer)] = struct{}{} })
		},
		OnPermissionDeleted: func(from, _ net.Addr, _, _, _ string, _ net.Addr, peer net.IP) {
			r.with(from, func(a *allocation) { delete(a.peers, ipOf(peer)) })
		},
		OnChannelCreated: func(from, _ net.Addr, _, _, _ string, _, _ net.Addr, _ uint16) {
			r.with(from, func(a *allocation) {
				if a.channels++; a.channels > maxChannels && a.conn != nil {
					r.refuse("relay_quota")
					go a.conn.Close() // it ends the allocation
				}
			})
		},
		OnChannelDeleted: func(from, _ net.Addr, _, _, _ string, _, _ net.Addr, _ uint16) {
			r.with(from, func(a *allocation) { a.channels-- })
		},
	}
}

// with calls f with the allocation from an address, if there is one.
func (r *relays) with(from net.Addr, f func(a *allocation)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.made[originOf(from)]; a != nil {
		f(a)
	}
}

func portOf(addr net.Addr) int {
	if udp, ok := addr.(*net.UDPAddr); ok {
		return udp.Port
	}
	return 0
}

// ipOf returns an address, the zero one for what is none.
func ipOf(ip net.IP) netip.Addr {
	addr, _ := netip.AddrFromSlice(ip)
	return addr.Unmap()
}

// mayAllocate refuses an allocation in words. AllocatePacketConn makes sure.
func (r *relays) mayAllocate(user, _ string, _ net.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users[user] < maxAllocations {
		return true
	}
	return r.refuse("relay_quota")
}

// refuse counts a refusal and returns false.
func (r *relays) refuse(reason string) bool {
	if r.c.Metrics != nil {
		r.c.Metrics.Refused(reason)
	}
	return false
}

// permits reports whether a device may exchange packets with an address.
func (r *relays) permits(from net.Addr, peer net.IP) bool {
	switch addr := ipOf(peer); {
	case !r.mayReach(addr):
		return r.refuse("relay_peer")
	case !r.hasRoom(from, addr):
		return r.refuse("relay_quota")
	}
	return true
}

// hasRoom reports whether an allocation may reach an address besides those that it reaches.
func (r *relays) hasRoom(from net.Addr, addr netip.Addr) bool {
	room := true
	r.with(from, func(a *allocation) {
		_, known := a.peers[addr]
		room = known || len(a.peers) < maxPeers
	})
	return room
}

// notPublic are addresses within networks, for which netip has no method.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	// What leads to IPv4 addresses: NAT64, 6to4, Teredo.
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"),
}

// mayReach keeps users away from what this machine reaches and they do not: itself, apart from the ports of other
// relayed devices and of the SFU, and its private network.
func (r *relays) mayReach(addr netip.Addr) bool {
	if addr == r.c.PublicIP.Unmap() || r.c.isSFU(addr) || r.c.Private {
		return true
	}
	if _, own := r.own[addr]; own || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

var (
	errQuota     = fmt.Errorf("more than %d allocations of one user", maxAllocations)
	errOnlyUDP   = errors.New("only UDP is relayed")
	errPortGiven = errors.New("a device cannot choose its port")
	errNoPort    = errors.New("all ports of the relay are in use")
)

// Validate implements turn.RelayAddressGenerator.
func (r *relays) Validate() error { return nil }

// AllocateListener implements turn.RelayAddressGenerator.
func (r *relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errOnlyUDP
}

// AllocateConn implements turn.RelayAddressGenerator.
func (r *relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errOnlyUDP }

// AllocatePacketConn implements turn.RelayAddressGenerator.
func (r *relays) AllocatePacketConn(o turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if o.RequestedPort != 0 {
		return nil, nil, errPortGiven
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, nil, net.ErrClosed
	case r.users[o.UserID] >= maxAllocations:
		return nil, nil, errQuota
	}
	udp, port, err := r.open()
	if err != nil {
		return nil, nil, err
	}
	c := &conn{
		UDPConn: udp, relays: r, user: o.UserID, port: int(port),
		in: rate.NewLimiter(byteRate, byteBurst), out: rate.NewLimiter(byteRate, byteBurst),
	}
	r.conns[c.port] = c
	r.users[o.UserID]++
	return c, net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.c.PublicIP, port)), nil
}

// open opens a free port of the range.
func (r *relays) open() (*net.UDPConn, uint16, error) {
	size := int(r.c.Ports.Last-r.c.Ports.First) + 1
	start := rand.IntN(size) //nolint:gosec // ports are no secret
	for n := range min(portTries, size) {
		port := r.c.Ports.First + uint16((start+n)%size)
		udp, err := listenUDP(r.c, port)
		if err == nil {
			return udp, port, nil
		}
	}
	return nil, 0, errNoPort
}

// listenUDP opens a port on the public address, or on all when this machine does not have that one itself, as behind a
// router that forwards ports.
func listenUDP(c *Config, port uint16) (*net.UDPConn, error) {
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.PublicIP, port)))
	if err == nil || !isNotLocal(err) {
		return udp, err //nolint:wrapcheck // another port is tried
	}
	network := "udp4"
	if c.PublicIP.Is6() && !c.PublicIP.Is4In6() {
		network = "udp6"
	}
	addr, err := net.ResolveUDPAddr(network, ":"+strconv.Itoa(int(port)))
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	return net.ListenUDP(network, addr) //nolint:wrapcheck // as above
}

// closeAll closes the ports.
func (r *relays) closeAll() {
	r.mu.Lock()
	r.closed = true
	open := slices.Collect(maps.Values(r.conns))
	r.mu.Unlock()
	for _, c := range open {
		_ = c.Close()
	}
}

// closeRefused closes the ports of users who may not use the relay any more.
func (r *relays) closeRefused(may func(user string) bool) {
	r.mu.Lock()
	open := slices.Collect(maps.Values(r.conns))
	r.mu.Unlock()
	for _, c := range open {
		if !may(c.user) {
			_ = c.Close()
		}
	}
}

// conn is the port of an allocation.
type conn struct {
	*net.UDPConn

	relays  *relays
	port    int
	user    string
	in, out *rate.Limiter
	once    sync.Once
}

// Close closes the port.
func (c *conn) Close() error {
	c.once.Do(func() {
		r := c.relays
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.conns, c.port)
		if r.users[c.user]--; r.users[c.user] == 0 {
			delete(r.users, c.user)
		}
	})
	return c.UDPConn.Close() //nolint:wrapcheck // the caller knows what it closes
}

// ReadFrom reads a packet. What comes too fast is dropped, as a full line would.
func (c *conn) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, addr, err := c.UDPConn.ReadFrom(p)
		if err != nil || c.count(c.in, n) {
			return n, addr, err //nolint:wrapcheck // io's errors have a meaning
		}
	}
}

// WriteTo sends a packet, if it may go there. A permission is for an address; on this machine it is only for the ports
// of the relay and of the SFU.
func (c *conn) WriteTo(p []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok || !c.mayWrite(udp.AddrPort()) || !c.count(c.out, len(p)) {
		return len(p), nil
	}
	return c.UDPConn.WriteTo(p, to) //nolint:wrapcheck // as above
}

func (c *conn) mayWrite(to netip.AddrPort) bool {
	addr, conf := to.Addr().Unmap(), c.relays.c
	switch {
	case conf.isSFU(addr) && to.Port() == conf.SFU.Port(), conf.Private:
		return true
	case addr == conf.PublicIP.Unmap():
		return conf.Ports.contains(to.Port())
	case conf.isSFU(addr):
		return false
	}
	return c.relays.mayReach(addr)
}

// count counts a packet, and reports whether the rate allows it.
func (c *conn) count(l *rate.Limiter, n int) bool {
	if !l.AllowN(c.relays.c.Clock(), n+headerSize) {
		return false
	}
	if m := c.relays.c.Metrics; m != nil {
		m.RelayBytes(n)
	}
	return true
}
