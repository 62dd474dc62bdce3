package mesibo

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/mesh"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

// meeting is the part of this device in the call of a group, from a Join to its end. One goroutine, its worker,
// negotiates with the media and calls the listeners: whenever something has changed it makes everything what it should
// be now.
type meeting struct {
	g           *GroupCall // immutable, as is what follows up to wake; session and device from the start of the worker
	listener    GroupCallListener
	cp          CallProperties
	ring        bool
	session     *session.Session
	endpoint    transport.Endpoint
	device      call.Media
	groupEngine call.GroupEngine // nil: none
	done        chan struct{}    // closed when the worker has ended
	wake        chan struct{}
	talking     atomic.Bool // this user speaks

	mu        sync.Mutex
	tasks     []func() // for the worker
	status    CallStatus
	own       *CallParticipant
	others    []*CallParticipant // by number
	departed  []*CallParticipant // that have left, and whose links are to be closed
	controls  bool
	removes   bool
	ended     bool // this device takes part no more
	gone      bool // what it has to send to the server does not matter any more
	timer     *time.Timer
	publishes *wire.CallChange // that was sent

	// Signalling, see groupcallsignal.go.
	join     *wire.CallJoin // has to be sent
	inFlight bool           // a request is on its way
	id       uint64
	revision uint32 // of the roster
	seq      uint32 // of the newest change
	had      uint32 // number of the newest signal for this device
	tried    uint32 // of the newest change that may have reached the server
	out      []*wire.CallSignal
	held     []*wire.CallSignalled // for this device, before it is known what they are about

	// Through the SFU, see groupcallroom.go.
	ticket *wire.CallSFU // nil: the devices are connected each with each
	key    *wire.CallKey // the newest
	room   *groupRoom    // only the worker changes it; nil when there is none

	// Of the worker.
	devices *mesh.Devices
	servers []call.ICEServer
	preview preview
	closing sync.WaitGroup // links
	opened  bool           // the microphone
}

func newMeeting(g *GroupCall, l GroupCallListener, cp CallProperties, ring bool) *meeting {
	t := &meeting{
		g: g, listener: l, cp: cp, ring: ring, done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	t.own = &CallParticipant{meeting: t, address: g.m.GetAddress(), isMe: true, source: cp.Video.Source}
	return t
}

// work works until this device has left the call and the server knows it.
func (t *meeting) work(before *meeting) {
	cs := t.g.m.calls
	defer cs.workers.Done()
	defer close(t.done)
	if before != nil { // what it sends must not be about this one
		<-before.done
	}
	var err error
	t.devices, err = mesh.New(t.device, t.speaks)
	t.logProblem("something of the sound does not work", err)
	t.servers = t.cp.IceServers
	if len(t.servers) == 0 {
		t.servers = cs.servers(t.session)
	}
	for {
		t.runTasks()
		t.tend()
		t.sendNext()
		if t.finished() {
			break
		}
		<-t.wake
	}
	t.closing.Wait()
	t.devices.Close()
}

// runTasks runs what was queued, and what that queues.
func (t *meeting) runTasks() {
	for {
		t.mu.Lock()
		tasks := t.tasks
		t.tasks = nil
		t.mu.Unlock()
		if len(tasks) == 0 {
			return
		}
		for _, task := range tasks {
			task()
		}
	}
}

// finished reports whether the worker has nothing to do any more.
func (t *meeting) finished() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended || len(t.tasks) > 0 || !t.gone && (t.inFlight || len(t.out) > 0) {
		return false
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	return true
}

func (t *meeting) wakeUp() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *meeting) speaks(talking bool) {
	t.talking.Store(talking)
	t.wakeUp()
}

// logProblem logs what does not work, if anything, and calls the listener when a device or a codec is missing.
func (t *meeting) logProblem(what string, err error) {
	if err == nil {
		return
	}
	t.g.m.log.Warn("problem in the call of a group", textAttr("what", what), errAttr(err))
	if errors.Is(err, call.ErrNoDevice) || errors.Is(err, call.ErrNoCodec) {
		t.tell(func(l GroupCallListener) {
			if l, ok := l.(GroupCallProblemListener); ok {
				l.OnGroupCallProblem(err)
			}
		})
	}
}

// finish ends the part of this device, once. The server learns of it.
func (t *meeting) finish(status CallStatus) {
	t.mu.Lock()
	t.end(status)
	t.mu.Unlock()
	t.wakeUp()
}

