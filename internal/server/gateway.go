package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/wire"
)

// newUpgrader is tuned for many idle connections: a small read buffer, and a write buffer only while writing.
func newUpgrader(opts *Options) *websocket.Upgrader {
	return &websocket.Upgrader{
		HandshakeTimeout: opts.WriteTimeout,
		ReadBufferSize:   512,
		WriteBufferSize:  2048,
		WriteBufferPool:  new(sync.Pool),
		Subprotocols:     []string{wire.Subprotocol},
	}
}

// Handler serves the WebSocket, files, the backend API, the health check and the metrics. Serve uses it; it is exported
// for those who have an HTTP server already. The limits on connections are Serve's.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.ConnectPath, s.serveConnect)
	mux.HandleFunc(BackendPath, s.serveBackend) // it refuses other methods than POST itself, in JSON
	mux.HandleFunc(wire.FilesPath, s.serveFiles)
	mux.HandleFunc("POST "+wire.GrantsPath, s.serveGrants)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux
}

// serveConnect checks the token and starts a connection. It returns at once after the upgrade, so that net/http lets
// its buffers go.
func (s *Server) serveConnect(w http.ResponseWriter, r *http.Request) {
	refuse := func(code int, why, text string) {
		s.metrics.refused(why)
		http.Error(w, text, code)
	}
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		refuse(http.StatusUpgradeRequired, "no_upgrade", "this address speaks WebSocket")
		return
	}
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		refuse(http.StatusBadRequest, "subprotocol", "the WebSocket subprotocol has to be "+wire.Subprotocol)
		return
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		refuse(http.StatusUnauthorized, "no_token", "an access token is needed")
		return
	}
	token, err := wire.ParseToken(text)
	if err != nil {
		refuse(http.StatusBadRequest, "damaged_token", err.Error())
		return
	}
	dev, err := authenticate(s.reader.WithContext(r.Context()), token.Hash(), time.Now())
	switch {
	case errors.Is(err, errRefused):
		refuse(http.StatusUnauthorized, "token", errRefused.Error())
		return
	case err != nil:
		s.log.Error("authenticate", slog.Any("error", err))
		refuse(http.StatusServiceUnavailable, "storage", "the server cannot read its data")
		return
	}
	release, ok := s.enter()
	if !ok {
		refuse(http.StatusServiceUnavailable, "stopping", "the server is shutting down")
		return
	}
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil { // Upgrade has answered
		release()
		s.metrics.refused("upgrade")
		return
	}
	s.start(newConn(s, ws, dev, r.RemoteAddr), release)
}

// serveHealth answers 200 while messages can be taken.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if _, err := metaNumber(s.reader.WithContext(r.Context()), metaEpoch); err != nil {
		s.log.Error("health check", slog.Any("error", err))
		http.Error(w, "the server cannot read its data", http.StatusServiceUnavailable)
		return
	}
	if _, err := io.WriteString(w, "ok\n"); err != nil {
		s.log.Debug("health check", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}
