package calls

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxCalling and maxRinging bound the calls of one user that have not ended: as caller, and unanswered as callee.
	maxCalling = 4
	maxRinging = 8
	// callerGrace is how long the caller of an unanswered call may be disconnected.
	callerGrace = 10 * time.Second
	// restartGrace is the same after a restart of the server, when everybody connects again.
	restartGrace = 30 * time.Second
	// memory is how long the end of a call is remembered for devices that ask.
	memory = 2 * time.Minute
	// retryAfter is when a record that could not be stored is tried again.
	retryAfter = 5 * time.Second
	// numbersPerSecond is more than the signals that are sent to one device in a second. The numbers rise for 24 days.
	numbersPerSecond = 2000
)

var errTooMany = refusal.Denied(0, "too many calls at the same time")

// Hub passes signals to the devices of users.
type Hub interface {
	// Signal sends a signal to the connected devices of users and reports whether there is any. It does not block.
	Signal(uids []uint32, sig *wire.Signal, droppable bool) (reached bool, err error)
	// Devices returns the ids of a user's connected devices.
	Devices(uid uint32) []string
}

// Metrics counts calls.
type Metrics interface {
	// Call counts a call that has ended with a status.
	Call(status uint32)
}

// Log stores calls.
type Log interface {
	Submit(ch eventlog.Change) error
	Calls(ctx context.Context) ([]eventlog.LiveCall, error)
	// Blocks reports whether one user blocks another.
	Blocks(uid, other uint32) bool
}

// Config holds the dependencies of Calls.
type Config struct {
	Log     Log
	Hub     Hub
	Metrics Metrics
	Logger  *slog.Logger
	Clock   func() time.Time
	// RingTimeout is how long a call rings. Default: wire.RingTimeout.
	RingTimeout time.Duration
}

// Calls are the calls of this node. Its methods may be called from any goroutine and do not block, but for Start and
// Signal, which wait while the log's queue is full.
type Calls struct {
	c Config // immutable

	mu      sync.Mutex
	live    map[uint64]*call
	byUser  map[uint32]map[uint64]*call // of both parties
	ended   map[uint64]*ended
	started map[startKey]*ended // the same by their requests
	memory  []*ended            // the same in their order
	rings   rings
	stopped bool
}

// New returns a node without calls.
func New(c Config) *Calls {
	if c.RingTimeout == 0 {
		c.RingTimeout = wire.RingTimeout
	}
	return &Calls{
		c: c, live: make(map[uint64]*call), byUser: make(map[uint32]map[uint64]*call),
		ended: make(map[uint64]*ended), started: make(map[startKey]*ended), rings: newRings(),
	}
}

// Load resumes the calls of the record. It is called before anything connects.
func (cs *Calls) Load(ctx context.Context) error {
	rows, err := cs.c.Log.Calls(ctx)
	if err != nil {
		return err
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	now := cs.c.Clock()
	for _, row := range rows {
		since := now.Sub(time.UnixMilli(row.Started))
		c := newCall(row, now.Add(min(cs.c.RingTimeout, cs.c.RingTimeout-since)))
		// The devices ignore numbers that they have had.
		c.caller.last = numberAfter(since)
		c.callee.last = c.caller.last
		c.caller.away, c.callee.away = true, c.answered()
		if c.answered() { // whether the caller knows is unknown
			c.caller.keep(c.answer())
		}
		cs.add(c)
		cs.watch(c, restartGrace)
	}
	return nil
}

// numberAfter returns a number above those of the signals to a device in a call that started so long ago.
func numberAfter(since time.Duration) uint32 {
	number := max(0, since+time.Second).Milliseconds() * numbersPerSecond / time.Second.Milliseconds()
	return uint32(min(number, math.MaxUint32-math.MaxUint16))
}

// Stop stops all timers. The calls stay in the record.
func (cs *Calls) Stop() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.stopped = true
	for _, c := range cs.live {
		cs.unwatch(c)
	}
}

// add and remove are called under mu.
func (cs *Calls) add(c *call) {
	cs.live[c.ID] = c
	for _, uid := range []uint32{c.Caller.UID, c.Callee.UID} {
		if cs.byUser[uid] == nil {
			cs.byUser[uid] = make(map[uint64]*call)
		}
		cs.byUser[uid][c.ID] = c
	}
}

func (cs *Calls) remove(c *call) {
	delete(cs.live, c.ID)
	for _, uid := range []uint32{c.Caller.UID, c.Callee.UID} {
		delete(cs.byUser[uid], c.ID)
		if len(cs.byUser[uid]) == 0 {
			delete(cs.byUser, uid)
		}
	}
}

