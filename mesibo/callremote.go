package mesibo

import (
	"strings"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// This file does what the other party and the media want. But for the methods of mediaEvents it is the worker's.

// accept takes the callee's answer.
func (c *Call) accept(change *wire.CallChange) {
	if c.media == nil {
		return
	}
	if err := c.media.Accept(change.GetSdp()); err != nil {
		c.m.log.Warn("the answer to a call is not usable", errAttr(err))
		c.fail(CallStatusIncompatible)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = change.GetSdp()
	if c.cp.Video.Enabled && !change.GetVideo() {
		c.remote |= MuteStatusVideo
	}
}

// changed handles a change that the other party has sent.
func (c *Call) changed(change *wire.CallChange) {
	bits := MuteStatus(change.GetMute()) & (MuteStatusAudio | MuteStatusVideo)
	switch change.GetStatus() {
	case wire.CallSDP:
		c.negotiate(change)
	case wire.CallMute:
		c.remoteMuted(bits, true)
	case wire.CallUnmute:
		if bits&MuteStatusVideo != 0 {
			c.becomeVideo()
		}
		c.remoteMuted(bits, false)
	case wire.CallHold:
		c.remoteMuted(MuteStatusHold, true)
	case wire.CallUnhold:
		c.remoteMuted(MuteStatusHold, false)
	case wire.CallUpdate:
		if change.GetVideo() {
			c.becomeVideo()
		}
		c.remoteMuted(MuteStatusVideo, !change.GetVideo())
		c.tell(func(l CallInProgressListener, cp *CallProperties) {
			l.OnStatus(cp, CallStatusUpdate, change.GetVideo(), cp.Waiting)
		})
	case wire.CallDTMF:
		if digit := int(change.GetDigit()); digit <= mostDigit {
			c.tell(func(l CallInProgressListener, cp *CallProperties) { l.OnDTMF(cp, digit) })
		}
	}
}

// becomeVideo makes a call one with video, because the other party sends some. This one sends none until it is unmuted.
func (c *Call) becomeVideo() {
	c.mu.Lock()
	became := !c.cp.Video.Enabled
	if became {
		c.cp.Video.Enabled = true
		c.muted |= MuteStatusVideo
	}
	c.mu.Unlock()
	if became {
		c.applyMuted()
		c.updateUI(CallUIStateShowInProgress)
	}
}

func (c *Call) remoteMuted(bits MuteStatus, muted bool) {
	c.mu.Lock()
	c.remote &^= bits
	if muted {
		c.remote |= bits
	}
	told := c.answered
	c.mu.Unlock()
	if !told.IsZero() { // else notify does it
		c.tellRemoteMuted()
	}
}

// negotiate handles descriptions and candidates. Only the caller makes offers; from the callee a change without either
// asks for one.
func (c *Call) negotiate(change *wire.CallChange) {
	if c.media == nil {
		return
	}
	c.mu.Lock()
	caller, restart, answers, taken := c.machine.IsCaller(), c.restart, c.answers, c.taken
	c.mu.Unlock()
	sdp := change.GetSdp()
	switch {
	case sdp == "" && len(change.GetCandidates()) == 0:
		c.restartMedia()
	case sdp == "":
	case caller && sdp == taken: // not the answer to a later offer
	case caller && restart != "":
		c.mu.Lock()
		c.restart, c.taken = "", sdp
		c.mu.Unlock()
		c.logProblem("the answer to an offer is not usable", c.media.Accept(sdp))
	case caller: // the answer to an offer that was sent twice
	case sdp == answers[0]:
		c.sendDescription(answers[1])
	default:
		c.answerAgain(sdp)
	}
	for _, candidate := range change.GetCandidates() {
		c.logProblem("a candidate is not usable", c.media.AddCandidate(candidate))
	}
}

func (c *Call) logProblem(what string, err error) {
	if err != nil {
		c.m.log.Warn("problem in a call", textAttr("what", what), errAttr(err))
	}
}

// restartMedia makes a new offer, if this device is the caller's, or asks the caller for one.
func (c *Call) restartMedia() {
	c.mu.Lock()
	caller, waiting := c.machine.IsCaller(), c.restart != ""
	possible := c.media != nil && c.machine.IsAnswered()
	c.mu.Unlock()
	switch {
	case !possible, waiting:
	case !caller:
		c.sendDescription("")
	default:
		offer, err := c.media.Restart()
		if err != nil {
			c.logProblem("the media do not start again", err)
			return
		}
		c.mu.Lock()
		c.restart = offer
		c.mu.Unlock()
		c.sendDescription(offer)
	}
}

// answerAgain answers an offer of the caller that is not the first.
func (c *Call) answerAgain(offer string) {
	answer, err := c.media.Answer(offer)
	if err != nil {
		c.logProblem("an offer is not usable", err)
		return
	}
	c.mu.Lock()
	c.answers = [2]string{offer, answer}
	c.mu.Unlock()
	c.sendDescription(answer)
}

func (c *Call) sendDescription(sdp string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.machine.IsLive() {
		c.send(&wire.CallChange{Status: wire.CallSDP, Sdp: sdp})
	}
}

// with calls f under the call's mutex, if the media are still the call's, and then lets the worker look.
func (e mediaEvents) with(f func(c *Call)) {
	e.c.mu.Lock()
	if e.c.made == e.made && e.c.machine.IsLive() {
		f(e.c)
	}
	e.c.mu.Unlock()
	e.c.wakeUp()
}

func (e mediaEvents) later(task func()) {
	e.with(func(c *Call) {
		if len(c.tasks) < mostTasks {
			c.tasks = append(c.tasks, task)
		}
	})
}

func (e mediaEvents) OnCandidate(candidate string) {
	if len(candidate) <= wire.MaxCandidate && !strings.ContainsRune(candidate, 0) {
		e.with(func(c *Call) { c.candidate(candidate) })
	}
}

func (e mediaEvents) OnConnected() {
	e.with(func(c *Call) { c.applyLocked((*callstate.Machine).MediaUp) })
}

func (e mediaEvents) OnReconnecting() {
	e.with(func(c *Call) { c.applyLocked((*callstate.Machine).MediaDown) })
}

func (e mediaEvents) OnFailed(err error) {
	e.with(func(c *Call) {
		c.m.log.Warn("the media of a call failed", errAttr(err))
		c.applyLocked(func(m *callstate.Machine) []callstate.Action { return m.Fail(callstate.StatusNetworkError) })
	})
}

func (e mediaEvents) OnRestartWanted() {
	e.c.session.CheckNetwork() // the way to the server may be gone too
	e.later(e.c.restartMedia)
}

func (e mediaEvents) OnQuality(int) { e.later(func() { e.c.tellStatus(CallStatusQuality) }) }

func (e mediaEvents) OnVideo(width, height int) {
	e.later(func() {
		e.c.tell(func(l CallInProgressListener, cp *CallProperties) {
			l.OnVideo(cp, VideoProperties{Enabled: true, Width: width, Height: height}, true)
		})
	})
}

func (e mediaEvents) OnProblem(err error) {
	e.c.logProblem("something of the media does not work", err)
	e.later(func() { e.c.tellProblem(err) })
}
