package mesibo

// GroupCallListener is called with what happens in the call of a group, after GroupCall.Join.
type GroupCallListener interface {
	// OnPublisher: another participant sends sound or video (joined), or does not any more. CallParticipant.Call plays
	// and shows it.
	OnPublisher(p *CallParticipant, joined bool)
	// OnSubscriber: another participant wants what this user sends (joined), or does not any more.
	OnSubscriber(p *CallParticipant, joined bool)
	// OnGroupCallStatus: CallStatusInProgress: this device takes part. CallStatusReconnecting: it joins again, because
	// it was away for too long, or the server was restarted. One with CallStatus.IsEnd is the last: COMPLETE after
	// GroupCall.Leave, BUSY when no more devices can take part, INCOMPATIBLE when the call goes through an SFU and this
	// instance has no engine (Mesibo.SetGroupCallEngine), NOTALLOWED when this user may not, or was removed,
	// NETWORKERROR and AUTHFAIL when the instance has stopped.
	OnGroupCallStatus(status CallStatus)
}

// GroupCallInProgressListener is called with what happens to one participant, after CallParticipant.Call.
type GroupCallInProgressListener interface {
	// OnConnected: sound and video can get through to the participant, or cannot any more. While they cannot, the
	// connection is made anew as long as both take part. It is not called for this user.
	OnConnected(p *CallParticipant, connected bool)
	// OnMute: what the participant does not send has changed. remote reports whether another participant did it: one
	// with the right, to this user; or it is another participant's own.
	OnMute(p *CallParticipant, audio, video, remote bool)
	// OnTalking: the participant starts to speak, or stops.
	OnTalking(p *CallParticipant, talking bool)
	// OnVideo: the participant's video has another size, in pixels. It is not called for this user.
	OnVideo(p *CallParticipant, video VideoProperties)
	// OnVideoSourceChanged: CallParticipant.SetVideoSource has changed where the own video comes from.
	OnVideoSourceChanged(p *CallParticipant, source VideoSource, index int)
	// OnHangup: what CallParticipant.Call has started has ended. It is called once, and last. USER:
	// CallParticipant.Hangup. REMOTE: the participant has left or sends nothing any more. ERROR: the call has ended here.
	OnHangup(p *CallParticipant, reason HangupReason)
}

// GroupCallProblemListener is a GroupCallListener that wants to know what does not work.
type GroupCallProblemListener interface {
	GroupCallListener
	// OnGroupCallProblem: something does not work, and the call goes on without it: this user is not heard, say, because
	// the call goes through an SFU and call.Media has no AudioEncoder. err wraps call.ErrNoDevice or call.ErrNoCodec.
	OnGroupCallProblem(err error)
}

// GroupCallStateListener is called with the calls of all groups of this user.
type GroupCallStateListener interface {
	// OnGroupCallState: a call of a group has started or ended, has other participants, or starts or stops to ring
	// here.
	OnGroupCallState(state GroupCallState)
}

// GroupCallFuncs is a GroupCallProblemListener and a GroupCallStateListener made of functions; nil fields are skipped.
type GroupCallFuncs struct {
	Publisher  func(p *CallParticipant, joined bool)
	Subscriber func(p *CallParticipant, joined bool)
	Status     func(status CallStatus)
	Problem    func(err error)
	State      func(state GroupCallState)
}

var (
	_ GroupCallProblemListener = (*GroupCallFuncs)(nil)
	_ GroupCallStateListener   = (*GroupCallFuncs)(nil)
)

// OnPublisher calls Publisher.
func (l *GroupCallFuncs) OnPublisher(p *CallParticipant, joined bool) {
	if l.Publisher != nil {
		l.Publisher(p, joined)
	}
}

// OnSubscriber calls Subscriber.
func (l *GroupCallFuncs) OnSubscriber(p *CallParticipant, joined bool) {
	if l.Subscriber != nil {
		l.Subscriber(p, joined)
	}
}

// OnGroupCallStatus calls Status.
func (l *GroupCallFuncs) OnGroupCallStatus(status CallStatus) {
	if l.Status != nil {
		l.Status(status)
	}
}

// OnGroupCallProblem calls Problem.
func (l *GroupCallFuncs) OnGroupCallProblem(err error) {
	if l.Problem != nil {
		l.Problem(err)
	}
}

// OnGroupCallState calls State.
func (l *GroupCallFuncs) OnGroupCallState(state GroupCallState) {
	if l.State != nil {
		l.State(state)
	}
}

// GroupCallInProgressFuncs is a GroupCallInProgressListener made of functions; nil fields are skipped.
type GroupCallInProgressFuncs struct {
	Connected          func(p *CallParticipant, connected bool)
	Mute               func(p *CallParticipant, audio, video, remote bool)
	Talking            func(p *CallParticipant, talking bool)
	Video              func(p *CallParticipant, video VideoProperties)
	VideoSourceChanged func(p *CallParticipant, source VideoSource, index int)
	Hangup             func(p *CallParticipant, reason HangupReason)
}

var _ GroupCallInProgressListener = (*GroupCallInProgressFuncs)(nil)

// OnConnected calls Connected.
func (l *GroupCallInProgressFuncs) OnConnected(p *CallParticipant, connected bool) {
	if l.Connected != nil {
		l.Connected(p, connected)
	}
}

// OnMute calls Mute.
func (l *GroupCallInProgressFuncs) OnMute(p *CallParticipant, audio, video, remote bool) {
	if l.Mute != nil {
		l.Mute(p, audio, video, remote)
	}
}

// OnTalking calls Talking.
func (l *GroupCallInProgressFuncs) OnTalking(p *CallParticipant, talking bool) {
	if l.Talking != nil {
		l.Talking(p, talking)
	}
}

// OnVideo calls Video.
func (l *GroupCallInProgressFuncs) OnVideo(p *CallParticipant, video VideoProperties) {
	if l.Video != nil {
		l.Video(p, video)
	}
}

// OnVideoSourceChanged calls VideoSourceChanged.
func (l *GroupCallInProgressFuncs) OnVideoSourceChanged(p *CallParticipant, source VideoSource, index int) {
	if l.VideoSourceChanged != nil {
		l.VideoSourceChanged(p, source, index)
	}
}

// OnHangup calls Hangup.
func (l *GroupCallInProgressFuncs) OnHangup(p *CallParticipant, reason HangupReason) {
	if l.Hangup != nil {
		l.Hangup(p, reason)
	}
}
