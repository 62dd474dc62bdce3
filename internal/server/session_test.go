package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

func hello(h *wire.Hello) *wire.Request {
	if h.GetVersion() == 0 {
		h.Version = wire.Version
	}
	return &wire.Request{Op: &wire.Request_Hello{Hello: h}}
}

func TestSignOut_by_the_same_token(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	first := h.device("alice")
	second := &device{t: t, h: h, token: first.token, acks: true}
	second.connect()
	defer second.close()
	if bye := first.ended(); bye.GetStatus() != wire.ConnSignOut {
		t.Errorf("got %v, want SIGNOUT", bye)
	}
	if got := h.device("bob").sendText("alice", "hi"); got == nil {
		t.Fatal("not sent")
	}
	if got := text(second.nextMessage()); got != "hi" {
		t.Errorf("got %q, want %q", got, "hi")
	}
}

func TestDevices_limit(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxDevices: 2})
	a := h.device("alice")
	a.second()
	third := &device{t: t, h: h, token: h.token("alice")}
	third.open()
	defer third.close()
	if r := third.call(hello(&wire.Hello{})); r.GetResult() != wire.ResultDenied {
		t.Errorf("got %v, want DENIED", r)
	}
	if bye := third.ended(); bye.GetStatus() != wire.ConnOffline || bye.GetReason() == "" {
		t.Errorf("got %v, want OFFLINE with a reason", bye)
	}
	a.close()
	for { // the server notices the closed connection with a delay
		third.open()
		if third.call(hello(&wire.Hello{})).GetResult() == wire.ResultOK {
			break
		}
	}
}

func TestHello(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	alice.acks = false
	for range 5 {
		bob.sendText("alice", "hi")
		alice.next()
	}
	alice.ack(3)
	bob.nextStatus()
	alice.close()
	for _, tc := range []struct {
		name  string
		hello *wire.Hello
		start uint64
	}{
		{"keeps nothing", &wire.Hello{}, 3},
		{"new", &wire.Hello{Cursor: new(uint64(0))}, 0},
		{"another epoch", &wire.Hello{Epoch: alice.epoch + 1, Cursor: new(uint64(3))}, 0},
		{"another epoch, beyond the head", &wire.Hello{Epoch: alice.epoch + 1, Cursor: new(uint64(300))}, 0},
		{"back", &wire.Hello{Epoch: alice.epoch, Cursor: new(uint64(1))}, 1},
		{"ahead", &wire.Hello{Epoch: alice.epoch, Cursor: new(uint64(4))}, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &device{t: t, h: h, token: alice.token} // it acknowledges nothing
			d.open()
			defer d.close()
			got := d.call(hello(tc.hello)).GetHello()
			want := &wire.HelloReply{
				Uid: got.GetUid(), Address: "alice", Name: "ALICE", Epoch: alice.epoch, Start: tc.start, Head: 5,
				Time: got.GetTime(), MaxInFlight: wire.MaxInFlight, MaxUnacked: wire.MaxUnacked, MaxText: wire.MaxText,
				ProfileRevision: got.GetProfileRevision(), MaxRetract: 48 * 3600,
				GroupAdds: proto.Uint32(wire.VisibilityPublic), Device: alice.token.ID(),
			}
			if !proto.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			d.cursor = tc.start
			for seq := tc.start + 1; seq <= 5; seq++ {
				if e := d.next(); e.GetSeq() != seq {
					t.Errorf("got %v, want event %d", e, seq)
				}
			}
		})
	}
	for _, tc := range []struct {
		name           string
		hello          *wire.Hello
		result, status uint32
	}{
		{"version", &wire.Hello{Version: 9}, wire.ResultBadRequest, wire.ConnOffline},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &device{t: t, h: h, token: alice.token}
			d.open()
			defer d.close()
			if r := d.call(hello(tc.hello)); r.GetResult() != tc.result || r.GetReason() == "" {
				t.Errorf("got %v, want result %#x with a reason", r, tc.result)
			}
			if bye := d.ended(); bye.GetStatus() != tc.status {
				t.Errorf("got %v, want status %d", bye, tc.status)
			}
		})
	}
}

// TestHello_first: no signal is sent before the reply to Hello.
func TestHello_first(t *testing.T) {
	t.Parallel()
	const rounds = 200
	h := newHost(t, server.Options{})
	d := h.device("alice")
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := h.srv.AddUser(t.Context(), fmt.Sprint("user", i), "User"); err != nil {
				t.Error(err)
				return
			}
		}
	})
	told := 0
	for range rounds {
		d.connect()
		told += len(d.signals)
	}
	cancel()
	wg.Wait()
	if told > 0 {
		t.Errorf("%d times something else came first", told)
	}
}

