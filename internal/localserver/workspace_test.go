package localserver_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/internal/wire"
)

func open(t testing.TB, dir string) *localserver.Workspace {
	t.Helper()
	w, err := localserver.Open(t.Context(), localserver.Options{Dir: dir})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { shut(t, w) })
	return w
}

func shut(t testing.TB, w *localserver.Workspace) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// status dials as the token says and returns the status of the upgrade.
func status(t *testing.T, token string) int {
	t.Helper()
	tok, err := wire.ParseToken(token)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	ws, res, err := d.DialContext(t.Context(), strings.Replace(tok.URL, "http", "ws", 1)+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + token}})
	if err == nil {
		_ = ws.Close()
	}
	if res == nil {
		t.Fatalf("dial: %v", err)
	}
	return res.StatusCode
}

func TestWorkspace_remembers_its_port(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	if err := w.CreateUser(t.Context(), "ann", "Ann"); err != nil {
		t.Fatalf("create user: %v", err)
	}
	if err := w.CreateUser(t.Context(), "ann", "Ann"); err != nil {
		t.Errorf("create user again: %v", err)
	}
	token, err := w.NewToken(t.Context(), "ann", "here")
	if err != nil {
		t.Fatalf("new token: %v", err)
	}
	url := w.URL()
	shut(t, w)

	w = open(t, dir)
	if got := w.URL(); got != url {
		t.Errorf("got %s, want %s", got, url)
	}
	if got := status(t, token); got != http.StatusSwitchingProtocols {
		t.Errorf("connect: got %d, want 101", got)
	}
}

func TestWorkspace_finds_another_port(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	if err := w.CreateUser(t.Context(), "ann", "Ann"); err != nil {
		t.Fatalf("create user: %v", err)
	}
	token, err := w.NewToken(t.Context(), "ann", "here")
	if err != nil {
		t.Fatalf("new token: %v", err)
	}
	url := w.URL()
	shut(t, w)

	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer func() { _ = taken.Close() }()
	w = open(t, dir)
	if w.URL() == url {
		t.Fatalf("got the port that is taken, %s", url)
	}
	moved, err := w.Retarget(token)
	if err != nil {
		t.Fatalf("retarget: %v", err)
	}
	if got := status(t, moved); got != http.StatusSwitchingProtocols {
		t.Errorf("connect: got %d, want 101", got)
	}
	if _, err := w.Retarget("parley1_nonsense"); !errors.Is(err, wire.ErrToken) {
		t.Errorf("retarget nonsense: got %v, want %v", err, wire.ErrToken)
	}
}

func TestOpen_in_use(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := localserver.Open(t.Context(), localserver.Options{Dir: dir})
	if !errors.Is(err, localserver.ErrInUse) {
		t.Errorf("got %v, want %v", err, localserver.ErrInUse)
	}
}

// BenchmarkOpen measures the start of an existing workspace, which the start of the app waits for.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	shut(b, open(b, dir))
	for b.Loop() {
		w, err := localserver.Open(b.Context(), localserver.Options{Dir: dir})
		if err != nil {
			b.Fatalf("open: %v", err)
		}
		b.StopTimer()
		shut(b, w)
		b.StartTimer()
	}
}
