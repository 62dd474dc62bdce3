package relay

import (
	"net"
	"testing"
)

// TestFlood_small: small packets count with their headers, which fill the line as well.
func TestFlood_small(t *testing.T) {
	t.Parallel()
	c := newClock()
	s, _ := serve(t, func(conf *Config) { conf.Clock = c.now })
	user(t, s, "udp", 1).allocate()
	var port *conn
	s.relays.mu.Lock()
	for port = range s.relays.conns {
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
		return len(s.relays.peers) == 0
	})
}

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
