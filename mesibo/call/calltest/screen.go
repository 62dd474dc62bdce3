package calltest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"sync"
)

const similar = 20 // of 255, by which a colour may differ after compression

// Screen is a call.VideoSink that looks at what a Camera sees. It is safe for concurrent use.
type Screen struct {
	mu   sync.Mutex
	seen Seen
	more chan struct{}
}

// Seen is what a Screen has seen.
type Seen struct {
	Frames int         // how many
	Size   image.Point // of the last, in pixels
	Colour color.YCbCr // in its middle
	Number int         // by which its camera has numbered it, the lowest 16 bits
}

// NewScreen returns a screen.
func NewScreen() *Screen { return &Screen{more: make(chan struct{})} }

// Show implements call.VideoSink.
func (s *Screen) Show(frame *image.YCbCr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = Seen{
		Frames: s.seen.Frames + 1, Size: frame.Rect.Size(), Colour: middle(frame, columns/2, rows/2), Number: number(frame),
	}
	close(s.more)
	s.more = make(chan struct{})
}

// middle returns the colour in the middle of a block.
func middle(frame *image.YCbCr, column, row int) color.YCbCr {
	r := block(frame.Rect.Size(), column, row).Add(frame.Rect.Min)
	at := r.Min.Add(r.Max).Div(2)
	return frame.YCbCrAt(at.X, at.Y)
}

func number(frame *image.YCbCr) int {
	n := 0
	for bit := range columns {
		if middle(frame, bit, rows-1).Y >= neutral {
			n |= 1 << bit
		}
	}
	return n
}

// Seen returns what was seen until now.
func (s *Screen) Seen() Seen {
	seen, _ := s.last()
	return seen
}

func (s *Screen) last() (seen Seen, more <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen, s.more
}

// See waits for a frame with a colour. The error says what is seen instead, and wraps that of ctx.
func (s *Screen) See(ctx context.Context, c color.Color) error {
	want := yuv(c)
	return s.await(ctx, fmt.Sprintf("the colour %v", want), func(seen Seen) bool {
		return seen.Frames > 0 && near(seen.Colour.Y, want.Y) && near(seen.Colour.Cb, want.Cb) &&
			near(seen.Colour.Cr, want.Cr)
	})
}

// Await waits for n more frames. The error says what was seen, and wraps that of ctx.
func (s *Screen) Await(ctx context.Context, n int) error {
	n += s.Seen().Frames
	return s.await(ctx, fmt.Sprintf("%d frames", n), func(seen Seen) bool { return seen.Frames >= n })
}

func (s *Screen) await(ctx context.Context, what string, enough func(Seen) bool) error {
	for {
		seen, more := s.last()
		if enough(seen) {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("not seen: %s, but %+v: %w", what, seen, context.Cause(ctx))
		}
	}
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) <= similar }
