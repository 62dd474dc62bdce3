package server_test

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/wire"
)

// movedClock is the system's clock, moved forward.
type movedClock struct{ by atomic.Int64 }

func (c *movedClock) now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

func (c *movedClock) move(by time.Duration) { c.by.Add(int64(by)) }

// newRenewHost starts a server whose access tokens are valid for 90 days.
func newRenewHost(t *testing.T, opts server.Options) (*host, *movedClock) {
	t.Helper()
	clock := new(movedClock)
	opts.Clock, opts.TokenLifetime = clock.now, 90*day
	return newHost(t, opts), clock
}

func renewToken(t wire.Token) *wire.Request {
	hash := t.Hash()
	return &wire.Request{Op: &wire.Request_RenewToken{RenewToken: &wire.RenewToken{Hash: hash[:]}}}
}

// renew has the device make another token, which it returns; the device goes on with its own.
func (d *device) renew() wire.Token {
	d.t.Helper()
	next := wire.NewToken(d.token.URL, d.token.Address, nil)
	if r := d.call(renewToken(next)); r.GetResult() != wire.ResultOK || r.GetRenewToken() == nil {
		d.t.Fatalf("renew: got %v", r)
	}
	return next
}

// with returns another connection of the same device, with a token.
func (d *device) with(token wire.Token) *device {
	d.t.Helper()
	other := &device{t: d.t, h: d.h, token: token, acks: true}
	other.connect()
	d.t.Cleanup(other.close)
	return other
}

// wantRefused checks that nothing connects with a token.
func (h *host) wantRefused(what string, token wire.Token, status int) {
	h.t.Helper()
	ws, res, err := h.dial(token.String())
	if err == nil {
		_ = ws.Close()
	}
	if res == nil || res.StatusCode != status {
		h.t.Errorf("%s: got %v, want status %d", what, res, status)
	}
}

// near reports whether a time in ms is one by the clock of the machine, within minutes.
func near(milli uint64, want time.Time) bool {
	return time.UnixMilli(int64(milli)).Sub(want).Abs() < 5*time.Minute
}

// TestRenewToken: the old token is valid until the new one was used, which is that of the same device, for another
// lifetime.
func TestRenewToken(t *testing.T) {
	t.Parallel()
	h, clock := newRenewHost(t, server.Options{})
	alice := h.device("alice")
	hello := alice.connect()
	if !near(hello.GetTokenExpires(), time.Now().Add(90*day)) || !near(hello.GetTokenRenew(), time.Now().Add(60*day)) {
		t.Errorf("got %v", hello)
	}
	first := alice.token
	if r := alice.call(renewToken(wire.NewToken("", "", nil))); r.GetResult() != wire.ResultDenied {
		t.Errorf("on the first day: got %v", r)
	}
	clock.move(61 * day)
	next := wire.NewToken(first.URL, "alice", nil)
	r := alice.call(renewToken(next)).GetRenewToken()
	if !near(r.GetExpires(), clock.now().Add(90*day)) || !near(r.GetRenew(), clock.now().Add(60*day)) {
		t.Fatalf("got %v", r)
	}
	if again := alice.call(renewToken(next)).GetRenewToken(); again.GetExpires() != r.GetExpires() {
		t.Errorf("repeated: got %v, want %v", again, r)
	}
	alice.connect() // the old one is still valid

	renewed := alice.with(next)
	if got := renewed.connect(); got.GetDevice() != hello.GetDevice() || got.GetTokenExpires() != r.GetExpires() {
		t.Errorf("got %v, want the device %s", got, hello.GetDevice())
	}
	if bye := alice.ended(); bye.GetStatus() != wire.ConnSignOut {
		t.Errorf("the other connection of the device: got %v, want SIGNOUT", bye)
	}
	h.wantRefused("the old token", first, http.StatusUnauthorized)
	if again := renewed.call(renewToken(next)).GetRenewToken(); again.GetExpires() != r.GetExpires() {
		t.Errorf("repeated after its use: got %v, want %v", again, r)
	}
	if r := renewed.call(renewToken(first)); r.GetResult() != wire.ResultDenied {
		t.Errorf("back to the old one: got %v", r)
	}
	list, err := h.srv.Tokens(t.Context(), "alice")
	if err != nil || len(list) != 1 || list[0].ID != hello.GetDevice() || !near(r.GetExpires(), list[0].Expires) {
		t.Errorf("got %v, %v, want one device", list, err)
	}
	if got := h.audited(audit.Filter{Actor: "user "}); !slices.Equal(got, []string{"user alice token.renew alice " + list[0].ID}) {
		t.Errorf("audit: got %q", got)
	}

	// The device has its label and signs itself out, by the id that its token has or by that of the device.
	path := wire.DevicesPath + "/"
	if status, _ := h.ask(http.MethodPatch, path+next.ID(), next.String(), map[string]any{"label": "lap"}); status != http.StatusNoContent {
		t.Errorf("label: got %d", status)
	}
	if status, _ := h.ask(http.MethodDelete, path+next.ID(), next.String(), nil); status != http.StatusNoContent {
		t.Errorf("sign out: got %d", status)
	}
	if bye := renewed.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}
}

