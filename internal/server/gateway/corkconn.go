package gateway

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// listener limits the accepted connections, in total and per remote address. Excess connections are closed at once.
type listener struct {
	net.Listener

	max, perAddress int              // immutable
	refuse          func(why string) // immutable

	mu    sync.Mutex
	total int
	from  map[string]int
}

// NewListener limits the connections that a listener accepts. refuse is called with the reason for each refused one.
func NewListener(ln net.Listener, total, perAddress int, refuse func(why string)) net.Listener {
	return &listener{
		Listener: ln, max: total, perAddress: perAddress, refuse: refuse,
		from: make(map[string]int),
	}
}

// Accept returns the next connection that is within the limits.
func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // net/http checks for a temporary net.Error
		}
		host := hostOf(nc.RemoteAddr())
		if !l.admit(host) {
			_ = nc.Close()
			continue
		}
		return &corkConn{Conn: nc, from: l, host: host}, nil
	}
}

func hostOf(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return string(tcp.IP)
	}
	return addr.String()
}

func (l *listener) admit(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.total >= l.max:
		l.refuse("connections")
		return false
	case l.from[host] >= l.perAddress:
		l.refuse("connections_of_address")
		return false
	}
	l.total++
	l.from[host]++
	return true
}

func (l *listener) leave(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.from[host]--; l.from[host] == 0 {
		delete(l.from, host)
	}
}

// corkConn is an accepted connection. While it is corked, writes are buffered, so that a response and the events after
// it need only one system call.
type corkConn struct {
	net.Conn

	from *listener // immutable, like host
	host string

	closed atomic.Bool

	mu     sync.Mutex
	corked bool
	buf    []byte
}

// corkSize is the maximum size of the buffer.
const corkSize = 32 << 10

// corkConnOf returns the corkConn below a connection, or nil. The methods of nil do nothing.
func corkConnOf(nc net.Conn) *corkConn {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	l, _ := nc.(*corkConn)
	return l
}

func (l *corkConn) cork() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.corked = true
}

func (l *corkConn) uncork() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.corked = false
	return l.flush()
}

// flush sends the buffer and frees it, because most connections are idle. The caller holds mu.
func (l *corkConn) flush() error {
	if len(l.buf) == 0 {
		return nil
	}
	b := l.buf
	l.buf = nil
	if _, err := l.Conn.Write(b); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// Write sends b, or buffers it while the connection is corked.
func (l *corkConn) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.corked && len(l.buf)+len(b) <= corkSize {
		l.buf = append(l.buf, b...)
		return len(b), nil
	}
	if err := l.flush(); err != nil {
		return 0, err
	}
	return l.Conn.Write(b) //nolint:wrapcheck // a net.Conn returns net's errors
}

// Close closes the connection and removes it from the listener's count.
func (l *corkConn) Close() error {
	if !l.closed.Swap(true) { // not under mu, which a blocked write may hold
		l.from.leave(l.host)
	}
	return l.Conn.Close() //nolint:wrapcheck // a net.Conn returns net's errors
}
