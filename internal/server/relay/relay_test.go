package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"github.com/parley-chat/parley/internal/pionlog"
)

const wait = 20 * time.Second

// clock is a time that tests set.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) forward(d time.Duration) { c.ns.Add(int64(d)) }

// counts are metrics that tests read.
type counts struct {
	refused chan string
	bytes   atomic.Int64
	relays  func() int
}

func newCounts() *counts { return &counts{refused: make(chan string, 100)} }

func (c *counts) Refused(reason string)          { c.refused <- reason }
func (c *counts) ObserveRelays(count func() int) { c.relays = count }
func (c *counts) RelayBytes(n int)               { c.bytes.Add(int64(n)) }

func (c *counts) want(t *testing.T, reason string) {
	t.Helper()
	for {
		select {
		case got := <-c.refused:
			if got == reason {
				return
			}
		case <-time.After(wait):
			t.Fatalf("not refused: %s", reason)
		}
	}
}

// serve starts a relay on this machine.
func serve(t *testing.T, change func(c *Config)) (*Server, *counts) {
	t.Helper()
	m := newCounts()
	c := Config{
		Addr: "127.0.0.1:0", PublicIP: netip.MustParseAddr("127.0.0.1"), Ports: PortRange{20000, 65000},
		Key: []byte("a key"), Logger: slog.New(slog.DiscardHandler), Metrics: m,
	}
	if change != nil {
		change(&c)
	}
	s, err := start(c, timeouts{first: 2 * time.Second, idle: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := s.relays.count(); n != 0 {
			t.Errorf("%d allocations are left", n)
		}
	})
	return s, m
}

// tlsConfig returns the configuration of a server with a certificate of its own.
func tlsConfig(t *testing.T) *tls.Config {
	t.Helper()
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	return &tls.Config{Certificates: srv.TLS.Certificates, MinVersion: tls.VersionTLS12}
}

// device is a client of the relay.
type device struct {
	*turn.Client

	t *testing.T
}

// dial returns how a device reaches the relay: udp, tcp or tls.
func dial(t *testing.T, s *Server, network string) net.PacketConn {
	t.Helper()
	addr := net.JoinHostPort("127.0.0.1", s.port)
	var c net.Conn
	var err error
	switch network {
	case "udp":
		udp, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it returns at once
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = udp.Close() })
		return udp
	case "tcp":
		c, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	default:
		d := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
		c, err = d.DialContext(t.Context(), "tcp", addr)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return turn.NewSTUNConn(c)
}

func connect(t *testing.T, s *Server, network, username, password string) *device {
	t.Helper()
	addr := net.JoinHostPort("127.0.0.1", s.port)
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: addr, TURNServerAddr: addr, Conn: dial(t, s, network), Username: username, Password: password,
		LoggerFactory: pionlog.Factory{Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	return &device{c, t}
}

// user connects a device of a user with the credentials that the user gets.
func user(t *testing.T, s *Server, network string, uid uint32) *device {
	t.Helper()
	servers := s.Servers(uid)
	last := servers[len(servers)-1]
	return connect(t, s, network, last.Username, last.Credential)
}

// allocate allocates a port.
func (d *device) allocate() net.PacketConn {
	d.t.Helper()
	c, err := d.Allocate()
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	return c
}

// receive reads a packet.
func receive(t *testing.T, c net.PacketConn) (string, net.Addr) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2000)
	n, from, err := c.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n]), from
}

func send(t *testing.T, c net.PacketConn, text string, to net.Addr) {
	t.Helper()
	if _, err := c.WriteTo([]byte(text), to); err != nil {
		t.Fatal(err)
	}
}

