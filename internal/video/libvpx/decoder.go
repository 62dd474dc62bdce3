package libvpx

import (
	"errors"
	"fmt"
	"image"
	"runtime"
	"unsafe"

	"github.com/parley-chat/parley/mesibo/call"
)

const getCorrupted = 257

var (
	errNeedsKey = errors.New("decode VP8: it needs a key frame")
	errClosed   = errors.New("decode VP8: the decoder is closed")
	errDamaged  = errors.New("decode VP8: the frame is damaged")
)

// decoder implements call.VideoDecoder.
type decoder struct {
	lib       *functions
	codec     unsafe.Pointer
	corrupted *int32 // in memory of C
	size      image.Point
	iterator  uintptr
	frame     *image.YCbCr
	started   bool
	broken    bool // until a key frame
}

// NewDecoder returns a decoder, which must be closed. Without the library, or with one that is too new, it shows key
// frames only, and asks for one by an error from time to time. There is always one of both: the error is nil.
func NewDecoder() (call.VideoDecoder, error) {
	lib, err := load()
	if err != nil {
		return newStills(), nil //nolint:nilerr // it is the fallback
	}
	d := &decoder{lib: lib, broken: true}
	if err := d.start(); err != nil {
		d.Close()
		return newStills(), nil //nolint:nilerr // it is the fallback
	}
	return d, nil
}

func (d *decoder) start() error {
	d.codec, d.corrupted = d.lib.calloc(1, codecSize), (*int32)(d.lib.calloc(1, unsafe.Sizeof(*d.corrupted)))
	if d.codec == nil || d.corrupted == nil {
		return errors.New("out of memory")
	}
	iface := d.lib.decoder()
	if err := initialize(func(abi int32) int32 {
		return d.lib.initDecoder(d.codec, iface, nil, 0, abi)
	}); err != nil {
		return err
	}
	d.started = true
	return nil
}

// Decode implements call.VideoDecoder.
func (d *decoder) Decode(data []byte) (*image.YCbCr, error) {
	if !d.started {
		return nil, errClosed
	}
	size, err := checked(data, d.size, d.broken)
	if err != nil {
		d.broken = true
		return nil, err
	}
	d.size = size
	p, err := d.decode(data)
	d.broken = err != nil
	if p == nil {
		return nil, err
	}
	if d.frame == nil || d.frame.Rect.Max != size {
		d.frame = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		d.lib.release() // the frames of the size before
	}
	p.take(d.frame)
	return d.frame, nil
}

// checked returns the size of a frame, which must be a key frame when key is set. Another one has the size of the last.
func checked(data []byte, last image.Point, key bool) (image.Point, error) {
	switch is, size := header(data); {
	case is && !allowed(size):
		return image.Point{}, fmt.Errorf("decode VP8: a frame of %v", size)
	case is:
		return size, nil
	case len(data) == 0 || data[0]&1 == 0:
		return image.Point{}, errDamaged
	case key:
		return image.Point{}, errNeedsKey
	}
	return last, nil
}

// decode returns the picture of a frame, which the library may not have.
func (d *decoder) decode(data []byte) (*picture, error) {
	code := d.lib.decode(d.codec, &data[0], uint32(len(data)), nil, 0)
	runtime.KeepAlive(data)
	if code != 0 {
		return nil, fmt.Errorf("decode VP8: code %d", code)
	}
	if code := d.lib.control(d.codec, getCorrupted, int(uintptr(unsafe.Pointer(d.corrupted)))); code != 0 {
		return nil, fmt.Errorf("decode VP8: code %d", code)
	}
	if *d.corrupted != 0 {
		return nil, errDamaged
	}
	d.iterator = 0
	p := d.lib.decoded(d.codec, &d.iterator)
	if p != nil && !p.fits(d.size) {
		return nil, errLayout
	}
	return p, nil
}

// Close implements call.VideoDecoder.
func (d *decoder) Close() {
	if d.started {
		d.lib.destroy(d.codec)
	}
	d.lib.free(d.codec)
	d.lib.free(unsafe.Pointer(d.corrupted))
	d.codec, d.corrupted, d.started = nil, nil, false
	d.lib.release()
}
