package gateway

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/presence"
)

// Hub knows the connections of this node and, through presence, the users connected to other nodes. Its answers may be
// out of date a moment later. Its methods may be called from any goroutine.
type Hub struct {
	presence *presence.Presence // immutable, like rates
	bus      bus.Bus
	log      *slog.Logger
	rates    *rateBook
	limits   atomic.Pointer[Limits]

	mu      sync.RWMutex
	members map[uint32]*member
}

var _ eventlog.Hub = (*Hub)(nil)

// Limits are the limits of one user.
type Limits struct {
	// MaxDevices is the maximum number of connected devices.
	MaxDevices int
	// SendRate is what one user may spend per second, in messages to one user, with bursts of SendBurst; costs.go says
	// what requests cost. Those of a faster user are delayed, then refused for the time being.
	SendRate  float64
	SendBurst int
}

// NewHub returns a hub without connections.
func NewHub(p *presence.Presence, b bus.Bus, log *slog.Logger, limits Limits) *Hub {
	h := &Hub{presence: p, bus: b, log: log, rates: newRateBook(), members: make(map[uint32]*member)}
	h.limits.Store(&limits)
	return h
}

// member is a user with at least one connection to this node.
type member struct {
	uid uint32 // immutable

	mu        sync.Mutex
	conns     []*conn
	head      uint64 // newest event known
	acked     uint64 // highest event that any device has acknowledged
	ackQueued bool   // an eventlog.Ack is queued
	ackLost   bool   // one could not be stored
}

// register adds a connection, which gets new events from then on. It returns a connection of the same device for the
// caller to sign out. If full is true, the user has too many devices and the connection was not added.
func (h *Hub) register(c *conn) (replaced *conn, full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.members[c.device.UID]
	if !ok {
		m = &member{uid: c.device.UID}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at := -1
	for i, other := range m.conns {
		if other.device.ID == c.device.ID {
			at = i
		}
	}
	switch {
	case at >= 0:
		replaced, m.conns[at] = m.conns[at], c
	case len(m.conns) >= h.limits.Load().MaxDevices:
		return nil, true
	default:
		m.conns = append(m.conns, c)
	}
	h.members[c.device.UID] = m
	c.member.Store(m)
	return replaced, false
}

// unregister removes a connection. It does nothing for one that was never registered or has been replaced.
func (h *Hub) unregister(c *conn) {
	m := c.member.Load()
	if m == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, other := range m.conns {
		if other == c {
			m.conns = append(m.conns[:i:i], m.conns[i+1:]...)
			break
		}
	}
	if len(m.conns) == 0 && h.members[m.uid] == m {
		delete(h.members, m.uid)
	}
}

func (h *Hub) find(uid uint32) *member {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.members[uid]
}

// Online implements eventlog.Hub.
func (h *Hub) Online(uid uint32) bool {
	return h.find(uid) != nil || len(h.presence.Elsewhere(uid)) > 0
}

// connsOf returns the connections of a user to this node.
func (h *Hub) connsOf(uid uint32) []*conn {
	m := h.find(uid)
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*conn(nil), m.conns...)
}

// Devices implements calls.Hub.
func (h *Hub) Devices(uid uint32) []string {
	conns := h.connsOf(uid)
	ids := make([]string, len(conns))
	for i, c := range conns {
		ids[i] = c.device.ID
	}
	return ids
}

// Publish implements eventlog.Hub.
func (h *Hub) Publish(events []eventlog.Push) {
	touched := make([]*conn, 0, len(events))
	elsewhere := make(map[bus.NodeID][]bus.Event)
	for i := range events {
		e := &events[i]
		for _, node := range h.presence.Elsewhere(e.UID) {
			elsewhere[node] = append(elsewhere[node], bus.Event{UID: e.UID, Seq: e.Seq, Exp: e.Exp, Raw: e.Raw})
		}
		touched = h.offer(e.UID, e.Event, touched)
	}
	for node, list := range elsewhere {
		h.publish(node, &bus.Frame{Events: list})
	}
	for _, c := range touched {
		c.wakeWriter()
	}
}

func (h *Hub) publish(to bus.NodeID, f *bus.Frame) {
	if err := h.bus.Publish(to, f); err != nil {
		h.log.Warn("publish", slog.Any("error", err)) // the other nodes find lost events in the log
	}
}

// offer queues an event on the connections of its user, without waking them. It appends those connections to touched.
func (h *Hub) offer(uid uint32, e eventlog.Event, touched []*conn) []*conn {
	m := h.find(uid)
	if m == nil {
		return touched
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.head = max(m.head, e.Seq)
	for _, c := range m.conns {
		c.offer(e)
		touched = append(touched, c)
	}
	return touched
}

// deliver passes events committed by another node to the connections.
func (h *Hub) deliver(events []bus.Event) {
	var touched []*conn
	for _, e := range events {
		touched = h.offer(e.UID, eventlog.Event{Seq: e.Seq, Raw: e.Raw, Exp: e.Exp}, touched)
	}
	for _, c := range touched {
		c.wakeWriter()
	}
}

// Wake implements eventlog.Hub.
func (h *Hub) Wake(uid uint32) {
	for _, c := range h.connsOf(uid) {
		c.wakeWriter()
	}
}

// InTransit implements eventlog.Hub. It assumes that any event may be in transit to a user connected to another node.
func (h *Hub) InTransit(uid uint32, seq uint64) bool {
	for _, c := range h.connsOf(uid) {
		if c.inTransit(seq) {
			return true
		}
	}
	return len(h.presence.Elsewhere(uid)) > 0
}

// raiseHead sets the number of the newest event, unless it is known to be higher.
func (m *member) raiseHead(head uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.head = max(m.head, head)
}

func (m *member) newest() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head
}

// raiseAck records an acknowledgement of a device and reports whether the caller must submit an eventlog.Ack.
func (m *member) raiseAck(seq uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seq <= m.acked {
		return false
	}
	m.acked = seq
	if m.ackQueued {
		return false
	}
	m.ackQueued = true
	return true
}

// takeAck returns the newest acknowledged event for an eventlog.Ack that is being applied.
func (m *member) takeAck() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ackQueued = false
	return m.acked
}

// dropAck forgets the acknowledgements after a failed commit, so that repeated ones are submitted.
func (m *member) dropAck() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acked, m.ackQueued, m.ackLost = 0, false, true
}

// takeLost reports whether an acknowledgement has to be submitted again.
func (m *member) takeLost() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	lost := m.ackLost
	m.ackLost = false
	return lost
}
