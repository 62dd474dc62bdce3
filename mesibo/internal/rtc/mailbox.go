package rtc

import (
	"image"
	"sync"
	"time"
)

// mailbox holds the last frame of a source until the encoder has time for it. The source never waits.
type mailbox struct {
	mu      sync.Mutex
	in, out *image.YCbCr
	at      time.Time
	full    bool
	ready   chan struct{} // has room for one
}

func newMailbox() *mailbox {
	return &mailbox{in: &image.YCbCr{}, out: &image.YCbCr{}, ready: make(chan struct{}, 1)}
}

// put copies a frame. It reports whether frames of its kind can be used.
func (m *mailbox) put(frame *image.YCbCr) bool {
	if frame.SubsampleRatio != image.YCbCrSubsampleRatio420 || frame.Rect.Dx() < 2 || frame.Rect.Dy() < 2 {
		return false
	}
	m.mu.Lock()
	m.in = copyFrame(m.in, frame, 1)
	m.at, m.full = time.Now(), true
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
	return true
}

// take returns the last frame and when it came; nil when it was taken already. It is valid until the next call.
func (m *mailbox) take() (*image.YCbCr, time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.full {
		return nil, time.Time{}
	}
	m.in, m.out, m.full = m.out, m.in, false
	return m.out, m.at
}

// copyFrame copies a frame in 4:2:0, with an even width and height, and only each step-th pixel of each step-th row. It
// uses to again when that has the size.
func copyFrame(to, from *image.YCbCr, step int) *image.YCbCr {
	size := from.Rect.Size().Div(step)
	size.X, size.Y = size.X&^1, size.Y&^1
	if to.Rect.Size() != size {
		to = image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	}
	corner := from.Rect.Min
	y, c := from.Y[from.YOffset(corner.X, corner.Y):], from.COffset(corner.X, corner.Y)
	copyPlane(to.Y, to.YStride, size, y, from.YStride, step)
	copyPlane(to.Cb, to.CStride, size.Div(2), from.Cb[c:], from.CStride, step)
	copyPlane(to.Cr, to.CStride, size.Div(2), from.Cr[c:], from.CStride, step)
	return to
}

func copyPlane(to []byte, toStride int, size image.Point, from []byte, fromStride, step int) {
	for y := range size.Y {
		row := to[y*toStride:][:size.X]
		source := from[y*step*fromStride:]
		if step == 1 {
			copy(row, source)
			continue
		}
		for x := range row {
			row[x] = source[x*step]
		}
	}
}
