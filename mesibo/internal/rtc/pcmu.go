package rtc

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/parley-chat/parley/mesibo/call"
)

// PCMU has 8,000 samples a second, of a byte each.
const (
	pcmuTimes = 6 // as many samples has our sound
	pcmuFrame = call.FrameSize / pcmuTimes

	pcmuBias = 0x84
	pcmuClip = 32635
)

// lowpass passes what PCMU can carry, up to 3.4 kHz: a sinc under a Hann window. The sum of its taps is 1.
var lowpass = func() (taps [16 * pcmuTimes]float32) {
	const cut = 3400.0 / call.SampleRate
	sum := 0.0
	h := make([]float64, len(taps))
	for i := range h {
		x := float64(i) - float64(len(h)-1)/2
		h[i] = math.Sin(2*math.Pi*cut*x) / (math.Pi * x) * (0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(h))))
		sum += h[i]
	}
	for i := range h {
		taps[i] = float32(h[i] / sum)
	}
	return taps
}()

// pcmuEncoder implements call.AudioEncoder.
type pcmuEncoder struct {
	heard  [len(lowpass) - 1 + call.FrameSize]float32 // with the end of the frame before
	packet [pcmuFrame]byte
}

// Encode implements call.AudioEncoder.
func (e *pcmuEncoder) Encode(samples []float32) ([]byte, error) {
	if len(samples) != call.FrameSize {
		return nil, fmt.Errorf("encode PCMU: %d samples", len(samples))
	}
	copy(e.heard[:], e.heard[call.FrameSize:])
	copy(e.heard[len(lowpass)-1:], samples)
	for i := range e.packet {
		sum := float32(0)
		for j, v := range e.heard[i*pcmuTimes:][:len(lowpass)] {
			sum += v * lowpass[j]
		}
		e.packet[i] = muLaw(int(max(-1, min(1, sum)) * math.MaxInt16))
	}
	return e.packet[:], nil
}

// SetBitrate implements call.AudioEncoder: there is only one.
func (*pcmuEncoder) SetBitrate(int) error { return nil }

// SetLoss implements call.AudioEncoder: it makes no difference.
func (*pcmuEncoder) SetLoss(int) error { return nil }

// Close implements call.AudioEncoder.
func (*pcmuEncoder) Close() {}

// pcmuDecoder implements call.AudioDecoder.
type pcmuDecoder struct {
	heard   [len(lowpass)/pcmuTimes - 1 + pcmuFrame]float32 // with the end of the frame before
	samples [call.FrameSize]float32
	lost    bool
}

// Decode implements call.AudioDecoder.
func (d *pcmuDecoder) Decode(packet []byte) ([]float32, error) {
	if len(packet) != pcmuFrame {
		return nil, fmt.Errorf("decode PCMU: %d bytes", len(packet))
	}
	d.lost = false
	d.advance()
	for i, v := range packet {
		d.frame()[i] = float32(linear(v)) / (math.MaxInt16 + 1)
	}
	return d.resample(), nil
}

// DecodeLost implements call.AudioDecoder: what was heard last is repeated backwards, so that it goes on where the
// sound stopped, and fades.
func (d *pcmuDecoder) DecodeLost([]byte) ([]float32, error) {
	var last [pcmuFrame]float32
	copy(last[:], d.frame())
	d.advance()
	for i := range last {
		d.frame()[i] = 0
		if !d.lost {
			d.frame()[i] = last[pcmuFrame-1-i] * float32(pcmuFrame-1-i) / pcmuFrame
		}
	}
	d.lost = true
	return d.resample(), nil
}

func (d *pcmuDecoder) frame() []float32 { return d.heard[len(d.heard)-pcmuFrame:] }

func (d *pcmuDecoder) advance() { copy(d.heard[:], d.heard[pcmuFrame:]) }

func (d *pcmuDecoder) resample() []float32 {
	for i := range d.samples {
		sum := float32(0)
		for j, v := range d.heard[i/pcmuTimes:][:len(lowpass)/pcmuTimes] {
			sum += v * lowpass[len(lowpass)-1-(i%pcmuTimes+(len(lowpass)/pcmuTimes-1-j)*pcmuTimes)]
		}
		d.samples[i] = sum * pcmuTimes
	}
	return d.samples[:]
}

// Close implements call.AudioDecoder.
func (*pcmuDecoder) Close() {}

// muLaw compresses a sample of 16 bits as ITU-T G.711 does.
func muLaw(v int) byte {
	sign := 0
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, pcmuClip) + pcmuBias
	exponent := bits.Len(uint(v)) - 8
	return ^byte(sign | exponent<<4 | v>>(exponent+3)&0xf)
}

// linear undoes muLaw.
func linear(b byte) int {
	b = ^b
	v := (int(b&0xf)<<3+pcmuBias)<<(b>>4&7) - pcmuBias
	if b&0x80 != 0 {
		return -v
	}
	return v
}
