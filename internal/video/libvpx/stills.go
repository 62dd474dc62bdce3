package libvpx

import (
	"bytes"
	"fmt"
	"image"

	"golang.org/x/image/vp8"

	"github.com/parley-chat/parley/mesibo/call"
)

// staleMost is how many frames pass until the next key frame is asked for: about a second.
const staleMost = 30

// stills implements call.VideoDecoder without the library: it decodes key frames only.
type stills struct {
	dec    *vp8.Decoder
	size   image.Point
	stale  int // frames since the last key frame
	broken bool
}

var _ call.VideoDecoder = (*stills)(nil)

func newStills() *stills { return &stills{dec: vp8.NewDecoder(), broken: true} }

// Decode implements call.VideoDecoder.
func (s *stills) Decode(data []byte) (*image.YCbCr, error) {
	if s.dec == nil {
		return nil, errClosed
	}
	size, err := checked(data, s.size, s.broken)
	if err != nil {
		s.broken = true
		return nil, err
	}
	s.size = size
	if key, _ := header(data); !key {
		s.stale++
		if s.broken = s.stale > staleMost; s.broken {
			return nil, errNeedsKey
		}
		return nil, nil //nolint:nilnil // the frame before stays
	}
	frame, err := s.decode(data)
	s.stale, s.broken = 0, err != nil
	return frame, err
}

func (s *stills) decode(data []byte) (*image.YCbCr, error) {
	s.dec.Init(bytes.NewReader(data), len(data))
	if _, err := s.dec.DecodeFrameHeader(); err != nil {
		return nil, fmt.Errorf("decode VP8: %w", err)
	}
	frame, err := s.dec.DecodeFrame()
	if err != nil {
		return nil, fmt.Errorf("decode VP8: %w", err)
	}
	return frame, nil
}

// Close implements call.VideoDecoder.
func (s *stills) Close() { s.dec = nil }
