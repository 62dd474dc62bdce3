package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/parley-chat/parley/internal/server/gateway"
)

// ServeTLS accepts connections of a further listener, with TLS of its own and within the same limits as Serve. When ctx
// ends, it cuts them at once, WebSockets too, and the server goes on. It always closes ln. It returns nil after a regular
// end, and when the server is stopped.
func (s *Server) ServeTLS(ctx context.Context, ln net.Listener, conf *tls.Config) error {
	hs := s.newHTTP(conf)
	if !s.begin(hs) {
		_ = ln.Close()
		return nil
	}
	cut := &cutListener{Listener: ln, conns: make(map[*cutConn]struct{})}
	stop := context.AfterFunc(ctx, func() {
		_ = hs.Close() // it closes what is not a WebSocket, and the listener
		cut.cut()
	})
	defer stop()
	s.log.Info("serving others", slog.String("address", ln.Addr().String()))
	err := serveHTTP(hs, gateway.Cork(s.listen(cut)))
	s.mu.Lock()
	delete(s.https, hs)
	s.mu.Unlock()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return errors.Join(fmt.Errorf("serve: %w", err), hs.Close())
}

// cutListener knows the connections that it has accepted.
type cutListener struct {
	net.Listener

	mu    sync.Mutex
	ended bool
	conns map[*cutConn]struct{}
}

// Accept returns the next connection.
func (l *cutListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http checks for a temporary net.Error
	}
	c := &cutConn{Conn: nc, of: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		_ = nc.Close()
		return nil, net.ErrClosed
	}
	l.conns[c] = struct{}{}
	return c, nil
}

// cut closes all connections, now and later.
func (l *cutListener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for c := range l.conns {
		_ = c.Conn.Close()
	}
	clear(l.conns)
}

// cutConn is an accepted connection.
type cutConn struct {
	net.Conn

	of *cutListener // immutable
}

// NetConn returns the connection below.
func (c *cutConn) NetConn() net.Conn { return c.Conn }

// Close closes the connection.
func (c *cutConn) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.Conn.Close() //nolint:wrapcheck // a net.Conn returns net's errors
}
