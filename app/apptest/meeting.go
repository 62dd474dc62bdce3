package apptest

import (
	"fmt"

	appcall "github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// GroupCall is the call of a group whose server and other participants are the test.
type GroupCall struct {
	Done    []string // what was asked of it, as one line each
	Err     error    // what Join answers, if not nil
	Listens bool     // this user may only listen
	Admin   bool     // this user may mute and remove others
	Me      *Participant
	People  []*Participant

	listener appcall.GroupListener
}

var _ appcall.GroupCall = (*GroupCall)(nil)

func (c *GroupCall) did(format string, args ...any) {
	c.Done = append(c.Done, fmt.Sprintf(format, args...))
}

// Join keeps the listener.
func (c *GroupCall) Join(l appcall.GroupListener, video, ring bool) error {
	c.did("join %v %v", video, ring)
	c.listener = l
	return c.Err
}

// Leave records it.
func (c *GroupCall) Leave() { c.did("leave") }

// Own makes the participant that this user is.
func (c *GroupCall) Own() appcall.Participant { //nolint:ireturn // the interface's
	c.Me = &Participant{Address: Self, own: true, Video: true}
	return c.Me
}

// Others lists People.
func (c *GroupCall) Others() []appcall.Participant {
	list := make([]appcall.Participant, len(c.People))
	for i, p := range c.People {
		list[i] = p
	}
	return list
}

// IsListener is Listens.
func (c *GroupCall) IsListener() bool { return c.Listens }

// HasAdminPermissions is Admin.
func (c *GroupCall) HasAdminPermissions() (mute, hangup bool) { return c.Admin, c.Admin }

// Status reports a status to the listener.
func (c *GroupCall) Status(status mesibo.CallStatus) { c.listener.Status(status) }

// Enter lets a user take part and send.
func (c *GroupCall) Enter(address string) *Participant {
	p := &Participant{Address: address, Video: true}
	c.People = append(c.People, p)
	c.listener.Publisher(p, true)
	return p
}

// Exit lets a participant leave.
func (c *GroupCall) Exit(p *Participant) {
	for i, other := range c.People {
		if other == p {
			c.People = append(c.People[:i:i], c.People[i+1:]...)
		}
	}
	c.listener.Publisher(p, false)
}

// Participant is one in the call of a group that the test plays.
type Participant struct {
	Address   string
	Done      []string // what was asked of it, as one line each
	Err       error    // what is answered, if not nil
	Video     bool     // it sends video, muted or not
	Talking   bool
	Connected bool
	View      call.VideoSink
	Hidden    bool // its video is not wanted

	own      bool
	listener mesibo.GroupCallInProgressListener
	muted    mesibo.MuteStatus
}

func (p *Participant) did(format string, args ...any) error {
	p.Done = append(p.Done, fmt.Sprintf(format, args...))
	return p.Err
}

// GetAddress is Address.
func (p *Participant) GetAddress() string { return p.Address }

// Call keeps the listener.
func (p *Participant) Call(audio, video, audioMute, videoMute bool, l mesibo.GroupCallInProgressListener) error {
	p.listener = l
	if p.own {
		p.set(true, false, audioMute)
		p.set(false, true, videoMute)
	}
	return p.did("call %v %v", audio, video)
}

func (p *Participant) set(audio, video, enable bool) {
	for bit, on := range map[mesibo.MuteStatus]bool{mesibo.MuteStatusAudio: audio, mesibo.MuteStatusVideo: video} {
		switch {
		case on && enable:
			p.muted |= bit
		case on:
			p.muted &^= bit
		}
	}
}

// Mute records it.
func (p *Participant) Mute(audio, video, enable bool) {
	_ = p.did("mute %v %v %v", audio, video, enable)
	p.set(audio, video, enable)
}

// MuteOf sets what the participant does not send.
func (p *Participant) MuteOf(audio, video, enable bool) {
	p.set(audio, video, enable)
	p.listener.OnMute(nil, p.muted&mesibo.MuteStatusAudio != 0, p.muted&mesibo.MuteStatusVideo != 0, true)
}

// GetMuteStatus is what was set, of the side that it is about.
func (p *Participant) GetMuteStatus(audio, video, remote bool) bool {
	if remote == p.own {
		return false
	}
	return (!audio || p.muted&mesibo.MuteStatusAudio != 0) && (!video || p.muted&mesibo.MuteStatusVideo != 0)
}

// Connect lets sound and video get through, or not any more.
func (p *Participant) Connect(connected bool) {
	p.Connected = connected
	p.listener.OnConnected(nil, connected)
}

// Talk lets the participant speak, or stop.
func (p *Participant) Talk(talking bool) {
	p.Talking = talking
	p.listener.OnTalking(nil, talking)
}

// Fail ends the connection with the participant.
func (p *Participant) Fail() { p.listener.OnHangup(nil, mesibo.HangupReasonError) }

// HasVideo is Video.
func (p *Participant) HasVideo() bool { return p.Video }

// IsTalking is Talking.
func (p *Participant) IsTalking() bool { return p.Talking }

// IsConnected is Connected.
func (p *Participant) IsConnected() bool { return p.Connected }

// SetVideoView keeps the view.
func (p *Participant) SetVideoView(view call.VideoSink) { p.View = view }

// SetVisibility keeps it.
func (p *Participant) SetVisibility(visible bool) { p.Hidden = !visible }

// SetVideoSource records it.
func (p *Participant) SetVideoSource(source mesibo.VideoSource, _ int) error {
	return p.did("source %d", source)
}

// AdminMute records it.
func (p *Participant) AdminMute(audio, video bool) error {
	return p.did("admin mute %v %v", audio, video)
}

// AdminHangup records it.
func (p *Participant) AdminHangup() error { return p.did("admin hangup") }
