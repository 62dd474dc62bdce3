// Package devices lets a user's devices see, name and sign out one another, and invite further devices and users, over
// HTTP.
package devices

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Tokens are the access tokens of users: each is a device.
type Tokens interface {
	Tokens(ctx context.Context, address string) ([]accounts.TokenInfo, error)
	RevokeToken(ctx context.Context, id string) error
}

// Config is what a Service is made of.
type Config struct {
	Record   record.Record
	Accounts *accounts.Accounts
	Tokens   Tokens
	Logger   *slog.Logger
	Clock    func() time.Time
	// Inviters are the users who may invite others, until SetInviters.
	Inviters Inviters
	// Refresh is called after users have changed.
	Refresh func()
	// Group returns the group of an invite as a user sees it, uid 0 for who is none yet. It refuses when the user cannot
	// join with it, as when the inviter, uid 0 for the operator, may not add members now.
	Group func(ctx context.Context, inviter, gid, uid uint32) (*Group, error)
	// JoinGroup lets a user into the group of an invite; joined is false for who was a member before.
	JoinGroup func(inviter, gid uint32, user accounts.UserRef) (joined bool, err error)
	// Enter registers a request, so that a stopping server waits for it.
	Enter func() (release func(), ok bool)
}

// Service serves the requests. Its methods may be called from any goroutine.
type Service struct {
	c        Config // immutable, like guesses and joins
	guesses  *limits[netip.Prefix]
	joins    *limits[uint32] // what each user looks up and joins
	inviters atomic.Pointer[Inviters]

	mu        sync.Mutex
	seen      map[string]accounts.Sighting // by the ids of tokens; not stored yet
	connected map[string]int               // connections by the ids of tokens
}

// New returns a Service.
func New(c *Config) *Service {
	s := &Service{
		c: *c, guesses: newLimits[netip.Prefix](), joins: newLimits[uint32](),
		seen: make(map[string]accounts.Sighting), connected: make(map[string]int),
	}
	s.SetInviters(c.Inviters)
	return s
}

// SetInviters changes which users may invite others.
func (s *Service) SetInviters(i Inviters) { s.inviters.Store(&i) }

var (
	errStopping = refusal.HTTP(http.StatusServiceUnavailable, "stopping", "the server is shutting down")
	errToken    = refusal.HTTP(http.StatusUnauthorized, "token", "%s", accounts.ErrToken.Reason)
	errNoDevice = refusal.HTTP(http.StatusNotFound, "not_found", "you have no such device")
)

// device is one device of the list. Times are ms since the Unix epoch.
type device struct {
	ID      string `json:"id"`
	Label   string `json:"label,omitempty"`
	App     string `json:"app,omitempty"`
	Created int64  `json:"created"`
	Expires int64  `json:"expires,omitempty"`
	Seen    int64  `json:"seen,omitempty"`
	Place   string `json:"place,omitempty"`
	Online  bool   `json:"online,omitempty"`
	Current bool   `json:"current,omitempty"`
}

// ServeList responds with the user's devices, oldest first.
func (s *Service) ServeList(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) { return s.list(ctx, own) })
}

// ServeRemove signs out the device whose id is in the path.
func (s *Service) ServeRemove(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		return nil, s.remove(ctx, own, deviceID(own, r))
	})
}

func (s *Service) serve(
	w http.ResponseWriter, r *http.Request, answer func(ctx context.Context, own *accounts.Device) (any, error),
) {
	release, ok := s.c.Enter()
	if !ok {
		s.refuse(w, errStopping)
		return
	}
	defer release()
	ctx := context.WithoutCancel(r.Context())
	own, err := s.authenticate(ctx, r)
	if errors.Is(err, errToken) {
		s.c.Logger.Info("access refused", slog.String("remote", r.RemoteAddr), slog.String("path", r.URL.Path))
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	ctx = audit.With(ctx, audit.Actor{Name: "user " + own.Address, Place: door.HostOf(r.RemoteAddr)})
	reply, err := answer(ctx, own)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answer(w, reply)
}

// answer responds with JSON, or without content for nil.
func (s *Service) answer(w http.ResponseWriter, reply any) {
	w.Header().Set("Cache-Control", "no-store")
	if reply == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		s.c.Logger.Debug("devices", slog.Any("error", fmt.Errorf("answer: %w", err)))
	}
}

// authenticate returns the device that asks.
func (s *Service) authenticate(ctx context.Context, r *http.Request) (*accounts.Device, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, errToken
	}
	token, err := wire.ParseToken(text)
	if err != nil {
		return nil, errToken
	}
	own, err := accounts.Authenticate(ctx, s.c.Record, token.Hash(), s.c.Clock())
	if errors.Is(err, accounts.ErrToken) {
		return nil, errToken
	}
	return own, err
}

func (s *Service) list(ctx context.Context, own *accounts.Device) ([]device, error) {
	tokens, err := s.c.Tokens.Tokens(ctx, own.Address)
	if err != nil {
		return nil, err
	}
	list := []device{}
	for _, t := range tokens {
		if t.Revoked || !t.Expires.IsZero() && !s.c.Clock().Before(t.Expires) {
			continue
		}
		d := device{
			ID: t.ID, Label: t.Label, App: t.App, Created: t.Created.UnixMilli(), Current: t.ID == own.ID,
		}
		if !t.Expires.IsZero() {
			d.Expires = t.Expires.UnixMilli()
		}
		var seen accounts.Sighting
		if seen, d.Online = s.sighting(&t); !seen.At.IsZero() {
			d.Seen, d.Place = seen.At.UnixMilli(), seen.Place
		}
		list = append(list, d)
	}
	return list, nil
}

func (s *Service) remove(ctx context.Context, own *accounts.Device, id string) error {
	if err := s.owns(ctx, own, id); err != nil {
		return err
	}
	return s.c.Tokens.RevokeToken(ctx, id)
}

// deviceID returns the id in the path. A device whose token was renewed may not know its own.
func deviceID(own *accounts.Device, r *http.Request) string {
	if id := r.PathValue("id"); id != wire.TokenID(own.Hash) {
		return id
	}
	return own.ID
}

// owns returns an error unless the user has a device with the id.
func (s *Service) owns(ctx context.Context, own *accounts.Device, id string) error {
	list, err := s.list(ctx, own)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(d device) bool { return d.ID == id }) {
		return errNoDevice
	}
	return nil
}

// ServeLabel renames the device whose id is in the path.
func (s *Service) ServeLabel(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		var q struct {
			Label string `json:"label"`
		}
		if err := readBody(w, r, &q); err != nil {
			return nil, err
		}
		id := deviceID(own, r)
		if err := s.owns(ctx, own, id); err != nil {
			return nil, err
		}
		return nil, s.c.Accounts.LabelToken(ctx, id, strings.TrimSpace(q.Label))
	})
}

// refuse responds with a refusal; any other error becomes 503.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	refused := refusal.Of(err)
	if refused == nil {
		s.c.Logger.Error("devices", slog.Any("error", err))
		refused = refusal.HTTP(http.StatusServiceUnavailable, "storage", "the server cannot read or write its data")
	}
	switch refused.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "60")
	}
	http.Error(w, refused.Reason, refused.Status)
}
