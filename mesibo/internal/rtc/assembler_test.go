package rtc

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

// packets returns those of frames of some packets each, of which each tenth is a key frame.
func packets(frames, each int) []*rtp.Packet {
	var all []*rtp.Packet
	payloader, seq := codecs.VP8Payloader{EnablePictureID: true}, uint16(65_000)
	for n := range frames {
		data := make([]byte, each*1000)
		binary.BigEndian.PutUint32(data[10:], uint32(n))
		if data[0] = 1; n%10 == 0 {
			copy(data, []byte{0, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0})
		}
		payloads := payloader.Payload(1004, data)
		for i, payload := range payloads {
			seq++
			all = append(all, &rtp.Packet{Header: rtp.Header{
				SequenceNumber: seq, Timestamp: uint32(n) * 3000, Marker: i == len(payloads)-1,
			}, Payload: payload})
		}
	}
	return all
}

// assembled is a frame that came out.
type assembled struct {
	n        int
	key, gap bool
}

func assemble(t *testing.T, a *assembler, now time.Time, in ...*rtp.Packet) (out []assembled) {
	t.Helper()
	for _, p := range in {
		a.push(p)
		for f, ok := a.pop(now); ok; f, ok = a.pop(now) {
			out = append(out, assembled{int(binary.BigEndian.Uint32(f.data[10:])), f.key, f.gap})
			if w, h, key := keyFrameSize(f.data); key != f.key || key && (w != 64 || h != 48) || len(f.data)%1000 != 0 {
				t.Fatalf("frame %d has %d bytes, key %v %dx%d", out[len(out)-1].n, len(f.data), key, w, h)
			}
		}
	}
	return out
}

func TestAssembler(t *testing.T) {
	t.Parallel()
	const each = 3
	now := time.Unix(1000, 0)
	all := packets(40, each)
	whole := func(got []assembled, n int) {
		t.Helper()
		if len(got) != n || got[0].n != 0 || got[n-1].n != n-1 || got[n-1].gap {
			t.Errorf("%d frames of %d: %+v", len(got), n, got)
		}
	}
	a := &assembler{}
	whole(assemble(t, a, now, all...), 40)
	// Packets in another order; a key frame that is complete overtakes what is before it.
	a, mixed := &assembler{}, append([]*rtp.Packet(nil), all...)
	for i := each; i < len(mixed)-7; i += 7 {
		rand.Shuffle(7, func(j, k int) { mixed[i+j], mixed[i+k] = mixed[i+k], mixed[i+j] })
	}
	got := assemble(t, a, now, mixed...)
	if len(got) < 30 {
		t.Errorf("%d frames of 40", len(got))
	}
	// A lost packet that comes later, and twice.
	a = &assembler{}
	late := append(append(append([]*rtp.Packet{}, all[:each*3+1]...), all[each*3+2:each*9]...), all[each*3+1],
		all[each*3+1])
	whole(assemble(t, a, now, late...), 9)
	// A lost packet that does not come: the rest of its frame is left out, and after a time what follows is there.
	a = &assembler{}
	if got := assemble(t, a, now, append(all[:each*3+1:each*3+1], all[each*3+2:each*9]...)...); len(got) != 3 {
		t.Errorf("%d frames before the gap", len(got))
	}
	got = assemble(t, a, now.Add(assemblerWait), all[each*9])
	if len(got) != 5 || got[0] != (assembled{4, false, true}) || got[1].gap {
		t.Errorf("after the gap: %+v", got)
	}
	// A key frame ends the waiting.
	a = &assembler{}
	got = assemble(t, a, now, append(all[:each*3+1:each*3+1], all[each*3+2:each*12]...)...)
	if len(got) != 5 || got[3] != (assembled{10, true, true}) || got[4].gap {
		t.Errorf("with a key frame: %+v", got)
	}
}

// Padding, with which Chromium finds out how much the network carries, leaves no gap.
func TestAssembler_padding(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	var padded []*rtp.Packet
	for _, p := range packets(40, 3) {
		p.SequenceNumber += uint16(len(padded) / 4 * 3) // three before each packet
		for range 3 {
			padded = append(padded, &rtp.Packet{Header: rtp.Header{
				SequenceNumber: p.SequenceNumber, Timestamp: p.Timestamp, Padding: true, PaddingSize: 255,
			}})
			p.SequenceNumber++
		}
		padded = append(padded, p)
	}
	got := assemble(t, &assembler{}, now, padded...)
	if len(got) != 40 {
		t.Fatalf("%d frames of 40", len(got))
	}
	for i, f := range got {
		if f.n != i || f.gap {
			t.Errorf("frame %d: %+v", i, f)
		}
	}
}

// A sender that starts anew with other numbers is seen again.
func TestAssembler_anew(t *testing.T) {
	t.Parallel()
	for _, jump := range []uint16{2000, 30_000, 40_000, 65_000} {
		a, all := &assembler{}, packets(200, 1)
		now := time.Unix(1000, 0)
		assemble(t, a, now, all[:50]...)
		for _, p := range all[50:] {
			p.SequenceNumber += jump
		}
		if got := assemble(t, a, now, all[50:]...); len(got) < 45 || !got[0].gap {
			t.Errorf("after a jump by %d: %d frames", jump, len(got))
		}
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0x11, 0x10, 0, 2, 1, 0x81, 0x00})
	f.Add(bytes.Repeat([]byte{255, 255, 3, 0x10, 0x02}, 50))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, now := &assembler{}, time.Unix(0, 0)
		for ; len(data) >= 5; data = data[5:] {
			a.push(&rtp.Packet{Header: rtp.Header{
				SequenceNumber: binary.BigEndian.Uint16(data), Timestamp: uint32(data[2] >> 1), Marker: data[2]&1 != 0,
			}, Payload: data[3:min(len(data), 3+int(data[4])%9)]})
			now = now.Add(time.Duration(data[4]) * time.Millisecond)
			for frame, ok := a.pop(now); ok; frame, ok = a.pop(now) {
				if len(frame.data) == 0 {
					t.Fatal("an empty frame")
				}
			}
		}
	})
}
