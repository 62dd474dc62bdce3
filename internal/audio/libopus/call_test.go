package libopus

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/mesibo/call"
)

// second is a second that sounds like vowels: harmonics of a pitch that wanders, in syllables.
var second = sync.OnceValue(func() []float32 {
	out := make([]float32, rate)
	phase := 0.0
	for i := range out {
		at := float64(i) / rate
		pitch := 140 + 30*math.Sin(2*math.Pi*at)
		phase += 2 * math.Pi * pitch / rate
		v := 0.0
		for h := 1.0; h <= 15; h++ {
			low, high := (h*pitch-600)/350, (h*pitch-1700)/400
			v += (math.Exp(-low*low) + 0.4*math.Exp(-high*high)) * math.Sin(h*phase)
		}
		out[i] = float32(0.2 * v * (0.55 + 0.45*math.Sin(2*math.Pi*3*at)))
	}
	return out
})

// voice returns n samples of speech.
func voice(n int) []float32 {
	var out []float32
	for len(out) < n {
		out = append(out, second()...)
	}
	return out[:n]
}

func energy(samples []float32) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return sum
}

// packets encodes n frames of a voice.
func packets(t *testing.T, e call.AudioEncoder, n int) [][]byte {
	t.Helper()
	sound, all := voice(n*frame), [][]byte{}
	for ; len(sound) > 0; sound = sound[frame:] {
		p, err := e.Encode(sound[:frame])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, append([]byte(nil), p...))
	}
	return all
}

func size(packets [][]byte) int {
	n := 0
	for _, p := range packets {
		n += len(p)
	}
	return n
}

// encoder returns nil when the library is missing.
func encoder(t *testing.T, bitrate int) call.AudioEncoder {
	t.Helper()
	e, err := NewForCall(bitrate)
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return nil
	}
	t.Cleanup(e.Close)
	return e
}

func decoders(t *testing.T) map[string]call.AudioDecoder {
	t.Helper()
	lib, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	pure, err := newFader()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]call.AudioDecoder{"the machine's": lib, "pure Go": pure}
}

func TestCallEncoder(t *testing.T) {
	t.Parallel()
	e := encoder(t, 24_000)
	if e == nil {
		return
	}
	packets(t, e, 50)
	if got := size(packets(t, e, 100)) * 8 / 2; got < 12_000 || got > 30_000 {
		t.Errorf("%d bit/s, want about 24000", got)
	}
	if err := e.SetBitrate(64_000); err != nil {
		t.Fatal(err)
	}
	packets(t, e, 50)
	if got := size(packets(t, e, 100)) * 8 / 2; got < 45_000 || got > 75_000 {
		t.Errorf("%d bit/s, want about 64000", got)
	}
	if e.SetLoss(25) != nil || e.SetLoss(101) == nil || e.SetBitrate(-5) == nil {
		t.Error("settings are not checked")
	}
	if p, err := e.Encode(make([]float32, frame-1)); err == nil {
		t.Errorf("part of a frame became %d bytes", len(p))
	}
	silent := 0
	for range 100 {
		if p, err := e.Encode(make([]float32, frame)); err == nil && len(p) <= silentMost {
			silent++
		}
	}
	if silent < 50 {
		t.Errorf("%d of 100 packets of silence need not be sent", silent)
	}
	e.Close()
	e.Close()
	if e.SetBitrate(32_000) == nil {
		t.Error("a closed encoder takes a bitrate")
	}
}

func TestDecoder(t *testing.T) {
	t.Parallel()
	e := encoder(t, 32_000)
	if e == nil {
		return
	}
	all := packets(t, e, 100)
	want := voice(100 * frame)
	for name, d := range decoders(t) {
		var got []float32
		for _, p := range all {
			samples, err := d.Decode(p)
			if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, samples...)
		}
		if len(got) != len(want) || energy(got) < 0.7*energy(want) || energy(got) > 1.4*energy(want) {
			t.Errorf("%s: %d samples, energy %.0f of %.0f", name, len(got), energy(got), energy(want))
		}
		if samples, err := d.Decode(nil); err == nil {
			t.Errorf("%s: nothing became %d samples", name, len(samples))
		}
		d.Close()
		d.Close()
		if _, err := d.Decode(all[0]); err == nil {
			t.Errorf("%s: a closed decoder decodes", name)
		}
		if _, err := d.DecodeLost(all[0]); err == nil {
			t.Errorf("%s: a closed decoder decodes", name)
		}
	}
}

// TestLost compares what is heard of lost packets with what was in them.
func TestLost(t *testing.T) {
	t.Parallel()
	e := encoder(t, 24_000)
	if e == nil {
		return
	}
	if err := e.SetLoss(25); err != nil {
		t.Fatal(err)
	}
	all := packets(t, e, 200)
	whole, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	wrong := func(know bool) (wrong float64) {
		heard, err := NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		defer heard.Close()
		total := 0.0
		for i, p := range all {
			samples, err := whole.Decode(p)
			if err != nil {
				t.Fatal(err)
			}
			want := append([]float32(nil), samples...)
			if i%10 != 5 {
				if _, err := heard.Decode(p); err != nil {
					t.Fatal(err)
				}
				continue
			}
			var next []byte
			if know {
				next = all[i+1]
			}
			got, err := heard.DecodeLost(next)
			if err != nil || len(got) != frame {
				t.Fatal(len(got), err)
			}
			total += energy(want)
			for j := range want {
				want[j] -= got[j]
			}
			wrong += energy(want)
		}
		return wrong / total
	}
	repaired, concealed := wrong(true), wrong(false)
	t.Logf("wrong: %.3f with the next packet, %.3f without", repaired, concealed)
	if repaired > 0.6*concealed {
		t.Error("the packet after a lost one does not help")
	}
}

// TestFade loses packets without the library.
func TestFade(t *testing.T) {
	t.Parallel()
	f := &fader{}
	for i := range f.last {
		f.last[i] = float32(i) / frame
	}
	first, err := f.DecodeLost(nil)
	if err != nil || len(first) != frame || first[0] != float32(frame-1)/frame || first[frame-1] != 0 {
		t.Fatalf("%d samples from %f to %f, %v", len(first), first[0], first[len(first)-1], err)
	}
	second, err := f.DecodeLost([]byte{1, 2, 3})
	if err != nil || energy(second) != 0 {
		t.Errorf("energy %f, %v", energy(second), err)
	}
}

func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		for name, d := range decoders(t) {
			if samples, err := d.Decode(packet); err == nil && len(samples) != frame {
				t.Errorf("%s: %d samples", name, len(samples))
			}
			if samples, err := d.DecodeLost(packet); err != nil && len(samples) != 0 {
				t.Errorf("%s: %d samples with %v", name, len(samples), err)
			}
			d.Close()
		}
	})
}
