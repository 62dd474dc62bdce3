package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
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
