package call

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// CameraOff reports whether this user is not seen.
func (m *Model) CameraOff() bool {
	t := m.shown
	return t != nil && (!t.video || t.sharing || t.call.GetMuteStatus(false, true, false))
}

// canSend reports whether the own video can be changed: a call without video needs an answer first.
func (m *Model) canSend() bool {
	return m.can() && !m.shown.switching && (m.shown.video || m.shown.connected())
}

// ToggleCamera stops the own video, or starts it. A call without video becomes one with video.
func (m *Model) ToggleCamera() {
	t := m.shown
	switch {
	case !m.canSend(), t.sharing:
	case !t.video, t.source == mesibo.VideoSourceScreen, // never the screen in place of the camera
		m.CameraOff() && slices.Contains(m.without, noCamera): // one that has failed is not asked again by itself
		m.setSource(mesibo.VideoSourceCameraDefault, true)
	default:
		t.call.Mute(false, true, !m.CameraOff())
		m.changed()
	}
}

// ToggleScreen shows the screen instead of the camera, or ends that: at once, whatever becomes of the camera.
func (m *Model) ToggleScreen() {
	t := m.shown
	switch {
	case !m.canSend():
	case t.sharing:
		t.sharing = false
		t.call.Mute(false, true, true)
		m.setSource(mesibo.VideoSourceCameraDefault, t.seen)
	default:
		t.seen = !m.CameraOff()
		m.setSource(mesibo.VideoSourceScreen, true)
	}
}

// setSource changes where the own video comes from, and then lets the other party see it if show says so.
func (m *Model) setSource(source mesibo.VideoSource, show bool) {
	t := m.shown
	t.switching = true
	m.unsay()
	m.changed()
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		err = t.call.SetVideoSource(source, 0)
	}, func() {
		t.switching = false
		switch {
		case t.gone:
			return
		case err != nil:
			m.cfg.Logger.Warn("video source not changed", slog.Any("error", err))
			if show {
				m.say(sourceProblem(source))
			}
		default:
			t.source, t.sharing = source, source == mesibo.VideoSourceScreen
			if show {
				t.call.Mute(false, true, false)
			}
		}
		m.changed()
	})
}

func sourceProblem(source mesibo.VideoSource) string {
	if source == mesibo.VideoSourceScreen {
		return tr.L("The screen cannot be shared")
	}
	return tr.L("There is no camera that works")
}

// becameVideo notes that a call has become one with video.
func (m *Model) becameVideo(t *talk, video bool) {
	if !video || t.video {
		return
	}
	t.video = true
	if t == m.shown {
		m.videoChanged()
	}
	m.changed()
}

// lacksCodec notes that a library is missing.
func (m *Model) lacksCodec(t *talk, err error) {
	if t == m.shown && errors.Is(err, call.ErrNoCodec) {
		m.noCodec = true
		m.changed()
	}
}
