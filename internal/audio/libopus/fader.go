package libopus

import (
	"fmt"
	"slices"

	"github.com/pion/opus"

	"github.com/parley-chat/parley/mesibo/call"
)

// silentMost is the size of packets that stand for silence: what libopus sends during silence.
const silentMost = 2

// fader decodes without the library, which can conceal nothing: a lost packet is the last one played backwards, so that
// it goes on where the sound stopped, until it has faded.
type fader struct {
	dec     opus.Decoder
	samples [decodedMost]float32
	last    [frame]float32
	closed  bool
}

func newFader() (call.AudioDecoder, error) {
	f := &fader{dec: opus.NewDecoder()}
	if err := f.dec.Init(rate, 1); err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoCodec, err)
	}
	return f, nil
}

// Decode implements call.AudioDecoder.
func (f *fader) Decode(packet []byte) ([]float32, error) {
	if f.closed {
		return nil, fmt.Errorf("decode Opus: %w", errClosed)
	}
	if n := len(packet); n > 0 && n <= silentMost {
		return f.fade(), nil
	}
	n, err := f.dec.DecodeToFloat32(packet, f.samples[:])
	if err != nil {
		return nil, fmt.Errorf("decode Opus: %w", err)
	}
	samples, err := whole(f.samples[:n])
	copy(f.last[:], samples)
	return samples, err
}

// DecodeLost implements call.AudioDecoder.
func (f *fader) DecodeLost([]byte) ([]float32, error) {
	if f.closed {
		return nil, fmt.Errorf("decode Opus: %w", errClosed)
	}
	return f.fade(), nil
}

func (f *fader) fade() []float32 {
	samples := f.samples[:frame]
	copy(samples, f.last[:])
	slices.Reverse(samples)
	for i := range samples {
		samples[i] *= 1 - float32(i)/frame
	}
	clear(f.last[:])
	return samples
}

// Close implements call.AudioDecoder.
func (f *fader) Close() { f.closed = true }
