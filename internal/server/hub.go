package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// hub knows who is connected. What it says may be out of date a moment later; only the log is true.
type hub struct {
	opts *Options // immutable

	mu      sync.RWMutex
	members map[uint32]*member
}

// member is a user with at least one connection.
type member struct {
	uid  uint32 // immutable, like opts
	opts *Options

	mu         sync.Mutex
	sends      *rate.Limiter // made with the first message
	selfs      *rate.Limiter // of changes to the profile, made with the first
	foreground int           // how many of the connections somebody is at
	conns      []*conn
	head       uint64 // newest event known
	acked      uint64 // highest event that any device has acknowledged
	ackQueued  bool   // a change that will take acked is in the writer's queue
}

func newHub(opts *Options) *hub {
	return &hub{opts: opts, members: make(map[uint32]*member)}
}

// register makes a connection known, so that it is handed new events from now on. A connection with the same token is
// returned for the caller to sign out. full tells that the user has too many devices; nothing is registered then.
func (h *hub) register(c *conn) (replaced *conn, full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.members[c.dev.uid]
	if !ok {
		m = &member{uid: c.dev.uid, opts: h.opts}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at := -1
	for i, other := range m.conns {
		if other.dev.hash == c.dev.hash {
			at = i
		}
	}
	switch {
	case at >= 0:
		replaced, m.conns[at] = m.conns[at], c
	case len(m.conns) >= h.opts.MaxDevices:
		return nil, true
	default:
		m.conns = append(m.conns, c)
	}
	h.members[c.dev.uid] = m
	c.member.Store(m)
	return replaced, false
}

// unregister forgets a connection. It may be called for one that was never registered, or that has been replaced.
func (h *hub) unregister(c *conn) {
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

func (h *hub) find(uid uint32) *member {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.members[uid]
}

func (h *hub) online(uid uint32) bool { return h.find(uid) != nil }

// connsOf lists the connections of a user.
func (h *hub) connsOf(uid uint32) []*conn {
	m := h.find(uid)
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*conn(nil), m.conns...)
}

// publish hands committed events to the connections of their users, without waking them. It returns touched with
// those connections added.
func (h *hub) publish(pushes []push, touched []*conn) []*conn {
	for i := range pushes {
		m := h.find(pushes[i].uid)
		if m == nil {
			continue
		}
		m.mu.Lock()
		m.head = max(m.head, pushes[i].seq)
		for _, c := range m.conns {
			c.offer(pushes[i].liveEvent)
			touched = append(touched, c)
		}
		m.mu.Unlock()
	}
	return touched
}

// wake makes the connections of a user look at the log again.
func (h *hub) wake(uid uint32) {
	for _, c := range h.connsOf(uid) {
		c.kick()
	}
}

// inTransit tells whether an event has been sent to a device that has not acknowledged it yet.
func (h *hub) inTransit(uid uint32, seq uint64) bool {
	for _, c := range h.connsOf(uid) {
		if c.inTransit(seq) {
			return true
		}
	}
	return false
}

// learn notes the number of the newest event, read from the database.
func (m *member) learn(head uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.head = max(m.head, head)
}

func (m *member) newest() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.head
}

// raiseAck notes what a device has acknowledged. It returns true when the caller has to queue an ackChange.
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

// takeAck is called when an ackChange is applied.
func (m *member) takeAck() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ackQueued = false
	return m.acked
}

// dropAck forgets the acknowledgements after a commit has failed, so that repeated ones count.
func (m *member) dropAck() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acked, m.ackQueued = 0, false
}

// reserveSend takes one message from the user's allowance and returns how long to wait with it.
func (m *member) reserveSend(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sends == nil {
		m.sends = rate.NewLimiter(rate.Limit(m.opts.SendRate), m.opts.SendBurst)
	}
	return m.sends.ReserveN(now, 1).DelayFrom(now)
}
