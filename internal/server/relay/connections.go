package relay

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Limits of the TCP connections.
const (
	maxConnections = 2000
	maxPerAddress  = 50
	writeTimeout   = 5 * time.Second
)

// timeouts end connections on which nothing comes.
type timeouts struct {
	first time.Duration // until the first byte
	idle  time.Duration // a device sends something every few seconds
}

var defaultTimeouts = timeouts{first: 10 * time.Second, idle: 2 * time.Minute}

// connections accepts TCP connections, with and without TLS, within limits.
type connections struct {
	net.Listener

	tls      *tls.Config // nil: none
	timeouts timeouts

	mu     sync.Mutex
	closed bool
	open   map[*stream]struct{}
	from   map[string]int // connections by remote host, see hostOf
}

func newConnections(l net.Listener, conf *tls.Config, t timeouts) *connections {
	return &connections{
		Listener: l, tls: conf, timeouts: t, open: make(map[*stream]struct{}), from: make(map[string]int),
	}
}

// Accept returns the next connection.
func (cs *connections) Accept() (net.Conn, error) {
	for {
		c, err := cs.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // the server asks what it is
		}
		s := &stream{Conn: c, connections: cs, host: hostOf(c.RemoteAddr()), timeout: cs.timeouts.first}
		if cs.add(s) {
			return s, nil
		}
		_ = c.Close()
	}
}

// hostOf returns what stands for the host of an address: with IPv6 the network, of which a host has all addresses.
func hostOf(addr net.Addr) string {
	const network = 64
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return addr.String()
	}
	host := at.Addr().Unmap().WithZone("")
	if host.Is6() {
		if prefix, err := host.Prefix(network); err == nil {
			return prefix.String()
		}
	}
	return host.String()
}

func (cs *connections) add(s *stream) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed || len(cs.open) >= maxConnections || cs.from[s.host] >= maxPerAddress {
		return false
	}
	cs.open[s] = struct{}{}
	cs.from[s.host]++
	return true
}

func (cs *connections) remove(s *stream) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if _, ok := cs.open[s]; !ok {
		return
	}
	delete(cs.open, s)
	if cs.from[s.host]--; cs.from[s.host] == 0 {
		delete(cs.from, s.host)
	}
}

// closeAll closes all connections, and those that still come.
func (cs *connections) closeAll() {
	cs.mu.Lock()
	cs.closed = true
	open := make([]*stream, 0, len(cs.open))
	for s := range cs.open {
		open = append(open, s)
	}
	cs.mu.Unlock()
	for _, s := range open {
		_ = s.Close()
	}
}

// stream is a TCP connection. Its first byte says whether the device speaks TLS.
type stream struct {
	net.Conn // of the network

	connections *connections
	host        string
	timeout     time.Duration // of the next read; used by one reader

	mu    sync.Mutex // of what follows
	plain net.Conn   // what carries STUN, nil before the first byte
}

const tlsHandshake = 0x16 // the first byte of TLS

// carrier returns what carries STUN, once the first byte has come.
func (s *stream) carrier() (net.Conn, error) {
	s.mu.Lock()
	plain := s.plain
	s.mu.Unlock()
	if plain != nil {
		return plain, nil
	}
	buffered := &bufferedConn{Conn: s.Conn, r: bufio.NewReader(s.Conn)}
	first, err := buffered.r.Peek(1)
	if err != nil {
		return nil, err //nolint:wrapcheck // the reader asks what it is
	}
	plain = buffered
	if first[0] == tlsHandshake && s.connections.tls != nil {
		plain = tls.Server(buffered, s.connections.tls)
	}
	s.mu.Lock()
	s.plain = plain
	s.mu.Unlock()
	return plain, nil
}

// Read reads what the device has sent.
func (s *stream) Read(p []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(s.timeout)); err != nil {
		return 0, err //nolint:wrapcheck // as above
	}
	c, err := s.carrier()
	if err != nil {
		return 0, err
	}
	n, err := c.Read(p)
	if n > 0 {
		s.timeout = s.connections.timeouts.idle
	}
	return n, err //nolint:wrapcheck // as above
}

// Write sends to the device. It is cut off when it does not read.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	c := s.plain
	s.mu.Unlock()
	if c == nil {
		return 0, net.ErrClosed // the device has not said anything yet
	}
	if err := s.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err //nolint:wrapcheck // as above
	}
	n, err := c.Write(p)
	if err != nil {
		_ = s.Close()
	}
	return n, err //nolint:wrapcheck // as above
}

// Close closes the connection.
func (s *stream) Close() error {
	s.connections.remove(s)
	return s.Conn.Close() //nolint:wrapcheck // as above
}

// bufferedConn is a connection of which the beginning was read.
type bufferedConn struct {
	net.Conn

	r *bufio.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) } //nolint:wrapcheck // it is io.Reader
