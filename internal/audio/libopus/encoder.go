package libopus

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/mesibo/call"
)

// The numbers of the library.
const (
	voip          = 2048
	setBitrate    = 4002
	setComplexity = 4010
	setFEC        = 4012
	setLoss       = 4014
	setDTX        = 4016
	setSignal     = 4024
	signalVoice   = 3001
)

const (
	frame        = call.FrameSize
	lookahead    = 312 // of the library's encoder at this rate, since its first version
	voiceBitrate = 32000
	packetMost   = 1500

	callComplexity = 5  // of 10; a quarter of the processor time, and nobody hears the difference
	callLoss       = 10 // percent, until the first report: below it the library repeats little of what was lost
)

// Encoder encodes speech into packets of 20 ms: one channel, 48,000 samples a second. It is not safe for concurrent
// use.
type Encoder struct {
	lib    *functions
	ptr    unsafe.Pointer
	packet [packetMost]byte
}

// setting is a number of the library and its value.
type setting struct {
	request int32
	value   int
}

// New returns an encoder for voice messages, which must be closed. Without the library the error wraps
// audio.ErrNoEncoder.
func New() (*Encoder, error) {
	lib, err := load()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audio.ErrNoEncoder, err)
	}
	return newEncoder(lib, setting{setBitrate, voiceBitrate}, setting{setSignal, signalVoice})
}

// NewForCall returns an encoder for calls with a bitrate in bit/s, which must be closed. It repeats speech in the
// packet after (FEC), and its packets have at most two bytes during silence: they need not be sent. The errors
// wrap call.ErrNoCodec.
func NewForCall(bitrate int) (call.AudioEncoder, error) {
	lib, err := load()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoCodec, err)
	}
	e, err := newEncoder(lib, setting{setBitrate, bitrate}, setting{setSignal, signalVoice},
		setting{setComplexity, callComplexity}, setting{setFEC, 1}, setting{setLoss, callLoss}, setting{setDTX, 1})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoCodec, err)
	}
	return e, nil
}

func newEncoder(lib *functions, settings ...setting) (*Encoder, error) {
	code := int32(0)
	e := &Encoder{lib: lib, ptr: lib.createEncoder(rate, 1, voip, &code)}
	if code != 0 || e.ptr == nil {
		return nil, fmt.Errorf("make Opus encoder: code %d", code)
	}
	for _, s := range settings {
		if err := e.set(s.request, s.value); err != nil {
			e.Close()
			return nil, err
		}
	}
	return e, nil
}

func (e *Encoder) set(request int32, value int) error {
	if e.ptr == nil {
		return fmt.Errorf("set up Opus encoder: it is closed")
	}
	if code := e.lib.setEncoder(e.ptr, request, value); code != 0 {
		return fmt.Errorf("set up Opus encoder: code %d for %d = %d", code, request, value)
	}
	return nil
}

// Encode returns the packet for 960 samples. It is valid until the next call.
func (e *Encoder) Encode(samples []float32) ([]byte, error) {
	if len(samples) != frame || e.ptr == nil {
		return nil, fmt.Errorf("encode Opus: %d samples", len(samples))
	}
	n := e.lib.encode(e.ptr, &samples[0], frame, &e.packet[0], packetMost)
	runtime.KeepAlive(samples)
	if n < 0 {
		return nil, fmt.Errorf("encode Opus: code %d", n)
	}
	return e.packet[:n], nil
}

// SetBitrate implements call.AudioEncoder.
func (e *Encoder) SetBitrate(bitrate int) error { return e.set(setBitrate, bitrate) }

// SetLoss implements call.AudioEncoder.
func (e *Encoder) SetLoss(percent int) error { return e.set(setLoss, percent) }

// Lookahead is the delay of the decoded sound in samples.
func (*Encoder) Lookahead() int { return lookahead }

// Close frees the encoder.
func (e *Encoder) Close() {
	if e.ptr != nil {
		e.lib.destroyEncoder(e.ptr)
		e.ptr = nil
	}
}
