// Package gateway serves the devices of users over WebSocket: it authenticates connections, dispatches requests, and
// delivers committed events and signals. Only this package of the server uses WebSockets. docs/protocol.md describes
// the protocol.
//
//   - [Gateway] accepts and closes connections.
//   - conn is one connection: a reading and, while there is something to write, a writing goroutine, and a bounded
//     queue of events; events that do not fit are read from the log again.
//   - [Hub] knows the connected users.
//   - dispatch.go has the table of requests; the other files are named after the subjects of requests.
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"go.opentelemetry.io/otel/trace"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/presence"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Metrics counts connections, messages and events.
type Metrics interface {
	Refused(reason string)
	// Connections adds to the number of connections.
	Connections(change int)
	// Message counts a message answered with a status.
	Message(status uint32)
	// Pushed counts events sent to devices.
	Pushed(events int)
	// LogRead counts a read of the log for events that were not in memory.
	LogRead()
}

// Config holds the dependencies and limits of a Gateway.
type Config struct {
	Record    record.Record
	Accounts  *accounts.Accounts
	Directory *accounts.Directory
	Log       *eventlog.Log
	Presence  *presence.Presence
	Bus       bus.Bus
	Calls     *calls.Calls
	Groups    *calls.Groups
	Relay     func(uid uint32) *wire.CallServersReply // the servers through which a user's calls may go
	Metrics   Metrics
	Traces    trace.TracerProvider // nil: no spans
	Logger    *slog.Logger

	// Epoch identifies the set of logs to clients.
	Epoch uint64

	PingInterval, DeadAfter, HelloTimeout, WriteTimeout time.Duration

	// Upgrade counts a connection before its upgrade; release is called when it has ended. ok is false if there are too
	// many.
	Upgrade func(r *http.Request) (release func(), ok bool)
	// Enter registers a connection before its upgrade, so that a stopping server waits for it. ok is false if the
	// server is stopping.
	Enter func() (release func(), ok bool)
	// ProfileChanged is called after a user's profile has changed, here or on another node.
	ProfileChanged func(uid uint32)
	// Refreshed is called after users, tokens or groups were changed on another node.
	Refreshed func()
	// MayInvite reports whether a user, who is an administrator or not, may invite others. Default: no user may.
	MayInvite func(admin bool) bool
	// Pins returns those of the server's own certificate and of the next one. Default: none.
	Pins func() []byte
	// HasRoom reports whether the disk has room for more messages.
	HasRoom func() bool
	// Connected is called when the device of a token has signed in, Disconnected when that connection has ended.
	Connected, Disconnected func(id, remote string)
	// Stopping is closed when the server starts to stop.
	Stopping <-chan struct{}
}

// Gateway serves connections. Its methods may be called from any goroutine.
type Gateway struct {
	c        Config // immutable, like all up to serving
	hub      *Hub
	upgrader *websocket.Upgrader
	frames   framePool
	tracer   trace.Tracer   // nil: no spans
	serving  sync.WaitGroup // connections

	mu      sync.Mutex
	stopped bool
	conns   map[*conn]int    // the values are the slots in which they are pinged
	slot    int              // of the next connection
	waiting map[[32]byte]int // connections without a Hello, by the hash of their token
}

// New returns a gateway and subscribes it to the bus.
func New(c *Config, h *Hub) *Gateway {
	g := &Gateway{
		c: *c, hub: h, conns: make(map[*conn]int), waiting: make(map[[32]byte]int),
		// For many idle connections: a small read buffer, and a write buffer only while writing.
		upgrader: &websocket.Upgrader{
			HandshakeTimeout: c.WriteTimeout,
			ReadBufferSize:   512,
			WriteBufferSize:  2048,
			WriteBufferPool:  new(sync.Pool),
			Subprotocols:     []string{wire.Subprotocol},
		},
	}
	if c.Traces != nil {
		g.tracer = c.Traces.Tracer("github.com/parley-chat/parley/internal/server/gateway")
	}
	c.Bus.Subscribe(g.handleFrame)
	return g
}

// handleFrame handles a frame from another node.
func (g *Gateway) handleFrame(from bus.NodeID, f *bus.Frame) {
	g.c.Presence.Handle(from, f.Presence)
	g.hub.deliver(f.Events)
	if f.Signal != nil {
		g.hub.relay(f.Signal)
	}
	for _, uid := range f.Kick {
		g.hub.kick(uid)
	}
	for _, uid := range f.Profiles {
		g.c.ProfileChanged(uid)
	}
	if f.Refresh {
		g.c.Refreshed()
	}
}

