package relay

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// TestFlood_small: small packets count with their headers, which fill the line as well.
func TestFlood_small(t *testing.T) {
	t.Parallel()
	c := newClock()
	s, _ := serve(t, func(conf *Config) { conf.Clock = c.now })
	user(t, s, "udp", 1).allocate()
	var port *conn
	s.relays.mu.Lock()
	for _, port = range s.relays.conns {
	}
	s.relays.mu.Unlock()
	passed := 0
	for range byteBurst {
		if port.count(port.out, 0) {
			passed++
		}
	}
	if passed > byteBurst/headerSize {
		t.Errorf("%d empty packets were relayed at once", passed)
	}
}

// TestPeers_many: what an allocation makes the relay keep is bounded, and forgotten with it.
func TestPeers_many(t *testing.T) {
	t.Parallel()
	s, m := serve(t, nil)
	d := user(t, s, "udp", 1)
	port := d.allocate()
	at := func(i int) net.Addr { return &net.UDPAddr{IP: net.IPv4(9, 1, byte(i>>8), byte(i)), Port: 9} }
	for i := range maxPeers {
		if err := d.CreatePermission(at(i)); err != nil {
			t.Fatalf("address %d: %v", i, err)
		}
	}
	if err := d.CreatePermission(at(maxPeers)); err == nil {
		t.Error("one more can be reached")
	}
	m.want(t, "relay_quota")
	if err := d.CreatePermission(at(0)); err != nil {
		t.Errorf("an address that is reached already: %v", err)
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
	await(t, "no address", func() bool {
		s.relays.mu.Lock()
		defer s.relays.mu.Unlock()
		return len(s.relays.made) == 0
	})
}

// TestChannels_many: an allocation with more channels than a device needs is ended, because each packet is compared with
// all of them.
func TestChannels_many(t *testing.T) {
	t.Parallel()
	s, m := serve(t, nil)
	port := user(t, s, "udp", 1).allocate()
	for i := range 2 * maxChannels {
		if _, err := port.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(9, 1, 1, 1), Port: 1 + i}); err != nil {
			break // it has ended
		}
	}
	m.want(t, "relay_quota")
	await(t, "the end of the allocation", func() bool { return s.relays.count() == 0 })
}

// TestUsers: the traffic of a user who is disabled ends, and credentials that the user got before are good for nothing.
func TestUsers(t *testing.T) {
	t.Parallel()
	var disabled atomic.Bool
	c := newClock()
	s, m := serve(t, func(conf *Config) {
		conf.Clock = c.now
		conf.Active = func(uid uint32) bool { return uid != 1 || !disabled.Load() }
	})
	one, two := user(t, s, "udp", 1), user(t, s, "tcp", 2)
	port := one.allocate()
	two.allocate()
	servers := s.Servers(1)
	disabled.Store(true)
	c.forward(askEvery)
	refresh := turn.RequestAttributes{
		Username: servers[len(servers)-1].Username, Method: stun.MethodRefresh, SrcAddr: mapped(t, one),
	}
	if _, _, ok := s.authenticate(&refresh); ok {
		t.Error("the allocation can be refreshed")
	}
	m.want(t, "relay_user")
	s.CheckUsers()
	await(t, "the end of the allocation", func() bool { return s.relays.count() == 1 })
	if again, err := one.Allocate(); err == nil {
		_ = again.Close()
		t.Error("a disabled user has allocated")
	}
	_ = port.Close()
	disabled.Store(false)
	s.CheckUsers()
	user(t, s, "udp", 1).allocate()
}

// mapped returns the address of a device as the relay sees it.
func mapped(t *testing.T, d *device) net.Addr {
	t.Helper()
	addr, err := d.SendBindingRequest()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// TestHostOf: a host with IPv6 has a whole network of addresses.
func TestHostOf(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"192.0.2.1:7":              "192.0.2.1",
		"[::ffff:192.0.2.1]:7":     "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:7": "2001:db8:1:2::/64",
		"[2001:db8:1:2::1]:9":      "2001:db8:1:2::/64",
		"[2001:db8:1:3::1]:9":      "2001:db8:1:3::/64",
		"[fe80::1%25eth0]:9":       "fe80::/64",
		"pipe":                     "pipe",
	} {
		if got := hostOf(address(addr)); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

// address is a net.Addr.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// TestPeers_own: no address of this machine can be reached, whether it is public or not.
func TestPeers_own(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		ip, _, err := net.ParseCIDR(a.String())
		if err == nil && !ip.Equal(net.IP(s.c.PublicIP.AsSlice())) && s.relays.permits(a, ip) {
			t.Errorf("%v can be reached", ip)
		}
	}
}
