// Package libopus encodes Opus with the system's library, which is loaded when it is first needed: nothing of it is needed to
// build, and a machine without it can do everything else.
package libopus

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/ebitengine/purego"

	"github.com/parley-chat/parley/internal/audio"
)

const (
	rate         = 48000
	frame        = rate / 50
	lookahead    = 312 // of the library's encoder at this rate, since its first version
	voip         = 2048
	setBitrate   = 4002
	setSignal    = 4024
	signalVoice  = 3001
	voiceBitrate = 32000
	packetMost   = 1500
)

// library are the functions of libopus.
type library struct {
	create  func(rate int32, channels, application int32, code *int32) uintptr
	destroy func(encoder uintptr)
	encode  func(encoder uintptr, samples *float32, frame int32, out *byte, most int32) int32
	ctl     func(encoder uintptr, request, value int32) int32
}

var load = sync.OnceValues(func() (lib *library, err error) {
	handle, err := open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audio.ErrNoEncoder, err)
	}
	defer func() {
		if r := recover(); r != nil { // it is some other library
			lib, err = nil, fmt.Errorf("%w: %v", audio.ErrNoEncoder, r)
		}
	}()
	lib = &library{}
	purego.RegisterLibFunc(&lib.create, handle, "opus_encoder_create")
	purego.RegisterLibFunc(&lib.destroy, handle, "opus_encoder_destroy")
	purego.RegisterLibFunc(&lib.encode, handle, "opus_encode_float")
	purego.RegisterLibFunc(&lib.ctl, handle, "opus_encoder_ctl")
	return lib, nil
})

// Encoder makes packets of 20 ms of speech: one channel, 48,000 samples a second. It is used from one goroutine at a time.
type Encoder struct {
	lib    *library
	ptr    uintptr
	packet [packetMost]byte
}

// New makes an encoder. Close has to be called. Without the library the error wraps audio.ErrNoEncoder.
func New() (*Encoder, error) {
	lib, err := load()
	if err != nil {
		return nil, err
	}
	code := int32(0)
	e := &Encoder{lib: lib, ptr: lib.create(rate, 1, voip, &code)}
	if code != 0 || e.ptr == 0 {
		return nil, fmt.Errorf("make Opus encoder: code %d", code)
	}
	if runtime.GOOS == "darwin" && runtime.GOARCH == "arm64" {
		return e, nil // functions with a variable number of arguments cannot be called there; the defaults are good
	}
	for _, set := range [][2]int32{{setBitrate, voiceBitrate}, {setSignal, signalVoice}} {
		if code := lib.ctl(e.ptr, set[0], set[1]); code != 0 {
			e.Close()
			return nil, fmt.Errorf("set up Opus encoder: code %d", code)
		}
	}
	return e, nil
}

// Encode gives the packet of 960 samples, good until the next call.
func (e *Encoder) Encode(samples []float32) ([]byte, error) {
	if len(samples) != frame || e.ptr == 0 {
		return nil, fmt.Errorf("encode Opus: %d samples", len(samples))
	}
	n := e.lib.encode(e.ptr, &samples[0], frame, &e.packet[0], packetMost)
	runtime.KeepAlive(samples)
	if n < 0 {
		return nil, fmt.Errorf("encode Opus: code %d", n)
	}
	return e.packet[:n], nil
}

// Lookahead is by how many samples what is decoded comes late.
func (*Encoder) Lookahead() int { return lookahead }

// Close frees the encoder.
func (e *Encoder) Close() {
	if e.ptr != 0 {
		e.lib.destroy(e.ptr)
		e.ptr = 0
	}
}
