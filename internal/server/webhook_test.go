package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/parley-chat/parley/internal/server"
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
	verifier, err := standardwebhooks.NewWebhookRaw([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	ids := make(chan string, 10)
	events := make(chan hooked, 10)
	var calls atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, verifier.Verify(body, r.Header)); err != nil {
			t.Errorf("signature: %v", err)
		}
		ids <- r.Header.Get(standardwebhooks.HeaderWebhookID)
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
	if first, again := <-ids, <-ids; first != again {
		t.Errorf("id of the repeated request: got %q, want %q", again, first)
	}
	alice.sendText("bob", "secret text") // no webhook for a connected user
	kick(t, h, bob)
	alice.send(groupMessage(gid, "secret text"))
	if e := <-events; e.GID != gid || !slices.Equal(e.To, []string{"bob"}) {
		t.Errorf("got %+v, want the message to the group, for bob", e)
	}
}

// TestWebhook_slow: one request that is not answered does not hold up those of later messages.
func TestWebhook_slow(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var requests atomic.Int32
	events := make(chan hooked, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var got struct{ Events []hooked }
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		for _, e := range got.Events {
			events <- e
		}
		if requests.Add(1) == 1 {
			<-release
		}
	}))
	defer hook.Close()
	defer close(release)
	h := newHost(t, server.Options{WebhookURL: hook.URL, WebhookSecret: "whsec_c2VjcmV0"})
	alice := h.device("alice")
	h.token("dave")
	for range 2 {
		sent := alice.send(message("dave", "hello"))
		if got, want := (<-events).MID, strconv.FormatUint(sent.GetId(), 10); got != want {
			t.Fatalf("message: got %s, want %s", got, want)
		}
	}
}

// TestWebhook_secret: what only looks like a standard secret is refused when the server opens.
func TestWebhook_secret(t *testing.T) {
	t.Parallel()
	s, err := server.Open(t.Context(), server.Options{
		Dir: t.TempDir(), WebhookURL: "http://127.0.0.1:1/", WebhookSecret: "whsec_!",
	})
	if err == nil {
		_ = s.Close()
		t.Fatal("Open: got no error for the secret")
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
