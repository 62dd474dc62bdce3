package speexdsp

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/mesibo/call"
)

// processorFor returns nil when the library is missing.
func processorFor(t testing.TB) call.AudioProcessor {
	t.Helper()
	p, err := New()
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return nil
	}
	t.Cleanup(p.Close)
	return p
}

// speech returns seconds of what sounds like it: harmonics of a pitch that wanders, in syllables with pauses.
func speech(seconds int, pitch float64) []float32 {
	r := rand.New(rand.NewPCG(5, uint64(pitch)))
	out := make([]float32, seconds*call.SampleRate)
	phase, loud, breath := 0.0, 0.0, 0.0
	for i := range out {
		at := float64(i) / call.SampleRate
		phase += 2 * math.Pi * (pitch + 25*math.Sin(2*math.Pi*0.6*at)) / call.SampleRate
		want := max(0, math.Sin(2*math.Pi*2.7*at))
		if int(at*10)%17 > 12 {
			want = 0
		}
		loud += (want - loud) / 400
		breath = 0.7*breath + 0.3*r.NormFloat64()
		out[i] = float32(loud * (0.1*math.Sin(phase) + 0.08*math.Sin(3*phase) + 0.05*math.Sin(5*phase) +
			0.03*math.Sin(11*phase) + 0.05*breath))
	}
	return out
}

// room returns what a microphone hears of sound: later, softer, and again from the walls.
func room(sound []float32, delay int) []float32 {
	r := rand.New(rand.NewPCG(7, 8))
	out := make([]float32, len(sound))
	for i := range out {
		v := 0.0002 * r.NormFloat64()
		for _, way := range [][2]float64{{0, 0.5}, {633, 0.25}, {1551, 0.12}, {2900, -0.08}} {
			if j := i - delay - int(way[0]); j >= 0 {
				v += way[1] * float64(sound[j])
			}
		}
		out[i] = float32(v)
	}
	return out
}

// process returns what p makes of what was recorded while far was played.
func process(p call.AudioProcessor, far, recorded []float32) []float32 {
	out := append([]float32(nil), recorded...)
	for at := 0; at+frame <= len(out); at += frame {
		p.Played(far[at : at+frame])
		p.Recorded(out[at : at+frame])
	}
	return out
}

// loudness is in dB below full scale.
func loudness(samples []float32) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return 10 * math.Log10(sum/float64(len(samples))+1e-12)
}

// likeness returns how much of got is want, later by at most 30 ms, from 0 to 1.
func likeness(got, want []float32) float64 {
	best := 0.0
	for late := 0; late < call.SampleRate*3/100; late += 4 {
		both, one, other := 0.0, 0.0, 0.0
		for i := late; i < len(got); i += 3 {
			g, w := float64(got[i]), float64(want[i-late])
			both += g * w
			one += g * g
			other += w * w
		}
		best = max(best, both/math.Sqrt(one*other+1e-12))
	}
	return best
}

func TestEcho(t *testing.T) {
	t.Parallel()
	for _, ms := range []int{60, 150} {
		p := processorFor(t)
		if p == nil {
			return
		}
		far := speech(14, 120)
		recorded := room(far, ms*call.SampleRate/1000)
		got := process(p, far, recorded)
		rest := 8 * call.SampleRate // learned by then, also with the longer delay
		less := loudness(recorded[rest:]) - loudness(got[rest:])
		t.Logf("%d ms: echo of %.0f dB is %.0f dB softer", ms, loudness(recorded[rest:]), less)
		if less < 20 {
			t.Errorf("%d ms: echo is %.1f dB softer", ms, less)
		}
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	p := processorFor(t)
	if p == nil {
		return
	}
	near := speech(6, 210)
	got := process(p, make([]float32, len(near)), near)
	rest := 2 * call.SampleRate
	like, change := likeness(got[rest:], near[rest:]), loudness(got[rest:])-loudness(near[rest:])
	t.Logf("likeness %.2f, %+.1f dB", like, change)
	if like < 0.85 || change < -6 || change > gainMost {
		t.Errorf("speech has likeness %.2f and is %+.1f dB louder", like, change)
	}
}

// TestBoth has two people who speak at the same time.
func TestBoth(t *testing.T) {
	t.Parallel()
	p := processorFor(t)
	if p == nil {
		return
	}
	far, near := speech(12, 120), speech(12, 210)
	recorded, rest := room(far, 60*call.SampleRate/1000), 6*call.SampleRate
	for i := rest; i < len(recorded); i++ {
		recorded[i] += near[i]
	}
	got := process(p, far, recorded)
	before, after := likeness(recorded[rest:], near[rest:]), likeness(got[rest:], near[rest:])
	t.Logf("likeness %.2f before, %.2f after", before, after)
	if after < 0.7 {
		t.Errorf("the near one has likeness %.2f, %.2f before", after, before)
	}
}

// TestDrift has a speaker whose clock is faster or slower than the microphone's.
func TestDrift(t *testing.T) {
	t.Parallel()
	for _, every := range []int{200, -200} { // frames in which it is one more or less
		var q queue
		samples, out := make([]float32, frame), make([]int16, frame)
		holes, at, last := 0, float32(0), int16(0)
		put := func() {
			at++
			samples[0] = at / full
			q.put(samples)
		}
		for i := range 5000 {
			if every > 0 || i%-every != 0 {
				put()
			}
			if every > 0 && i%every == 0 {
				put()
			}
			q.take(out)
			switch {
			case out[0] == 0:
				holes++
			case out[0] <= last || int(at)-int(out[0]) > 4:
				t.Fatalf("%d after %d, and %.0f is played", out[0], last, at)
			default:
				last = out[0]
			}
		}
		if most := map[bool]int{true: 1, false: 60}[every > 0]; holes > most {
			t.Errorf("%d: %d holes of 5000 frames", every, holes)
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	var q queue
	samples, out := make([]float32, frame), make([]int16, frame)
	for i := range 100 { // long before anything is recorded
		samples[0] = float32(i) / full
		q.put(samples)
	}
	q.take(out)
	if out[0] != 100-reserve {
		t.Errorf("the first is %d of 100", out[0])
	}
}

// TestGoroutines plays and records at the same time, and closes meanwhile.
func TestGoroutines(t *testing.T) {
	t.Parallel()
	p := processorFor(t)
	if p == nil {
		return
	}
	var all sync.WaitGroup
	recorded := make(chan struct{}, 1)
	for _, f := range []func([]float32){p.Played, func(s []float32) {
		p.Recorded(s)
		select {
		case recorded <- struct{}{}:
		default:
		}
	}} {
		all.Go(func() {
			samples := make([]float32, frame)
			for range 200 {
				f(samples)
			}
		})
	}
	<-recorded
	p.Close()
	p.Close()
	all.Wait()
	samples := []float32{1: 0.5}
	p.Played(samples)
	p.Recorded(samples)
	if samples[1] != 0.5 {
		t.Error("a closed processor processes")
	}
}

func TestLoud(t *testing.T) {
	t.Parallel()
	out := make([]int16, 4)
	toIntegers(out, []float32{-2, -1, 1, 2})
	if out[0] != -full || out[1] != -full || out[2] != full-1 || out[3] != full-1 {
		t.Error(out)
	}
}

func BenchmarkRecorded(b *testing.B) {
	p := processorFor(b)
	if p == nil {
		return
	}
	far := speech(2, 120)
	samples := make([]float32, frame)
	for at := 0; b.Loop(); at = (at + frame) % len(far) {
		p.Played(far[at : at+frame])
		copy(samples, far[at:])
		p.Recorded(samples)
	}
}