// start runs a connection and calls the release function of Enter.
func (g *Gateway) start(c *conn, release func()) {
	g.mu.Lock()
	g.conns[c] = g.slot
	g.slot = (g.slot + 1) % pingSlots
	stopped := g.stopped
	g.mu.Unlock()
	if stopped {
		c.end(shutdownGoodbye())
	}
	g.c.Metrics.Connections(1)
	g.serving.Go(c.run)
	release()
}

// leave removes a closed connection.
func (g *Gateway) leave(c *conn) {
	g.c.Metrics.Connections(-1)
	if c.place != nil { // it has a socket
		c.place.leave()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

// all returns the connections, including those without a Hello.
func (g *Gateway) all() []*conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]*conn, 0, len(g.conns))
	for c := range g.conns {
		list = append(list, c)
	}
	return list
}

func shutdownGoodbye() goodbye {
	return goodbye{status: wire.ConnShutdown, reason: "the server is shutting down", code: websocket.CloseGoingAway}
}

// Shutdown says goodbye to all connections, including those that start later.
func (g *Gateway) Shutdown() {
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	for _, c := range g.all() {
		c.end(shutdownGoodbye())
	}
}

// Cut closes all sockets.
func (g *Gateway) Cut() {
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	for _, c := range g.all() {
		_ = c.ws.Close()
	}
}

// Wait waits until all connections have ended. No new ones may start.
func (g *Gateway) Wait() { g.serving.Wait() }

// SetLimits changes the limits, also of users who are connected. Whoever has more devices keeps them.
func (g *Gateway) SetLimits(limits Limits) { g.hub.limits.Store(&limits) }

// Connections returns the number of connections of this node.
func (g *Gateway) Connections() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.conns)
}

// Ping pings every connection once per interval until ctx ends. All connections share one timer.
func (g *Gateway) Ping(ctx context.Context) {
	tick := time.NewTicker(max(g.c.PingInterval/pingSlots, time.Millisecond))
	defer tick.Stop()
	for slot := 0; ; slot = (slot + 1) % pingSlots {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, c := range g.inSlot(slot) {
			c.schedulePing()
		}
	}
}

// pingSlots is the number of groups of connections that are pinged at different times of the interval.
const pingSlots = 16

func (g *Gateway) inSlot(slot int) []*conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]*conn, 0, len(g.conns)/pingSlots+1)
	for c, its := range g.conns {
		if its == slot {
			list = append(list, c)
		}
	}
	return list
}

// CheckTokens closes the connections whose token is no longer valid.
func (g *Gateway) CheckTokens(ctx context.Context) {
	for _, c := range g.all() {
		_, err := accounts.Reauthenticate(ctx, g.c.Record, c.device.ID, g.c.Log.Now())
		switch {
		case errors.Is(err, accounts.ErrToken):
			c.end(tokenGoodbye(err))
		case err != nil:
			g.c.Logger.Warn("check tokens", slog.Any("error", err))
			return
		}
	}
}

// AnnounceProfiles notifies devices of the newest revision of profiles and groups: those of some users, or all if uids is
// nil.
func (g *Gateway) AnnounceProfiles(revision uint64, uids map[uint32]struct{}) {
	if uids == nil {
		for _, c := range g.all() {
			c.announceProfiles(revision)
		}
		return
	}
	for uid := range uids {
		for _, c := range g.hub.connsOf(uid) {
			c.announceProfiles(revision)
		}
	}
}

// Kick closes the connections of a user, who may connect again, and returns how many there were on this node.
func (g *Gateway) Kick(uid uint32) int {
	for _, node := range g.c.Presence.Elsewhere(uid) {
		g.hub.publish(node, &bus.Frame{Kick: []uint32{uid}})
	}
	return g.hub.kick(uid)
}

func (h *Hub) kick(uid uint32) int {
	conns := h.connsOf(uid)
	for _, c := range conns {
		c.end(goodbye{status: wire.ConnOffline, reason: "disconnected by the server", code: websocket.CloseServiceRestart})
	}
	return len(conns)
}
