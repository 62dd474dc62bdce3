package call

import (
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// talk is one call, as the window shows it. It is used on the user interface's goroutine.
type talk struct {
	call     Call
	peer     string
	incoming bool
	video    bool
	filmed   bool // it was one with video from the first

	status    mesibo.CallStatus // how far it is, or how it ended
	answering bool              // here, before the server knows
	rang      bool              // at the other party
	wait      func()            // cancels unheard
	unheard   bool              // it should have rung by now
	answered  time.Time
	ended     time.Time
	held      bool // by this user
	peerHeld  bool
	source    mesibo.VideoSource
	switching bool // the source is being changed
	sharing   bool // the other party sees the screen
	seen      bool // this user was seen before that
	stats     mesibo.CallStats
	gone      bool   // no longer of interest
	after     func() // runs when it has ended
}

// newTalk returns what is known of a call.
func newTalk(c Call) *talk {
	cp := c.GetCallProperties()
	t := &talk{call: c, incoming: cp.Incoming, video: cp.Video.Enabled, filmed: cp.Video.Enabled, source: cp.Video.Source}
	if cp.User != nil {
		t.peer = cp.User.Address
	}
	if t.incoming {
		t.status = mesibo.CallStatusIncoming
	}
	return t
}

// isCalling reports whether it is not known yet to ring at the other party.
func (t *talk) isCalling() bool {
	return !t.incoming && (t.status == mesibo.CallStatusNone || t.status == mesibo.CallStatusInProgress)
}

// over reports whether the call has ended.
func (t *talk) over() bool { return t.status.IsEnd() }

// rings reports whether the user has to answer.
func (t *talk) rings() bool {
	return t.incoming && !t.answering && t.status == mesibo.CallStatusIncoming
}

// connected reports whether sound flows, or did.
func (t *talk) connected() bool {
	return t.status == mesibo.CallStatusConnected || t.status == mesibo.CallStatusReconnecting
}

// update notes a status, and reports whether it is about how far the call is.
func (t *talk) update(status mesibo.CallStatus, now time.Time) bool {
	switch status {
	case mesibo.CallStatusHold:
		t.peerHeld = true
	case mesibo.CallStatusUnhold:
		t.peerHeld = false
	case mesibo.CallStatusQuality:
		t.stats = t.call.Stats()
	case mesibo.CallStatusUpdate, mesibo.CallStatusDTMF, mesibo.CallStatusMute, mesibo.CallStatusUnmute:
	default:
		if t.over() {
			return false
		}
		t.status = status
		t.rang = t.rang || status == mesibo.CallStatusRinging
		if t.answered.IsZero() {
			t.answered = t.call.GetAnswerTime()
		}
		if status == mesibo.CallStatusConnected {
			t.stats = t.call.Stats()
		}
		if status.IsEnd() {
			t.ended = now
		}
		return true
	}
	return false
}

// lasts returns how long the call lasts since the answer.
func (t *talk) lasts(now time.Time) time.Duration {
	if t.answered.IsZero() {
		return 0
	}
	if !t.ended.IsZero() {
		now = t.ended
	}
	return max(0, now.Sub(t.answered))
}

// words say how far the call is.
func (t *talk) words(now time.Time) string {
	switch {
	case t.over():
		return t.lastWords(now)
	case t.isCalling():
		return tr.L("Calling…")
	case t.status == mesibo.CallStatusRinging:
		return tr.L("Ringing…")
	case t.rings():
		return kindWords(t.video)
	case t.status == mesibo.CallStatusReconnecting:
		return tr.L("Reconnecting…")
	case !t.connected():
		return tr.L("Connecting…")
	case t.held:
		return tr.L("On hold")
	case t.peerHeld:
		return tr.L("You are on hold")
	}
	return Clock(t.lasts(now))
}

// lastWords say how the call ended.
func (t *talk) lastWords(now time.Time) string {
	words := endWords(t.status, t.rang, t.incoming)
	if t.status == mesibo.CallStatusComplete && !t.answered.IsZero() {
		words += " · " + Clock(t.lasts(now))
	}
	return words
}

// failed reports whether the call ended in a way that the user should see.
func (t *talk) failed() bool {
	return t.over() && t.status != mesibo.CallStatusComplete && t.status != mesibo.CallStatusCancel &&
		t.status != mesibo.CallStatusSwitched
}

// note says what the other party does.
func (t *talk) note(name string) string {
	switch {
	case t.isCalling() && t.unheard:
		return tr.L("{{.Name}} is not connected right now", "Name", name)
	case !t.connected():
		return ""
	}
	switch audio, video := t.call.GetMuteStatus(true, false, true), t.call.GetMuteStatus(false, true, true); {
	case t.peerHeld:
		return tr.L("{{.Name}} has put you on hold", "Name", name)
	case t.held:
		return ""
	case audio && video && t.filmed:
		return tr.L("{{.Name}} is muted, without camera", "Name", name)
	case audio:
		return tr.L("{{.Name}} is muted", "Name", name)
	case video && t.filmed:
		return tr.L("{{.Name}} has the camera off", "Name", name)
	}
	return ""
}
