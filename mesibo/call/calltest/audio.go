package calltest

import (
	"errors"
	"math"

	"github.com/parley-chat/parley/mesibo/call"
)

// Data of a packet: every sixth sample in 16 bits.
const (
	thinning   = 6
	bytes16    = 2
	packetSize = call.FrameSize / thinning * bytes16
	fullScale  = math.MaxInt16
)

var errPacket = errors.New("decode test sound: a packet has the wrong size")

type audioEncoder struct{ packet [packetSize]byte }

// NewAudioEncoder returns an encoder for tests, of tones up to 4,000 Hz, that need no library. It is to be set as
// Media.AudioEncoder, with NewAudioDecoder on the other side: what is between them takes its packets for Opus. The
// error is nil.
func NewAudioEncoder(int) (call.AudioEncoder, error) { return &audioEncoder{}, nil }

// Encode implements call.AudioEncoder. Silence is one byte.
func (e *audioEncoder) Encode(samples []float32) ([]byte, error) {
	silent := true
	for i := range call.FrameSize / thinning {
		v := int16(fullScale * min(1, max(-1, samples[i*thinning])))
		silent = silent && v == 0
		e.packet[i*bytes16], e.packet[i*bytes16+1] = byte(v>>8), byte(v)
	}
	if silent {
		return e.packet[:1], nil
	}
	return e.packet[:], nil
}

// SetBitrate implements call.AudioEncoder.
func (*audioEncoder) SetBitrate(int) error { return nil }

// SetLoss implements call.AudioEncoder.
func (*audioEncoder) SetLoss(int) error { return nil }

// Close implements call.AudioEncoder.
func (*audioEncoder) Close() {}

type audioDecoder struct {
	samples [call.FrameSize]float32
	last    float32
}

// NewAudioDecoder returns a decoder of what NewAudioEncoder encodes. What is lost is silence. The error is nil.
func NewAudioDecoder() (call.AudioDecoder, error) { return &audioDecoder{}, nil }

// Decode implements call.AudioDecoder.
func (d *audioDecoder) Decode(packet []byte) ([]float32, error) {
	if len(packet) != packetSize {
		return nil, errPacket
	}
	for i := range call.FrameSize / thinning {
		next := float32(int16(packet[i*bytes16])<<8|int16(packet[i*bytes16+1])) / fullScale
		for j := range thinning {
			d.samples[i*thinning+j] = d.last + (next-d.last)*float32(j)/thinning
		}
		d.last = next
	}
	return d.samples[:], nil
}

// DecodeLost implements call.AudioDecoder.
func (d *audioDecoder) DecodeLost([]byte) ([]float32, error) {
	d.last = 0
	clear(d.samples[:])
	return d.samples[:], nil
}

// Close implements call.AudioDecoder.
func (*audioDecoder) Close() {}
