package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/webhook"
	"github.com/parley-chat/parley/internal/wire"
)

// hooked is an event received by a webhook.
type hooked struct {
	Type, From, MID string
	To              []string
	GID, Kind       uint32
	Time, Expires   int64
}

// TestWebhook: it gets messages to unconnected users, again after a failure, and never their content.
func TestWebhook(t *testing.T) {
	t.Parallel()
	const secret = "between us"
	events := make(chan hooked, 10)
	var calls atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); err != nil || r.Header.Get(webhook.SignatureHeader) != want {
			t.Errorf("got signature %q, want %q", r.Header.Get(webhook.SignatureHeader), want)
		}
		if strings.Contains(string(body), "secret text") {
			t.Errorf("got %s", body)
		}
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		var got struct{ Events []hooked }
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("got %s: %v", body, err)
		}
		for _, e := range got.Events {
			events <- e
		}
	}))
	defer hook.Close()
	h := newHost(t, server.Options{WebhookURL: hook.URL, WebhookSecret: secret})
	alice, bob, _, gid := trio(t, h, nil)
	h.token("dave")
	m := message("dave", "secret text")
	m.Type = 7
	reply := alice.send(m)
	e := <-events
	if e.Type != "message" || e.From != "alice" || !slices.Equal(e.To, []string{"dave"}) || e.Kind != 7 || e.GID != 0 ||
		e.MID != strconv.FormatUint(reply.GetId(), 10) || e.Time != int64(reply.GetTime()) || e.Expires <= e.Time {
		t.Errorf("got %+v, want %v", e, reply)
	}
	alice.sendText("bob", "secret text") // no webhook for a connected user
	kick(t, h, bob)
	alice.send(groupMessage(gid, "secret text"))
	if e := <-events; e.GID != gid || !slices.Equal(e.To, []string{"bob"}) {
		t.Errorf("got %+v, want the message to the group, for bob", e)
	}
}

// TestWebhook_does_not_block_the_server: an unresponsive webhook delays neither messages nor Shutdown.
func TestWebhook_does_not_block_the_server(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hook.Close()
	defer close(release)
	h := newHost(t, server.Options{WebhookURL: hook.URL})
	alice := h.device("alice")
	h.token("dave")
	for i := range 100 {
		if got := alice.send(message("dave", fmt.Sprint(i))).GetStatus(); got != wire.StatusSent {
			t.Fatalf("got status %#x", got)
		}
	}
	h.stop()
}
