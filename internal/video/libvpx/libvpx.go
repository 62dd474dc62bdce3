// Package libvpx encodes and decodes VP8 with the system's library, which is loaded on first use: the build needs none
// of it. On a machine without it nothing is encoded, and only key frames are decoded.
package libvpx

import (
	"errors"
	"fmt"
	"math/bits"
	"sync"
	"unsafe"

	"github.com/parley-chat/parley/internal/library"
	"github.com/parley-chat/parley/mesibo/call"
)

var names = library.Names{
	Unix:    []string{"libvpx.so.9", "libvpx.so.8", "libvpx.so.7", "libvpx.so.6"},
	Darwin:  []string{"libvpx.dylib", "libvpx.9.dylib", "libvpx.8.dylib", "libvpx.7.dylib"},
	Windows: []string{"libvpx-1.dll", "libvpx.dll", "vpx.dll"},
}

// functions are those of the library. What C keeps pointers to lives in memory of C.
type functions struct {
	encoder       func() (iface unsafe.Pointer)
	defaults      func(iface unsafe.Pointer, config *config, usage uint32) int32
	initEncoder   func(codec, iface unsafe.Pointer, config *config, flags int, abi int32) int32
	configure     func(codec unsafe.Pointer, config *config) int32
	encode        func(codec unsafe.Pointer, p *picture, at int64, lasting uint, flags int, deadline uint) int32
	encoded       func(codec unsafe.Pointer, iterator *uintptr) *packet
	decoder       func() (iface unsafe.Pointer)
	initDecoder   func(codec, iface, config unsafe.Pointer, flags int, abi int32) int32
	decode        func(codec unsafe.Pointer, data *byte, size uint32, user unsafe.Pointer, deadline int) int32
	decoded       func(codec unsafe.Pointer, iterator *uintptr) *picture
	control       library.Control
	destroy       func(codec unsafe.Pointer) int32
	createPicture func(in unsafe.Pointer, format int32, width, height, align uint32) *picture
	freePicture   func(p *picture)

	calloc func(count, size uintptr) unsafe.Pointer
	free   func(memory unsafe.Pointer)
	trim   func(keep uintptr) int32 // nil where the C library has none
}

var load = sync.OnceValues(func() (*functions, error) {
	f, err := loadFunctions()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", call.ErrNoCodec, err)
	}
	return f, nil
})

func loadFunctions() (*functions, error) {
	if bits.UintSize != 64 {
		return nil, errors.New("VP8 needs a 64-bit system")
	}
	c, err := library.C()
	if err != nil {
		return nil, err
	}
	f := &functions{}
	if err := c.Register(map[string]any{"calloc": &f.calloc, "free": &f.free}); err != nil {
		return nil, err
	}
	if c.Register(map[string]any{"malloc_trim": &f.trim}) != nil {
		f.trim = nil
	}
	lib, err := library.Load(names, map[string]any{
		"vpx_codec_vp8_cx":             &f.encoder,
		"vpx_codec_enc_config_default": &f.defaults,
		"vpx_codec_enc_init_ver":       &f.initEncoder,
		"vpx_codec_enc_config_set":     &f.configure,
		"vpx_codec_encode":             &f.encode,
		"vpx_codec_get_cx_data":        &f.encoded,
		"vpx_codec_vp8_dx":             &f.decoder,
		"vpx_codec_dec_init_ver":       &f.initDecoder,
		"vpx_codec_decode":             &f.decode,
		"vpx_codec_get_frame":          &f.decoded,
		"vpx_codec_destroy":            &f.destroy,
		"vpx_img_alloc":                &f.createPicture,
		"vpx_img_free":                 &f.freePicture,
	})
	if err != nil {
		return nil, err
	}
	f.control, err = lib.Control("vpx_codec_control_")
	return f, err
}

// release returns memory that was freed to the system. The GNU library keeps it for each thread that frees, and the
// frames of codecs that are made anew in the course of a call came to a hundred megabytes.
func (f *functions) release() {
	if f.trim != nil {
		f.trim(0)
	}
}

const (
	codecSize   = 1024 // bytes, many times what it has in any version
	abiMost     = 64
	abiMismatch = 3
)

// initialize calls start with versions of the library's interface until one fits: layouts are checked by us, in
// what the library returns. (It was 23 for encoders in 1.8, 25 in 1.12, 30 in 1.13; 12 for decoders in all of them.)
func initialize(start func(abi int32) int32) error {
	for abi := int32(abiMost); abi > 0; abi-- {
		switch code := start(abi); code {
		case abiMismatch:
		case 0:
			return nil
		default:
			return fmt.Errorf("code %d", code)
		}
	}
	return errors.New("an unknown version of the library")
}
