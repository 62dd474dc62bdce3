// Package mesibotest runs a real Parley server inside a test, for tests of applications that use package mesibo.
// Nothing is mocked: messages travel over loopback sockets and are written to a database in the test's folder.
//
//	srv := mesibotest.NewServer(t)
//	alice.SetAccessToken(srv.Token("alice"))
//	bob.SetAccessToken(srv.Token("bob"))
//
// A server ends with its test.
package mesibotest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// stopTimeout bounds how long Stop waits for clients to take their leave.
const stopTimeout = 15 * time.Second

// Server is a server of one test. It keeps its port and its data through Stop, Kill and Restart. Its methods are called
// by one goroutine at a time; they end the test when something goes wrong.
type Server struct {
	t    testing.TB
	dir  string
	addr string
	log  *slog.Logger
	skew atomic.Int64 // of the clock

	srv    *server.Server // nil while stopped
	served chan error
}

// NewServer starts a server on a free port of 127.0.0.1 with an empty database. What it has to say at level Warn and
// above appears in the test's output.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		t: t, dir: t.TempDir(), addr: "127.0.0.1:0",
		log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

// Start starts a server that was stopped or killed; it does nothing when the server runs.
func (s *Server) Start() {
	s.t.Helper()
	if s.srv != nil {
		return
	}
	// The test's own context ends before its cleanup.
	ctx := context.WithoutCancel(s.t.Context())
	ln, err := s.listen(ctx)
	if err != nil {
		s.t.Fatalf("mesibotest: listen on %s: %v", s.addr, err)
	}
	s.addr = ln.Addr().String()
	srv, err := server.Open(ctx, server.Options{Dir: s.dir, Logger: s.log, PublicURL: s.URL(), Clock: s.clock})
	if err != nil {
		_ = ln.Close()
		s.t.Fatalf("mesibotest: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }() // Stop and Kill wait for it
	s.srv, s.served = srv, served
}

func (s *Server) clock() time.Time { return time.Now().Add(time.Duration(s.skew.Load())) }

// SetClock makes the clock by which the server dates messages wrong by an amount.
func (s *Server) SetClock(skew time.Duration) { s.skew.Store(int64(skew)) }

// listen takes the port, waiting a little for it: between Stop and Start the system may have lent it to an outgoing
// connection of somebody else.
func (s *Server) listen(ctx context.Context) (net.Listener, error) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
		if err == nil {
			return ln, nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, err //nolint:wrapcheck // reported by Start
		}
	}
}

// Stop shuts the server down in good order: clients are told. It does nothing when the server does not run.
func (s *Server) Stop() {
	s.t.Helper()
	s.end(func(srv *server.Server) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), stopTimeout)
		defer cancel()
		return srv.Shutdown(ctx)
	})
}

// Kill ends the server abruptly: connections are cut without a word, and what was not acknowledged may be lost. It does
// nothing when the server does not run.
func (s *Server) Kill() {
	s.t.Helper()
	s.end((*server.Server).Close)
}

func (s *Server) end(stop func(*server.Server) error) {
	s.t.Helper()
	if s.srv == nil {
		return
	}
	if err := errors.Join(stop(s.srv), <-s.served); err != nil {
		s.t.Errorf("mesibotest: stop: %v", err)
	}
	s.srv = nil
}

// Restart is Stop and Start: the same port, the same data.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.Start()
}

// URL is the server's address, which tokens name.
func (s *Server) URL() string { return "http://" + s.addr }

// Addr is the host and port that the server listens on.
func (s *Server) Addr() string { return s.addr }

// Dir is the folder of the server's data.
func (s *Server) Dir() string { return s.dir }

// AddUser makes a user, or gives one that exists another name.
func (s *Server) AddUser(address, name string) {
	s.t.Helper()
	err := s.running().AddUser(s.t.Context(), address, name)
	if errors.Is(err, server.ErrUserExists) {
		err = s.running().SetUserName(s.t.Context(), address, name)
	}
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// Token makes a new access token, that is a new device, for a user. A user that does not exist is made, with the address
// as name.
func (s *Server) Token(address string) string {
	s.t.Helper()
	return s.newToken(address, server.TokenOptions{}).String()
}

// TokenFor is Token for one application: others are refused with it. See mesibo.SetAppName.
func (s *Server) TokenFor(address, app string) string {
	s.t.Helper()
	return s.newToken(address, server.TokenOptions{App: app}).String()
}

// ExpiringToken is Token with an end.
func (s *Server) ExpiringToken(address string, expires time.Time) string {
	s.t.Helper()
	return s.newToken(address, server.TokenOptions{Expires: expires}).String()
}

func (s *Server) newToken(address string, opts server.TokenOptions) wire.Token {
	s.t.Helper()
	srv := s.running()
	if err := srv.AddUser(s.t.Context(), address, address); err != nil && !errors.Is(err, server.ErrUserExists) {
		s.t.Fatalf("mesibotest: %v", err)
	}
	token, err := srv.NewToken(s.t.Context(), address, opts)
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
	return token
}

// RevokeToken makes a token invalid; a client that is connected with it is sent away.
func (s *Server) RevokeToken(token string) {
	s.t.Helper()
	t, err := wire.ParseToken(token)
	if err == nil {
		err = s.running().RevokeToken(s.t.Context(), server.TokenID(t))
	}
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// Kick ends the connections of a user, who may connect again.
func (s *Server) Kick(address string) {
	s.t.Helper()
	if _, err := s.running().Kick(address); err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// BackendURL is where the server offers the backend API; docs/openapi.yaml describes it.
func (s *Server) BackendURL() string { return s.URL() + server.BackendPath }

// AppToken makes a new application token, which opens the backend API.
func (s *Server) AppToken() string {
	s.t.Helper()
	token, err := s.running().NewAppToken(s.t.Context(), s.t.Name())
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
	return token
}

func (s *Server) running() *server.Server {
	s.t.Helper()
	if s.srv == nil {
		s.t.Fatal("mesibotest: the server is stopped")
	}
	return s.srv
}
