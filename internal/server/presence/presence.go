// Package presence tracks which users are online: those connected to this node and, over a bus, to other nodes. It
// notifies the connections that watch a user, and stores when users were last seen.
package presence

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/record"
)

// seenInterval is how often the last-seen times are stored.
const seenInterval = time.Minute

// Config holds the dependencies of a Presence.
type Config struct {
	Record record.Record
	Bus    bus.Bus
	Logger *slog.Logger
	Clock  func() time.Time
	// EitherBlocks reports whether one of two users blocks the other.
	EitherBlocks func(a, b uint32) bool
	// SaveSeen stores when users were last seen, in ms.
	SaveSeen func(seen map[uint32]int64) error
}

// Presence tracks users. Its methods may be called from any goroutine.
type Presence struct {
	c    Config        // immutable, like soon
	soon chan struct{} // makes Run store the times now

	mu      sync.Mutex
	local   map[uint32]*devices
	remote  map[uint32]map[bus.NodeID]bus.Presence
	watched map[uint32]*watched
	seen    map[uint32]int64 // times not stored yet
}

// devices are a user's connections to this node.
type devices struct{ connected, foreground int }

// New returns the Presence of a node without connections.
func New(c Config) *Presence {
	return &Presence{
		c: c, soon: make(chan struct{}, 1),
		local: make(map[uint32]*devices), remote: make(map[uint32]map[bus.NodeID]bus.Presence),
		watched: make(map[uint32]*watched), seen: make(map[uint32]int64),
	}
}

// Connect adds a connection of a user to this node.
func (p *Presence) Connect(uid uint32) {
	p.mu.Lock()
	d := p.local[uid]
	if d == nil {
		d = &devices{}
		p.local[uid] = d
	}
	d.connected++
	first := d.connected == 1
	p.mu.Unlock()
	if first {
		p.announce(uid)
	}
}

// Disconnect removes a connection added by Connect. It must not be in the foreground.
func (p *Presence) Disconnect(uid uint32) {
	p.mu.Lock()
	d := p.local[uid]
	d.connected--
	last := d.connected == 0
	if last {
		delete(p.local, uid)
	}
	p.mu.Unlock()
	if last {
		p.announce(uid)
	}
}

// Foreground records that one of the user's connections has entered or left the foreground. ending reports that it
// leaves because it is closed; the last-seen time is then stored at once.
func (p *Presence) Foreground(uid uint32, foreground, ending bool) {
	p.mu.Lock()
	d := p.local[uid]
	before := d.foreground > 0
	if foreground {
		d.foreground++
	} else {
		d.foreground--
	}
	changed := before != (d.foreground > 0)
	if changed {
		p.note(uid)
	}
	p.mu.Unlock()
	if !changed {
		return
	}
	p.announce(uid)
	p.NotifyWatchers(uid)
	if ending {
		select {
		case p.soon <- struct{}{}:
		default: // Run has been woken already
		}
	}
}

// note sets the user's last-seen time to now. The caller holds mu.
func (p *Presence) note(uid uint32) {
	now := p.c.Clock().UnixMilli()
	p.seen[uid] = now
	if w := p.watched[uid]; w != nil {
		w.seen = now
	}
}

// announce publishes the state of a user on this node.
func (p *Presence) announce(uid uint32) {
	p.mu.Lock()
	state := bus.Presence{UID: uid}
	if d := p.local[uid]; d != nil {
		state.Connected, state.Foreground = d.connected > 0, d.foreground > 0
	}
	p.mu.Unlock()
	if err := p.c.Bus.Publish(bus.All, &bus.Frame{Presence: []bus.Presence{state}}); err != nil {
		p.c.Logger.Warn("publish presence", slog.Any("error", err))
	}
}

// Handle applies the presence changes of another node.
func (p *Presence) Handle(from bus.NodeID, changes []bus.Presence) {
	for _, c := range changes {
		p.mu.Lock()
		before := p.present(c.UID)
		nodes := p.remote[c.UID]
		switch {
		case c.Connected && nodes == nil:
			p.remote[c.UID] = map[bus.NodeID]bus.Presence{from: c}
		case c.Connected:
			nodes[from] = c
		default:
			delete(nodes, from)
			if len(nodes) == 0 {
				delete(p.remote, c.UID)
			}
		}
		changed := before != p.present(c.UID)
		if w := p.watched[c.UID]; w != nil && changed {
			w.seen = p.c.Clock().UnixMilli()
		}
		p.mu.Unlock()
		if changed {
			p.NotifyWatchers(c.UID)
		}
	}
}

// Online reports whether a user is connected to any node.
func (p *Presence) Online(uid uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.local[uid] != nil || len(p.remote[uid]) > 0
}

// Elsewhere returns the other nodes that a user is connected to.
func (p *Presence) Elsewhere(uid uint32) []bus.NodeID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.remote) == 0 {
		return nil
	}
	var nodes []bus.NodeID
	for n := range p.remote[uid] {
		nodes = append(nodes, n)
	}
	return nodes
}

// present reports whether one of the user's devices is in the foreground. The caller holds mu.
func (p *Presence) present(uid uint32) bool {
	if d := p.local[uid]; d != nil && d.foreground > 0 {
		return true
	}
	for _, c := range p.remote[uid] {
		if c.Foreground {
			return true
		}
	}
	return false
}

// Run stores the last-seen times until ctx ends, and once more then.
func (p *Presence) Run(ctx context.Context) {
	tick := time.NewTicker(seenInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-p.soon:
		case <-ctx.Done():
			p.flush()
			return
		}
		p.flush()
	}
}

func (p *Presence) flush() {
	p.mu.Lock()
	seen := p.seen
	p.seen = make(map[uint32]int64)
	p.mu.Unlock()
	if len(seen) == 0 {
		return
	}
	err := p.c.SaveSeen(seen)
	if err == nil {
		return
	}
	p.c.Logger.Warn("write last seen", slog.Any("error", err))
	p.mu.Lock()
	defer p.mu.Unlock()
	for uid, at := range seen { // retried by the next flush
		p.seen[uid] = max(p.seen[uid], at)
	}
}
