package mesh

import (
	"slices"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

const release = 0.02 // how much the gain rises with a frame after something was too loud

// mixer plays the lines on one speaker.
type mixer struct {
	shared

	device    call.Speaker
	processor call.AudioProcessor
	lines     []*Line // under mu

	// of the speaker's goroutine
	frame, line [call.FrameSize]float32
	rest        []float32 // of frame, that is not played yet
	gain        float32
}

func newMixer(device call.Speaker, processor call.AudioProcessor) *mixer {
	return &mixer{device: device, processor: processor, gain: 1}
}

// Play implements call.Speaker.
func (l *Line) Play(rate, channels int, fill func(samples []float32), lost func()) (func(), error) {
	m := l.devices.mixer
	if rate != call.SampleRate || channels != 1 {
		return nil, errFormat
	}
	end := func() {
		m.lines = slices.DeleteFunc(m.lines, func(other *Line) bool { return other == l })
		l.talk.stop()
	}
	number, err := m.add(lost, func() {
		l.fill = fill
		m.lines = append(m.lines, l)
	}, func() (func(), error) { return m.device.Play(call.SampleRate, 1, m.play, m.lost) })
	if err != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		end()
		return nil, err
	}
	return sync.OnceFunc(func() { m.remove(number, end) }), nil
}

// play is called by the speaker for the next samples.
func (m *mixer) play(samples []float32) {
	for len(samples) > 0 {
		if len(m.rest) == 0 {
			m.mix()
			m.rest = m.frame[:]
		}
		n := copy(samples, m.rest)
		samples, m.rest = samples[n:], m.rest[n:]
	}
}

// mix makes the next frame. All lines go on, also those that are not heard.
func (m *mixer) mix() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.frame[:])
	for _, l := range m.lines {
		l.fill(m.line[:])
		if !l.heard {
			continue
		}
		l.talk.note(m.line[:])
		for i, v := range m.line {
			m.frame[i] += v
		}
	}
	m.limit()
	if m.processor != nil {
		m.processor.Played(m.frame[:])
	}
}

// limit makes a frame quieter that is too loud, and the next ones, less and less.
func (m *mixer) limit() {
	peak := float32(0)
	for _, v := range m.frame {
		peak = max(peak, v, -v)
	}
	before := m.gain
	m.gain = min(1, m.gain+release)
	if peak*m.gain > 1 {
		m.gain = 1 / peak
	}
	step := (m.gain - before) / call.FrameSize
	for i, v := range m.frame {
		m.frame[i] = min(1, max(-1, v*(before+step*float32(i+1))))
	}
}
