package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/parley-chat/parley/examples/internal/exampletest"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

const secret = "a secret of the test"

// startServer starts a Parley server and a notifier that it posts to.
func startServer(t *testing.T) (srv *server.Server, hook *httptest.Server) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + ln.Addr().String()
	n := newNotifier(url+admin.Path, "", signer(t), log)
	hook = httptest.NewServer(n)
	t.Cleanup(hook.Close)

	half := time.Until(time.Now().Truncate(time.Hour).Add(time.Hour / 2)) // notices are counted by the hour
	ctx := context.WithoutCancel(t.Context())
	srv, err = server.Open(ctx, server.Options{
		Dir: t.TempDir(), Logger: log, PublicURL: url, WebhookURL: hook.URL, WebhookSecret: secret,
		Clock: func() time.Time { return time.Now().Add(half) },
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }()
	t.Cleanup(func() {
		n.client.CloseIdleConnections()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	if n.token, err = srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Label: "notifier"}); err != nil {
		t.Fatal(err)
	}
	if err := n.addSender(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", "bob", "carol"} {
		if err := srv.AddUser(t.Context(), name, name); err != nil {
			t.Fatal(err)
		}
	}
	return srv, hook
}

func TestNotifier_tells_the_sender_once_an_hour(t *testing.T) {
	srv, _ := startServer(t)
	token, err := srv.NewToken(t.Context(), "alice", accounts.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	alice := exampletest.SignIn(t, token.String())
	for _, peer := range []string{"bob", "bob", "carol"} {
		alice.Send(t, peer, 0, "Are you there?")
	}
	for _, away := range []string{"bob", "carol"} {
		got := exampletest.Next(t, alice.Messages)
		if got.Peer != sender || !strings.HasPrefix(string(got.Data), away+" is not online") {
			t.Errorf("got %q from %s, want a notice about %s from %s", got.Data, got.Peer, away, sender)
		}
	}
}

func TestNotifier_checks_the_signature(t *testing.T) {
	_, hook := startServer(t)
	const body = `{"events":[{"from":"alice","to":["bob"]}]}`
	old := time.Now().Add(-10 * time.Minute)
	repeated, err := signer(t).Sign("msg_1", old, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]http.Header{
		"none":  {},
		"wrong": signed("msg_1", time.Now(), "v1,AAAA"),
		"old":   signed("msg_1", old, repeated),
	} {
		if got := post(t, hook.URL, body, header); got != http.StatusUnauthorized {
			t.Errorf("%s signature: got %d, want 401", name, got)
		}
	}
}

func TestNotifier_runs_until_its_context_ends(t *testing.T) {
	srv := mesibotest.NewServer(t)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := newNotifier(srv.BackendURL(), srv.AppToken(), signer(t), slog.New(slog.DiscardHandler))
	defer n.client.CloseIdleConnections()
	done := make(chan error, 1)
	go func() { done <- n.run(ctx, ln) }()
	if got := post(t, "http://"+ln.Addr().String(), "", http.Header{}); got != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got)
	}
	cancel()
	if err := exampletest.Next(t, done); err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestNotifier_without_application_token(t *testing.T) {
	srv := mesibotest.NewServer(t)
	n := newNotifier(srv.BackendURL(), "", signer(t), slog.New(slog.DiscardHandler))
	defer n.client.CloseIdleConnections()
	var refused *refusal
	if err := n.addSender(t.Context()); !errors.As(err, &refused) || refused.word != "AUTHFAIL" {
		t.Errorf("got %v, want AUTHFAIL", err)
	}
}

func signer(t *testing.T) *standardwebhooks.Webhook {
	t.Helper()
	s, err := standardwebhooks.NewWebhookRaw([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signed returns the headers of a request of the webhook.
func signed(id string, at time.Time, signature string) http.Header {
	h := http.Header{}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return h
}

// post sends a body with headers and returns the status of the answer.
func post(t *testing.T, url, body string, header http.Header) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
