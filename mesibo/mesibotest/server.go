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
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/relay"
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
	ring time.Duration
	turn bool
	sfu  *server.SFU
	asks bool
	list accounts.Listing
	life time.Duration

	srv    *server.Server // nil while stopped
	served chan error
}

// NewServer starts a server on a free port of this machine with an empty database. What it has to say at level Warn and
// above appears in the test's output.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		t: t, dir: t.TempDir(), addr: net.JoinHostPort(ownAddress(), "0"),
		log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	s.Start()
	t.Cleanup(s.Stop)
	return s
}

const (
	perProcess = 1021 // addresses of one process before those of the next
	hosts      = 254
)

// servers counts the servers of this process.
var servers atomic.Uint32

// ownAddress returns the address that a server listens on. On Linux every address of 127.0.0.0/8 is this machine's, and
// each server has one for itself: otherwise the port of one that was stopped might go to the server of another test.
func ownAddress() string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	n := os.Getpid()*perProcess + int(servers.Add(1))
	return net.IPv4(127, byte(1+n/hosts/256%255), byte(n/hosts), byte(1+n%hosts)).String()
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
	srv, err := server.Open(ctx, server.Options{
		Dir: s.dir, Logger: s.log, PublicURL: s.URL(), Clock: s.clock, RingTimeout: s.ring, Relay: s.relay(),
		SFU: s.sfu, MessageRequests: s.asks, Directory: s.list, TokenLifetime: s.life,
	})
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

// SetRingTimeout sets how long calls ring, from the next Start or Restart on; 0 is the server's default.
func (s *Server) SetRingTimeout(d time.Duration) { s.ring = d }

// SetMessageRequests lets users of the server accept strangers first, from its next start on.
func (s *Server) SetMessageRequests(on bool) { s.asks = on }

// SetDirectory sets whose profiles a user sees, from the next Start or Restart on. At first everyone's.
func (s *Server) SetDirectory(l accounts.Listing) { s.list = l }

// SetTokenLifetime sets how long access tokens are valid that are made or renewed, from the next Start or Restart on. At
// first they never expire.
func (s *Server) SetTokenLifetime(d time.Duration) { s.life = d }

// SetRelay sets whether the server relays calls (TURN), from the next Start or Restart on. At first it does not.
func (s *Server) SetRelay(on bool) { s.turn = on }

// SetSFU lets calls of groups go through parley-sfu, which tools/sfu.sh builds, from the next Start or Restart on.
// program is its path; an empty one is none, as at first.
func (s *Server) SetSFU(program string) {
	s.sfu = nil
	if program != "" {
		s.sfu = &server.SFU{Program: program, Loopback: true}
	}
}

// SetLiveKit lets calls of groups go through a LiveKit server (ws or wss), one of whose keys is given, from the next Start
// or Restart on.
func (s *Server) SetLiveKit(url, key, secret string) {
	s.sfu = &server.SFU{URL: url, Key: key, Secret: secret}
}

// relay returns the options of a relay on the address of the server, nil for none.
func (s *Server) relay() *server.Relay {
	addr, err := netip.ParseAddrPort(s.addr)
	if err != nil || !s.turn {
		return nil
	}
	return &server.Relay{
		Addr: netip.AddrPortFrom(addr.Addr(), 0).String(), PublicIP: addr.Addr(),
		Ports: relay.PortRange{First: 10_000, Last: 65_000},
	}
}

// listen takes the port, waiting a little for it: between Stop and Start the system may have lent it to an outgoing
// connection of another user.
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

// Stop shuts the server down in good order: clients are informed. It does nothing when the server does not run.
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

// AddUser makes a user, or renames one that exists.
func (s *Server) AddUser(address, name string) {
	s.t.Helper()
	err := s.running().AddUser(s.t.Context(), address, name)
	if errors.Is(err, accounts.ErrUserExists) {
		err = s.running().SetUserName(s.t.Context(), address, name)
	}
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// Token makes a new access token, that is a new device, for a user. A user that does not exist is made, with the
// address as name.
func (s *Server) Token(address string) string {
	s.t.Helper()
	return s.newToken(address, accounts.TokenOptions{}).String()
}

// TokenFor is Token for one application: others are refused with it. See mesibo.SetAppName.
func (s *Server) TokenFor(address, app string) string {
	s.t.Helper()
	return s.newToken(address, accounts.TokenOptions{App: app}).String()
}

// ExpiringToken is Token with an end.
func (s *Server) ExpiringToken(address string, expires time.Time) string {
	s.t.Helper()
	return s.newToken(address, accounts.TokenOptions{Expires: expires}).String()
}

func (s *Server) newToken(address string, opts accounts.TokenOptions) wire.Token {
	s.t.Helper()
	srv := s.running()
	if err := srv.AddUser(s.t.Context(), address, address); err != nil && !errors.Is(err, accounts.ErrUserExists) {
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
		err = s.running().RevokeToken(s.t.Context(), t.ID())
	}
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// SuspendUser keeps a user from connecting until a time; the zero time bans the user.
func (s *Server) SuspendUser(address string, until time.Time, reason string) {
	s.t.Helper()
	var err error
	if until.IsZero() {
		err = s.running().BanUser(s.t.Context(), address, reason)
	} else {
		err = s.running().SuspendUser(s.t.Context(), address, until, reason)
	}
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// AddNotice sends a message from the server to a user, or to all if the address is empty.
func (s *Server) AddNotice(address, text string) {
	s.t.Helper()
	if err := s.running().AddNotice(s.t.Context(), address, text); err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// Report is what a user has reported.
type Report = accounts.Report

// Reports returns the open reports, oldest first.
func (s *Server) Reports() []Report {
	s.t.Helper()
	list, err := s.running().Reports(s.t.Context(), accounts.ReportFilter{})
	if err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
	return list
}

// RestoreUser lets a suspended user in again.
func (s *Server) RestoreUser(address string) {
	s.t.Helper()
	if err := s.running().RestoreUser(s.t.Context(), address); err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// Kick ends the connections of a user, who may connect again.
func (s *Server) Kick(address string) {
	s.t.Helper()
	if _, err := s.running().Kick(context.Background(), address); err != nil {
		s.t.Fatalf("mesibotest: %v", err)
	}
}

// BackendURL is where the server offers the backend API; docs/openapi.yaml describes it.
func (s *Server) BackendURL() string { return s.URL() + admin.Path }

// AppToken makes a new application token, which opens the backend API.
func (s *Server) AppToken() string {
	s.t.Helper()
	token, err := s.running().NewAppToken(s.t.Context(), accounts.AppTokenOptions{Label: s.t.Name()})
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
