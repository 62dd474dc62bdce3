package calltest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

const (
	window    = 200 * time.Millisecond // of what is measured
	recording = 2 * time.Second        // of what is kept
	quiet     = 0.001                  // the root mean square of what counts as silence
	lowest    = 50                     // Hz, of Frequency
	highest   = 4000
	scanStep  = 5
)

// Speaker is a call.Speaker that keeps and measures what it plays. It is safe for concurrent use.
type Speaker struct {
	device

	soundMu sync.Mutex
	rate    int
	sound   []float32 // the last of one channel
	more    chan struct{}
}

// NewSpeaker returns a speaker.
func NewSpeaker() *Speaker { return &Speaker{more: make(chan struct{})} }

// Play implements call.Speaker.
func (s *Speaker) Play(rate, channels int, fill func(samples []float32), lost func()) (stop func(), err error) {
	s.soundMu.Lock()
	s.rate, s.sound = rate, nil
	s.soundMu.Unlock()
	samples, played := make([]float32, rate*channels), 0
	return s.start(audioPeriod, func(since time.Duration) {
		n := due(since, rate) - played
		played += n
		n = min(n, rate) // a machine that stood still for more than a second
		fill(samples[:n*channels])
		s.keep(samples[:n*channels], channels)
	}, lost)
}

func (s *Speaker) keep(samples []float32, channels int) {
	s.soundMu.Lock()
	defer s.soundMu.Unlock()
	for i := 0; i < len(samples); i += channels {
		s.sound = append(s.sound, samples[i])
	}
	if most := due(recording, s.rate); len(s.sound) > 2*most {
		s.sound = slices.Clone(s.sound[len(s.sound)-most:])
	}
	close(s.more)
	s.more = make(chan struct{})
}

// Recorded returns the last two seconds that were played, or less, of the first channel, and their rate in samples per
// second.
func (s *Speaker) Recorded() (samples []float32, rate int) {
	s.soundMu.Lock()
	defer s.soundMu.Unlock()
	return slices.Clone(s.sound[max(0, len(s.sound)-due(recording, s.rate)):]), s.rate
}

// last returns the sound that is measured, or nothing when there is less, and a channel that is closed with more.
func (s *Speaker) last() (samples []float32, rate int, more <-chan struct{}) {
	s.soundMu.Lock()
	defer s.soundMu.Unlock()
	n := due(window, s.rate)
	if n == 0 || len(s.sound) < n {
		return nil, s.rate, s.more
	}
	return slices.Clone(s.sound[len(s.sound)-n:]), s.rate, s.more
}

// Loudness returns the root mean square of the last 200 ms, from 0 to 1.
func (s *Speaker) Loudness() float64 {
	samples, _, _ := s.last()
	return rms(samples)
}

// Level returns the amplitude of a tone in the last 200 ms, from 0 to 1; frequency is in Hz.
func (s *Speaker) Level(frequency float64) float64 {
	samples, rate, _ := s.last()
	return amplitude(samples, rate, frequency)
}

// Frequency returns the frequency in Hz of the strongest tone between 50 and 4,000 Hz in the last 200 ms; 0 is silence.
func (s *Speaker) Frequency() float64 {
	samples, rate, _ := s.last()
	if rms(samples) < quiet {
		return 0
	}
	best, level := 0.0, 0.0
	for f := float64(lowest); f <= highest; f += scanStep {
		if a := amplitude(samples, rate, f); a > level {
			best, level = f, a
		}
	}
	return best
}

// Hear waits until the last 200 ms are mostly a tone of a frequency in Hz; 0 is silence. The error says what is heard
// instead, and wraps that of ctx.
func (s *Speaker) Hear(ctx context.Context, frequency float64) error {
	for {
		samples, rate, more := s.last()
		loud := rms(samples)
		switch {
		case len(samples) == 0:
		case frequency == 0 && loud < quiet:
			return nil
		case frequency > 0 && loud >= quiet && amplitude(samples, rate, frequency) > loud: // half of the power, and more
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("no tone of %.0f Hz, but %.0f Hz with loudness %.3f: %w", frequency, s.Frequency(), loud,
				context.Cause(ctx))
		}
	}
}

func rms(samples []float32) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(1, len(samples))))
}

// amplitude is Goertzel's algorithm.
func amplitude(samples []float32, rate int, frequency float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	c := 2 * math.Cos(2*math.Pi*frequency/float64(rate))
	a, b := 0.0, 0.0
	for _, v := range samples {
		a, b = float64(v)+c*a-b, a
	}
	return 2 * math.Sqrt(max(0, a*a+b*b-c*a*b)) / float64(len(samples))
}
