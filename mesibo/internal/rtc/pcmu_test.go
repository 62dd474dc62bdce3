package rtc

import (
	"math"
	"testing"

	"github.com/parley-chat/parley/mesibo/call"
)

// G.711 has a step of an eighth to a sixteenth of the value: each comes back within a step.
func TestMuLaw(t *testing.T) {
	t.Parallel()
	for v := -pcmuClip; v <= pcmuClip; v++ {
		got := linear(muLaw(v))
		if d := max(got-v, v-got); d > max(8, max(v, -v)/16) {
			t.Fatalf("%d came back as %d", v, got)
		}
	}
	for v, want := range map[int]byte{0: 0xff, -1: 0x7f, 32767: 0x80, -32768: 0x00, 1000: 0xce} {
		if got := muLaw(v); got != want {
			t.Errorf("%d is %#x, not %#x", v, got, want)
		}
	}
}

// telephone returns a tone that was encoded and decoded, without the first frames.
func telephone(t *testing.T, frequency float64) []float32 {
	t.Helper()
	e, d := pcmuEncoder{}, pcmuDecoder{}
	var out []float32
	for n := range 20 {
		frame := make([]float32, call.FrameSize)
		for i := range frame {
			frame[i] = float32(0.5 * math.Sin(2*math.Pi*frequency*float64(n*call.FrameSize+i)/call.SampleRate))
		}
		packet, err := e.Encode(frame)
		check(t, err)
		samples, err := d.Decode(packet)
		check(t, err)
		out = append(out, samples...)
	}
	return out[4*call.FrameSize:]
}

// tone returns the amplitude of a frequency.
func tone(samples []float32, frequency float64) float64 {
	re, im := 0.0, 0.0
	for i, v := range samples {
		s, c := math.Sincos(2 * math.Pi * frequency * float64(i) / call.SampleRate)
		re, im = re+float64(v)*c, im+float64(v)*s
	}
	return 2 * math.Hypot(re, im) / float64(len(samples))
}

func TestPCMU(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{300, 1000, 2500} {
		out := telephone(t, f)
		power := 0.0
		for _, v := range out {
			power += float64(v) * float64(v)
		}
		power /= float64(len(out))
		level := tone(out, f)
		if noise := 10 * math.Log10((level*level/2)/max(1e-12, power-level*level/2)); math.Abs(level-0.5) > 0.05 ||
			noise < 25 {
			t.Errorf("%v Hz: level %.3f, %.0f dB over the noise", f, level, noise)
		}
	}
	// What PCMU cannot carry must not come back as another tone: 6 kHz would be 2 kHz.
	if got := tone(telephone(t, 6000), 2000); got > 0.01 {
		t.Errorf("6 kHz became 2 kHz with level %.3f", got)
	}
	d := pcmuDecoder{}
	if _, err := d.Decode(make([]byte, pcmuFrame-1)); err == nil {
		t.Error("a part of a frame was decoded")
	}
	if _, err := (&pcmuEncoder{}).Encode(make([]float32, 5)); err == nil {
		t.Error("a part of a frame was encoded")
	}
}

// A lost frame fades instead of clicking or going on for ever.
func TestPCMU_lost(t *testing.T) {
	t.Parallel()
	d, loud := pcmuDecoder{}, make([]byte, pcmuFrame)
	for i := range loud {
		loud[i] = muLaw(8000)
	}
	for range 2 {
		_, err := d.Decode(loud)
		check(t, err)
	}
	first, err := d.DecodeLost(nil)
	check(t, err)
	if first[0] < 0.2 || first[call.FrameSize-1] > 0.05 {
		t.Errorf("from %.2f to %.2f", first[0], first[call.FrameSize-1])
	}
	for range 2 {
		if first, err = d.DecodeLost(nil); err != nil {
			t.Fatal(err)
		}
	}
	if !isQuiet(first) {
		t.Error("it goes on")
	}
}

func FuzzPCMU(f *testing.F) {
	f.Add(make([]byte, pcmuFrame))
	f.Fuzz(func(t *testing.T, packet []byte) {
		d := pcmuDecoder{}
		samples, err := d.Decode(packet)
		if (err == nil) != (len(packet) == pcmuFrame) || err == nil && len(samples) != call.FrameSize {
			t.Fatalf("%d bytes: %d samples, %v", len(packet), len(samples), err)
		}
	})
}
