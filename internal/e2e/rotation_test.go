package e2e_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	own "github.com/parley-chat/parley/internal/certificate"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// pinnedServer is a server with its own certificate, which starts again at the same address.
type pinnedServer struct {
	t      *testing.T
	dir    string
	addr   string
	srv    *server.Server
	served chan error
}

func (p *pinnedServer) start() {
	p.t.Helper()
	cert, err := own.Own(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	pins, err := own.Pins(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(p.t.Context(), "tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.addr = ln.Addr().String()
	ctx := context.WithoutCancel(p.t.Context())
	p.srv, err = server.Open(ctx, server.Options{
		Dir: p.dir, PublicURL: "https://" + p.addr, Pin: pins, TLS: own.Config(cert), Inviters: devices.Admins,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	go func() { p.served <- p.srv.Serve(ctx, ln) }()
}

func (p *pinnedServer) stop() {
	p.t.Helper()
	if err := errors.Join(p.srv.Close(), <-p.served); err != nil {
		p.t.Error(err)
	}
}

// pinnedClient connects with a token, and keeps what it gets in its place.
type pinnedClient struct {
	m       *mesibo.Mesibo
	changed chan struct{}

	mu     sync.Mutex
	token  string
	broken error // what storing a token fails with
	saves  int   // calls of SaveToken
}

func newPinnedClient(t *testing.T, token string) *pinnedClient {
	t.Helper()
	c := &pinnedClient{changed: make(chan struct{}, 1), token: token}
	notify := func() {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
	var err error
	c.m, err = mesibo.New(mesibo.Options{Path: t.TempDir(), AccessToken: token, SaveToken: func(token string) error {
		defer notify()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.saves++
		if c.broken == nil {
			c.token = token
		}
		return c.broken
	}})
	if err != nil {
		t.Fatal(err)
	}
	l := &mesibo.ListenerFuncs{ConnectionStatus: func(mesibo.ConnectionStatus) { notify() }}
	if err := errors.Join(c.m.AddListener(l), c.m.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.m.Reset() })
	return c
}

// kept returns the token that the next start would use.
func (c *pinnedClient) kept() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

func (c *pinnedClient) saved() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.saves
}

func (c *pinnedClient) breakStore(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err
}

func (c *pinnedClient) pins(t *testing.T) []byte {
	t.Helper()
	token, err := wire.ParseToken(c.kept())
	if err != nil {
		t.Fatal(err)
	}
	return token.Pin
}

// await waits for what a client has to come to.
func (c *pinnedClient) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !done() {
		c.m.Reconnect()
		select {
		case <-c.changed:
		case <-ctx.Done():
			t.Fatalf("not in time: %s; status %v, %v", what, c.m.GetConnectionStatus(), c.m.GetConnectionError())
		}
	}
}

// TestMayInvite: a device learns when it connects whether its user may invite others.
func TestMayInvite(t *testing.T) {
	t.Parallel()
	p := &pinnedServer{t: t, dir: t.TempDir(), addr: "127.0.0.1:0", served: make(chan error, 1)}
	p.start()
	defer p.stop()
	for _, admin := range []bool{false, true} {
		name := "alice"
		if admin {
			name = "bob"
		}
		err := errors.Join(p.srv.AddUser(t.Context(), name, name), p.srv.SetAdmin(t.Context(), name, admin))
		if err != nil {
			t.Fatal(err)
		}
		token, err := p.srv.NewToken(t.Context(), name, accounts.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := newPinnedClient(t, token.String())
		c.await(t, "online", c.m.IsOnline)
		if got := c.m.MayInvite(); got != admin {
			t.Errorf("%s: got %v", name, got)
		}
		c.m.Stop()
	}
}

// TestCertificate_rotates: a device that has learned the next pin goes on through two rotations, in the same run and in
// the next one; one that knows only the first certificate gets an error that says so.
func TestCertificate_rotates(t *testing.T) {
	t.Parallel()
	p := &pinnedServer{t: t, dir: t.TempDir(), addr: "127.0.0.1:0", served: make(chan error, 1)}
	p.start()
	if err := p.srv.AddUser(t.Context(), "alice", "Alice"); err != nil {
		t.Fatal(err)
	}
	var tokens [2]wire.Token
	for i := range tokens {
		var err error
		if tokens[i], err = p.srv.NewToken(t.Context(), "alice", accounts.TokenOptions{}); err != nil {
			t.Fatal(err)
		}
		tokens[i].Pin = tokens[i].Pin[:wire.PinSize] // as an older server has made them
	}
	alice := newPinnedClient(t, tokens[0].String())
	alice.await(t, "the next pin", func() bool { return len(alice.pins(t)) == 2*wire.PinSize })
	for range 2 {
		p.stop()
		before := alice.pins(t)
		if _, err := own.Rotate(p.dir); err != nil {
			t.Fatal(err)
		}
		p.start()
		alice.await(t, "the pin after it", func() bool { return string(alice.pins(t)) != string(before) })
		alice.await(t, "online", alice.m.IsOnline)
	}
	alice.m.Stop()
	again := newPinnedClient(t, alice.kept())
	again.await(t, "online in the next run", again.m.IsOnline)

	late := newPinnedClient(t, tokens[1].String())
	late.await(t, "refused", func() bool { return errors.Is(late.m.GetConnectionError(), mesibo.ErrCertificate) })
	if _, err := late.m.GetDevices(t.Context()); !errors.Is(err, mesibo.ErrCertificate) {
		t.Errorf("over HTTP: got %v", err)
	}
	p.stop()
}
