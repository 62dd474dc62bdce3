package mesibo

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// Bounds of what is kept of calls.
const (
	mostRinging   = 8   // calls that have not ended, with call waiting
	mostKnown     = 64  // also those that have ended and that the server does not know of
	mostHeld      = 64  // signals about calls whose id is not known yet
	mostRemembers = 64  // calls that have ended, whose numbers are kept
	mostChanges   = 64  // of one call, that wait to be sent
	mostTasks     = 256 // of one call, that the other party has caused
)

// callTimes are how long calls wait for something.
type callTimes struct {
	incoming  time.Duration // for OnIncoming, before the caller learns that it rings
	ring      time.Duration // for an answer, when the server does not end the call
	connect   time.Duration // for the media after the answer
	reconnect time.Duration // for the media later
	linger    time.Duration // to let the server know that a call has ended
	stop      time.Duration // the same, in Stop
	servers   time.Duration // until a call is made without the servers that it may go through
	again     time.Duration // before a request is tried again that found no room
	groupRing time.Duration // that the call of a group rings
	link      time.Duration // for the first connection with a participant, longer than the media try
	linkAgain time.Duration // before that is made anew, the first time
}

func defaultCallTimes() callTimes {
	return callTimes{
		incoming: 2 * time.Second, ring: wire.RingTimeout + 15*time.Second, connect: 20 * time.Second,
		reconnect: wire.ResumeTimeout, linger: time.Minute, stop: 2 * time.Second, servers: time.Second,
		again: time.Second, groupRing: wire.RingTimeout, link: 30 * time.Second, linkAgain: time.Second,
	}
}

// calls are the calls of an instance.
type calls struct {
	m      *Mesibo
	times  callTimes    // immutable after the first Start
	engine newCallMedia // immutable after the first Start; nil when there is none

	mu          sync.Mutex
	groupEngine call.GroupEngine // nil: none
	media       *call.Media      // as SetCallMedia was given them, nil before
	waiting     bool             // several calls at a time
	run         *run             // nil while stopped
	known       callServers
	list        []*Call // those with a worker
	byID        map[uint64]*Call
	held        []*wire.CallSignalled
	numbers     []callNumber
	workers     sync.WaitGroup

	// Calls of groups.
	groups  map[uint32]*GroupCall
	meeting *meeting // in which this device takes part; nil when there is none
	states  map[uint32]*groupState
	untold  []GroupCallState // that the listeners have to be called with
	telling bool             // they are about to be called with them
}

// callNumber is the number of the newest signal of this device in a call that has ended here.
type callNumber struct {
	id  uint64
	seq uint32
}

func newCalls(m *Mesibo) *calls {
	return &calls{
		m: m, times: defaultCallTimes(), engine: newPeerMedia, byID: make(map[uint64]*Call),
		groups: make(map[uint32]*GroupCall), states: make(map[uint32]*groupState),
	}
}

// EnableCallWaiting allows several calls at this device at the same time, one of which is not on hold. At first it is
// off: during a call, and while it calls, this device is busy for who calls meanwhile, and Mesibo.Call is refused.
// Several calls may ring at the same time: when one is answered, the device is busy for the others.
func (m *Mesibo) EnableCallWaiting(enable bool) {
	m.calls.mu.Lock()
	defer m.calls.mu.Unlock()
	m.calls.waiting = enable
}

// GetActiveCall returns the call of this device: the newest that is answered and not on hold, else the newest that has
// not ended; nil when there is none.
func (m *Mesibo) GetActiveCall() *Call {
	var active *Call
	for _, c := range m.calls.live() {
		if active == nil || !active.isTalking() || c.isTalking() {
			active = c
		}
	}
	return active
}

// live returns the calls that have not ended, in the order in which they started.
func (cs *calls) live() []*Call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.liveOnes()
}

// liveOnes is live under mu.
func (cs *calls) liveOnes() []*Call {
	return slices.DeleteFunc(slices.Clone(cs.list), func(c *Call) bool { return !c.IsCallInProgress() })
}

