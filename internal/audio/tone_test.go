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
	}{{ToneIncoming, true}, {ToneRinging, true}, {ToneBusy, false}, {ToneMessage, false}} {
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

// TestToneMessage: the sound of a message is short, and no louder than −18 LUFS (ITU-R BS.1770) from two speakers.
func TestToneMessage(t *testing.T) {
	t.Parallel()
	samples := make([]float32, toneRate*4/10) // one block of the measurement
	newSynth(ToneMessage).fill(samples)
	if last := samples[len(samples)-1]; last != 0 {
		t.Errorf("after 400 ms: got %v, want silence", last)
	}
	// The two filters of the standard for 48 kHz.
	shelf := biquad{
		b: [3]float64{1.53512485958697, -2.69169618940638, 1.19839281085285},
		a: [2]float64{-1.69065929318241, 0.73248077421585},
	}
	high := biquad{b: [3]float64{1, -2, 1}, a: [2]float64{-1.99004745483398, 0.99007225036621}}
	power := 0.0
	for _, v := range samples {
		w := high.next(shelf.next(float64(v)))
		power += w * w / float64(len(samples))
	}
	const channels = 2
	if lufs := -0.691 + 10*math.Log10(channels*power); lufs > -18 || lufs < -30 {
		t.Errorf("got %.1f LUFS, want −30 to −18", lufs)
	} else {
		t.Logf("%.1f LUFS", lufs)
	}
}

// biquad is a filter of the second order.
type biquad struct {
	b      [3]float64
	a      [2]float64
	x1, x2 float64
	y1, y2 float64
}

func (f *biquad) next(x float64) float64 {
	y := f.b[0]*x + f.b[1]*f.x1 + f.b[2]*f.x2 - f.a[0]*f.y1 - f.a[1]*f.y2
	f.x1, f.x2, f.y1, f.y2 = x, f.x1, y, f.y1
	return y
}
