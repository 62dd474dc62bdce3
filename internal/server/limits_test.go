package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// TestSetLimits: other limits hold at once, for users who are connected as well.
func TestSetLimits(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{SendRate: 1000, SendBurst: 10_000, Inviters: devices.Nobody})
	alice, bob := h.device("alice"), h.device("bob")
	sent := alice.sendText("bob", "before")
	bob.nextMessage()
	edit := func(text string) uint32 {
		return alice.call(modify(&wire.Modify{
			Peer: "bob", Id: sent.GetId(), Content: content(text),
		})).GetResult()
	}
	if got := edit("in time"); got != wire.ResultOK {
		t.Fatalf("edit: got result %#x", got)
	}
	h.srv.SetLimits(server.Options{
		SendRate: 50, SendBurst: 10, MaxFile: 100, Quota: 150, RetractWindow: time.Nanosecond, MaxDevices: 1,
		Retention: eventlog.Retention{Quota: 1}, Inviters: devices.Members, MaxConnections: 1, BackendRate: 0.2,
	})
	if got := edit("too late"); got == wire.ResultOK {
		t.Error("a message older than the new window was edited")
	}
	takes(t, 500*time.Millisecond, func() { // 10 at once, then 50 a second
		for range 40 {
			alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}})
		}
	})
	alice.must(wire.ResultOverCapacity, &wire.Request{Op: &wire.Request_Send{Send: message("bob", "x")}})
	a := h.do(http.MethodPost, "", alice.token.String(), tus("Upload-Length", "101"), nil)
	if a.code != http.StatusRequestEntityTooLarge {
		t.Errorf("a file beyond the new size: got %v", a)
	}
	if ws, _, err := h.dial(h.token("carol").String()); err == nil {
		_ = ws.Close()
		t.Error("a connection beyond the new number")
	}
	if code, _ := h.ask(http.MethodPost, wire.InvitesPath, alice.token.String(), map[string]any{}); code != http.StatusOK {
		t.Errorf("an invite of a member: got %d", code)
	}
	app, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 6 {
		if code, _ := h.post(app, []byte(`{"op":"usersget"}`)); code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("the backend API does not know its new rate")
	}
	h.srv.SetLimits(server.Options{SendRate: 1000, SendBurst: 10_000})
	if r := alice.send(message("bob", "after")); r.GetStatus() != wire.StatusSent {
		t.Errorf("after: got %v", r)
	}
}