// freeID returns an id that no call has. Under mu.
func (cs *Calls) freeID() uint64 {
	for {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		id := binary.BigEndian.Uint64(b[:]) >> 1
		if cs.live[id] == nil && cs.ended[id] == nil && uint32(id) != 0 {
			return id
		}
	}
}

// send passes a signal to all devices of a user. Under mu, so that signals of one call keep their order.
func (cs *Calls) send(uid uint32, s *wire.CallSignalled) {
	sig := &wire.Signal{Body: &wire.Signal_Call{Call: s}}
	if _, err := cs.c.Hub.Signal([]uint32{uid}, sig, false); err != nil {
		cs.c.Logger.Error("signal a call", slog.Any("error", err))
	}
}

// sendCaller and sendCallee send a change to the one device of a party, or to all devices of a callee before the
// answer. Under mu.
func (cs *Calls) sendCaller(c *call, change *wire.CallChange) {
	s := c.signal(true, change)
	c.caller.keep(s)
	cs.send(c.Caller.UID, s)
}

func (cs *Calls) sendCallee(c *call, change *wire.CallChange) {
	s := c.signal(false, change)
	if c.callee.device != "" {
		c.callee.keep(s)
	}
	cs.send(c.Callee.UID, s)
}

// watch starts the timer of a call, if it has to end by itself. grace is how long the caller may be away before the
// answer. Under mu.
func (cs *Calls) watch(c *call, grace time.Duration) {
	cs.unwatch(c)
	var after time.Duration
	switch {
	case cs.stopped || c.opening:
		return
	case !c.answered():
		after = c.rings.Sub(cs.c.Clock())
		if c.caller.away {
			after = min(after, grace)
		}
	case c.caller.away && c.callee.away:
		after = wire.ResumeTimeout
	default:
		return
	}
	watch := c.watches
	c.timer = time.AfterFunc(max(0, after), func() { cs.expire(c, watch) })
}

func (cs *Calls) unwatch(c *call) {
	c.watches++
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// expire ends a call whose time is over.
func (cs *Calls) expire(c *call, watch int) {
	cs.mu.Lock()
	if c.watches != watch || c.ended != nil || cs.stopped {
		cs.mu.Unlock()
		return
	}
	status := uint32(wire.CallNoAnswer)
	switch {
	case c.answered():
		status = wire.CallComplete
	case c.caller.away && cs.c.Clock().Before(c.rings):
		status = wire.CallCancel
	}
	end := cs.finish(c, status, false)
	cs.mu.Unlock()
	cs.store(end, func(error) {})
}

// returned notes that a device has signalled about a call. One that has only connected may have forgotten it. Under mu.
func (cs *Calls) returned(d Device, c *call) {
	if p := c.party(d); p != nil && p.away {
		p.away = false
		cs.watch(c, callerGrace)
	}
}

// isConnected reports whether a device is connected.
func (cs *Calls) isConnected(uid uint32, device string) bool {
	return slices.Contains(cs.c.Hub.Devices(uid), device)
}

// finish ends a call for all devices and returns the record to store, without mu. Under mu.
func (cs *Calls) finish(c *call, status uint32, declined bool) *eventlog.EndCall {
	cs.unwatch(c)
	cs.remove(c)
	now := cs.c.Clock()
	c.ended = &ended{
		id: c.ID, key: c.key(), status: status, at: now, parties: [2]uint32{c.Caller.UID, c.Callee.UID},
	}
	cs.remember(c.ended)
	change := &wire.CallChange{Status: status, Declined: declined}
	cs.sendCaller(c, change)
	cs.sendCallee(c, change)
	cs.c.Metrics.Call(status)
	return &eventlog.EndCall{
		Call: c.LiveCall, Status: status, Declined: declined,
		Ended: max(now.UnixMilli(), c.Started, c.Answered), // also when the clock was set back
	}
}

// remember keeps how a call ended, for a while. Under mu.
func (cs *Calls) remember(end *ended) {
	for len(cs.memory) > 0 && end.at.Sub(cs.memory[0].at) > memory {
		delete(cs.ended, cs.memory[0].id)
		delete(cs.started, cs.memory[0].key)
		cs.memory = cs.memory[1:]
	}
	cs.ended[end.id], cs.started[end.key] = end, end
	cs.memory = append(cs.memory, end)
}

// store stores the record of a call that has ended and calls done, which must not block. After a failure it tries again
// until it succeeds. When the server ends before, the call is still in the record, and ends after the restart.
func (cs *Calls) store(end *eventlog.EndCall, done func(error)) {
	end.Done = func(err error) {
		if err != nil {
			time.AfterFunc(retryAfter, func() { cs.store(end, func(error) {}) })
		}
		done(err)
	}
	if err := cs.c.Log.Submit(end); err != nil { // the server has stopped
		done(err)
	}
}
