package apptest

import (
	"fmt"
	"time"

	appcall "github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// Phone stands for the SDK's calls. It is used from one goroutine.
type Phone struct {
	CallErr  error // what NewCall answers, if not nil
	Made     []*Call
	Listener appcall.Listener
	Media    call.Media
	Records  []appcall.Record // of calls that there were, newest first
	Meetings []*GroupCall     // calls of groups that were made
	JoinErr  error            // what Join answers, if not nil
	NoCalls  bool             // no group can be called
}

// GetAddress is Self.
func (p *Phone) GetAddress() string { return Self }

// CanCall is true unless NoCalls is set.
func (p *Phone) CanCall(uint32) bool { return !p.NoCalls }

// GroupCall makes the call of a group, the last of Meetings.
func (p *Phone) GroupCall(uint32) (appcall.GroupCall, error) { //nolint:ireturn // the interface's
	made := &GroupCall{Err: p.JoinErr}
	p.Meetings = append(p.Meetings, made)
	return made, nil
}

// RingGroup lets the call of a group ring, in which these users take part, the first of whom calls.
func (p *Phone) RingGroup(groupID uint32, video bool, people ...string) {
	s := mesibo.GroupCallState{Group: &mesibo.UserProfile{GroupID: groupID}, Video: video, Addresses: people}
	if len(people) > 0 {
		s.Ringing, s.From = true, people[0]
	}
	p.Listener.OnGroup(s)
}

// InGroup lets these users take part in the call of a group, without a ring.
func (p *Phone) InGroup(groupID uint32, people ...string) {
	p.Listener.OnGroup(mesibo.GroupCallState{Group: &mesibo.UserProfile{GroupID: groupID}, Addresses: people})
}

// NewCall makes a call, the last of Made.
func (p *Phone) NewCall(address string, video bool) (appcall.Call, error) { //nolint:ireturn // the interface's
	if p.CallErr != nil {
		return nil, p.CallErr
	}
	made := NewCall(address, video, false)
	p.Made = append(p.Made, made)
	return made, nil
}

// ListenCalls keeps the listener.
func (p *Phone) ListenCalls(l appcall.Listener) (stop func(), err error) {
	p.Listener = l
	return func() { p.Listener = nil }, nil
}

// ReadCalls is the start of Records.
func (p *Phone) ReadCalls(count int) ([]appcall.Record, error) {
	return p.Records[:min(count, len(p.Records))], nil
}

// SetCallMedia keeps the devices.
func (p *Phone) SetCallMedia(media call.Media) { p.Media = media }

// Ring lets a user call.
func (p *Phone) Ring(address string, video bool) *Call {
	made := NewCall(address, video, true)
	p.Made = append(p.Made, made)
	p.Listener.OnRing(made)
	return made
}

// Call is a call whose other side is the test.
type Call struct {
	CP       mesibo.CallProperties
	Done     []string // what was asked of it, as one line each
	Err      error    // what is answered, if not nil
	Answered time.Time
	Quality  mesibo.CallStats
	Views    map[bool]call.VideoSink // the other party's under true

	listener mesibo.CallInProgressListener
	muted    map[bool]mesibo.MuteStatus // the other party's under true
}

// NewCall makes a call with a user.
func NewCall(address string, video, incoming bool) *Call {
	return &Call{
		CP: mesibo.CallProperties{
			User: &mesibo.UserProfile{Address: address}, Incoming: incoming,
			Video: mesibo.VideoProperties{Enabled: video},
		},
		Views: map[bool]call.VideoSink{}, muted: map[bool]mesibo.MuteStatus{},
	}
}

func (c *Call) did(format string, args ...any) { c.Done = append(c.Done, fmt.Sprintf(format, args...)) }

// Start keeps the listener.
func (c *Call) Start(l mesibo.CallInProgressListener) error {
	c.did("start")
	c.listener = l
	return c.Err
}

// Status reports a status to the listener.
func (c *Call) Status(status mesibo.CallStatus) {
	c.listener.OnStatus(&c.CP, status, c.CP.Video.Enabled, c.CP.Waiting)
}

// BecomeVideo lets the other party send video in a call without it.
func (c *Call) BecomeVideo() {
	c.CP.Video.Enabled = true
	c.muted[false] |= mesibo.MuteStatusVideo
	c.listener.OnUpdateUserInterface(&c.CP, mesibo.CallUIStateShowInProgress, true, true)
}

// Answer records it.
func (c *Call) Answer(video bool) error {
	c.did("answer %v", video)
	if c.CP.Video.Enabled && !video {
		c.muted[false] |= mesibo.MuteStatusVideo
	}
	return c.Err
}

// Hangup records it.
func (c *Call) Hangup() error {
	c.did("hang up")
	return c.Err
}

// Mute records it.
func (c *Call) Mute(audio, video, enable bool) {
	c.did("mute %v %v %v", audio, video, enable)
	c.MuteOf(false, audio, video, enable)
}

// MuteOf sets what a party does not send.
func (c *Call) MuteOf(remote, audio, video, enable bool) {
	for bit, on := range map[mesibo.MuteStatus]bool{mesibo.MuteStatusAudio: audio, mesibo.MuteStatusVideo: video} {
		switch {
		case on && enable:
			c.muted[remote] |= bit
		case on:
			c.muted[remote] &^= bit
		}
	}
	if c.listener != nil {
		c.listener.OnMute(&c.CP, audio, video, remote)
	}
}

// Hold records it.
func (c *Call) Hold(enable bool) { c.did("hold %v", enable) }

// GetMuteStatus is what was set.
func (c *Call) GetMuteStatus(audio, video, remote bool) bool {
	m := c.muted[remote]
	return (!audio || m&mesibo.MuteStatusAudio != 0) && (!video || m&mesibo.MuteStatusVideo != 0)
}

// SetVideoSource records it.
func (c *Call) SetVideoSource(source mesibo.VideoSource, _ int) error {
	c.did("source %d", source)
	if c.Err == nil {
		c.CP.Video.Enabled = true
	}
	return c.Err
}

// SetVideoView keeps the view.
func (c *Call) SetVideoView(view call.VideoSink, remote bool) { c.Views[remote] = view }

// Stats is Quality.
func (c *Call) Stats() mesibo.CallStats { return c.Quality }

// GetCallProperties is CP.
func (c *Call) GetCallProperties() *mesibo.CallProperties { return &c.CP }

// GetAnswerTime is Answered.
func (c *Call) GetAnswerTime() time.Time { return c.Answered }
