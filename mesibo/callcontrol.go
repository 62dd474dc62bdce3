package mesibo

import (
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

const mostDigit = 15 // D, of the keys of a telephone

// Mute stops (enable) or resumes to send sound, video or both. The other party learns of it. It may be called
// before the answer, and without effect after the end.
func (c *Call) Mute(audio, video, enable bool) {
	var bits MuteStatus
	if audio {
		bits |= MuteStatusAudio
	}
	if video {
		bits |= MuteStatusVideo
	}
	c.setMuted(func(muted MuteStatus) MuteStatus {
		if enable {
			return muted | bits
		}
		return muted &^ bits
	})
}

// ToggleAudioMute mutes the sound of this user, or ends that.
func (c *Call) ToggleAudioMute() {
	c.setMuted(func(muted MuteStatus) MuteStatus { return muted ^ MuteStatusAudio })
}

// ToggleVideoMute mutes the video of this user, or ends that.
func (c *Call) ToggleVideoMute() {
	c.setMuted(func(muted MuteStatus) MuteStatus { return muted ^ MuteStatusVideo })
}

// Hold puts the call on hold, or ends that: neither party hears and sees the other. The other party learns of it.
func (c *Call) Hold(enable bool) {
	c.setMuted(func(muted MuteStatus) MuteStatus {
		if enable {
			return muted | MuteStatusHold
		}
		return muted &^ MuteStatusHold
	})
}

// GetMuteStatus reports whether sound (audio), video or both are muted: by the other party (remote), or by this user.
func (c *Call) GetMuteStatus(audio, video, remote bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	muted := c.muted
	if remote {
		muted = c.remote
	}
	return (audio || video) && (!audio || muted&MuteStatusAudio != 0) && (!video || muted&MuteStatusVideo != 0)
}

// setMuted changes what this user does not send.
func (c *Call) setMuted(change func(muted MuteStatus) MuteStatus) {
	c.mu.Lock()
	before := c.muted
	c.muted = change(before)
	changed := c.muted ^ before
	if changed == 0 || c.over {
		c.mu.Unlock()
		return
	}
	if c.machine.IsAnswered() {
		c.sendMute(c.muted&changed, wire.CallMute, wire.CallHold)
		c.sendMute(^c.muted&changed, wire.CallUnmute, wire.CallUnhold)
	}
	c.tasks = append(c.tasks, func() { c.mutedHere(changed) })
	c.mu.Unlock()
	c.wakeUp()
}

// sendMute sends the status for sound and video, and the one for hold, if bits has them. Under mu.
func (c *Call) sendMute(bits MuteStatus, status, hold uint32) {
	if sent := bits &^ MuteStatusHold; sent != 0 {
		c.send(&wire.CallChange{Status: status, Mute: uint32(sent)})
	}
	if bits&MuteStatusHold != 0 {
		c.send(&wire.CallChange{Status: hold})
	}
	c.synced = c.synced || bits != 0
}

// sendMuted sends what this user does not send, and with all also what they do. Under mu.
func (c *Call) sendMuted(all bool) {
	c.sendMute(c.muted, wire.CallMute, wire.CallHold)
	sent := MuteStatusAudio | MuteStatusHold
	if c.cp.Video.Enabled {
		sent |= MuteStatusVideo
	}
	if all {
		c.sendMute(^c.muted&sent, wire.CallUnmute, wire.CallUnhold)
	}
}

// mutedHere makes the media do what was changed, and calls the listener.
func (c *Call) mutedHere(changed MuteStatus) {
	muted := c.applyMuted()
	if changed&^muted&MuteStatusVideo != 0 {
		c.ensureSource()
	}
	if changed&^MuteStatusHold != 0 {
		c.tell(func(l CallInProgressListener, cp *CallProperties) {
			l.OnMute(cp, muted&MuteStatusAudio != 0, muted&MuteStatusVideo != 0, false)
		})
	}
}

// ensureSource lets video come from the chosen source, if this is a call with video that has had none yet.
func (c *Call) ensureSource() {
	c.sourceMu.Lock()
	defer c.sourceMu.Unlock()
	c.mu.Lock()
	media, source, video := c.media, c.source, c.cp.Video.Enabled
	c.mu.Unlock()
	if media != nil && video && !c.sourced {
		c.startSource(media, source)
	}
}

// applyMuted makes the media send only what this user wants. The worker calls it.
func (c *Call) applyMuted() MuteStatus {
	c.mu.Lock()
	muted, media := c.muted, c.media
	c.mu.Unlock()
	if media != nil {
		media.SetMuted(muted&MuteStatusAudio != 0, muted&MuteStatusVideo != 0)
		media.SetHold(muted&MuteStatusHold != 0)
	}
	return muted
}

// SendDTMF presses a key for the other party: 0 to 9, 10 for *, 11 for #, 12 to 15 for A to D. The error is
// ResultBadRequest for another digit, and with ErrCallState when the call is not answered.
func (c *Call) SendDTMF(digit int) error {
	if digit < 0 || digit > mostDigit {
		return opError("SendDTMF", ResultBadRequest, errDigit)
	}
	c.mu.Lock()
	answered := c.machine.IsAnswered()
	if answered {
		c.send(&wire.CallChange{Status: wire.CallDTMF, Digit: uint32(digit)})
	}
	c.mu.Unlock()
	if !answered {
		return opError("SendDTMF", ResultBadRequest, ErrCallState)
	}
	c.wakeUp()
	return nil
}

// SetVideoSource changes where the video of this user comes from. A call without video becomes one with video, in which
// the other party sends some when it wants to. index is the number of the camera or screen, 0 for the only one. It
// waits until the source has started; CallInProgressListener.OnVideoSourceChanged follows. Errors: ResultBadRequest
// with call.ErrNoDevice when there is no such source, with ErrCallState before the answer of a call without video, and
// after the end; ResultFail when the source does not work.
func (c *Call) SetVideoSource(source VideoSource, index int) error {
	const op = "SetVideoSource"
	devices := c.calls.devices()
	device := deviceOf(&devices, source)
	if index != 0 || device == nil {
		return opError(op, ResultBadRequest, call.ErrNoDevice)
	}
	c.sourceMu.Lock()
	defer c.sourceMu.Unlock()
	c.mu.Lock()
	media, possible := c.media, c.shown < CallStatusComplete && (c.cp.Video.Enabled || c.machine.IsAnswered())
	c.mu.Unlock()
	if !possible {
		return opError(op, ResultBadRequest, ErrCallState)
	}
	if media != nil {
		if err := media.SetVideoSource(source, device); err != nil {
			return opError(op, ResultFail, err)
		}
		c.sourced = true
	}
	c.mu.Lock()
	c.source = source
	if !c.cp.Video.Enabled {
		c.upgrade()
	}
	c.tasks = append(c.tasks, func() {
		c.tell(func(l CallInProgressListener, _ *CallProperties) { l.OnVideoSourceChanged(source, index) })
	})
	c.mu.Unlock()
	c.wakeUp()
	return nil
}

// upgrade makes a call one with video, which this user sends. Under mu.
func (c *Call) upgrade() {
	c.cp.Video.Enabled = true
	c.muted &^= MuteStatusVideo
	c.remote |= MuteStatusVideo
	c.remoteTold |= MuteStatusVideo
	c.send(&wire.CallChange{Status: wire.CallUpdate, Video: true})
	c.synced = true
	c.tasks = append(c.tasks, func() {
		c.applyMuted()
		c.updateUI(CallUIStateShowInProgress)
	})
}

// GetVideoSource returns where the video of this user comes from, and its index, which is 0.
func (c *Call) GetVideoSource() (source VideoSource, index int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source, 0
}

// deviceOf returns the device of a source; nil when there is none.
func deviceOf(devices *call.Media, source VideoSource) call.VideoSource {
	switch source {
	case VideoSourceCameraDefault, VideoSourceCameraFront, VideoSourceCameraRear:
		return devices.Camera
	case VideoSourceScreen:
		return devices.Screen
	}
	return nil
}

// SetVideoView shows the video of the other party (remote), or that of this user; nil ends that. view is called on a
// goroutine of the call, and must not block.
func (c *Call) SetVideoView(view call.VideoSink, remote bool) {
	c.mu.Lock()
	c.sinks[remote] = view
	if !c.over {
		c.tasks = append(c.tasks, c.applySinks)
	}
	c.mu.Unlock()
	c.wakeUp()
}

// applySinks lets the media show their video. The worker calls it.
func (c *Call) applySinks() {
	c.mu.Lock()
	own, remote, media := c.sinks[false], c.sinks[true], c.media
	c.mu.Unlock()
	if media != nil {
		media.SetVideoSink(own, false)
		media.SetVideoSink(remote, true)
	}
}
