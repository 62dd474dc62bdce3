package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/wire"
)

// guarded is a buffer that several goroutines write.
type guarded struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (g *guarded) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.Write(b)
}

func (g *guarded) text() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.String()
}

// A device that hangs up while its token is looked up is no error of the database.
func TestConnect_given_up_is_not_an_error(t *testing.T) {
	log := &guarded{}
	h := newHost(t, server.Options{Logger: slog.New(slog.NewTextHandler(log,
		&slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err := h.srv.AddUser(t.Context(), "alice", "Alice"); err != nil {
		t.Fatal(err)
	}
	token, err := h.srv.NewToken(t.Context(), "alice", accounts.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, wire.ConnectPath, nil)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key":      "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol": wire.Subprotocol, "Authorization": "Bearer " + token.String(),
	} {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.srv.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if said := log.text(); said != "" {
		t.Errorf("the log has %s", said)
	}
}

// Every way in writes down who comes with a token that the server does not know, in the form that
// packaging/parleyd/fail2ban reads.
func TestAccess_refused_is_logged(t *testing.T) {
	t.Parallel()
	log := &guarded{}
	h := newHost(t, server.Options{Logger: slog.New(slog.NewTextHandler(log, nil))})
	unknown := wire.NewToken("http://"+h.address, "alice", nil).String()
	if a := h.do(http.MethodPost, "", unknown, tus("Upload-Length", "1"), nil); a.code != http.StatusUnauthorized {
		t.Errorf("file: got %v, want 401", a)
	}
	if a := h.do(http.MethodGet, wire.DevicesPath, unknown, nil, nil); a.code != http.StatusUnauthorized {
		t.Errorf("devices: got %v, want 401", a)
	}
	if code, _ := h.post("parleyapp_unknown", []byte(`{"op":"usersget"}`)); code != http.StatusUnauthorized {
		t.Errorf("backend: got %d, want 401", code)
	}
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	_, answer, err := dialer.DialContext(t.Context(), "ws://"+h.address+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + unknown}})
	if err == nil || answer == nil || answer.StatusCode != http.StatusUnauthorized {
		t.Fatalf("connection: got %v, want 401", err)
	}
	_ = answer.Body.Close()
	line := regexp.MustCompile(`msg="access refused" remote=127\.0\.0\.1:\d+ path=(\S+)`)
	var paths []string
	for _, found := range line.FindAllStringSubmatch(log.text(), -1) {
		paths = append(paths, found[1])
	}
	want := []string{wire.FilesPath, wire.DevicesPath, admin.Path, wire.ConnectPath}
	if !slices.Equal(paths, want) {
		t.Errorf("logged: got %q, want %q", paths, want)
	}
}
