package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/sfu"
	"github.com/parley-chat/parley/internal/wire"
)

// Handler serves the WebSocket, files, the backend API, the health check and the metrics. Serve uses it; it is exported
// for programs with an HTTP server of their own, which must limit the connections themselves.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+wire.ConnectPath, s.gateway)
	mux.Handle(admin.Path, s.admin) // it refuses methods other than POST itself, in JSON
	mux.Handle(wire.FilesPath, s.files)
	mux.HandleFunc("POST "+wire.GrantsPath, s.files.ServeGrants)
	mux.HandleFunc("GET "+wire.DevicesPath, s.devices.ServeList)
	mux.HandleFunc("DELETE "+wire.DevicesPath+"/{id}", s.devices.ServeRemove)
	mux.HandleFunc("PATCH "+wire.DevicesPath+"/{id}", s.devices.ServeLabel)
	mux.HandleFunc("GET "+wire.InvitesPath, s.devices.ServeInvites)
	mux.HandleFunc("POST "+wire.InvitesPath, s.devices.ServeInvite)
	mux.HandleFunc("DELETE "+wire.InvitesPath+"/{id}", s.devices.ServeWithdraw)
	mux.HandleFunc("POST "+wire.RedeemPath, s.devices.ServeRedeem)
	mux.HandleFunc("GET "+wire.InvitePath, devices.ServePage)
	if s.sfu != nil {
		mux.Handle("GET "+sfu.Path, s.sfu)
		mux.Handle("GET "+sfu.Path+"/", s.sfu)
	}
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.Handle("GET /metrics", s.metrics.Handler())
	return mux
}

// serveHealth answers 200 while the database can be read.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if _, err := s.readEpoch(r.Context()); err != nil {
		s.log.Error("health check", slog.Any("error", err))
		http.Error(w, "the server cannot read its data", http.StatusServiceUnavailable)
		return
	}
	if _, err := io.WriteString(w, "ok\n"); err != nil {
		s.log.Debug("health check", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}
