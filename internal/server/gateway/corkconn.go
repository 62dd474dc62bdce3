package gateway

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
)

// listener accepts connections that can be corked.
type listener struct{ net.Listener }

// Cork makes the connections that a listener accepts ones whose writes can be collected.
func Cork(ln net.Listener) net.Listener { return listener{ln} }

// Accept returns the next connection.
func (l listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http checks for a temporary net.Error
	}
	return &corkConn{Conn: nc}, nil
}

// corkConn is an accepted connection. While it is corked, writes are buffered, so that a response and the events after
// it need only one system call.
type corkConn struct {
	net.Conn

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

// NetConn returns the connection below.
func (l *corkConn) NetConn() net.Conn { return l.Conn }
