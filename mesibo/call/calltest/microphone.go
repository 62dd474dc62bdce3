package calltest

import (
	"math"
	"sync"
	"time"
)

const (
	audioPeriod = 10 * time.Millisecond
	loudness    = 0.5 // the amplitude of the tone
)

// Microphone is a call.Microphone that hears a tone. It is safe for concurrent use.
type Microphone struct {
	device

	toneMu    sync.Mutex
	frequency float64
}

// NewMicrophone returns a microphone that hears a tone of a frequency in Hz; 0 is silence.
func NewMicrophone(frequency float64) *Microphone { return &Microphone{frequency: frequency} }

// SetFrequency changes the frequency of the tone, in Hz; 0 is silence.
func (m *Microphone) SetFrequency(frequency float64) {
	m.toneMu.Lock()
	defer m.toneMu.Unlock()
	m.frequency = frequency
}

func (m *Microphone) tone() float64 {
	m.toneMu.Lock()
	defer m.toneMu.Unlock()
	return m.frequency
}

// Record implements call.Microphone.
func (m *Microphone) Record(rate int, take func(samples []float32), lost func()) (stop func(), err error) {
	samples, heard, phase := make([]float32, rate), 0, 0.0
	return m.start(audioPeriod, func(since time.Duration) {
		step := 2 * math.Pi * m.tone() / float64(rate)
		n := due(since, rate) - heard
		heard += n
		n = min(n, rate) // a machine that stood still for more than a second
		for i := range n {
			samples[i] = 0
			if step > 0 {
				phase += step
				samples[i] = float32(loudness * math.Sin(phase))
			}
		}
		phase = math.Mod(phase, 2*math.Pi)
		take(samples[:n])
	}, lost)
}

// due returns how many samples a time has.
func due(since time.Duration, rate int) int { return int(since.Microseconds()) * rate / 1e6 }
