package mesibo

import (
	"context"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// This file calls the listener of a call. The worker does so, in the order of what happens.

// tell calls the listener, if there is one.
func (c *Call) tell(f func(l CallInProgressListener, cp *CallProperties)) {
	c.mu.Lock()
	l, cp := c.listener, c.cp
	c.mu.Unlock()
	if l == nil {
		return
	}
	c.m.listeners.post(context.Background(), func(ls *snapshot) {
		own := cp.clone()
		ls.guard(func() { f(l, &own) })
	})
}

// attach sets the listener and calls it with what the call is.
func (c *Call) attach(l CallInProgressListener) {
	c.mu.Lock()
	over := c.over
	if !over {
		c.tasks = append(c.tasks, func() { c.introduce(l) })
	}
	c.mu.Unlock()
	if over { // there is no worker any more
		c.introduce(l)
	}
	c.wakeUp()
}

func (c *Call) introduce(l CallInProgressListener) {
	c.mu.Lock()
	c.listener = l
	status, reason := c.shown, c.reason
	c.mu.Unlock()
	c.tell(func(l CallInProgressListener, cp *CallProperties) {
		l.OnSetCall(c)
		if status.IsEnd() {
			return
		}
		state := CallUIStateShowInProgress
		if cp.Incoming {
			state = CallUIStateShowIncoming
		}
		l.OnUpdateUserInterface(cp, state, cp.Video.Enabled, true)
	})
	if status != CallStatusNone {
		c.tellStatus(status)
	}
	if status.IsEnd() {
		c.tellHangup(reason)
	}
}

func (c *Call) tellStatus(status CallStatus) {
	c.tell(func(l CallInProgressListener, cp *CallProperties) {
		l.OnStatus(cp, status, cp.Video.Enabled, cp.Waiting)
	})
}

// tellProblem calls the listener with what does not work, if it wants to know that.
func (c *Call) tellProblem(err error) {
	c.tell(func(l CallInProgressListener, cp *CallProperties) {
		if l, ok := l.(CallProblemListener); ok {
			l.OnCallProblem(cp, err)
		}
	})
}

// notify calls the listener with a status of a call that goes on.
func (c *Call) notify(status CallStatus) {
	c.mu.Lock()
	c.shown = status
	c.mu.Unlock()
	c.tellStatus(status)
	switch uint32(status) {
	case wire.CallRinging:
		c.playRinging(true)
	case wire.CallAnswer:
		c.playRinging(false)
		c.updateUI(CallUIStateAnswered)
		c.tellRemoteMuted()
	case callstate.StatusConnected:
		c.updateUI(CallUIStateShowControls)
	}
}

func (c *Call) updateUI(state CallUIState) {
	c.tell(func(l CallInProgressListener, cp *CallProperties) {
		l.OnUpdateUserInterface(cp, state, cp.Video.Enabled, true)
	})
}

// playRinging starts or ends the sound that the caller hears while it rings.
func (c *Call) playRinging(play bool) {
	if c.ringback == play {
		return
	}
	c.ringback = play
	c.tell(func(l CallInProgressListener, cp *CallProperties) { l.OnPlayInCallSound(cp, CallSoundRinging, play) })
}

// tellRemoteMuted calls the listener with what the other party does not send.
func (c *Call) tellRemoteMuted() {
	c.mu.Lock()
	muted, before := c.remote, c.remoteTold
	c.remoteTold = muted
	c.mu.Unlock()
	if (muted^before)&^MuteStatusHold != 0 {
		c.tell(func(l CallInProgressListener, cp *CallProperties) {
			l.OnMute(cp, muted&MuteStatusAudio != 0, muted&MuteStatusVideo != 0, true)
		})
	}
	if (muted^before)&MuteStatusHold != 0 {
		status := CallStatusUnhold
		if muted&MuteStatusHold != 0 {
			status = CallStatusHold
		}
		c.tellStatus(status)
	}
}

// notifyEnd calls the listener with the end of the call.
func (c *Call) notifyEnd(status CallStatus, byRemote bool) {
	reason := hangupReason(status, byRemote)
	c.mu.Lock()
	c.shown, c.reason = status, reason
	caller := c.machine.IsCaller()
	c.mu.Unlock()
	c.playRinging(false)
	c.tellStatus(status)
	if status == CallStatusBusy && byRemote && caller {
		c.tell(func(l CallInProgressListener, cp *CallProperties) { l.OnPlayInCallSound(cp, CallSoundBusy, true) })
	}
	c.tellHangup(reason)
}

func (c *Call) tellHangup(reason HangupReason) {
	c.tell(func(l CallInProgressListener, cp *CallProperties) { l.OnHangup(cp, reason) })
}

func hangupReason(status CallStatus, byRemote bool) HangupReason {
	switch {
	case status == CallStatusDurationExceeded:
		return HangupReasonDuration
	case status >= CallStatusError:
		return HangupReasonError
	case byRemote, status == CallStatusSwitched:
		return HangupReasonRemote
	case status == CallStatusComplete, status == CallStatusCancel, status == CallStatusBusy:
		return HangupReasonUser
	case status == CallStatusNoAnswer:
		return HangupReasonRemote
	}
	return HangupReasonError
}