// TestRelay: two devices, each behind the relay, reach each other over every pair of networks.
func TestRelay(t *testing.T) {
	t.Parallel()
	conf := tlsConfig(t)
	s, m := serve(t, func(c *Config) { c.TLS = conf })
	networks := []string{"udp", "tcp", "tls"}
	for i, a := range networks {
		for j, b := range networks {
			t.Run(a+" and "+b, func(t *testing.T) {
				t.Parallel()
				one, two := user(t, s, a, uint32(1+10*i+j)).allocate(), user(t, s, b, uint32(101+10*i+j)).allocate()
				send(t, two, "hole", one.LocalAddr()) // a permission, as ICE's checks make
				send(t, one, "hello", two.LocalAddr())
				if got, from := receive(t, two); got != "hello" || from.String() != one.LocalAddr().String() {
					t.Errorf("got %q from %v, want it from %v", got, from, one.LocalAddr())
				}
			})
		}
	}
	t.Cleanup(func() {
		if m.bytes.Load() == 0 {
			t.Error("no byte was counted")
		}
	})
}

// TestServers: what devices get is what they can use.
func TestServers(t *testing.T) {
	t.Parallel()
	conf := tlsConfig(t)
	s, _ := serve(t, func(c *Config) { c.TLS, c.Host = conf, "turn.example.org" })
	got := s.Servers(7)
	want := []string{
		"stun:turn.example.org:" + s.port, "turn:turn.example.org:" + s.port + "?transport=udp",
		"turn:turn.example.org:" + s.port + "?transport=tcp", "turns:turn.example.org:" + s.port + "?transport=tcp",
	}
	var urls []string
	for _, server := range got {
		urls = append(urls, server.URLs...)
	}
	if strings.Join(urls, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", urls, want)
	}
	mapped, err := user(t, s, "udp", 7).SendBindingRequest()
	if err != nil || !strings.HasPrefix(mapped.String(), "127.0.0.1:") {
		t.Errorf("this device is at %v, %v", mapped, err)
	}
}

// TestCredentials: wrong and expired ones, and those of another user, open nothing; a call goes on when its own expire.
func TestCredentials(t *testing.T) {
	t.Parallel()
	c := newClock()
	s, m := serve(t, func(conf *Config) { conf.Clock = c.now })
	of := func(key string, uid uint32, at time.Time) ICEServer { return Credentials([]byte(key), nil, uid, at) }
	good := of("a key", 1, c.now())
	for name, wrong := range map[string]ICEServer{
		"another key":        of("another", 1, c.now()),
		"expired":            of("a key", 1, c.now().Add(-Validity-time.Minute)),
		"another user":       {Username: of("a key", 2, c.now()).Username, Credential: good.Credential},
		"a later expiry":     {Username: of("a key", 1, c.now().Add(Validity)).Username, Credential: good.Credential},
		"no expiry":          {Username: "1", Credential: sign([]byte("a key"), "1")},
		"a word":             {Username: "soon:1", Credential: sign([]byte("a key"), "soon:1")},
		"no password":        {Username: good.Username},
		"the key of another": {Username: good.Username, Credential: sign(nil, good.Username)},
	} {
		if conn, err := connect(t, s, "udp", wrong.Username, wrong.Credential).Allocate(); err == nil {
			_ = conn.Close()
			t.Errorf("%s: allocated", name)
		}
	}
	m.want(t, "relay_expired")
	d := connect(t, s, "udp", good.Username, good.Credential)
	conn := d.allocate()
	c.forward(2 * Validity)
	peer := user(t, s, "udp", 2).allocate()
	if err := d.CreatePermission(peer.LocalAddr()); err != nil {
		t.Errorf("in a call that takes long: %v", err)
	}
	if conn, err := connect(t, s, "udp", good.Username, good.Credential).Allocate(); err == nil {
		_ = conn.Close()
		t.Error("allocated with expired credentials")
	}
	if err := conn.Close(); err != nil { // with the expired credentials too
		t.Error(err)
	}
}