func TestHello_application(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.token("alice")
	tok, err := h.srv.NewToken(t.Context(), "alice", accounts.TokenOptions{App: "parley"})
	if err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, h: h, token: tok}
	d.open()
	defer func() { d.close() }()
	if r := d.call(hello(&wire.Hello{App: "other"})); r.GetResult() != wire.ResultAuthFail {
		t.Errorf("got %v, want AUTHFAIL", r)
	}
	if bye := d.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}
	d.open()
	if r := d.call(hello(&wire.Hello{App: "parley"})); r.GetResult() != wire.ResultOK {
		t.Errorf("got %v, want success", r)
	}
}

func TestUpgrade_refusals(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	revoked := h.token("alice")
	if err := h.srv.RevokeToken(t.Context(), revoked.ID()); err != nil {
		t.Fatal(err)
	}
	expired, err := h.srv.NewToken(t.Context(), "alice", accounts.TokenOptions{Expires: time.Now().Add(-time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	disabled := h.token("bob")
	if err := h.srv.DisableUser(t.Context(), "bob", true); err != nil {
		t.Fatal(err)
	}
	good := h.token("alice").String()
	for _, tc := range []struct {
		name, token string
		want        int
	}{
		{"unknown", wire.NewToken("http://"+h.address, "alice", nil).String(), http.StatusUnauthorized},
		{"revoked", revoked.String(), http.StatusUnauthorized},
		{"expired", expired.String(), http.StatusUnauthorized},
		{"disabled user", disabled.String(), http.StatusUnauthorized},
		{"damaged", good[:len(good)-1], http.StatusBadRequest},
		{"empty", "", http.StatusUnauthorized},
		{"good", good, http.StatusSwitchingProtocols},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ws, res, err := h.dial(tc.token)
			if res == nil {
				t.Fatalf("dial: %v", err)
			}
			if err == nil {
				_ = ws.Close()
			}
			if res.StatusCode != tc.want {
				t.Errorf("got %d, want %d", res.StatusCode, tc.want)
			}
		})
	}
	for path, want := range map[string]int{
		wire.ConnectPath: http.StatusUpgradeRequired, "/healthz": http.StatusOK, "/metrics": http.StatusNotFound,
		"/": http.StatusNotFound,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("get %s: %v", path, err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("get %s: got %d, want %d", path, res.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// errEnough closes a connection from the client's side.
var errEnough = errors.New("enough")

func TestPing_carries_the_head(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{PingInterval: 20 * time.Millisecond})
	alice := h.device("alice")
	var heads []string
	alice.onPing = func(payload string) error {
		heads = append(heads, payload)
		if payload == "1" {
			return errEnough
		}
		return nil
	}
	alice.sendText("alice", "note")
	alice.ended()
	if len(heads) == 0 || heads[len(heads)-1] != "1" {
		t.Errorf("got heads %v, want 1 as the last", heads)
	}
}

func TestDeadAfter(t *testing.T) {
	// Not parallel: a pong has to arrive within a second.
	h := newHost(t, server.Options{PingInterval: time.Hour, DeadAfter: 50 * time.Millisecond, HelloTimeout: time.Hour})
	alice := h.device("alice")
	if bye := alice.ended(); bye != nil {
		t.Errorf("got %v, want the connection cut", bye)
	}

	// A client that answers pings stays connected for longer than that.
	h = newHost(t, server.Options{PingInterval: 10 * time.Millisecond, DeadAfter: time.Second})
	alice = h.device("alice")
	start := time.Now()
	alice.onPing = func(string) error {
		if time.Since(start) > 2*time.Second {
			return errEnough
		}
		return nil
	}
	alice.ended()
	if lived := time.Since(start); lived < 2*time.Second {
		t.Errorf("cut after %v", lived)
	}
}

func TestToken_expires_while_connected(t *testing.T) {
	t.Parallel()
	var clock movedClock
	h := newHost(t, server.Options{PingInterval: 20 * time.Millisecond, Clock: clock.now})
	h.token("alice")
	tok, err := h.srv.NewToken(t.Context(), "alice", accounts.TokenOptions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, h: h, token: tok}
	d.connect()
	defer d.close()
	clock.move(time.Hour)
	if bye := d.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}
}
