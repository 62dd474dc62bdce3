package libopus

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/parley-chat/parley/mesibo/call"
)

const decodedMost = 5760 // samples of a packet, 120 ms

var errClosed = errors.New("the decoder is closed")

// decoder decodes with the library.
type decoder struct {
	lib     *functions
	ptr     unsafe.Pointer
	samples [decodedMost]float32
}

// NewDecoder returns a decoder for calls, which must be closed. Packets must have 20 ms. Without the library lost
// packets fade instead of being concealed. The errors wrap call.ErrNoCodec.
func NewDecoder() (call.AudioDecoder, error) {
	lib, err := load()
	if err != nil {
		return newFader()
	}
	code := int32(0)
	d := &decoder{lib: lib, ptr: lib.createDecoder(rate, 1, &code)}
	if code != 0 || d.ptr == nil {
		return nil, fmt.Errorf("%w: make Opus decoder: code %d", call.ErrNoCodec, code)
	}
	return d, nil
}

// Decode implements call.AudioDecoder.
func (d *decoder) Decode(packet []byte) ([]float32, error) {
	if len(packet) == 0 {
		return nil, errors.New("decode Opus: empty packet")
	}
	return d.decode(packet, decodedMost, 0)
}

// DecodeLost implements call.AudioDecoder.
func (d *decoder) DecodeLost(next []byte) ([]float32, error) {
	if len(next) == 0 {
		return d.decode(nil, frame, 0)
	}
	return d.decode(next, frame, 1)
}

func (d *decoder) decode(packet []byte, most, fec int32) ([]float32, error) {
	if d.ptr == nil {
		return nil, fmt.Errorf("decode Opus: %w", errClosed)
	}
	var data *byte // none conceals a gap
	if len(packet) > 0 {
		data = &packet[0]
	}
	n := d.lib.decode(d.ptr, data, int32(len(packet)), &d.samples[0], most, fec)
	runtime.KeepAlive(packet)
	if n < 0 {
		return nil, fmt.Errorf("decode Opus: code %d", n)
	}
	return whole(d.samples[:n])
}

// whole returns samples that are a frame.
func whole(samples []float32) ([]float32, error) {
	if len(samples) != frame {
		return nil, fmt.Errorf("decode Opus: a packet of %d samples instead of %d", len(samples), frame)
	}
	return samples, nil
}

// Close frees the decoder.
func (d *decoder) Close() {
	if d.ptr != nil {
		d.lib.destroyDecoder(d.ptr)
		d.ptr = nil
	}
}
