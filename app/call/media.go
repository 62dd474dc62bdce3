package call

import (
	"context"
	"image"
	"slices"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo/call"
)

// missing is a device that does not work in a call.
type missing int

const (
	noMicrophone missing = 1 << iota
	noSpeaker
	noCamera
)

// watch returns the devices and codecs such that the Model notices which devices do not work.
func (m *Model) watch(media call.Media) call.Media {
	if media.Microphone != nil {
		media.Microphone = microphone{media.Microphone, m}
	}
	if media.Speaker != nil {
		media.Speaker = speaker{media.Speaker, m}
	}
	if media.Camera != nil {
		media.Camera = camera{media.Camera, m}
	}
	if media.Screen != nil {
		m.screen.standard = media.Screen
		media.Screen = &m.screen
	}
	return media
}

// works notes whether a device works. It is called on any goroutine.
func (m *Model) works(what missing, works bool) {
	m.cfg.Dispatcher.Post(func() {
		if talks := m.shown != nil && !m.shown.over() || m.groups.live(); m.ended || !talks {
			return
		}
		if what == noCamera && !works {
			m.cameraFailed()
		}
		if slices.Contains(m.without, what) != works {
			return
		}
		if works {
			m.without = slices.DeleteFunc(m.without, func(other missing) bool { return other == what })
		} else {
			m.without = append(m.without, what)
		}
		m.changed()
	})
}

// cameraFailed lets the others know that there is no video, and shows for a moment why.
func (m *Model) cameraFailed() {
	if t := m.shown; t != nil && t.video && !t.sharing && m.can() && !t.call.GetMuteStatus(false, true, false) {
		t.call.Mute(false, true, true)
	}
	m.groups.cameraFailed()
	m.cancel(&m.fadeCamera)
	m.cameraNews = true
	m.fadeCamera = m.cfg.Dispatcher.After(problemTime, func() {
		m.fadeCamera, m.cameraNews = nil, false
		m.changed()
	})
	m.changed()
}

// lookForCamera finds out at the beginning of a call with video whether there is a camera.
func (m *Model) lookForCamera(video bool) {
	if !video || m.cfg.Devices.Cameras == nil {
		return
	}
	var found []Option
	m.cfg.Dispatcher.Async(func(context.Context) { found = m.options(Camera) }, func() {
		if len(found) == 0 {
			m.works(noCamera, false)
		}
	})
}

// say shows for a moment that something did not work.
func (m *Model) say(problem string) {
	m.cancel(&m.fade)
	m.problem = problem
	m.fade = m.cfg.Dispatcher.After(problemTime, func() {
		m.fade, m.problem = nil, ""
		m.changed()
	})
	m.changed()
}

// unsay shows no longer what did not work.
func (m *Model) unsay() {
	m.cancel(&m.fade)
	m.problem = ""
}

// forgetProblems is for the next call.
func (m *Model) forgetProblems() {
	m.unsay()
	m.cancel(&m.fadeCamera)
	m.without, m.cameraNews, m.noCodec = nil, false, false
}

// withoutWords say which devices do not work; empty when all do.
func (m *Model) withoutWords() string {
	var all missing
	for _, what := range m.without {
		if what != noCamera || m.cameraNews {
			all |= what
		}
	}
	switch all {
	case noCamera:
		return tr.L("The call goes on without a camera")
	case noMicrophone:
		return tr.L("The call goes on without a microphone")
	case noSpeaker:
		return tr.L("The call goes on without a speaker")
	case noCamera | noMicrophone:
		return tr.L("The call goes on without a camera and a microphone")
	case noCamera | noSpeaker:
		return tr.L("The call goes on without a camera and a speaker")
	case noMicrophone | noSpeaker:
		return tr.L("The call goes on without a microphone and a speaker")
	case noCamera | noMicrophone | noSpeaker:
		return tr.L("The call goes on without a camera, a microphone and a speaker")
	default:
		return ""
	}
}

// started notes how the start of a device went, and what is called when the device is disconnected.
func (m *Model) started(what missing, err error) error {
	m.works(what, err == nil)
	return err
}

// losing returns lost such that the Model notices it.
func (m *Model) losing(what missing, lost func()) func() {
	return func() {
		m.works(what, false)
		lost()
	}
}

type microphone struct {
	call.Microphone

	model *Model
}

// Record implements call.Microphone.
func (d microphone) Record(rate int, take func([]float32), lost func()) (stop func(), err error) {
	m := d.model
	measured := func(samples []float32) {
		m.meter.hear(samples)
		take(samples)
	}
	return m.running[Microphone].begin(func() (func(), error) {
		device := chosen(m.cfg.Chosen(Microphone), m.cfg.Devices.Microphones, d.Microphone)
		stop, err := device.Record(rate, measured, m.losing(noMicrophone, lost))
		return stop, m.started(noMicrophone, err)
	})
}

type speaker struct {
	call.Speaker

	model *Model
}

// Play implements call.Speaker.
func (d speaker) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	m := d.model
	return m.running[Speaker].begin(func() (func(), error) {
		device := chosen(m.cfg.Chosen(Speaker), m.cfg.Devices.Speakers, d.Speaker)
		stop, err := device.Play(rate, channels, fill, m.losing(noSpeaker, lost))
		return stop, m.started(noSpeaker, err)
	})
}

type camera struct {
	call.VideoSource

	model *Model
}

// Start implements call.VideoSource.
func (d camera) Start(width, height, fps int, take func(*image.YCbCr), lost func()) (stop func(), err error) {
	m := d.model
	return m.running[Camera].begin(func() (func(), error) {
		device := chosen(m.cfg.Chosen(Camera), m.cfg.Devices.Cameras, d.VideoSource)
		stop, err := device.Start(width, height, fps, take, m.losing(noCamera, lost))
		return stop, m.started(noCamera, err)
	})
}