// abandon ends the part of this device without a word to the server.
func (t *meeting) abandon(status CallStatus) {
	t.mu.Lock()
	t.end(status)
	t.gone = true
	t.mu.Unlock()
	t.wakeUp()
}

// end is finish under mu.
func (t *meeting) end(status CallStatus) {
	if t.ended {
		return
	}
	t.ended = true
	t.dropOthers(HangupReasonError)
	reason := HangupReasonError
	if status == CallStatusComplete {
		reason = HangupReasonUser
	}
	t.own.hangUp(reason)
	t.out, t.join = nil, nil
	if t.id != 0 && status == CallStatusComplete {
		t.send(0, &wire.CallChange{Status: wire.CallComplete})
	}
	t.timer = time.AfterFunc(t.g.m.calls.times.linger, func() { t.abandon(status) })
	t.tasks = append(t.tasks, func() {
		t.closeAll()
		t.g.m.calls.leave(t)
		t.tellStatus(status)
	})
}

// dropOthers lets all other participants go. Under mu.
func (t *meeting) dropOthers(reason HangupReason) {
	for _, p := range t.others {
		t.depart(p, reason)
	}
	t.others = nil
}

// depart lets another participant go. Under mu.
func (t *meeting) depart(p *CallParticipant, reason HangupReason) {
	p.gone, p.publishes, p.up = true, false, false
	p.unwanted = MuteStatusAudio | MuteStatusVideo
	p.hangUp(reason)
	t.departed = append(t.departed, p)
}

// tellStatus calls the listener of the call. The worker calls it.
func (t *meeting) tellStatus(status CallStatus) {
	t.mu.Lock()
	t.status = status
	t.mu.Unlock()
	t.tell(func(l GroupCallListener) { l.OnGroupCallStatus(status) })
}

func (t *meeting) tell(f func(l GroupCallListener)) {
	if t.listener != nil {
		t.g.m.listeners.post(context.Background(), func(ls *snapshot) { ls.guard(func() { f(t.listener) }) })
	}
}

func (t *meeting) tellParticipant(l GroupCallInProgressListener, f func(l GroupCallInProgressListener)) {
	if l != nil {
		t.g.m.listeners.post(context.Background(), func(ls *snapshot) { ls.guard(func() { f(l) }) })
	}
}

// take makes the participants those of a roster. Under mu.
func (t *meeting) take(r *wire.CallRoster) {
	t.revision = r.GetRevision()
	t.others = slices.DeleteFunc(t.others, func(p *CallParticipant) bool {
		left := !slices.ContainsFunc(r.GetParticipants(), func(w *wire.CallParticipant) bool {
			return w.GetNumber() == p.number
		})
		if left {
			t.depart(p, HangupReasonRemote)
		}
		return left
	})
	present := false
	for _, w := range r.GetParticipants() {
		if w.GetNumber() == t.own.number {
			present, t.own.listens = true, w.GetListens()
			if t.own.listens {
				t.own.hangUp(HangupReasonRemote)
			}
			continue
		}
		t.other(w).update(w)
	}
	if !present { // this device was away for too long, or has to leave
		t.ask()
	}
}

// other returns another participant, which it adds when it is new. Under mu.
func (t *meeting) other(w *wire.CallParticipant) *CallParticipant {
	for _, p := range t.others {
		if p.number == w.GetNumber() {
			return p
		}
	}
	p := &CallParticipant{
		meeting: t, address: w.GetAddress(), number: w.GetNumber(), unwanted: MuteStatusAudio | MuteStatusVideo,
		wanted: MuteStatusAudio | MuteStatusVideo, renewals: rate.NewLimiter(renewalRate, renewalBurst),
	}
	t.others = append(t.others, p)
	return p
}

// update notes what the roster says of another participant. Under mu.
func (p *CallParticipant) update(w *wire.CallParticipant) {
	p.sid, p.listens = w.GetSid(), w.GetListens()
	p.publishes = w.GetPublishes() && !w.GetListens()
	p.remoteMute = MuteStatus(w.GetMute()) & (MuteStatusAudio | MuteStatusVideo)
	p.sends = MuteStatusAudio
	if w.GetVideo() {
		p.sends |= MuteStatusVideo
	}
	if !p.publishes {
		p.hangUp(HangupReasonRemote)
	}
}
