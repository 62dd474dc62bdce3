package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/wire"
)

// watch looks at what has changed in users and tokens whenever this or another process has written, until ctx ends.
func (s *Server) watch(ctx context.Context) {
	dbCtx := context.WithoutCancel(ctx)
	rev, err := metaNumber(s.reader.WithContext(dbCtx), metaProfileRev)
	if err != nil {
		s.log.Warn("watch", slog.Any("error", err))
	}
	for {
		select {
		case <-s.refreshed:
		case <-ctx.Done():
			return
		}
		s.directory.forget()
		s.groups.forget()
		s.checkTokens(dbCtx)
		now, err := metaNumber(s.reader.WithContext(dbCtx), metaProfileRev)
		if err != nil {
			s.log.Warn("watch", slog.Any("error", err))
			continue
		}
		if now != rev {
			rev = now
			s.announceProfiles(rev)
		}
	}
}

// refresh makes watch look.
func (s *Server) refresh() {
	s.directory.forget()
	s.groups.forget()
	select {
	case s.refreshed <- struct{}{}:
	default: // it has not yet looked at the last time
	}
}

// checkTokens ends the connections whose token is no longer valid.
func (s *Server) checkTokens(ctx context.Context) {
	db := s.reader.WithContext(ctx)
	for _, c := range s.all() {
		_, err := authenticate(db, c.dev.hash, time.Now())
		switch {
		case errors.Is(err, errRefused):
			c.end(refusedGoodbye())
		case err != nil:
			s.log.Warn("check tokens", slog.Any("error", err))
			return
		}
	}
}

func (s *Server) announceProfiles(rev uint64) {
	frame := &wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: &wire.Signal{
		Body: &wire.Signal_Profile{Profile: &wire.ProfileChange{Revision: rev}},
	}}}
	for _, c := range s.all() {
		if c.member.Load() != nil {
			c.enqueue(frame)
			c.kick()
		}
	}
}

// AddUser is Accounts.AddUser; everybody connected learns of the user at once.
func (s *Server) AddUser(ctx context.Context, address, name string) error {
	defer s.refresh()
	return s.accounts.AddUser(ctx, address, name)
}

// SetUserName is Accounts.SetUserName; everybody connected learns of it at once.
func (s *Server) SetUserName(ctx context.Context, address, name string) error {
	defer s.refresh()
	return s.accounts.SetUserName(ctx, address, name)
}

// DisableUser is Accounts.DisableUser; the user's connections end with AUTHFAIL.
func (s *Server) DisableUser(ctx context.Context, address string, disabled bool) error {
	defer s.refresh()
	return s.accounts.DisableUser(ctx, address, disabled)
}

// Users lists all users, ordered by address.
func (s *Server) Users(ctx context.Context) ([]User, error) { return s.accounts.Users(ctx) }

// NewToken is Accounts.NewToken.
func (s *Server) NewToken(ctx context.Context, address string, opts TokenOptions) (wire.Token, error) {
	return s.accounts.NewToken(ctx, address, opts)
}

// RevokeToken is Accounts.RevokeToken; the connection that uses the token ends with AUTHFAIL.
func (s *Server) RevokeToken(ctx context.Context, id string) error {
	defer s.refresh()
	return s.accounts.RevokeToken(ctx, id)
}

// Tokens is Accounts.Tokens.
func (s *Server) Tokens(ctx context.Context, address string) ([]TokenInfo, error) {
	return s.accounts.Tokens(ctx, address)
}

// NewAppToken is Accounts.NewAppToken.
func (s *Server) NewAppToken(ctx context.Context, label string) (string, error) {
	return s.accounts.NewAppToken(ctx, label)
}

// Kick ends the connections of a user, who may connect again, and returns how many there were.
func (s *Server) Kick(address string) (int, error) {
	select {
	case <-s.stopping:
		return 0, errClosed
	default:
	}
	p, err := s.directory.find(address)
	if err != nil {
		return 0, fmt.Errorf("kick %q: %w", address, err)
	}
	conns := s.hub.connsOf(p.uid)
	for _, c := range conns {
		c.end(goodbye{status: wire.ConnOffline, reason: "disconnected by the server", code: websocket.CloseServiceRestart})
	}
	return len(conns), nil
}
