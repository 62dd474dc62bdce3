package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/wire"
)

// TestClock_is_one: whatever has an end is made and judged by the server's clock, which is a year behind that of the
// machine: it holds until its end, is over after it, and holds again when the clock is set back.
func TestClock_is_one(t *testing.T) {
	t.Parallel()
	now := &clock{}
	now.jump(-365 * day)
	h := newHost(t, server.Options{Clock: now.time})
	app := h.appToken()
	brief, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Expires: now.time().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	h.token("bob")
	_, reply := h.backend(app, map[string]any{"op": "usertoken", "addr": "bob", "expiry": 60})
	bob := userToken(t, reply)
	carol := h.token("carol")
	h.backend(app, map[string]any{"op": "usersuspend", "addr": "carol", "expiry": 60, "reason": "insults"})
	invites := make([]wire.Invite, 2)
	for i := range invites {
		invites[i] = h.invite(accounts.InviteOptions{Expires: now.time().Add(time.Hour)})
	}
	wantAll := func(when string, holds bool) {
		t.Helper()
		if code, _ := h.post(brief, []byte(`{"op":"usersget"}`)); (code == http.StatusOK) != holds {
			t.Errorf("%s: the application's token answers %d", when, code)
		}
		if got := h.mayConnect(bob); got != holds {
			t.Errorf("%s: the token lets in: %v", when, got)
		}
		if got := h.mayConnect(carol); got == holds {
			t.Errorf("%s: the suspended user may connect: %v", when, got)
		}
		_, reply := h.backend(app, map[string]any{"op": "userget", "addr": "carol"})
		if u, _ := reply["user"].(map[string]any); u["active"] == holds {
			t.Errorf("%s: the suspended user is active: %v", when, u["active"])
		}
	}
	wantAll("before the end", true)
	now.jump(2 * time.Hour)
	wantAll("after the end", false)
	if _, status, _ := h.redeem(invites[0].String(), "dave", ""); status != http.StatusGone {
		t.Errorf("the invite after its end: got %d, want 410", status)
	}
	now.jump(-2 * time.Hour)
	wantAll("when the clock was set back", true)
	if _, status, _ := h.redeem(invites[1].String(), "erin", ""); status != http.StatusOK {
		t.Errorf("the invite before its end: got %d, want 200", status)
	}
	h.wantByClock(now)
}

// wantByClock fails if what was noted a moment ago has other times than those of the clock.
func (h *host) wantByClock(now *clock) {
	h.t.Helper()
	entries, err := h.srv.Audit(h.t.Context(), audit.Filter{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	times := make(map[string]time.Time)
	for _, e := range entries {
		times["audit of "+e.Action] = e.Time()
	}
	users, err := h.srv.Users(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, u := range users {
		times["user "+u.Address] = u.Created
	}
	tokens, err := h.srv.Tokens(h.t.Context(), "bob")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, tok := range tokens {
		times["token "+tok.ID] = tok.Created
	}
	for what, at := range times {
		if off := now.time().Sub(at); off < 0 || off > day {
			h.t.Errorf("%s: is %v old by the server's clock", what, off)
		}
	}
}

// mayConnect reports whether a token lets a device in.
func (h *host) mayConnect(token wire.Token) bool {
	h.t.Helper()
	ws, res, err := h.dial(token.String())
	if err == nil {
		_ = ws.Close()
		return true
	}
	if res == nil {
		h.t.Fatal(err)
	}
	return false
}

// userToken returns the token in an answer of the backend API.
func userToken(t *testing.T, reply map[string]any) wire.Token {
	t.Helper()
	user, _ := reply["user"].(map[string]any)
	token, err := wire.ParseToken(fmt.Sprint(user["token"]))
	if err != nil {
		t.Fatalf("%v: %v", reply, err)
	}
	return token
}

// TestClock_of_rates: rates go by real time. A clock that is set forward does not open them, and one that is set back
// keeps nobody waiting.
func TestClock_of_rates(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time, SendRate: 50, SendBurst: 50})
	alice, eve := h.device("alice"), h.device("eve")
	alice.sendText("alice", "before")
	takes(t, 800*time.Millisecond, func() { // 50 at once, then 50 a second
		eve.sendTexts("eve", 50, func(int) string { return "the burst" })
		now.jump(day)
		eve.sendTexts("eve", 50, func(int) string { return "x" })
	})
	now.jump(-2 * day)
	alice.sendText("alice", "after the clock was set back") // is not refused
}

// TestClock_of_rings: how often a caller rings in vain goes by real time, too.
func TestClock_of_rings(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, bob := h.phone("alice"), h.phone("bob")
	busy := func() bool {
		reply := alice.start(callStart("bob"))
		if reply.GetStatus() == wire.CallBusy {
			return true
		}
		id := reply.GetCallId()
		bob.want(id, wire.CallIncoming)
		alice.status(id, wire.CallCancel)
		bob.want(id, wire.CallCancel)
		bob.wantRecord(id, wire.CallCancel)
		return false
	}
	for i := 0; !busy(); i++ {
		if i > 8 {
			t.Fatal("a caller rings as often as it likes")
		}
	}
	now.jump(day)
	if !busy() {
		t.Error("the clock is set forward, and bob's phone rings again")
	}
}
