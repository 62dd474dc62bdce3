package mesibo

// CallListener is called when this user is called. Without one no call rings at this device.
type CallListener interface {
	// OnIncoming: a user calls. It returns the properties of the call, or nil to decline it on all devices of this user.
	// waiting reports whether there is a call at this device already, see EnableCallWaiting. The caller learns that it
	// rings when OnIncoming has returned, but after two seconds at the latest. Of several listeners the first that
	// returns properties decides.
	OnIncoming(profile *UserProfile, video, waiting bool) *CallProperties
	// OnShowUserInterface: it rings here. The listener shows the call, calls Call.Start, and Call.Answer or Call.Hangup
	// when the user wants that. It returns true; after false the next listener is asked.
	OnShowUserInterface(call *Call, cp *CallProperties) bool
	// OnCallError: Mesibo.Call was refused for this reason.
	OnCallError(cp *CallProperties, err CallError)
	// OnCallNotify: the user may want to be notified that it rings, or of a call that was missed in the last 24 hours,
	// also when this device was not connected.
	OnCallNotify(kind CallNotify, profile *UserProfile, video bool)
}

// CallInProgressListener is called with what happens to one call, after Call.Start. cp is a copy.
type CallInProgressListener interface {
	// OnSetCall: the calls that follow are about this one.
	OnSetCall(call *Call)
	// OnStatus: the call has another status. One with CallStatus.IsEnd is the last, OnHangup follows. CallStatusHold,
	// CallStatusUnhold and CallStatusUpdate are what the other party did, CallStatusQuality says that Call.Stats has
	// changed; Call.Status stays as it was then. video reports whether it is a call with video, with CallStatusUpdate
	// whether the other party sends video now.
	OnStatus(cp *CallProperties, status CallStatus, video, waiting bool)
	// OnHangup: the call has ended. It is called once, and last.
	OnHangup(cp *CallProperties, reason HangupReason)
	// OnMute: what a party does not send has changed; remote reports whether it is the other party.
	OnMute(cp *CallProperties, audio, video, remote bool)
	// OnPlayInCallSound: a sound for the caller starts, or ends when play is false. CallSoundBusy ends by itself.
	OnPlayInCallSound(cp *CallProperties, sound CallSound, play bool)
	// OnUpdateUserInterface: a window of the call should show something else.
	OnUpdateUserInterface(cp *CallProperties, state CallUIState, video, enable bool)
	// OnVideoSourceChanged: SetVideoSource has changed where the own video comes from.
	OnVideoSourceChanged(source VideoSource, index int)
	// OnVideo: the video of the other party has another size, in pixels.
	OnVideo(cp *CallProperties, video VideoProperties, remote bool)
	// OnDTMF: the other party has pressed a key: 0 to 9, 10 for *, 11 for #, 12 to 15 for A to D.
	OnDTMF(cp *CallProperties, digit int)
}

// CallProblemListener is a CallInProgressListener that wants to know what does not work.
type CallProblemListener interface {
	CallInProgressListener
	// OnCallProblem: something does not work, and the call goes on without it. err wraps call.ErrNoDevice or
	// call.ErrNoCodec when that is the reason.
	OnCallProblem(cp *CallProperties, err error)
}

// CallFuncs is a CallListener made of functions. Without Incoming calls are declined; other nil fields are skipped.
type CallFuncs struct {
	Incoming          func(profile *UserProfile, video, waiting bool) *CallProperties
	ShowUserInterface func(call *Call, cp *CallProperties) bool
	Error             func(cp *CallProperties, err CallError)
	Notify            func(kind CallNotify, profile *UserProfile, video bool)
}

var _ CallListener = (*CallFuncs)(nil)

// OnIncoming calls Incoming.
func (l *CallFuncs) OnIncoming(profile *UserProfile, video, waiting bool) *CallProperties {
	if l.Incoming == nil {
		return nil
	}
	return l.Incoming(profile, video, waiting)
}