// TestQuota: a user has a few allocations, and another one as many.
func TestQuota(t *testing.T) {
	t.Parallel()
	s, m := serve(t, nil)
	var open []net.PacketConn
	for range maxAllocations {
		open = append(open, user(t, s, "udp", 1).allocate())
	}
	if conn, err := user(t, s, "tcp", 1).Allocate(); err == nil {
		_ = conn.Close()
		t.Error("one more was allocated")
	}
	m.want(t, "relay_quota")
	if n := m.relays(); n != maxAllocations {
		t.Errorf("%d allocations are counted", n)
	}
	user(t, s, "udp", 2).allocate()
	if err := open[0].Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "the port to be free", func() bool { return s.relays.mayAllocate("1", "", nil) })
	user(t, s, "udp", 1).allocate()
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(wait)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("waited for ", what)
		}
	}
}

// TestPeers: nothing but public addresses and other relayed devices can be reached.
func TestPeers(t *testing.T) {
	t.Parallel()
	service, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it returns at once
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	port := uint16(service.LocalAddr().(*net.UDPAddr).Port) //nolint:forcetypeassert // it is one
	s, m := serve(t, func(c *Config) {
		if c.Ports = (PortRange{1024, port - 1}); port < 1<<15 {
			c.Ports = PortRange{port + 1, 1<<16 - 1}
		}
	})
	d := user(t, s, "udp", 1)
	conn := d.allocate()
	for _, ip := range []string{
		"127.0.0.2", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
		"255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.0.8",
	} {
		if err := d.CreatePermission(&net.UDPAddr{IP: net.ParseIP(ip), Port: 53}); err == nil {
			t.Errorf("%s can be reached", ip)
		}
	}
	m.want(t, "relay_peer")
	if err := d.CreatePermission(&net.UDPAddr{IP: net.ParseIP("192.0.2.1"), Port: 53}); err != nil {
		t.Errorf("a public address: %v", err)
	}
	for _, ip := range []string{
		"::1", "::", "fe80::1", "fc00::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "::ffff:10.0.0.1",
	} {
		if s.relays.permits(nil, net.ParseIP(ip)) {
			t.Errorf("%s can be reached", ip)
		}
	}
	// A service of this machine, at the address of the relay but not one of its ports.
	other := user(t, s, "udp", 2).allocate()
	send(t, conn, "attack", service.LocalAddr())
	send(t, other, "hole", conn.LocalAddr())
	send(t, conn, "hello", other.LocalAddr()) // comes after the attack
	receive(t, other)
	if err := service.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, _, err := service.ReadFrom(make([]byte, 100)); err == nil {
		t.Errorf("the service got %d bytes", n)
	}
}

// TestPeers_SFU: the port of the SFU can be reached, and no other one at its address, be that the relay's or another of
// this machine.
func TestPeers_SFU(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"127.0.0.1", "127.0.0.9"} {
		t.Run(ip, func(t *testing.T) {
			t.Parallel()
			var sockets [2]*net.UDPConn
			for i := range sockets {
				socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(ip)})
				if err != nil {
					t.Log(err) // a system without other addresses of its own
					return
				}
				defer socket.Close()
				sockets[i] = socket
			}
			sfu, service := sockets[0], sockets[1]
			at := sfu.LocalAddr().(*net.UDPAddr).AddrPort()               //nolint:forcetypeassert // it is one
			other := service.LocalAddr().(*net.UDPAddr).AddrPort().Port() //nolint:forcetypeassert // as above
			s, _ := serve(t, func(c *Config) {
				c.SFU = at
				if c.Ports = (PortRange{1024, other - 1}); other < 1<<15 {
					c.Ports = PortRange{other + 1, 1<<16 - 1}
				}
			})
			conn := user(t, s, "tcp", 1).allocate()
			send(t, conn, "attack", service.LocalAddr())
			send(t, conn, "hello", sfu.LocalAddr()) // comes after the attack
			got, from := receive(t, sfu)
			if got != "hello" {
				t.Errorf("got %q", got)
			}
			send(t, sfu, "answer", from)
			if got, _ := receive(t, conn); got != "answer" {
				t.Errorf("got %q", got)
			}
			if err := service.SetReadDeadline(time.Now()); err != nil {
				t.Fatal(err)
			}
			if n, _, err := service.ReadFrom(make([]byte, 100)); err == nil {
				t.Errorf("the service got %d bytes", n)
			}
		})
	}
	s, _ := serve(t, nil)
	if s.relays.permits(nil, nil) {
		t.Error("no address can be reached")
	}
}

