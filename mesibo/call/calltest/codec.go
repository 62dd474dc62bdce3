package calltest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"

	"github.com/parley-chat/parley/mesibo/call"
)

// Data of a frame: a header like that of VP8, in which others see key frames and their size, the frame's number, the
// colour of each block of the grid, and zeros up to the bitrate.
const (
	headerSize = 10
	numberSize = 4
	dataSize   = headerSize + numberSize + columns*rows*3
	keyTimes   = 4 // a key frame is so many times as large
)

var errBroken = errors.New("decode test video: a frame is missing or damaged")

type videoEncoder struct {
	o      call.VideoEncoderOptions
	number uint32
	data   []byte
}

// NewVideoEncoder returns an encoder for tests: frames keep the colours of 16 by 12 blocks, and are as large as the
// bitrate wants. It is to be set as Media.VideoEncoder, with NewVideoDecoder on the other side. The error is nil.
func NewVideoEncoder(o call.VideoEncoderOptions) (call.VideoEncoder, error) {
	return &videoEncoder{o: o}, nil
}

// Encode implements call.VideoEncoder.
func (e *videoEncoder) Encode(frame *image.YCbCr, key bool) ([]byte, error) {
	if size := frame.Rect.Size(); size != image.Pt(e.o.Width, e.o.Height) {
		return nil, fmt.Errorf("encode test video: a frame of %v", size)
	}
	size := e.o.Bitrate / 8 / e.o.FPS
	if key = key || e.number == 0; key {
		size *= keyTimes
	}
	if size = max(size, dataSize); cap(e.data) < size {
		e.data = make([]byte, size)
	}
	e.data = e.data[:size]
	header := [headerSize]byte{0: 1}
	if key {
		header = [headerSize]byte{3: 0x9d, 4: 0x01, 5: 0x2a}
		binary.LittleEndian.PutUint16(header[6:], uint16(e.o.Width))
		binary.LittleEndian.PutUint16(header[8:], uint16(e.o.Height))
	}
	e.number++
	data := binary.BigEndian.AppendUint32(append(e.data[:0], header[:]...), e.number)
	for i := range columns * rows {
		c := middle(frame, i%columns, i/columns)
		data = append(data, c.Y, c.Cb, c.Cr)
	}
	return e.data, nil
}

// SetBitrate implements call.VideoEncoder.
func (e *videoEncoder) SetBitrate(bitrate int) error {
	e.o.Bitrate = bitrate
	return nil
}

// Close implements call.VideoEncoder.
func (*videoEncoder) Close() {}

type videoDecoder struct {
	number uint32 // of the last frame; 0: a key frame is needed
	frame  *image.YCbCr
}

// NewVideoDecoder returns a decoder of what NewVideoEncoder encodes. As a real one it needs every frame since the last
// key frame. The error is nil.
func NewVideoDecoder() (call.VideoDecoder, error) { return &videoDecoder{}, nil }

// Decode implements call.VideoDecoder.
func (d *videoDecoder) Decode(data []byte) (*image.YCbCr, error) {
	if len(data) < dataSize {
		d.number = 0
		return nil, errBroken
	}
	number := binary.BigEndian.Uint32(data[headerSize:])
	switch key := data[0]&1 == 0; {
	case key:
		size := image.Pt(int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:])))
		if d.frame == nil || d.frame.Rect.Max != size {
			d.frame = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
		}
	case d.number == 0 || number != d.number+1:
		d.number = 0
		return nil, errBroken
	}
	d.number = number
	for i := range columns * rows {
		c := data[headerSize+numberSize+3*i:]
		fill(d.frame, block(d.frame.Rect.Size(), i%columns, i/columns), color.YCbCr{Y: c[0], Cb: c[1], Cr: c[2]})
	}
	return d.frame, nil
}

// Close implements call.VideoDecoder.
func (*videoDecoder) Close() {}
