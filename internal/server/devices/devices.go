// Package devices lets a user's devices see one another, and sign one another out, over HTTP.
package devices

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
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
	Record record.Record
	Tokens Tokens
	Logger *slog.Logger
	// Enter registers a request, so that a stopping server waits for it.
	Enter func() (release func(), ok bool)
}

// Service serves the requests.
type Service struct{ c Config }

// New returns a Service.
func New(c Config) *Service { return &Service{c} }

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
	Current bool   `json:"current,omitempty"`
}

// ServeList responds with the user's devices, oldest first.
func (s *Service) ServeList(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) { return s.list(ctx, own) })
}

// ServeRemove signs out the device whose id is in the path.
func (s *Service) ServeRemove(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		return nil, s.remove(ctx, own, r.PathValue("id"))
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
	if err != nil {
		s.refuse(w, err)
		return
	}
	reply, err := answer(ctx, own)
	if err != nil {
		s.refuse(w, err)
		return
	}
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
	own, err := accounts.Authenticate(ctx, s.c.Record, token.Hash(), time.Now())
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
		if t.Revoked || !t.Expires.IsZero() && !time.Now().Before(t.Expires) {
			continue
		}
		d := device{
			ID: t.ID, Label: t.Label, App: t.App, Created: t.Created.UnixMilli(), Current: t.ID == wire.TokenID(own.Hash),
		}
		if !t.Expires.IsZero() {
			d.Expires = t.Expires.UnixMilli()
		}
		list = append(list, d)
	}
	return list, nil
}

func (s *Service) remove(ctx context.Context, own *accounts.Device, id string) error {
	list, err := s.list(ctx, own)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.ID == id {
			return s.c.Tokens.RevokeToken(ctx, id)
		}
	}
	return errNoDevice
}

// refuse responds with a refusal; any other error becomes 503.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	refused := refusal.Of(err)
	if refused == nil {
		s.c.Logger.Error("devices", slog.Any("error", err))
		refused = refusal.HTTP(http.StatusServiceUnavailable, "storage", "the server cannot read or write its data")
	}
	if refused.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	http.Error(w, refused.Reason, refused.Status)
}
