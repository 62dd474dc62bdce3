package mesibo

import (
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
	"github.com/parley-chat/parley/mesibo/internal/session"
)

// Why a function of calls refuses.
var (
	// ErrCallMedia: there are no devices and codecs for calls, see SetCallMedia.
	ErrCallMedia = errors.New("there are no devices and codecs for calls")
	// ErrCallBusy: there is another call at this device.
	ErrCallBusy = errors.New("there is another call at this device")
	// ErrCallState: a call has not come that far, or has ended.
	ErrCallState = errors.New("the call has not come that far, or has ended")

	errNoCallee = errors.New("there is no user to call")
	errDigit    = errors.New("a digit is from 0 to 15")
)

// Call is a call with one other user. Its functions may be called from any goroutine, also from listeners, and do not
// wait. Nothing is left of a call that was never started.
type Call struct {
	m       *Mesibo // immutable, as is what follows up to wake; session from the start of the worker
	calls   *calls
	session *session.Session
	peer    string
	offer   string        // of an incoming call, until it is answered
	done    chan struct{} // closed when the worker has ended
	wake    chan struct{}

	mu       sync.Mutex
	machine  callstate.Machine
	cp       CallProperties
	listener CallInProgressListener
	tasks    []func()   // for the worker
	shown    CallStatus // the newest status that the listener was called with
	reason   HangupReason
	answered time.Time
	ringback bool // CallSoundRinging is being played
	up       bool // it was connected
	gone     bool // what it has to send to the server does not matter any more
	over     bool // the worker has nothing to do any more
	timer    *time.Timer
	armed    int // counts the timers, so that one that is late has no effect

	// Signalling, see callsignal.go.
	id         uint64
	start      *wire.CallStart // has to be sent
	inFlight   bool            // a request is on its way
	seq        uint32          // of the newest change
	tried      uint32          // of the newest change that may have reached the server
	out        []*wire.CallSignal
	candidates []string // wait for the session description
	described  bool     // the session description is among what is sent
	crossing   string   // the offer of the other party, which calls at the same moment

	// Media, see callremote.go and callcontrol.go.
	media      callMedia
	made       int // counts the media
	restart    string
	answers    [2]string // the newest offer and its answer
	taken      string    // the newest answer of the other party; it may come twice
	muted      MuteStatus
	remote     MuteStatus
	remoteTold MuteStatus // what of it the listener was called with
	synced     bool       // the other party was sent what is muted
	source     VideoSource
	sinks      map[bool]call.VideoSink
	sourceMu   sync.Mutex // one change of the source at a time; before mu
	sourced    bool       // the media have a source; under sourceMu
}

func newCall(m *Mesibo, cp CallProperties) *Call {
	return &Call{
		m: m, calls: m.calls, peer: cp.User.Address, cp: cp, source: cp.Video.Source,
		done: make(chan struct{}), wake: make(chan struct{}, 1), sinks: make(map[bool]call.VideoSink),
	}
}

// Start sets the listener of the call, nil for none, and starts a call that Mesibo.Call has made. Called again it
// replaces the listener, which is first called with what the call is now. Errors: as Mesibo.Call has them.
func (c *Call) Start(l CallInProgressListener) error {
	if c.GetCallProperties().Incoming || c.state() != callstate.New {
		c.attach(l)
		return nil
	}
	if err := c.calls.mayStart("Start", c); err != nil {
		return err
	}
	c.calls.mu.Lock()
	begun := c.calls.begin(c)
	c.calls.mu.Unlock()
	if !begun {
		return opError("Start", ResultDisconnected, nil)
	}
	c.attach(l)
	c.apply((*callstate.Machine).Dial)
	c.calls.holdOthers(c)
	return nil
}

// Answer answers an incoming call; video says whether this user sends video, if it is a call with video. Other calls
// are put on hold. The error is ErrCallState when the call does not ring here any more.
func (c *Call) Answer(video bool) error {
	c.mu.Lock()
	ringing := c.machine.State() == callstate.Incoming
	if ringing && c.cp.Video.Enabled && !video {
		c.muted |= MuteStatusVideo
	}
	c.mu.Unlock()
	if !ringing {
		return opError("Answer", ResultBadRequest, ErrCallState)
	}
	c.apply((*callstate.Machine).Answer)
	c.calls.refuseOthers(c)
	c.calls.holdOthers(c)
	return nil
}

// Hangup ends the call. An incoming one that is not answered it declines, on all devices of this user. The error is
// ErrCallState when there is nothing to end.
func (c *Call) Hangup() error {
	if !c.IsCallInProgress() {
		return opError("Hangup", ResultBadRequest, ErrCallState)
	}
	c.apply((*callstate.Machine).Hangup)
	return nil
}

func (c *Call) state() callstate.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.machine.State()
}

// Status returns how far the call is, and how it ended.
func (c *Call) Status() CallStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CallStatus(c.machine.Status())
}

// GetCallProperties returns a copy of the properties.
func (c *Call) GetCallProperties() *CallProperties {
	c.mu.Lock()
	defer c.mu.Unlock()
	cp := c.cp.clone()
	return &cp
}

// IsVideoCall reports whether it is a call with video.
func (c *Call) IsVideoCall() bool { return c.GetCallProperties().Video.Enabled }

// IsIncoming reports whether the other party calls.
func (c *Call) IsIncoming() bool { return c.GetCallProperties().Incoming }

// IsCallInProgress reports whether the call has started, or rings, and has not ended.
func (c *Call) IsCallInProgress() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.machine.IsLive()
}

// IsAnswered reports whether the callee has answered; also after the end.
func (c *Call) IsAnswered() bool { return !c.GetAnswerTime().IsZero() }

// IsCallConnected reports whether sound and video flow, or did, in a call that has not ended.
func (c *Call) IsCallConnected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up && c.machine.IsLive()
}

// IsLinkUp reports whether sound and video flow now.
func (c *Call) IsLinkUp() bool { return c.state() == callstate.Connected }

// GetAnswerTime returns when the callee answered, by the clock of this machine; the zero time before.
func (c *Call) GetAnswerTime() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answered
}

// Stats returns how well the call works. All is 0 before the answer and after the end.
func (c *Call) Stats() CallStats {
	c.mu.Lock()
	media := c.media
	c.mu.Unlock()
	if media == nil {
		return CallStats{}
	}
	return media.Stats()
}

// isTalking reports whether the call is answered and not on hold here.
func (c *Call) isTalking() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.machine.IsAnswered() && c.muted&MuteStatusHold == 0
}

func (c *Call) isRinging() bool { return c.state() == callstate.Incoming }
