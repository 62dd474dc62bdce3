package mesibo

import (
	"image"

	"golang.org/x/time/rate"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

// CallParticipant is a device in the call of a group, or this one. A device that leaves and joins again is another one.
type CallParticipant struct {
	meeting *meeting // immutable, like the next two
	address string
	isMe    bool

	// Under meeting.mu.
	number     uint32 // 0 before this device takes part
	sid        uint32
	listens    bool // may not send
	gone       bool // has left
	listener   GroupCallInProgressListener
	called     bool       // Call was called and has not ended
	audio      bool       // with sound
	video      bool       // with video
	muted      MuteStatus // by this user
	hidden     bool
	fullscreen bool
	sink       call.VideoSink
	views      int // counts the sinks
	source     VideoSource
	size       image.Point
	up         bool       // sound and video get through
	talks      bool       // as the SFU says
	publishes  bool       // another participant sends
	sends      MuteStatus // what it sends, with the bits of what is muted
	remoteMute MuteStatus
	byAdmin    bool       // this user was muted by another participant
	unwanted   MuteStatus // what it does not want of this user
	inbox      []*wire.CallChange
	link       *groupLink

	// The connection without an SFU, see groupcallretry.go.
	restart    bool   // another way to the other side is to be looked for
	failed     bool   // the link is of no use any more
	waiting    bool   // before another one is made
	failures   int    // in a row
	connection uint32 // of the newest offer
	renewals   *rate.Limiter
	wanted     MuteStatus // what is not wanted of the participant, as that knows it

	told toldParticipant
}

// GetAddress returns the user's address.
func (p *CallParticipant) GetAddress() string { return p.address }

// GetName returns the user's name, or the address of one without.
func (p *CallParticipant) GetName() string {
	if profile := p.meeting.g.m.profiles.complete(p.address, 0); profile.Name != "" {
		return profile.Name
	}
	return p.address
}

// GetSid returns what the participant calls what it sends, see GroupCall.CreatePublisher.
func (p *CallParticipant) GetSid() uint32 {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	return p.sid
}

// IsMe reports whether it is this user at this device.
func (p *CallParticipant) IsMe() bool { return p.isMe }

// Call sends sound (audio), video or both of this user, or plays and shows those of another participant. audioMute and
// videoMute mute them at first. It may be called again to change that; l, which may be nil, replaces the listener.
// Errors: ResultDenied with ErrGroupCallListen when this user may only listen; ResultBadRequest with ErrCallState when
// the participant sends nothing, or it or this device has left the call; ResultFail with call.ErrNoDevice when sound is
// to be sent and there is no microphone.
func (p *CallParticipant) Call(audio, video, audioMute, videoMute bool, l GroupCallInProgressListener) error {
	const op = "Call"
	t := p.meeting
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case p.gone, t.ended, !p.isMe && !p.publishes:
		return opError(op, ResultBadRequest, ErrCallState)
	case p.isMe && p.listens:
		return opError(op, ResultDenied, ErrGroupCallListen)
	case p.isMe && audio && t.device.Microphone == nil:
		return opError(op, ResultFail, call.ErrNoDevice)
	}
	p.called, p.audio, p.video, p.listener, p.muted = true, audio, video, l, 0
	p.told.up, p.told.size = false, image.Point{} // the listener is called with them
	if audioMute {
		p.muted |= MuteStatusAudio
	}
	if videoMute {
		p.muted |= MuteStatusVideo
	}
	t.wakeUp()
	return nil
}

// Hangup ends what Call has started: nothing is sent any more, or nothing of the other participant is played and shown.
func (p *CallParticipant) Hangup() {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	p.hangUp(HangupReasonUser)
}

// hangUp is Hangup under mu.
func (p *CallParticipant) hangUp(reason HangupReason) {
	if !p.called {
		return
	}
	l := p.listener
	p.called, p.listener = false, nil
	p.meeting.tasks = append(p.meeting.tasks, func() {
		p.meeting.tellParticipant(l, func(l GroupCallInProgressListener) { l.OnHangup(p, reason) })
	})
	p.meeting.wakeUp()
}

// Mute stops (enable) or resumes to send sound, video or both of this user, or to play those of another participant.
// The others learn of the former; the latter is not sent any more.
func (p *CallParticipant) Mute(audio, video, enable bool) {
	var bits MuteStatus
	if audio {
		bits |= MuteStatusAudio
	}
	if video {
		bits |= MuteStatusVideo
	}
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	p.muted &^= bits
	if enable {
		p.muted |= bits
	}
	p.meeting.wakeUp()
}

