package door

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Config has the limits of a Door. An address stands for all of its network: the /64 of an IPv6 address.
type Config struct {
	// Connections is the maximum number of upgraded connections, PerAddress that of one address. So many requests of an
	// address with a token, in connections that were not upgraded, are served as well.
	Connections, PerAddress int
	// Strangers is the maximum number of requests without a token at the same time, StrangersPerAddress that of one
	// address.
	Strangers, StrangersPerAddress int
	// Silent is the maximum number of connections on which no request has come yet, SilentPerAddress that of one address.
	// A further one ends the oldest.
	Silent, SilentPerAddress int
	// BodyTimeout is how long the body of a request may take.
	BodyTimeout time.Duration
	// WriteTimeout is how long a response may take.
	WriteTimeout time.Duration
	// MaxBody is the maximum size of a body, MaxStrangerBody that of a request without a token.
	MaxBody, MaxStrangerBody int64
	// TrustedProxies are the networks of proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// HasToken reports whether a request has what looks like a token. It does not look it up.
	HasToken func(r *http.Request) bool
	// Unlimited reports whether a request sets its deadlines and the size of its body itself.
	Unlimited func(r *http.Request) bool
	// Refused counts what is refused, by reason.
	Refused func(reason string)
}

// Door counts connections and requests. Its methods may be called from any goroutine.
type Door struct {
	c Config // immutable but for Connections and PerAddress

	mu        sync.Mutex
	silent    queue // all connections without a request, oldest first
	strangers int
	upgraded  int
	guests    map[netip.Addr]*guest
}

// guest is what one address has.
type guest struct {
	silent    queue // its part of Door.silent
	strangers int   // requests without a token
	known     int   // connections that have had a request with one
	upgraded  int
}

// New returns a Door.
func New(c Config) *Door { return &Door{c: c, guests: make(map[netip.Addr]*guest)} }

// SetLimits changes how many connections there may be, in all and of one address. Those that there are stay.
func (d *Door) SetLimits(connections, perAddress int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.c.Connections, d.c.PerAddress = connections, perAddress
}

// guest returns what an address has. The caller holds mu, and calls forget when it has taken something away.
func (d *Door) guest(share netip.Addr) *guest {
	g := d.guests[share]
	if g == nil {
		g = &guest{}
		d.guests[share] = g
	}
	return g
}

func (d *Door) forget(share netip.Addr) {
	if g := d.guests[share]; g != nil && g.strangers == 0 && g.known == 0 && g.upgraded == 0 && len(g.silent) == 0 {
		delete(d.guests, share)
	}
}

// Upgrade counts a connection that is about to be upgraded by a request that has come through Handler. If ok is true, the
// caller must call release when the connection has ended.
func (d *Door) Upgrade(r *http.Request) (release func(), ok bool) {
	share := shareOf(parseRemote(r.RemoteAddr))
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := r.Context().Value(connKey{}).(*conn); ok {
		d.leave(c)
	}
	g := d.guest(share)
	defer d.forget(share)
	switch {
	case d.upgraded >= d.c.Connections:
		d.c.Refused("connections")
		return nil, false
	case g.upgraded >= d.c.PerAddress:
		d.c.Refused("connections_of_address")
		return nil, false
	}
	d.upgraded++
	g.upgraded++
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.upgraded--
		g.upgraded--
		d.forget(share)
	}), true
}

// admitStranger counts a request without a token.
func (d *Door) admitStranger(share netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.guest(share)
	defer d.forget(share)
	switch {
	case d.strangers >= d.c.Strangers:
		d.c.Refused("strangers")
		return false
	case g.strangers >= d.c.StrangersPerAddress:
		d.c.Refused("strangers_of_address")
		return false
	}
	d.strangers++
	g.strangers++
	return true
}

func (d *Door) strangerGone(share netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.strangers--
	d.guests[share].strangers--
	d.forget(share)
}

// Handler limits the requests for next, and sets their RemoteAddr to the client's address where a proxy has said it.
func (d *Door) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serve(next, w, r) })
}

func (d *Door) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	client := d.clientOf(r)
	r.RemoteAddr = client.String()
	known := d.c.HasToken(r)
	if !d.arrived(r.Context(), known) {
		refuse(w)
		return
	}
	if !known {
		share := shareOf(client.Addr())
		if !d.admitStranger(share) {
			refuse(w)
			return
		}
		defer d.strangerGone(share)
		w.Header().Set("Connection", "close")
	}
	if known && r.ContentLength == 0 && r.Header.Get("Upgrade") != "" {
		next.ServeHTTP(w, r) // it takes the connection over
		return
	}
	d.serveLimited(next, w, r, known)
}

// serveLimited serves a request that ends with a response.
func (d *Door) serveLimited(next http.Handler, w http.ResponseWriter, r *http.Request, known bool) {
	control := http.NewResponseController(w) // servers other than ours may not be able to set deadlines
	a := &answer{ResponseWriter: w, upload: known && d.c.Unlimited(r)}
	if r.ContentLength != 0 {
		_ = control.SetReadDeadline(time.Now().Add(d.c.BodyTimeout))
		a.body = &body{ReadCloser: r.Body}
		r.Body = a.body
	}
	if !a.upload {
		limit := d.c.MaxBody
		if !known {
			limit = min(limit, d.c.MaxStrangerBody)
		}
		if a.body != nil {
			a.body.ReadCloser = http.MaxBytesReader(w, a.body.ReadCloser, limit)
			a.body.read = func() { _ = control.SetReadDeadline(time.Time{}) }
		}
		_ = control.SetWriteDeadline(time.Now().Add(d.c.WriteTimeout))
	}
	next.ServeHTTP(a, r)
	if a.body != nil && !a.body.ended && a.close {
		linger(control, a.body)
	}
}

const (
	// lingerTime and lingerBytes bound reading after a response that did not need the body. Closing a socket with unread
	// data would make the peer's system discard the response.
	lingerTime  = time.Second
	lingerBytes = 4 << 20
)

// linger reads and drops the rest of a body. net/http would wait for it without end.
func linger(control *http.ResponseController, rest io.Reader) {
	_ = control.Flush()
	_ = control.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, rest, lingerBytes)
	_ = control.SetReadDeadline(time.Unix(1, 0))
}

// refuse answers a request for which there is no room, without reading its body.
func refuse(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Retry-After", "5")
	http.Error(w, "too many requests at the moment", http.StatusServiceUnavailable)
	control := http.NewResponseController(w)
	_ = control.Flush()
	_ = control.SetReadDeadline(time.Unix(1, 0))
}

type connKey struct{}

// ConnContext is for http.Server.ConnContext: requests find the connection that they came on.
func (*Door) ConnContext(ctx context.Context, nc net.Conn) context.Context {
	for nc != nil {
		switch c := nc.(type) {
		case *conn:
			return context.WithValue(ctx, connKey{}, c)
		case interface{ NetConn() net.Conn }: // TLS, and our own
			nc = c.NetConn()
		case interface{ Raw() net.Conn }: // the PROXY protocol
			nc = c.Raw()
		default:
			return ctx
		}
	}
	return ctx
}
