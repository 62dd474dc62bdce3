package mesh

import (
	"fmt"

	"github.com/parley-chat/parley/mesibo/call"
)

// Devices are the devices of a call. Its methods are safe for concurrent use.
type Devices struct {
	media      call.Media // immutable, like all
	microphone *microphone
	mixer      *mixer
	camera     *video
	screen     *video
	processor  call.AudioProcessor // nil for none
}

// New shares devices; nothing of them runs yet. talking is called when this user starts or stops to speak, on the
// goroutine of the microphone; it must not block. Close must be called when nothing uses the devices any more. The
// error is that of the processor of sound; the devices work without.
func New(m call.Media, talking func(bool)) (*Devices, error) {
	d := &Devices{media: m}
	var err error
	if m.Processor != nil {
		if d.processor, err = m.Processor(); err != nil {
			d.processor, err = nil, fmt.Errorf("echo and noise are not removed: %w", err)
		}
	}
	d.microphone = &microphone{device: m.Microphone, processor: d.processor, talk: talk{changed: talking}}
	d.mixer = newMixer(m.Speaker, d.processor)
	d.camera, d.screen = newVideo(m.Camera), newVideo(m.Screen)
	return d, err
}

// OpenMicrophone starts the microphone, which is off at first. The error wraps call.ErrNoDevice when there is none.
func (d *Devices) OpenMicrophone() error { return d.microphone.open() }

// CloseMicrophone stops the microphone.
func (d *Devices) CloseMicrophone() { d.microphone.close() }

// Close stops the microphone and frees the processor of sound.
func (d *Devices) Close() {
	d.microphone.close()
	if d.processor != nil {
		d.processor.Close()
	}
}

// Line returns a line for a connection, which is not heard yet. talking is called when who is at its other end starts
// or stops to speak, on the goroutine of the speaker; it must not block.
func (d *Devices) Line(talking func(bool)) *Line {
	return &Line{devices: d, talk: talk{changed: talking}}
}

// Line is what one connection uses of the devices.
type Line struct {
	devices *Devices

	// Under mixer.mu.
	heard bool
	fill  func(samples []float32)
	talk  talk
}

// Media returns devices and codecs for the connection. What is missing in the call's media is missing here. The first
// who starts a camera or a screen decides about its format.
func (l *Line) Media() call.Media {
	m := l.devices.media
	m.Processor = nil // it is used for all together
	if m.Microphone != nil {
		m.Microphone = l.devices.microphone
	}
	if m.Speaker != nil {
		m.Speaker = l
	}
	if m.Camera != nil {
		m.Camera = l.devices.camera
	}
	if m.Screen != nil {
		m.Screen = l.devices.screen
	}
	return m
}

// SetHeard sets whether the line is played.
func (l *Line) SetHeard(heard bool) {
	m := l.devices.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	l.heard = heard
	if !heard {
		l.talk.stop()
	}
}