// reset forgets what the application has set.
func (cs *calls) reset() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.media, cs.groupEngine, cs.waiting, cs.numbers, cs.known = nil, nil, false, nil, callServers{}
	clear(cs.groups)
}

// open lets calls start.
func (cs *calls) open(r *run) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.run, cs.known = r, callServers{}
}

// hangUp ends all calls; one that rings goes on ringing at other devices of this user. It waits until the server knows
// it, but not for long, and not without a connection.
func (cs *calls) hangUp(ctx context.Context) {
	cs.mu.Lock()
	var ends []<-chan struct{}
	for _, c := range cs.list {
		ends = append(ends, c.done)
	}
	list, t := slices.Clone(cs.list), cs.meeting
	cs.mu.Unlock()
	if t != nil {
		t.finish(CallStatusComplete)
		ends = append(ends, t.done)
	}
	timer := time.NewTimer(cs.times.stop)
	defer timer.Stop()
	for _, c := range list {
		c.apply((*callstate.Machine).Leave)
	}
	for _, done := range ends {
		if !cs.m.IsOnline() {
			return
		}
		select {
		case <-done:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// close ends all calls without a word to the server, and waits for their goroutines.
func (cs *calls) close(status CallStatus) {
	cs.mu.Lock()
	cs.run, cs.held = nil, nil
	list, t := slices.Clone(cs.list), cs.meeting
	cs.mu.Unlock()
	for _, c := range list {
		c.abandon(status)
	}
	if t != nil {
		t.abandon(status)
	}
	cs.forgetStates()
	cs.workers.Wait()
}

// connected lets the calls know of a new connection to the server.
func (cs *calls) connected() {
	cs.mu.Lock()
	list, t := slices.Clone(cs.list), cs.meeting
	cs.mu.Unlock()
	for _, c := range list {
		c.resume()
	}
	if t != nil {
		t.resume()
	}
}

// begin adds a call and starts its worker, once; false while stopped. Under mu.
func (cs *calls) begin(c *Call) bool {
	if cs.run == nil {
		return false
	}
	if c.session != nil {
		return true
	}
	c.session = cs.run.session
	cs.list = append(cs.list, c)
	cs.workers.Add(1)
	go c.work() // close waits for it
	return true
}

// forget removes a call that is over.
func (cs *calls) forget(c *Call) {
	defer cs.release()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	id, seq := c.number()
	cs.list = slices.DeleteFunc(cs.list, func(other *Call) bool { return other == c })
	if cs.byID[id] == c {
		delete(cs.byID, id)
	}
	if id != 0 {
		cs.remember(id, seq)
	}
}

// remember keeps a number: the same call may ring here again. Under mu.
func (cs *calls) remember(id uint64, seq uint32) {
	if len(cs.numbers) == mostRemembers {
		cs.numbers = slices.Delete(cs.numbers, 0, 1)
	}
	cs.numbers = append(cs.numbers, callNumber{id, seq})
}

// firstNumber returns a number below those of the signals of a call: also below those that an earlier process of this
// device, which is forgotten, has used. Under mu.
func (cs *calls) firstNumber(id uint64) uint32 {
	seq := uint32(time.Now().Unix())
	for _, n := range cs.numbers {
		if n.id == id {
			seq = max(seq, n.seq)
		}
	}
	return seq
}

// signalled takes a signal from the server. It does not block.
func (cs *calls) signalled(r *run, s *wire.CallSignalled) {
	if s.GetGroupId() != 0 {
		cs.groupSignalled(r, s)
		return
	}
	if !wellFormed(s) {
		return
	}
	profile := cs.m.profiles.complete(s.GetPeer(), 0) // may read the database
	cs.mu.Lock()
	if r == nil || cs.run != r || s.GetDevice() != "" && s.GetDevice() != *r.device.Load() {
		cs.mu.Unlock()
		return
	}
	c, status := cs.byID[s.GetCallId()], s.GetChange().GetStatus()
	switch {
	case c != nil:
	case slices.ContainsFunc(cs.list, func(c *Call) bool { return c.mayMean(s) }):
		if len(cs.held) < mostHeld {
			cs.held = append(cs.held, s)
		}
	case status == wire.CallIncoming:
		cs.ring(s, profile)
	case s.GetDevice() != "" && status&wire.CallEnded == 0: // an earlier process of this device had the call
		if c := cs.add(s, profile); c != nil {
			c.apply((*callstate.Machine).Forgotten)
		}
	}
	cs.mu.Unlock()
	if c != nil {
		c.signalled(s)
	}
}

// wellFormed reports whether a signal keeps the limits of the protocol.
func wellFormed(s *wire.CallSignalled) bool {
	ch := s.GetChange()
	return s.GetCallId() != 0 && s.GetPeer() != "" && ch.GetStatus() != 0 && ch.GetStatus() <= wire.CallMaxStatus &&
		len(ch.GetSdp()) <= wire.MaxSDP && len(ch.GetCandidates()) <= wire.MaxCandidates &&
		!slices.ContainsFunc(ch.GetCandidates(), func(c string) bool { return len(c) > wire.MaxCandidate }) &&
		(ch.GetStatus() != wire.CallIncoming || ch.GetSdp() != "")
}

// add makes a call that the server has, and starts its worker; nil when there are too many. Under mu.
func (cs *calls) add(s *wire.CallSignalled, profile *UserProfile) *Call {
	if len(cs.list) >= mostKnown {
		return nil
	}
	c := newCall(cs.m, CallProperties{
		User: profile, Incoming: true, Waiting: len(cs.liveOnes()) > 0, CallID: s.GetCallId(),
		Video: VideoProperties{Enabled: s.GetVideo()},
	})
	c.id, c.seq, c.offer = s.GetCallId(), cs.firstNumber(s.GetCallId()), s.GetChange().GetSdp()
	if !cs.begin(c) {
		return nil
	}
	cs.byID[c.id] = c
	return c
}

// ring makes an incoming call ring, if this device can. Under mu.
func (cs *calls) ring(s *wire.CallSignalled, profile *UserProfile) {
	live := cs.liveOnes()
	talks := slices.ContainsFunc(live, func(c *Call) bool { return !c.isRinging() }) // whoever rings makes no one busy
	c := cs.add(s, profile)
	if c == nil {
		return
	}
	able := cs.media != nil && cs.engine != nil && cs.meeting == nil && (!talks || cs.waiting) && len(live) < mostRinging &&
		has[CallListener](cs.m.listeners) && cs.m.profiles.flags(s.GetPeer(), 0)&UserFlagBlockMessages == 0
	if !able {
		c.apply(func(m *callstate.Machine) []callstate.Action { return m.Busy(false) })
		return
	}
	c.apply((*callstate.Machine).Arrived)
	c.do(c.ask)
}

// started handles the server's reply to the start of a call.
func (cs *calls) started(c *Call, reply *wire.CallReply) {
	status, id := reply.GetStatus(), reply.GetCallId()
	ended := status&wire.CallEnded != 0
	if !ended && id == 0 || len(reply.GetSdp()) > wire.MaxSDP || status > wire.CallMaxStatus {
		status, ended = uint32(CallStatusError), true // the server is broken
	}
	cs.mu.Lock()
	c.mu.Lock()
	var number uint32
	switch {
	case ended:
	case status == wire.CallIncoming && !c.machine.IsLive(): // it rings, as any other call
		id = 0
	case status == wire.CallIncoming:
		number = cs.firstNumber(id)
		if other := cs.byID[id]; other != nil && !other.replace(&number) {
			status, id = wire.CallSwitched, 0 // it is being answered, or was
		}
	}
	if id != 0 && !ended {
		cs.byID[id] = c
	}
	c.replied(id, status, number, reply.GetSdp())
	c.mu.Unlock()
	cs.mu.Unlock()
	c.wakeUp()
	cs.release()
}

// release takes the signals that were held again: it may be known now what they are about.
func (cs *calls) release() {
	cs.mu.Lock()
	held, r := cs.held, cs.run
	cs.held = nil
	cs.mu.Unlock()
	for _, s := range held {
		cs.signalled(r, s)
	}
}

// devices returns what SetCallMedia has set.
func (cs *calls) devices() call.Media {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.media == nil {
		return call.Media{}
	}
	return *cs.media
}

// Call makes a call to cp.User that does not ring yet: Call.Start starts it. cp is copied. Errors: ResultBadRequest
// when cp names no user; ResultFail with ErrCallMedia without devices and codecs; ResultReqInProgress with ErrCallBusy
// when there is a call at this device and call waiting is off, or one with this user, or it takes part in the call of a
// group; ResultDisconnected when not online. CallListener.OnCallError is called in the last two cases.
func (m *Mesibo) Call(cp *CallProperties) (*Call, error) {
	if err := m.made(); err != nil {
		return nil, opError("Call", ResultFail, err)
	}
	if cp == nil || cp.User == nil || cp.User.GroupID != 0 || cp.User.Address == "" ||
		len(cp.User.Address) > wire.MaxAddress {
		return nil, opError("Call", ResultBadRequest, errNoCallee)
	}
	own := cp.clone()
	own.User = m.profiles.complete(cp.User.Address, 0)
	own.Incoming, own.Waiting, own.CallID = false, false, 0
	c := newCall(m, own)
	if err := m.calls.mayStart("Call", c); err != nil {
		return nil, err
	}
	return c, nil
}

// mayStart returns why an own call cannot start, and calls the listeners with it.
func (cs *calls) mayStart(op string, c *Call) error {
	cs.mu.Lock()
	err := cs.refuse(op, c)
	cs.mu.Unlock()
	var reason CallError
	switch ResultOf(err) {
	case ResultReqInProgress:
		reason = CallErrorBusy
	case ResultDisconnected:
		reason = CallErrorNetwork
	default:
		return err
	}
	cp := c.GetCallProperties()
	cs.m.listeners.post(context.Background(), func(ls *snapshot) {
		each(ls, func(l CallListener) {
			own := cp.clone()
			l.OnCallError(&own, reason)
		})
	})
	return err
}

// refuse is mayStart without listeners. Under mu.
func (cs *calls) refuse(op string, c *Call) error {
	live := cs.liveOnes()
	switch {
	case cs.media == nil, cs.engine == nil:
		return opError(op, ResultFail, ErrCallMedia)
	case cs.meeting != nil, len(live) > 0 && !cs.waiting && !slices.ContainsFunc(live, c.crosses),
		slices.ContainsFunc(live, func(other *Call) bool { return c.isWith(other) && !c.crosses(other) }):
		return opError(op, ResultReqInProgress, ErrCallBusy)
	case cs.run == nil, !cs.m.IsOnline():
		return opError(op, ResultDisconnected, nil)
	}
	return nil
}

// holdOthers puts the other calls on hold.
func (cs *calls) holdOthers(c *Call) {
	for _, other := range cs.live() {
		if other != c && other.isTalking() {
			other.Hold(true)
		}
	}
}

// refuseOthers ends the calls that ring while another one is answered, unless they may wait.
func (cs *calls) refuseOthers(c *Call) {
	cs.mu.Lock()
	live, waiting := cs.liveOnes(), cs.waiting
	cs.mu.Unlock()
	for _, other := range live {
		if !waiting && other != c && other.isRinging() {
			other.apply(func(m *callstate.Machine) []callstate.Action { return m.Busy(false) })
		}
	}
}

// isWith reports whether two calls are with the same user.
func (c *Call) isWith(other *Call) bool { return strings.EqualFold(c.peer, other.peer) }

// crosses reports whether another call rings here and is from the user that this one calls.
func (c *Call) crosses(other *Call) bool { return c.isWith(other) && other.isRinging() }