// TestRenewToken_lost: whatever of a renewal is lost, on the way or with a device or the server that ends, the device has
// a valid token.
func TestRenewToken_lost(t *testing.T) {
	t.Parallel()
	h, clock := newRenewHost(t, server.Options{})
	alice := h.device("alice")
	clock.move(61 * day)

	// The device ends before it has the answer. The server may have stored the renewal, or not.
	unread := wire.NewToken(alice.token.URL, "alice", nil)
	alice.request(renewToken(unread))
	alice.close()
	alice.connect()
	unstored := alice.renew() // the device ends before it has stored this one
	h.restart()
	alice.connect()
	stored := alice.renew() // and here when it has stored this one, of which it never had an answer
	h.restart()
	renewed := alice.with(stored)
	for _, token := range []wire.Token{alice.token, unread, unstored} {
		h.wantRefused("after the use of another", token, http.StatusUnauthorized)
	}
	h.restart() // after its first use
	renewed.connect()
}

// TestRenewToken_connected: a device that stays connected goes on with a renewed token that it has not used, until that
// one expires, and can renew it.
func TestRenewToken_connected(t *testing.T) {
	t.Parallel()
	h, clock := newRenewHost(t, server.Options{PingInterval: 20 * time.Millisecond})
	alice := h.device("alice")
	awaitPings := func() {
		t.Helper()
		h.token("bob") // the server looks at all tokens
		pings, asked := 0, uint64(0)
		alice.onPing = func(string) error {
			if pings++; pings == 3 {
				asked = alice.request(foreground(true))
			}
			return nil
		}
		alice.until("pings", func() bool { return alice.responses[asked] != nil })
	}
	for range 3 {
		clock.move(70 * day)
		alice.renew()
		awaitPings()
	}
	if list, err := h.srv.Tokens(t.Context(), "alice"); err != nil || len(list) != 1 || list[0].Expires.Before(clock.now()) {
		t.Errorf("got %v, %v, want one device that is valid", list, err)
	}
	clock.move(90 * day)
	if bye := alice.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}
	h.wantRefused("the first one", alice.token, http.StatusUnauthorized)
}

// TestRenewToken_refusals: nothing but a valid token of the lifetime is renewed, and for its own device alone.
func TestRenewToken_refusals(t *testing.T) {
	t.Parallel()
	h, clock := newRenewHost(t, server.Options{})
	want := func(what string, d *device, r *wire.Request, result uint32) {
		t.Helper()
		if got := d.call(r); got.GetResult() != result {
			t.Errorf("%s: got %v, want result %d", what, got, result)
		}
	}
	fresh := func() *wire.Request { return renewToken(wire.NewToken("", "", nil)) }
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	for what, opts := range map[string]accounts.TokenOptions{
		"with an expiry of its own": {Expires: time.Now().Add(100 * day)}, "for ever": {Forever: true},
	} {
		token, err := h.srv.NewToken(t.Context(), "alice", opts)
		if err != nil {
			t.Fatal(err)
		}
		other := alice.with(token)
		if got := other.connect(); got.GetTokenRenew() != 0 || opts.Forever != (got.GetTokenExpires() == 0) {
			t.Errorf("%s: got %v", what, got)
		}
		want(what, other, fresh(), wire.ResultDenied)
	}
	clock.move(61 * day)
	for _, hash := range [][]byte{nil, make([]byte, 31), make([]byte, 33)} {
		r := &wire.Request{Op: &wire.Request_RenewToken{RenewToken: &wire.RenewToken{Hash: hash}}}
		want("no hash", alice, r, wire.ResultBadRequest)
	}
	want("the token of another", alice, renewToken(bob.token), wire.ResultBadRequest)
	next := bob.renew()
	want("the renewed token of another", alice, renewToken(next), wire.ResultBadRequest)

	first := alice.renew()
	for range 3 {
		alice.renew()
	}
	want("too many", alice, fresh(), wire.ResultRateLimit)
	want("one of them", alice, renewToken(first), wire.ResultOK)
	clock.move(time.Hour)
	alice.renew()
	h.wantRefused("the oldest of too many", first, http.StatusUnauthorized)

	// What shuts the device out does so with either token.
	carols := carol.renew()
	err := h.srv.SuspendUser(t.Context(), "carol", clock.now().Add(day), "spam")
	if bye := carol.ended(); err != nil || bye.GetStatus() != wire.ConnSuspend {
		t.Errorf("got %v, %v, want SUSPEND", bye, err)
	}
	h.wantRefused("suspended", carols, http.StatusForbidden)
	list, err := h.srv.Tokens(t.Context(), "bob")
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v", list, err)
	}
	if err := h.srv.RevokeToken(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	h.wantRefused("revoked", next, http.StatusUnauthorized)
	h.wantRefused("revoked", bob.token, http.StatusUnauthorized)
	clock.move(91 * day)
	h.wantRefused("expired", alice.token, http.StatusUnauthorized)
}