// OnShowUserInterface calls ShowUserInterface; without it, it returns false.
func (l *CallFuncs) OnShowUserInterface(call *Call, cp *CallProperties) bool {
	return l.ShowUserInterface != nil && l.ShowUserInterface(call, cp)
}

// OnCallError calls Error.
func (l *CallFuncs) OnCallError(cp *CallProperties, err CallError) {
	if l.Error != nil {
		l.Error(cp, err)
	}
}

// OnCallNotify calls Notify.
func (l *CallFuncs) OnCallNotify(kind CallNotify, profile *UserProfile, video bool) {
	if l.Notify != nil {
		l.Notify(kind, profile, video)
	}
}

// CallInProgressFuncs is a CallInProgressListener made of functions; nil fields are skipped.
type CallInProgressFuncs struct {
	SetCall             func(call *Call)
	Status              func(cp *CallProperties, status CallStatus, video, waiting bool)
	Hangup              func(cp *CallProperties, reason HangupReason)
	Mute                func(cp *CallProperties, audio, video, remote bool)
	PlayInCallSound     func(cp *CallProperties, sound CallSound, play bool)
	UpdateUserInterface func(cp *CallProperties, state CallUIState, video, enable bool)
	VideoSourceChanged  func(source VideoSource, index int)
	Video               func(cp *CallProperties, video VideoProperties, remote bool)
	DTMF                func(cp *CallProperties, digit int)
	Problem             func(cp *CallProperties, err error)
}

var _ CallProblemListener = (*CallInProgressFuncs)(nil)

// OnSetCall calls SetCall.
func (l *CallInProgressFuncs) OnSetCall(call *Call) {
	if l.SetCall != nil {
		l.SetCall(call)
	}
}

// OnStatus calls Status.
func (l *CallInProgressFuncs) OnStatus(cp *CallProperties, status CallStatus, video, waiting bool) {
	if l.Status != nil {
		l.Status(cp, status, video, waiting)
	}
}

// OnHangup calls Hangup.
func (l *CallInProgressFuncs) OnHangup(cp *CallProperties, reason HangupReason) {
	if l.Hangup != nil {
		l.Hangup(cp, reason)
	}
}

// OnMute calls Mute.
func (l *CallInProgressFuncs) OnMute(cp *CallProperties, audio, video, remote bool) {
	if l.Mute != nil {
		l.Mute(cp, audio, video, remote)
	}
}

// OnPlayInCallSound calls PlayInCallSound.
func (l *CallInProgressFuncs) OnPlayInCallSound(cp *CallProperties, sound CallSound, play bool) {
	if l.PlayInCallSound != nil {
		l.PlayInCallSound(cp, sound, play)
	}
}

// OnUpdateUserInterface calls UpdateUserInterface.
func (l *CallInProgressFuncs) OnUpdateUserInterface(cp *CallProperties, state CallUIState, video, enable bool) {
	if l.UpdateUserInterface != nil {
		l.UpdateUserInterface(cp, state, video, enable)
	}
}

// OnVideoSourceChanged calls VideoSourceChanged.
func (l *CallInProgressFuncs) OnVideoSourceChanged(source VideoSource, index int) {
	if l.VideoSourceChanged != nil {
		l.VideoSourceChanged(source, index)
	}
}

// OnVideo calls Video.
func (l *CallInProgressFuncs) OnVideo(cp *CallProperties, video VideoProperties, remote bool) {
	if l.Video != nil {
		l.Video(cp, video, remote)
	}
}

// OnDTMF calls DTMF.
func (l *CallInProgressFuncs) OnDTMF(cp *CallProperties, digit int) {
	if l.DTMF != nil {
		l.DTMF(cp, digit)
	}
}

// OnCallProblem calls Problem.
func (l *CallInProgressFuncs) OnCallProblem(cp *CallProperties, err error) {
	if l.Problem != nil {
		l.Problem(cp, err)
	}
}
