// Package libopus encodes and decodes Opus with the system's library, which is loaded on first use: the build needs
// none of it, and a machine without it only lacks voice recording and hears lost packets of a call.
package libopus

import (
	"sync"
	"unsafe"

	"github.com/parley-chat/parley/internal/library"
)

const rate = 48000

var names = library.Names{
	Unix:    []string{"libopus.so.0"},
	Darwin:  []string{"libopus.0.dylib"},
	Windows: []string{"opus.dll", "libopus-0.dll", "libopus.dll"},
}

// functions are those of the library.
type functions struct {
	createEncoder  func(rate, channels, application int32, code *int32) unsafe.Pointer
	destroyEncoder func(encoder unsafe.Pointer)
	encode         func(encoder unsafe.Pointer, samples *float32, frame int32, out *byte, most int32) int32
	setEncoder     library.Control

	createDecoder  func(rate, channels int32, code *int32) unsafe.Pointer
	destroyDecoder func(decoder unsafe.Pointer)
	decode         func(decoder unsafe.Pointer, in *byte, size int32, samples *float32, most, fec int32) int32
}

var load = sync.OnceValues(func() (*functions, error) {
	f := &functions{}
	lib, err := library.Load(names, map[string]any{
		"opus_encoder_create":  &f.createEncoder,
		"opus_encoder_destroy": &f.destroyEncoder,
		"opus_encode_float":    &f.encode,
		"opus_decoder_create":  &f.createDecoder,
		"opus_decoder_destroy": &f.destroyDecoder,
		"opus_decode_float":    &f.decode,
	})
	if err != nil {
		return nil, err
	}
	f.setEncoder, err = lib.Control("opus_encoder_ctl")
	return f, err
})