// TestFlood: what is beyond the rate is dropped.
func TestFlood(t *testing.T) {
	t.Parallel()
	c := newClock()
	s, m := serve(t, func(conf *Config) { conf.Clock = c.now })
	one, two := user(t, s, "udp", 1).allocate(), user(t, s, "udp", 2).allocate()
	send(t, two, "hole", one.LocalAddr())
	packet := string(bytes.Repeat([]byte("a"), 1200))
	for range 2 * byteBurst / len(packet) {
		send(t, one, packet, two.LocalAddr())
	}
	if _, err := user(t, s, "udp", 3).SendBindingRequest(); err != nil {
		t.Error(err)
	}
	if n := m.bytes.Load(); n > 2*(byteBurst+int64(len(packet))) {
		t.Errorf("%d bytes were relayed", n)
	}
	c.forward(time.Second)
	send(t, one, "again", two.LocalAddr())
	for {
		if got, _ := receive(t, two); got == "again" {
			return
		}
	}
}

// TestConnections: those that say nothing are closed, and one host has not more than its share.
func TestConnections(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	addr := net.JoinHostPort("127.0.0.1", s.port)
	var open []net.Conn
	for range maxPerAddress + 1 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open = append(open, c)
	}
	for _, c := range open {
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a silent connection: %v", err)
		}
	}
	await(t, "no connection", func() bool {
		s.conns.mu.Lock()
		defer s.conns.mu.Unlock()
		return len(s.conns.open) == 0 && len(s.conns.from) == 0
	})
	for range maxPerAddress {
		if !s.conns.add(&stream{connections: s.conns, host: "192.0.2.1", Conn: nopConn{}}) {
			t.Fatal("refused")
		}
	}
	if s.conns.add(&stream{connections: s.conns, host: "192.0.2.1", Conn: nopConn{}}) {
		t.Error("one host has more than its share")
	}
}

// nopConn stands for a connection that nothing is done with.
type nopConn struct{ net.Conn }

func (nopConn) Close() error { return nil }

// TestGarbage: a connection that does not speak the protocol is closed, and the others work.
func TestGarbage(t *testing.T) {
	t.Parallel()
	conf := tlsConfig(t)
	s, _ := serve(t, func(c *Config) { c.TLS = conf })
	for _, text := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01not tls at all", "\x00\x01\xff\xff", "\x40\x00\xff\xff"} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", s.port))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(c, text); err != nil {
			t.Error(err)
		}
		_ = c.Close()
	}
	user(t, s, "tcp", 1).allocate()
}

func TestParsePortRange(t *testing.T) {
	t.Parallel()
	if r, err := ParsePortRange("50000-50999"); err != nil || r != (PortRange{50000, 50999}) {
		t.Errorf("got %v, %v", r, err)
	}
	for _, text := range []string{"", "1", "0-10", "10-9", "1-65536", "1-2-3", "a-b", " 1-2", "1-2 "} {
		if r, err := ParsePortRange(text); err == nil {
			t.Errorf("%q is %v", text, r)
		}
	}
}

func TestListen_wrong(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *Config){
		"no public address": func(c *Config) { c.PublicIP = netip.Addr{} },
		"every address":     func(c *Config) { c.PublicIP = netip.IPv4Unspecified() },
		"no ports":          func(c *Config) { c.Ports = PortRange{} },
		"no address":        func(c *Config) { c.Addr = "127.0.0.1" },
		"a foreign address": func(c *Config) { c.Addr = "192.0.2.77:0" },
	} {
		c := Config{
			Addr: "127.0.0.1:0", PublicIP: netip.MustParseAddr("127.0.0.1"), Ports: PortRange{20000, 30000},
			Logger: slog.New(slog.DiscardHandler),
		}
		change(&c)
		if s, err := Listen(c); err == nil {
			_ = s.Close()
			t.Errorf("%s: started", name)
		}
	}
}
