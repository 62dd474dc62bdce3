package door

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// listener counts the connections that it accepts.
type listener struct {
	net.Listener

	door *Door
}

// Listen counts the connections that a listener accepts until a request comes on them.
func (d *Door) Listen(ln net.Listener) net.Listener { return &listener{Listener: ln, door: d} }

// Accept returns the next connection. It ends the oldest silent one when there are too many.
func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http checks for a temporary net.Error
	}
	c := &conn{Conn: nc, door: l.door, share: shareOf(addrOf(nc.RemoteAddr()))}
	if l.door.Trusts(addrOf(nc.RemoteAddr())) {
		c.share = netip.Addr{} // the proxy's address stands for many
	}
	if oldest := l.door.enter(c); oldest != nil {
		_ = oldest.Close()
	}
	return c, nil
}

// state is what is known of a connection.
type state int

const (
	silent state = iota // no request has come
	known               // one with a token has
	other               // one without has, or the connection is closed
)

// conn is an accepted connection.
type conn struct {
	net.Conn

	door  *Door      // immutable, like share
	share netip.Addr // the zero Addr: a trusted proxy

	state state // under Door.mu
	once  sync.Once
}

// queue has connections in the order in which they came.
type queue []*conn

func (q *queue) remove(c *conn) {
	if i := slices.Index(*q, c); i >= 0 {
		*q = slices.Delete(*q, i, i+1)
	}
}

// enter counts a new connection, and returns the one that has to end for it.
func (d *Door) enter(c *conn) (oldest *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.guest(c.share)
	switch {
	case c.share.IsValid() && len(g.silent) >= d.c.SilentPerAddress:
		d.c.Refused("silent_of_address")
		oldest = g.silent[0]
	case len(d.silent) >= d.c.Silent:
		d.c.Refused("silent")
		oldest = d.silent[0]
	}
	g.silent = append(g.silent, c)
	d.silent = append(d.silent, c)
	return oldest
}

// arrived notes that a request has come on a connection. It reports false if the address has too many connections that
// have had one with a token.
func (d *Door) arrived(ctx context.Context, hasToken bool) bool {
	c, ok := ctx.Value(connKey{}).(*conn)
	if !ok { // another server's connection
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.state != silent {
		return true
	}
	d.leave(c)
	if !hasToken {
		return true
	}
	g := d.guest(c.share)
	if c.share.IsValid() && g.known >= d.c.PerAddress {
		d.c.Refused("requests_of_address")
		d.forget(c.share)
		return false
	}
	g.known++
	c.state = known
	return true
}

// leave removes a connection from where it is counted. The caller holds mu.
func (d *Door) leave(c *conn) {
	g := d.guest(c.share)
	switch c.state {
	case silent:
		g.silent.remove(c)
		d.silent.remove(c)
	case known:
		g.known--
	case other:
	}
	c.state = other
	d.forget(c.share)
}

// NetConn returns the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Close closes the connection and stops counting it.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.door.mu.Lock()
		defer c.door.mu.Unlock()
		c.door.leave(c)
	})
	return c.Conn.Close() //nolint:wrapcheck // a net.Conn returns net's errors
}
