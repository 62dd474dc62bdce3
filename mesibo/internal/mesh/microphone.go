package mesh

import (
	"errors"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

var errFormat = errors.New("sound is mono with 48,000 samples a second")

// microphone is a microphone that several hear. It is open or not whether anyone hears it or not.
type microphone struct {
	device    call.Microphone // nil for none
	processor call.AudioProcessor

	use  sync.Mutex // held while the device starts or stops
	stop func()     // nil while it does not run; under use

	mu    sync.Mutex
	taps  map[*tap]struct{}
	talk  talk
	frame []float32 // less than a whole one
}

// tap is what hears the microphone.
type tap struct {
	take func(samples []float32)
	lost func()
}

func (m *microphone) open() error {
	m.use.Lock()
	defer m.use.Unlock()
	if m.stop != nil {
		return nil
	}
	if m.device == nil {
		return fmt.Errorf("nothing is recorded: %w", call.ErrNoDevice)
	}
	stop, err := m.device.Record(call.SampleRate, m.give, m.lost)
	if err != nil {
		return fmt.Errorf("nothing is recorded: %w", err)
	}
	m.stop = stop
	return nil
}

func (m *microphone) close() {
	m.use.Lock()
	defer m.use.Unlock()
	if m.stop == nil {
		return
	}
	m.stop()
	m.stop = nil
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frame = m.frame[:0]
	m.talk.stop()
}

// Record implements call.Microphone. While the microphone is not open nothing comes.
func (m *microphone) Record(rate int, take func(samples []float32), lost func()) (func(), error) {
	if rate != call.SampleRate {
		return nil, errFormat
	}
	t := &tap{take, lost}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.taps == nil {
		m.taps = make(map[*tap]struct{})
	}
	m.taps[t] = struct{}{}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.taps, t)
	}, nil
}

// give passes what the device has recorded on, in whole frames.
func (m *microphone) give(samples []float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(samples) > 0 {
		n := min(len(samples), call.FrameSize-len(m.frame))
		m.frame = append(m.frame, samples[:n]...)
		samples = samples[n:]
		if len(m.frame) < call.FrameSize {
			return
		}
		if m.processor != nil {
			m.processor.Recorded(m.frame)
		}
		m.talk.note(m.frame)
		for t := range m.taps {
			t.take(m.frame)
		}
		m.frame = m.frame[:0]
	}
}

func (m *microphone) lost() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for t := range m.taps {
		t.lost()
	}
}
