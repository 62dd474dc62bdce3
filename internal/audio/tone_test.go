package audio

import (
	"errors"
	"math"
	"testing"
)

// loop is a device that a test reads.
type loop struct {
	fill  func([]float32)
	err   error
	stops int
}

func (l *loop) Play(_, _ int, fill func([]float32), _ func()) (stop func(), err error) {
	if l.err != nil {
		return nil, l.err
	}
	l.fill = fill
	return func() { l.stops++ }, nil
}

func TestPlayTone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tone  Tone
		again bool // after ten seconds it is heard again
	}{{ToneIncoming, true}, {ToneRinging, true}, {ToneBusy, false}} {
		out := &loop{}
		stop, err := PlayTone(out, tc.tone)
		if err != nil {
			t.Fatal(err)
		}
		first, later := make([]float32, toneRate*2), make([]float32, toneRate*10)
		out.fill(first)
		out.fill(later)
		loudest, jump := 0.0, 0.0
		for i, v := range first {
			loudest = max(loudest, math.Abs(float64(v)))
			if i > 0 {
				jump = max(jump, math.Abs(float64(v-first[i-1])))
			}
		}
		if loudest < 0.05 || loudest > 0.3 || jump > 0.05 {
			t.Errorf("tone %d: loudest %.3f, largest step %.3f; want neither silence nor noise nor a click", tc.tone, loudest,
				jump)
		}
		heard := false
		for _, v := range later[toneRate*2:] {
			heard = heard || v != 0
		}
		if heard != tc.again {
			t.Errorf("tone %d heard again: got %v, want %v", tc.tone, heard, tc.again)
		}
		stop()
		stop()
		if out.stops != 1 {
			t.Errorf("tone %d: the device was stopped %d times, want once", tc.tone, out.stops)
		}
	}
}

func TestPlayTone_without_device(t *testing.T) {
	t.Parallel()
	if _, err := PlayTone(&loop{err: ErrNoDevice}, ToneRinging); !errors.Is(err, ErrNoDevice) {
		t.Errorf("got %v", err)
	}
}
