package rtc

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// network says what becomes of a packet: its delay in ms, negative when it is lost.
type network func(n int) float64

// heard is what a listener has of a simulated call.
type heard struct {
	kinds  map[playKind]int
	played []int
	delays []float64 // ms
}

// simulate sends frames over a network in virtual time, with a sender whose clock is faster by a share, and a listener
// who does not stop. unsent are frames that are left out during silence.
func simulate(frames int, faster float64, by network, unsent func(n int) bool) heard {
	type arrival struct {
		at  float64
		n   int
		seq uint16
	}
	var all []arrival
	seq := uint16(65_500) // it turns over
	sent := func(n int) float64 { return float64(n) * 20 / (1 + faster) }
	for n := range frames {
		if unsent != nil && unsent(n) {
			continue
		}
		seq++
		if d := by(n); d >= 0 {
			all = append(all, arrival{sent(n) + d, n, seq})
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return int((a.at - b.at) * 1000) })
	b, out := jitterBuffer{step: opusStep}, heard{kinds: make(map[playKind]int)}
	for now := 0.0; now < sent(frames); now += 20 {
		for ; len(all) > 0 && all[0].at <= now; all = all[1:] {
			packet := binary.BigEndian.AppendUint32(nil, uint32(all[0].n))
			b.push(all[0].seq, uint32(all[0].n)*opusStep-5000, packet)
		}
		p := b.pop(false)
		out.kinds[p.kind]++
		if p.kind == playPacket || p.kind == playMerged {
			n := int(binary.BigEndian.Uint32(p.packet))
			out.played = append(out.played, n)
			out.delays = append(out.delays, now-sent(n))
			if p.kind == playMerged {
				out.played = append(out.played, int(binary.BigEndian.Uint32(p.next)))
			}
		}
	}
	return out
}

func (h heard) share(kinds ...playKind) float64 {
	n, all := 0, 0
	for k, v := range h.kinds {
		all += v
		if slices.Contains(kinds, k) {
			n += v
		}
	}
	return float64(n) / float64(all)
}

func steady(ms float64) network { return func(int) float64 { return ms } }

func TestJitterBuffer(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	jitter := make([]float64, 5000)
	for i := range jitter {
		jitter[i] = 10 + r.Float64()*60
	}
	jittery := func(n int) float64 { return jitter[n] }
	losing := func(n int) float64 {
		if n%10 == 5 {
			return -1
		}
		return 10
	}
	for name, c := range map[string]struct {
		faster    float64
		network   network
		concealed float64 // at most
		delay     float64 // ms, at the end, at most
	}{
		"nothing happens":     {0, steady(10), 0.001, 70},
		"jitter of 60 ms":     {0, jittery, 0.03, 150},
		"sender is faster":    {0.001, steady(10), 0.002, 90},
		"sender is slower":    {-0.001, steady(10), 0.01, 70},
		"each tenth is lost":  {0, losing, 0.001, 70},
		"delay grows and not": {0, func(n int) float64 { return 10 + 100*float64(n/1000%2) }, 0.02, 140},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := simulate(5000, c.faster, c.network, nil)
			last := h.delays[len(h.delays)-1]
			if got := h.share(playConceal, playSilence); got > c.concealed+0.001 || last > c.delay {
				t.Errorf("%.4f were concealed, delay %.0f ms; %v", got, last, h.kinds)
			}
			if !slices.IsSorted(h.played) {
				t.Error("frames were played out of order")
			}
			if name == "each tenth is lost" && h.kinds[playRepaired] < 480 {
				t.Errorf("%d of 500 were repaired", h.kinds[playRepaired])
			}
		})
	}
}

// A network that stood still sends everything at once: the delay must come down again.
func TestJitterBuffer_stall(t *testing.T) {
	t.Parallel()
	h := simulate(1500, 0, func(n int) float64 {
		if n >= 200 && n < 240 {
			return float64(240-n)*20 + 10
		}
		return 10
	}, nil)
	if last := h.delays[len(h.delays)-1]; last > 120 {
		t.Errorf("delay %.0f ms at the end", last)
	}
	if soon := h.delays[slices.Index(h.played, 300)]; soon > 200 {
		t.Errorf("delay %.0f ms a second later", soon)
	}
	if got := h.kinds[playConceal] + h.kinds[playSilence]; got > 60 {
		t.Errorf("%d frames were concealed of the 40 that came late", got)
	}
}

// A speaker that stood still does not play from then on what is long past.
func TestJitterBuffer_speaker(t *testing.T) {
	t.Parallel()
	b := jitterBuffer{step: opusStep}
	for i := range uint32(100) {
		b.push(uint16(i), i*opusStep, []byte{1})
		if i < 20 || i >= 60 {
			b.pop(false)
		}
	}
	if got := b.newest - b.at; got > leadFar {
		t.Errorf("%d frames wait", got)
	}
}

// What a sender leaves out during silence is not lost.
func TestJitterBuffer_silence(t *testing.T) {
	t.Parallel()
	h := simulate(2000, 0, steady(10), func(n int) bool { return n%100 >= 50 && n%20 != 0 })
	if h.kinds[playRepaired] > 0 {
		t.Errorf("%d frames of silence were repaired", h.kinds[playRepaired])
	}
	if last := h.delays[len(h.delays)-1]; last > 70 {
		t.Errorf("delay %.0f ms at the end", last)
	}
}

// A sender that starts anew is heard again, after a long silence the buffer says so.
func TestJitterBuffer_anew(t *testing.T) {
	t.Parallel()
	b := jitterBuffer{step: pcmuStep}
	if got := b.pop(true).kind; got != playSilence {
		t.Errorf("before the first packet: %d", got)
	}
	for range 2 {
		stamp := rand.Uint32()
		for i := range uint32(10) {
			b.push(uint16(i), stamp+i*pcmuStep, []byte{byte(i)})
		}
		got := 0
		for range 100 {
			if b.pop(true).kind == playPacket {
				got++
			}
		}
		if got != 10 {
			t.Errorf("%d of 10 packets were played", got)
		}
		if kind := b.pop(true).kind; kind != playSilence {
			t.Errorf("after two seconds without a packet: %d", kind)
		}
	}
}

func FuzzJitterBuffer(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x03\xc0\x02\x00\x02\x00\x00\x07\x80\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := jitterBuffer{step: opusStep}
		for ; len(data) >= 7; data = data[7:] {
			b.push(binary.BigEndian.Uint16(data), binary.BigEndian.Uint32(data[2:]), data[:1+int(data[6])%7])
			for range data[6] % 5 {
				p := b.pop(data[6]&8 != 0)
				if (len(p.packet) > 0) != (p.kind == playPacket || p.kind == playMerged || p.kind == playRepaired) {
					t.Fatalf("%+v", p)
				}
			}
			if d := b.newest - b.at; d > 2*jitterSlots {
				t.Fatalf("%d frames wait", d)
			}
		}
	})
}
