package server

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// listener bounds the connections it accepts, also those that never say anything: all of them and those of one
// address. What is too much is closed at once.
type listener struct {
	net.Listener

	max, perAddress int              // immutable
	refuse          func(why string) // immutable

	mu    sync.Mutex
	total int
	from  map[string]int
}

func newListener(ln net.Listener, opts *Options, refuse func(why string)) *listener {
	return &listener{
		Listener: ln, max: opts.MaxConnections, perAddress: opts.MaxPerAddress, refuse: refuse,
		from: make(map[string]int),
	}
}

// Accept returns the next connection that is within the limits.
func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // net/http asks whether it is a net.Error that passes
		}
		host := hostOf(nc.RemoteAddr())
		if !l.admit(host) {
			_ = nc.Close()
			continue
		}
		return &link{Conn: nc, from: l, host: host}, nil
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

// link is an accepted connection. While it is corked, what is written is gathered and leaves in one piece, so that a
// response and the events behind it cost one system call.
type link struct {
	net.Conn

	from *listener // immutable, like host
	host string

	closed atomic.Bool

	mu     sync.Mutex
	corked bool
	buf    []byte
}

// corkSize is how much is gathered at most.
const corkSize = 32 << 10

// corked finds the link below a connection; nil when there is none, whose methods do nothing.
func corked(nc net.Conn) *link {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	l, _ := nc.(*link)
	return l
}

func (l *link) cork() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.corked = true
}

func (l *link) uncork() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.corked = false
	return l.flush()
}

// flush sends what was gathered and lets the memory go, since most connections are idle. The caller holds mu.
func (l *link) flush() error {
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

// Write sends b, or keeps it for uncork.
func (l *link) Write(b []byte) (int, error) {
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

// Close closes the connection and takes it out of the count.
func (l *link) Close() error {
	if !l.closed.Swap(true) { // mu is not for this: a write that hangs may hold it
		l.from.leave(l.host)
	}
	return l.Conn.Close() //nolint:wrapcheck // a net.Conn returns net's errors
}
