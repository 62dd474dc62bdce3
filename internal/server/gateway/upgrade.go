package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ServeHTTP checks the token and starts a connection. It returns right after the upgrade, so that net/http frees its
// buffers.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	device, refused := g.check(w, r)
	if refused != nil {
		if refused.Status == http.StatusUnauthorized { // docs/hosting.md: fail2ban reads this line
			g.c.Logger.Info("access refused", slog.String("remote", r.RemoteAddr), slog.String("path", r.URL.Path))
		}
		g.refuse(w, refused)
		return
	}
	place, refused := g.admit(device, r)
	if refused != nil {
		g.refuse(w, refused)
		return
	}
	entered, ok := g.c.Enter()
	if !ok {
		place.leave()
		g.refuse(w, errStopping)
		return
	}
	ws, err := g.upgrader.Upgrade(w, r, nil)
	if err != nil { // Upgrade has sent a response
		place.leave()
		entered()
		g.c.Metrics.Refused("upgrade")
		return
	}
	c := newConn(g, ws, device, r.RemoteAddr)
	c.place = place
	g.start(c, entered)
}

// maxWaiting is the maximum number of connections of one token that have not said Hello.
const maxWaiting = 4

// place is where a connection is counted.
type place struct {
	release func() // of Config.Upgrade
	greeted func() // called when the Hello was accepted; only the first call has an effect
}

// leave is called when the connection has ended.
func (p *place) leave() {
	p.greeted()
	p.release()
}

var (
	errNoUpgrade = refusal.HTTP(http.StatusUpgradeRequired, "no_upgrade", "this URL only accepts WebSocket connections")
	errProtocol  = refusal.HTTP(http.StatusBadRequest, "subprotocol", "the WebSocket subprotocol must be "+wire.Subprotocol)
	errNoToken   = refusal.HTTP(http.StatusUnauthorized, "no_token", "an access token is required")
	errUnknown   = refusal.HTTP(http.StatusUnauthorized, "token", "%s", accounts.ErrToken.Reason)
	errGone      = refusal.HTTP(http.StatusServiceUnavailable, "gone", "the request was canceled")
	errStorage   = refusal.HTTP(http.StatusServiceUnavailable, "storage", "the server cannot read its data")
	errStopping  = refusal.HTTP(http.StatusServiceUnavailable, "stopping", "the server is shutting down")
	errCrowded   = refusal.HTTP(http.StatusServiceUnavailable, "crowded", "too many connections")
	errWaiting   = refusal.HTTP(http.StatusServiceUnavailable, "waiting", "too many connections of this device wait for a hello")
)

// check returns the device of a request for an upgrade.
func (g *Gateway) check(w http.ResponseWriter, r *http.Request) (*accounts.Device, *refusal.Error) {
	if !websocket.IsWebSocketUpgrade(r) || r.ContentLength != 0 {
		w.Header().Set("Upgrade", "websocket")
		return nil, errNoUpgrade
	}
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		return nil, errProtocol
	}
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, errNoToken
	}
	token, err := wire.ParseToken(text)
	if err != nil {
		return nil, refusal.HTTP(http.StatusBadRequest, "damaged_token", "%v", err)
	}
	device, err := accounts.Authenticate(r.Context(), g.c.Record, token.Hash(), g.c.Log.Now())
	if s, ok := errors.AsType[*wire.SuspendedError](err); ok {
		w.Header().Set(wire.SuspensionHeader, strconv.FormatInt(s.Milli(), 10))
		return nil, refusal.HTTP(http.StatusForbidden, "suspended", "%s", s.Reason)
	}
	switch {
	case errors.Is(err, accounts.ErrToken):
		return nil, errUnknown
	case r.Context().Err() != nil: // the client has disconnected
		return nil, errGone
	case err != nil:
		g.c.Logger.Error("authenticate", slog.Any("error", err))
		return nil, errStorage
	}
	return device, nil
}

// admit counts a connection, in all and as one without a Hello.
func (g *Gateway) admit(device *accounts.Device, r *http.Request) (*place, *refusal.Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting[device.Hash] >= maxWaiting {
		return nil, errWaiting
	}
	release, ok := g.c.Upgrade(r)
	if !ok {
		return nil, errCrowded
	}
	g.waiting[device.Hash]++
	return &place{release: release, greeted: sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.waiting[device.Hash]--; g.waiting[device.Hash] == 0 {
			delete(g.waiting, device.Hash)
		}
	})}, nil
}

// refuse answers a request that was not upgraded.
func (g *Gateway) refuse(w http.ResponseWriter, refused *refusal.Error) {
	g.c.Metrics.Refused(refused.Name)
	w.Header().Set("Connection", "close")
	if refused.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	http.Error(w, refused.Reason, refused.Status)
}
