package calls

import (
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// Bounds of one call.
const (
	maxEarly  = 16 // changes of a party kept until the answer is stored
	earlySize = 128 << 10
	maxKept   = 64 // signals kept for one device
	keptSize  = 512 << 10
)

// Device is a connected device of a user.
type Device struct {
	accounts.UserRef

	ID string // of its token
}

// call is a call that has not ended. Under Calls.mu.
type call struct {
	eventlog.LiveCall

	opening   bool                // it is not in the record yet: it has no effect and nothing happens to it
	waiting   []func()            // requests that want to know what becomes of an opening call
	ringing   bool                // a device of the callee rings
	rings     time.Time           // until when it may ring
	answering *answering          // an answer that is being stored, nil if there is none
	ended     *ended              // nil while the call lives
	busy      map[string]struct{} // devices of the callee that do not ring
	seen      map[string]uint32   // the newest signal of each device
	timer     *time.Timer
	watches   int // counts the timers, so that one that is late has no effect

	caller, callee party
}

// party is one side of a call: a device once it is known.
type party struct {
	device string
	away   bool   // it has disconnected and has not signalled since
	last   uint32 // number of the newest signal
	kept   []*wire.CallSignalled
	size   int
	early  early
}

// early are changes of a party that wait for the answer.
type early struct {
	list []*wire.CallChange
	size int
}

// answering is an answer that is being stored.
type answering struct {
	device  string
	change  *wire.CallChange
	at      int64 // ms
	answers []func(*wire.CallReply, error)
}

// ended is how a call ended.
type ended struct {
	id      uint64
	key     startKey
	status  uint32
	at      time.Time
	parties [2]uint32
}

// startKey identifies a request that starts a call.
type startKey struct {
	uid   uint32
	nonce [wire.NonceSize]byte
}

func newCall(row eventlog.LiveCall, rings time.Time) *call {
	return &call{
		LiveCall: row, rings: rings, busy: make(map[string]struct{}), seen: make(map[string]uint32),
		caller: party{device: row.CallerDevice}, callee: party{device: row.CalleeDevice},
	}
}

func (c *call) answered() bool { return c.Answered != 0 }

// status returns what a device that asks is told.
func (c *call) status() uint32 {
	switch {
	case c.ended != nil:
		return c.ended.status
	case c.answered():
		return wire.CallAnswer
	case c.ringing:
		return wire.CallRinging
	}
	return wire.CallInProgress
}

// isCaller reports whether a user is the caller; false for the callee.
func (c *call) isCaller(uid uint32) bool { return c.Caller.UID == uid }

func (c *call) key() startKey { return startKey{c.Caller.UID, c.Nonce} }

// party returns the side of a device, nil for a device without a part in the call.
func (c *call) party(d Device) *party {
	switch {
	case c.Caller.UID == d.UID && c.caller.device == d.ID:
		return &c.caller
	case c.Callee.UID == d.UID && c.callee.device == d.ID:
		return &c.callee
	}
	return nil
}

// repeated notes a signal of a device and reports whether it was there before.
func (c *call) repeated(device string, seq uint32) bool {
	if seq <= c.seen[device] {
		return true
	}
	c.seen[device] = seq
	return false
}

// signal returns a signal for all devices of a party; keep makes it one for a single device.
func (c *call) signal(toCaller bool, change *wire.CallChange) *wire.CallSignalled {
	peer := c.Caller.Address
	if toCaller {
		peer = c.Callee.Address
	}
	return &wire.CallSignalled{
		CallId: c.ID, Peer: peer, Video: c.Video, Started: uint64(c.Started), Change: change,
	}
}

// ring returns the signal that makes the callee's devices ring.
func (c *call) ring() *wire.CallSignalled {
	return c.signal(false, &wire.CallChange{Status: wire.CallIncoming, Sdp: c.Offer, Video: c.Video})
}

// answer returns the signal that the callee has answered.
func (c *call) answer() *wire.CallSignalled {
	return c.signal(true, &wire.CallChange{Status: wire.CallAnswer, Sdp: c.Answer, Video: c.AnswerVideo})
}

// keep numbers a signal for a party's device, and keeps it for when the device connects again. When there are too many,
// the oldest is dropped, but never the answer.
func (p *party) keep(s *wire.CallSignalled) {
	p.last++
	s.Device, s.Seq = p.device, p.last
	p.kept = append(p.kept, s)
	p.size += size(s.GetChange())
	for len(p.kept) > maxKept || p.size > keptSize {
		oldest := 0
		if p.kept[0].GetChange().GetStatus() == wire.CallAnswer {
			oldest = 1
		}
		p.size -= size(p.kept[oldest].GetChange())
		p.kept = append(p.kept[:oldest:oldest], p.kept[oldest+1:]...)
	}
}

// add keeps a change; too many are dropped.
func (e *early) add(ch *wire.CallChange) {
	if n := size(ch); len(e.list) < maxEarly && e.size+n <= earlySize {
		e.list = append(e.list, ch)
		e.size += n
	}
}

func size(ch *wire.CallChange) int {
	n := len(ch.GetSdp())
	for _, c := range ch.GetCandidates() {
		n += len(c)
	}
	return n + 128 //nolint:mnd // about what the rest takes
}
