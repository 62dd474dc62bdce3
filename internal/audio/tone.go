package audio

import (
	"math"
	"sync"
	"time"
)

// Tone is a sound of calls that is made, not read.
type Tone int

// The tones. ToneBusy, ToneTest and ToneMessage end by themselves, the others go on until they are stopped.
const (
	ToneNone     Tone = iota
	ToneIncoming      // a call rings here
	ToneRinging       // it rings at the other side
	ToneBusy          // the other side is busy: a short one
	ToneTest          // three notes, to try a speaker
	ToneMessage       // a message has come: a short one
)

// toneRate is in samples a second.
const toneRate = 48_000

// note is a part of a tone; without a frequency it is silence.
type note struct {
	hertz float64
	loud  float64
	lasts time.Duration
}

// notes returns one round of a tone.
func (t Tone) notes() []note {
	const soft = 0.12
	switch t {
	case ToneIncoming: // two notes, a fourth apart, twice
		const loud, high, low = 0.16, 659.26, 493.88
		return []note{
			{high, loud, 180 * time.Millisecond},
			{low, loud, 260 * time.Millisecond},
			{0, 0, 120 * time.Millisecond},
			{high, loud, 180 * time.Millisecond},
			{low, loud, 420 * time.Millisecond},
			{0, 0, 1840 * time.Millisecond},
		}
	case ToneRinging:
		return []note{{425, soft, time.Second}, {0, 0, 3 * time.Second}}
	case ToneBusy:
		beep, rest := note{425, soft, 300 * time.Millisecond}, note{0, 0, 300 * time.Millisecond}
		return []note{beep, rest, beep, rest, beep, rest}
	case ToneTest:
		const loud, long = 0.2, 350 * time.Millisecond
		return []note{{0, 0, 100 * time.Millisecond}, {440, loud, long}, {554.37, loud, long}, {659.26, loud, 2 * long}}
	case ToneMessage: // a sixth upwards
		const loud = 0.1 // −18 LUFS at most, from two speakers
		return []note{{783.99, loud, 90 * time.Millisecond}, {1318.51, loud, 210 * time.Millisecond}}
	case ToneNone:
	}
	return nil
}

// PlayTone starts to play a tone. stop waits until the device is closed, and may be called more than once. The error is
// the device's.
func PlayTone(out Output, t Tone) (stop func(), err error) {
	s := newSynth(t)
	stop, err = out.Play(toneRate, 1, s.fill, func() {})
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(stop), nil
}

// synth makes the samples of a tone.
type synth struct {
	notes []note
	again bool
	at    int // the note
	done  int // samples of it
}

func newSynth(t Tone) *synth {
	return &synth{notes: t.notes(), again: t == ToneIncoming || t == ToneRinging}
}

func (s *synth) fill(samples []float32) {
	for i := range samples {
		samples[i] = s.next()
	}
}

func (s *synth) next() float32 {
	if s.at == len(s.notes) {
		return 0
	}
	n := s.notes[s.at]
	all := int(n.lasts.Seconds() * toneRate)
	v := n.sample(s.done, all)
	if s.done++; s.done == all {
		s.at, s.done = s.at+1, 0
		if s.at == len(s.notes) && s.again {
			s.at = 0
		}
	}
	return v
}

// sample returns a sample of a note: a fundamental with a soft octave above, faded in and out so that nothing clicks.
func (n note) sample(i, all int) float32 {
	if n.hertz == 0 {
		return 0
	}
	const fade = toneRate / 50
	t := float64(i) / toneRate
	v := math.Sin(2*math.Pi*n.hertz*t) + 0.25*math.Sin(4*math.Pi*n.hertz*t)
	edge := min(1, float64(i)/fade, float64(all-i)/(2*fade))
	return float32(n.loud * edge * v)
}
