package libvpx

import (
	"errors"
	"fmt"
	"image"
	"unsafe"

	"github.com/parley-chat/parley/mesibo/call"
)

const (
	setSpeed     = 13
	speed        = -8 // of -16, the fastest, to 0
	setStatic    = 17
	setKeyMost   = 26
	keyMost      = 300 // percent of a frame: more packets than a receiver can ask for again would never arrive
	forceKey     = 1
	realtime     = 1
	frameKind    = 0
	pictureAlign = 16
)

// packet is the part of the library's vpx_codec_cx_pkt that we use.
type packet struct {
	kind int32
	_    int32
	data *byte
	size uintptr
}

// encoder implements call.VideoEncoder.
type encoder struct {
	lib      *functions
	codec    unsafe.Pointer
	config   *config
	picture  *picture
	size     image.Point
	frames   int64
	iterator uintptr
	data     []byte
	started  bool
}

// NewEncoder returns an encoder, which must be closed. The errors wrap call.ErrNoCodec.
func NewEncoder(o call.VideoEncoderOptions) (call.VideoEncoder, error) {
	lib, err := load()
	if err != nil {
		return nil, err
	}
	e, err := newEncoder(lib, o)
	if err != nil {
		return nil, fmt.Errorf("%w: make VP8 encoder: %w", call.ErrNoCodec, err)
	}
	return e, nil
}

func newEncoder(lib *functions, o call.VideoEncoderOptions) (*encoder, error) {
	size := image.Pt(o.Width, o.Height)
	if min(o.Width, o.Height, o.FPS, o.Bitrate) <= 0 || (o.Width|o.Height)&1 != 0 || !allowed(size) {
		return nil, fmt.Errorf("%dx%d, %d frames a second, %d bit/s", o.Width, o.Height, o.FPS, o.Bitrate)
	}
	e := &encoder{lib: lib, size: size}
	if err := e.start(o); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// allowed reports whether frames may have this size.
func allowed(size image.Point) bool {
	return size.X > 0 && size.Y > 0 && max(size.X, size.Y) <= sideMost && size.X*size.Y <= pixelsMost
}

func (e *encoder) start(o call.VideoEncoderOptions) error {
	e.codec, e.config = e.lib.calloc(1, codecSize), (*config)(e.lib.calloc(1, configSize))
	if e.codec == nil || e.config == nil {
		return errors.New("out of memory")
	}
	iface := e.lib.encoder()
	if code := e.lib.defaults(iface, e.config, 0); code != 0 {
		return fmt.Errorf("code %d", code)
	}
	if err := e.config.set(o); err != nil {
		return err
	}
	if err := initialize(func(abi int32) int32 {
		return e.lib.initEncoder(e.codec, iface, e.config, 0, abi)
	}); err != nil {
		return err
	}
	e.started = true
	for request, value := range map[int32]int{setSpeed: speed, setStatic: 1, setKeyMost: keyMost} {
		if code := e.lib.control(e.codec, request, value); code != 0 {
			return fmt.Errorf("code %d for %d = %d", code, request, value)
		}
	}
	e.picture = e.lib.createPicture(nil, format420, uint32(e.size.X), uint32(e.size.Y), pictureAlign)
	if e.picture == nil || !e.picture.fits(e.size) {
		return errLayout
	}
	return nil
}

// Encode implements call.VideoEncoder.
func (e *encoder) Encode(frame *image.YCbCr, key bool) ([]byte, error) {
	switch {
	case !e.started:
		return nil, errors.New("encode VP8: the encoder is closed")
	case frame.Rect.Size() != e.size:
		return nil, fmt.Errorf("encode VP8: a frame of %v instead of %v", frame.Rect.Size(), e.size)
	case frame.SubsampleRatio != image.YCbCrSubsampleRatio420:
		return nil, fmt.Errorf("encode VP8: a frame in %v", frame.SubsampleRatio)
	}
	e.picture.put(frame)
	flags := 0
	if key {
		flags = forceKey
	}
	if code := e.lib.encode(e.codec, e.picture, e.frames, 1, flags, realtime); code != 0 {
		return nil, fmt.Errorf("encode VP8: code %d", code)
	}
	e.frames++
	e.data, e.iterator = e.data[:0], 0
	for p := e.lib.encoded(e.codec, &e.iterator); p != nil; p = e.lib.encoded(e.codec, &e.iterator) {
		if p.kind == frameKind {
			e.data = append(e.data, unsafe.Slice(p.data, p.size)...)
		}
	}
	return e.data, nil
}

// SetBitrate implements call.VideoEncoder.
func (e *encoder) SetBitrate(bitrate int) error {
	if !e.started || bitrate <= 0 {
		return fmt.Errorf("encode VP8: %d bit/s, or the encoder is closed", bitrate)
	}
	e.config.bitrate = kilobits(bitrate)
	if code := e.lib.configure(e.codec, e.config); code != 0 {
		return fmt.Errorf("encode VP8: code %d for %d bit/s", code, bitrate)
	}
	return nil
}

// Close implements call.VideoEncoder.
func (e *encoder) Close() {
	if e.started {
		e.lib.destroy(e.codec)
	}
	if e.picture != nil {
		e.lib.freePicture(e.picture)
	}
	e.lib.free(e.codec)
	e.lib.free(unsafe.Pointer(e.config))
	e.codec, e.config, e.picture, e.started = nil, nil, nil, false
	e.lib.release()
}
