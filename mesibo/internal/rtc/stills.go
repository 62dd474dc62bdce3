package rtc

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/vp8"
)

const (
	stalePerKey = 30 // frames without a picture, until the next key frame is asked for: about a second

	// pixelsMost bounds the memory that a key frame can ask for: a little more than 4K.
	pixelsMost = 4096 * 2304
)

var errNeedsKey = errors.New("decode VP8: it needs a key frame")

// stills implements call.VideoDecoder where there is none: it decodes key frames only.
type stills struct {
	decoder *vp8.Decoder
	stale   int
}

func newStills() *stills { return &stills{decoder: vp8.NewDecoder()} }

// Decode implements call.VideoDecoder.
func (s *stills) Decode(data []byte) (*image.YCbCr, error) {
	width, height, key := keyFrameSize(data)
	if !key {
		if s.stale++; s.stale > stalePerKey {
			return nil, errNeedsKey
		}
		return nil, nil //nolint:nilnil // the frame before stays
	}
	s.stale = 0
	if width*height > pixelsMost {
		return nil, fmt.Errorf("decode VP8: a frame of %dx%d", width, height)
	}
	s.decoder.Init(bytes.NewReader(data), len(data))
	if _, err := s.decoder.DecodeFrameHeader(); err != nil {
		return nil, fmt.Errorf("decode VP8: %w", err)
	}
	frame, err := s.decoder.DecodeFrame()
	if err != nil {
		return nil, fmt.Errorf("decode VP8: %w", err)
	}
	return frame, nil
}

// Close implements call.VideoDecoder.
func (*stills) Close() {}