// GetMuteStatus reports whether sound (audio), video or both are muted: by the other participant (remote), or by this
// user.
func (p *CallParticipant) GetMuteStatus(audio, video, remote bool) bool {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	muted := p.muted
	if remote {
		muted = p.remoteMute
	}
	return (audio || video) && (!audio || muted&MuteStatusAudio != 0) && (!video || muted&MuteStatusVideo != 0)
}

// HasVideo reports whether the participant sends video, muted or not.
func (p *CallParticipant) HasVideo() bool {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	if p.isMe {
		return p.called && p.video
	}
	return p.publishes && p.sends&MuteStatusVideo != 0
}

// IsTalking reports whether the participant speaks. Of another it is known while Call plays it.
func (p *CallParticipant) IsTalking() bool {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	return p.told.talking
}

// IsConnected reports whether sound and video can get through to another participant.
func (p *CallParticipant) IsConnected() bool {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	return p.up
}

// SetVideoView shows the video of the participant, also the own; nil ends that. view is called on a goroutine of the
// call, and must not block.
func (p *CallParticipant) SetVideoView(view call.VideoSink) {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	p.sink = view
	p.views++
	p.meeting.wakeUp()
}

// SetVisibility says whether the video of another participant can be seen, as at first. While it cannot it is not sent
// to this device.
func (p *CallParticipant) SetVisibility(visible bool) {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	p.hidden = !visible
	p.meeting.wakeUp()
}

// SetFullscreen says whether the video of another participant is shown larger than a tile. Through an SFU it is sent to
// this device in full size then, and also when at most four are visible; otherwise in a small one.
func (p *CallParticipant) SetFullscreen(enable bool) {
	p.meeting.mu.Lock()
	defer p.meeting.mu.Unlock()
	p.fullscreen = enable
	p.meeting.wakeUp()
}

// SetVideoSource changes where the own video comes from. index is the number of the camera or screen, 0 for the only
// one. GroupCallInProgressListener.OnVideoSourceChanged follows. The error is ResultBadRequest, with call.ErrNoDevice
// when there is no such source, with ErrCallState for another participant.
func (p *CallParticipant) SetVideoSource(source VideoSource, index int) error {
	const op = "SetVideoSource"
	t := p.meeting
	if !p.isMe {
		return opError(op, ResultBadRequest, ErrCallState)
	}
	if index != 0 || deviceOf(&t.device, source) == nil {
		return opError(op, ResultBadRequest, call.ErrNoDevice)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p.source = source
	l := p.listener
	t.tasks = append(t.tasks, func() {
		t.tellParticipant(l, func(l GroupCallInProgressListener) { l.OnVideoSourceChanged(p, source, index) })
	})
	t.wakeUp()
	return nil
}

// Stats returns how well the connection with another participant works. All is 0 when there is none; through an SFU
// only Quality, BitrateReceived and LossReceived are known.
func (p *CallParticipant) Stats() CallStats {
	p.meeting.mu.Lock()
	link, room, number := p.link, p.meeting.room, p.number
	if p.gone || p.isMe {
		room = nil
	}
	p.meeting.mu.Unlock()
	switch {
	case link != nil:
		return link.media.Stats()
	case room != nil:
		s := room.session.Stats(number)
		return CallStats{Quality: s.Quality, LossReceived: s.LossReceived, BitrateReceived: s.Bitrate}
	}
	return CallStats{}
}

// AdminMute asks the device of another participant to mute sound, video or both, which it does; its user may end that.
// Errors: ResultDenied with ErrGroupCallRight without AdminFlagCallControl; ResultBadRequest with ErrCallState when the
// participant has left, or is this user.
func (p *CallParticipant) AdminMute(audio, video bool) error {
	change := &wire.CallChange{Status: wire.CallMute}
	if audio {
		change.Mute |= wire.MuteAudio
	}
	if video {
		change.Mute |= wire.MuteVideo
	}
	return p.administer("AdminMute", change, func(t *meeting) bool { return t.controls })
}

// AdminHangup removes the user of another participant from the call, who cannot join it again. Errors: as AdminMute,
// with AdminFlagHangup.
func (p *CallParticipant) AdminHangup() error {
	change := &wire.CallChange{Status: wire.CallComplete}
	return p.administer("AdminHangup", change, func(t *meeting) bool { return t.removes })
}

func (p *CallParticipant) administer(op string, change *wire.CallChange, may func(*meeting) bool) error {
	t := p.meeting
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case p.isMe, p.gone, t.ended:
		return opError(op, ResultBadRequest, ErrCallState)
	case !may(t):
		return opError(op, ResultDenied, ErrGroupCallRight)
	}
	t.send(p.number, change)
	t.wakeUp()
	return nil
}
