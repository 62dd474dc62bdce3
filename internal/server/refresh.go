package server

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// profileNews are the users who have changed their own profiles, until others are notified.
type profileNews struct {
	changed chan struct{} // receives while there are any

	mu   sync.Mutex
	uids map[uint32]struct{}
	seen map[uint32]struct{} // users who see another profile
}

func (p *profileNews) note(uid uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uids == nil {
		p.uids = make(map[uint32]struct{})
	}
	p.uids[uid] = struct{}{}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// noteSeen notes users who see another profile, so that they are notified.
func (p *profileNews) noteSeen(uids []uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = make(map[uint32]struct{})
	}
	for _, uid := range uids {
		p.seen[uid] = struct{}{}
	}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// take returns the users whose profiles have changed, and those who see another one.
func (p *profileNews) take() (uids []uint32, seen map[uint32]struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	uids = slices.Collect(maps.Keys(p.uids))
	clear(p.uids)
	seen, p.seen = p.seen, nil
	return uids, seen
}

// profileInterval is how often devices are notified of changes that users have made to their own profiles.
const profileInterval = time.Second

// announceProfiles notifies those who have a reason to know of changes that users have made to their own profiles, until
// ctx ends.
func (s *Server) announceProfiles(ctx context.Context) {
	for {
		select {
		case <-s.profiles.changed:
		case <-ctx.Done():
			return
		}
		uids, seen := s.profiles.take()
		known, err := s.events.Acquaintances(ctx, uids)
		maps.Copy(known, seen)
		var revision uint64
		if err == nil {
			revision, err = s.events.Revision(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Warn("announce profiles", slog.Any("error", err)) // devices ask at their next Hello
		default:
			s.gateway.AnnounceProfiles(revision, known)
		}
		pause := time.NewTimer(profileInterval)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

// watch applies changes of users and tokens by the operator whenever wakeWatch was called, until ctx ends.
func (s *Server) watch(ctx context.Context) {
	seen := s.opened // the log has changed nothing yet
	for {
		select {
		case <-s.refreshed:
		case <-ctx.Done():
			return
		}
		s.forget()
		s.gateway.CheckTokens(ctx)
		s.notices.Wake()
		if s.relay != nil {
			s.relay.CheckUsers()
		}
		now, err := s.events.Changed()
		var revision uint64
		if err == nil {
			revision, err = s.events.Revision(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Warn("watch", slog.Any("error", err))
		case now != seen:
			seen = now
			s.gateway.AnnounceProfiles(revision, nil)
		}
	}
}

// forget empties the caches of users and groups.
func (s *Server) forget() {
	s.directory.Forget()
	s.events.ForgetGroups()
	s.events.ForgetPrivacy()
}

// setVisibility applies a change of who may know whether a user is online.
func (s *Server) setVisibility(uid, visibility uint32) {
	s.events.ForgetPrivacy()
	s.presence.SetVisibility(uid, visibility)
}

func (s *Server) wakeWatch() {
	select {
	case s.refreshed <- struct{}{}:
	default: // a wake-up is pending
	}
}

// refresh makes all nodes reload users, tokens and profiles.
func (s *Server) refresh() {
	s.refreshLocal()
	if err := s.bus.Publish(bus.All, &bus.Frame{Refresh: true}); err != nil {
		s.log.Warn("refresh", slog.Any("error", err))
	}
}

// refreshLocal makes this node reload users, tokens and profiles.
func (s *Server) refreshLocal() {
	s.forget()
	s.wakeWatch()
}

// AddUser is Accounts.AddUser; all connected devices are notified of the user at once.
func (s *Server) AddUser(ctx context.Context, address, name string) error {
	defer s.refresh()
	return s.accounts.AddUser(ctx, address, name)
}

// SetUserName is Accounts.SetUserName; all connected devices are notified at once.
func (s *Server) SetUserName(ctx context.Context, address, name string) error {
	defer s.refresh()
	return s.accounts.SetUserName(ctx, address, name)
}

// DisableUser is Accounts.DisableUser; the user's connections are closed with AUTHFAIL.
func (s *Server) DisableUser(ctx context.Context, address string, disabled bool) error {
	defer s.refresh()
	return s.accounts.DisableUser(ctx, address, disabled)
}

// SuspendUser is Accounts.SuspendUser; the user's connections are closed with SUSPEND.
func (s *Server) SuspendUser(ctx context.Context, address string, until time.Time, reason string) error {
	defer s.refresh()
	return s.accounts.SuspendUser(ctx, address, until, reason)
}

// BanUser is Accounts.BanUser; the user's connections are closed with SUSPEND.
func (s *Server) BanUser(ctx context.Context, address, reason string) error {
	defer s.refresh()
	return s.accounts.BanUser(ctx, address, reason)
}

// RestoreUser is Accounts.RestoreUser.
func (s *Server) RestoreUser(ctx context.Context, address string) error {
	defer s.refresh()
	return s.accounts.RestoreUser(ctx, address)
}

// AddNotice is Accounts.AddNotice; the notice is sent at once.
func (s *Server) AddNotice(ctx context.Context, address, text string) error {
	defer s.wakeWatch()
	return s.accounts.AddNotice(ctx, address, text)
}

// Reports is Accounts.Reports.
func (s *Server) Reports(ctx context.Context, f accounts.ReportFilter) ([]accounts.Report, error) {
	return s.accounts.Reports(ctx, f)
}

// CloseReport is Accounts.CloseReport.
func (s *Server) CloseReport(ctx context.Context, id int64, note string) error {
	return s.accounts.CloseReport(ctx, id, note)
}

// Users lists all users, ordered by address.
func (s *Server) Users(ctx context.Context) ([]accounts.User, error) { return s.accounts.Users(ctx) }

// NewToken is Accounts.NewToken.
func (s *Server) NewToken(ctx context.Context, address string, opts accounts.TokenOptions) (wire.Token, error) {
	return s.accounts.NewToken(ctx, address, opts)
}

// RevokeToken is Accounts.RevokeToken; the connection that uses the token is closed with AUTHFAIL.
func (s *Server) RevokeToken(ctx context.Context, id string) error {
	defer s.refresh()
	return s.accounts.RevokeToken(ctx, id)
}

// Tokens is Accounts.Tokens.
func (s *Server) Tokens(ctx context.Context, address string) ([]accounts.TokenInfo, error) {
	return s.accounts.Tokens(ctx, address)
}

// NewAppToken is Accounts.NewAppToken.
func (s *Server) NewAppToken(ctx context.Context, opts accounts.AppTokenOptions) (string, error) {
	return s.accounts.NewAppToken(ctx, opts)
}

// RevokeAppToken is Accounts.RevokeAppToken.
func (s *Server) RevokeAppToken(ctx context.Context, id string) error {
	return s.accounts.RevokeAppToken(ctx, id)
}

// Audit is Accounts.Audit.
func (s *Server) Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	return s.accounts.Audit(ctx, f)
}

// Kick closes the connections of a user, who may connect again, and returns how many there were.
func (s *Server) Kick(ctx context.Context, address string) (int, error) {
	select {
	case <-s.stopping:
		return 0, eventlog.ErrClosed
	default:
	}
	u, err := s.directory.Find(ctx, address)
	if err != nil {
		return 0, fmt.Errorf("kick %q: %w", address, err)
	}
	return s.gateway.Kick(u.UID), nil
}

// SetAdmin is Accounts.SetAdmin.
func (s *Server) SetAdmin(ctx context.Context, address string, admin bool) error {
	return s.accounts.SetAdmin(ctx, address, admin)
}

// SetPublicURL is Accounts.SetPublicURL: invites and tokens name the server so from now on, and devices that connect
// learn the pins.
func (s *Server) SetPublicURL(ctx context.Context, url string, pin []byte) error {
	if err := s.accounts.SetPublicURL(ctx, url, pin); err != nil {
		return err
	}
	s.pins.Store(&pin)
	return nil
}

func (s *Server) pinsOf() []byte {
	if p := s.pins.Load(); p != nil {
		return *p
	}
	return nil
}
