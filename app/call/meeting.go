package call

import (
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// meeting is the part of this device in the call of a group, as the window shows it. It is used on the user
// interface's goroutine.
type meeting struct {
	seats

	g      *Groups
	call   GroupCall
	group  uint32
	video  bool // with the camera on at first
	status mesibo.CallStatus
	since  time.Time // this device takes part, the zero time before
	gone   bool      // of no interest any more
	after  func()    // runs when this device has left

	keys    int
	source  mesibo.VideoSource
	sharing bool // the others see the screen
	filmed  bool // this user was seen before that
}

// over reports whether this device takes part no more, or was not let in.
func (t *meeting) over() bool { return t.status.IsEnd() }

// inside reports whether this device takes part, or did.
func (t *meeting) inside() bool { return !t.since.IsZero() }

// mayReturn reports whether it is of use to join again.
func (t *meeting) mayReturn() bool { return t.over() && t.status != mesibo.CallStatusNotAllowed }

// words say how far it is.
func (t *meeting) words(now time.Time) string {
	switch {
	case t.over():
		return leftWords(t.status, t.inside(), len(t.g.people(t.group)), len(t.g.states[t.group].Addresses))
	case t.status == mesibo.CallStatusReconnecting:
		return tr.L("Reconnecting…")
	case !t.inside():
		return tr.L("Joining…")
	}
	return Clock(now.Sub(t.since))
}

// listener passes what happens in the call to the user interface's goroutine.
func (t *meeting) listener() GroupListener {
	return GroupListener{
		Publisher: func(p Participant, joined bool) { t.post(func() { t.published(p, joined) }) },
		Status:    func(status mesibo.CallStatus) { t.post(func() { t.g.status(t, status) }) },
		Problem: func(err error) {
			t.post(func() {
				if errors.Is(err, call.ErrNoCodec) { // which devices are missing is known
					t.g.m.noCodec = true
					t.g.m.changed()
				}
			})
		},
	}
}

func (t *meeting) post(f func()) {
	t.g.m.cfg.Dispatcher.Post(func() {
		if !t.gone && !t.g.m.ended {
			f()
		}
	})
}

// publish sends sound and video of this user, muted as it was or is wanted.
func (t *meeting) publish() {
	own := t.call.Own()
	t.own = &seat{Participant: own, key: t.newKey(), own: true, publishes: true, connected: true}
	err := own.Call(true, true, false, !t.video, t.inProgress(t.own))
	if errors.Is(err, call.ErrNoDevice) {
		err = own.Call(false, true, false, !t.video, t.inProgress(t.own)) // seen, and not heard
		t.g.m.works(noMicrophone, false)
	}
	if err != nil {
		t.g.m.cfg.Logger.Warn("nothing is sent to the call of a group", slog.Any("error", err))
	}
}

func (t *meeting) newKey() string {
	t.keys++
	return strconv.Itoa(t.keys)
}

// update makes the seats those of who takes part now.
func (t *meeting) update() {
	now := t.call.Others()
	for _, x := range slices.Clone(t.others) {
		if !slices.Contains(now, x.Participant) {
			x.SetVideoView(nil)
			t.remove(x)
		}
	}
	for _, p := range now {
		if !slices.ContainsFunc(t.others, func(x *seat) bool { return x.Participant == p }) {
			t.others = append(t.others, &seat{Participant: p, key: t.newKey()})
		}
	}
	t.g.seatsChanged()
}

func (t *meeting) seatOf(p Participant) *seat {
	i := slices.IndexFunc(t.others, func(x *seat) bool { return x.Participant == p })
	if i < 0 {
		return nil
	}
	return t.others[i]
}

// published plays and shows who sends something.
func (t *meeting) published(p Participant, joined bool) {
	t.update()
	x := t.seatOf(p)
	if x == nil {
		t.g.m.changed()
		return
	}
	x.publishes, x.failed = joined, false
	if joined {
		if err := p.Call(true, true, false, false, t.inProgress(x)); err != nil {
			t.g.m.cfg.Logger.Info("a participant is not heard", slog.Any("error", err)) // it has left; that is reported
		}
	}
	t.g.m.changed()
}

// inProgress passes what happens to a participant to the user interface's goroutine.
func (t *meeting) inProgress(x *seat) *mesibo.GroupCallInProgressFuncs {
	changed := func(f func()) {
		t.post(func() {
			f()
			t.g.m.changed()
		})
	}
	return &mesibo.GroupCallInProgressFuncs{
		Connected: func(_ *mesibo.CallParticipant, on bool) {
			changed(func() { x.connected = x.connected || on })
		},
		Mute: func(_ *mesibo.CallParticipant, audio, _, remote bool) {
			changed(func() {
				if x.own && remote && audio {
					t.g.m.say(tr.L("Another participant has muted you"))
				}
			})
		},
		Talking: func(_ *mesibo.CallParticipant, on bool) {
			changed(func() {
				if x.talks = on; on && !x.own {
					t.speaks(x)
					t.g.seatsChanged()
				}
			})
		},
		Video: func(*mesibo.CallParticipant, mesibo.VideoProperties) { changed(func() {}) },
		VideoSourceChanged: func(_ *mesibo.CallParticipant, source mesibo.VideoSource, _ int) {
			changed(func() { t.source = source })
		},
		Hangup: func(_ *mesibo.CallParticipant, reason mesibo.HangupReason) {
			changed(func() { x.failed = x.failed || !x.own && reason == mesibo.HangupReasonError })
		},
	}
}

// note says what is not as it should be with a participant.
func (x *seat) note() string {
	switch {
	case x.own:
		return ""
	case x.failed:
		return tr.L("No connection")
	case !x.publishes:
		return tr.X("Listening", "to a call")
	case x.IsConnected():
		return ""
	case x.connected:
		return tr.L("Reconnecting…")
	}
	return tr.L("Connecting…")
}

// muted reports whether nothing is heard of a participant who sends.
func (x *seat) muted() bool { return x.publishes && x.GetMuteStatus(true, false, !x.own) }

// films reports whether a participant sends video.
func (x *seat) films() bool { return x.HasVideo() && !x.GetMuteStatus(false, true, !x.own) }

// can reports whether this user can send.
func (t *meeting) can() bool { return t.own != nil && !t.over() && !t.call.IsListener() }

// ToggleMute turns the microphone off, or on again.
func (g *Groups) ToggleMute() {
	if t := g.meeting; t != nil && t.can() {
		t.own.Mute(true, false, !g.Muted())
		g.m.unsay()
		g.m.changed()
	}
}

// Muted reports whether the microphone is off.
func (g *Groups) Muted() bool {
	return g.meeting != nil && g.meeting.own != nil && g.meeting.own.GetMuteStatus(true, false, false)
}

// CameraOff reports whether the camera is off.
func (g *Groups) CameraOff() bool {
	t := g.meeting
	return t == nil || t.own == nil || t.sharing || t.own.GetMuteStatus(false, true, false)
}

// ToggleCamera turns the camera on, or off.
func (g *Groups) ToggleCamera() {
	t := g.meeting
	switch {
	case t == nil || !t.can() || t.sharing:
	case g.CameraOff():
		t.setSource(mesibo.VideoSourceCameraDefault, true)
	default:
		t.own.Mute(false, true, true)
		g.m.changed()
	}
}

// cameraFailed lets the others know that there is no video.
func (g *Groups) cameraFailed() {
	if t := g.meeting; t != nil && t.can() && !t.sharing {
		t.own.Mute(false, true, true)
	}
}

// ToggleScreen shows the screen instead of the camera, or ends that.
func (g *Groups) ToggleScreen() {
	t := g.meeting
	switch {
	case t == nil || !t.can():
	case t.sharing:
		t.own.Mute(false, true, true) // at once, whatever becomes of the camera
		t.setSource(mesibo.VideoSourceCameraDefault, t.filmed)
	default:
		t.filmed = !g.CameraOff()
		t.setSource(mesibo.VideoSourceScreen, true)
	}
}

// setSource changes where the own video comes from, and then lets the others see it if show says so.
func (t *meeting) setSource(source mesibo.VideoSource, show bool) {
	t.g.m.unsay()
	err := t.own.SetVideoSource(source, 0)
	t.sharing = err == nil && source == mesibo.VideoSourceScreen
	switch {
	case err != nil:
		t.g.m.cfg.Logger.Warn("video source not changed", slog.Any("error", err))
		if show {
			t.g.m.say(sourceProblem(source))
		}
	case show:
		t.own.Mute(false, true, false)
	}
	t.g.m.changed()
}

// Problem says what does not work in the call; empty for nothing.
func (g *Groups) Problem() string {
	switch t := g.meeting; {
	case t == nil || t.over():
		return ""
	case g.m.problem != "":
		return g.m.problem
	case t.inside() && t.call.IsListener():
		return tr.L("You may only listen in the calls of this group")
	}
	return g.m.Problem()
}

// tileName is the name on a tile.
func (g *Groups) tileName(x *seat) string {
	if x.own {
		return tr.L("You")
	}
	name := g.m.cfg.Name(x.GetAddress())
	if strings.EqualFold(x.GetAddress(), g.m.cfg.Backend.GetAddress()) {
		name = tr.L("You, another device")
	}
	return name
}
