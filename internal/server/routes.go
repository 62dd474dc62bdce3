package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/sfu"
	"github.com/parley-chat/parley/internal/wire"
)

// Limits of the door that are not configured.
const (
	// silentMost is the maximum number of connections on which no request has come.
	silentMost       = 2048
	silentPerAddress = 64
	// responseTimeout is how long a response other than a download may take.
	responseTimeout = 30 * time.Second
	// maxBody is the maximum size of a body other than an upload. The backend API needs as much.
	maxBody = 1 << 20
	// maxStrangerBody is that of a request without a token in its header.
	maxStrangerBody = 64 << 10
)

func (s *Server) newDoor() *door.Door {
	return door.New(door.Config{
		Connections: s.opts.MaxConnections, PerAddress: s.opts.MaxPerAddress,
		Strangers: s.opts.MaxStrangers, StrangersPerAddress: max(1, s.opts.MaxStrangers/16),
		Silent: silentMost, SilentPerAddress: silentPerAddress,
		BodyTimeout: s.opts.BodyTimeout, WriteTimeout: responseTimeout,
		MaxBody: maxBody, MaxStrangerBody: maxStrangerBody,
		TrustedProxies: s.opts.TrustedProxies, HasToken: s.hasToken, Refused: s.metrics.Refused,
		Unlimited: func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, wire.FilesPath) },
	})
}

// hasToken reports whether a request has what looks like a token of the kind that its path needs.
func (s *Server) hasToken(r *http.Request) bool {
	switch {
	case r.URL.Path == admin.Path:
		return admin.HasToken(r)
	case r.URL.Path == admin.PagePath || strings.HasPrefix(r.URL.Path, admin.PagePath+"/"):
		return s.page != nil && admin.HasSession(r)
	case r.URL.Path == sfu.Path || strings.HasPrefix(r.URL.Path, sfu.Path+"/"):
		return s.sfu != nil && s.sfu.HasToken(r)
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	if strings.HasPrefix(text, wire.GrantPrefix) {
		return true
	}
	_, err := wire.ParseToken(text)
	return err == nil
}

// Handler serves the WebSocket, files, the backend API and the health check, within the limits of Options. Serve uses
// it; it is exported for programs with an HTTP server of their own, which must limit the connections on which no request
// comes themselves.
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
	mux.HandleFunc("POST "+wire.LookPath, s.devices.ServeLook)
	mux.HandleFunc("POST "+wire.JoinPath, s.devices.ServeJoin)
	mux.HandleFunc("GET "+wire.InvitePath, devices.ServePage)
	if s.sfu != nil {
		mux.Handle("GET "+sfu.Path, s.sfu)
		mux.Handle("GET "+sfu.Path+"/", s.sfu)
	}
	if s.page != nil {
		page := s.page.Handler()
		mux.Handle(admin.PagePath, page)
		mux.Handle(admin.PagePath+"/", page)
	}
	s.handleHealth(mux)
	return s.door.Handler(s.traced(mux))
}
