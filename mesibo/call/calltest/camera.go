package calltest

import (
	"image"
	"image/color"
	"sync"
	"time"
)

// A picture has a grid of blocks. The lowest row is the frame's number in binary, the highest has a bar that moves, and
// the others have the colour.
const (
	columns = 16
	rows    = 12
	bright  = 235
	dark    = 16
	neutral = 128
)

// Camera is a call.VideoSource that sees a colour and a number in each frame. It is safe for concurrent use.
type Camera struct {
	device

	colourMu sync.Mutex
	colour   color.Color
	frames   int
}

// NewCamera returns a camera that sees a colour.
func NewCamera(c color.Color) *Camera { return &Camera{colour: c} }

// SetColour changes what the camera sees.
func (c *Camera) SetColour(to color.Color) {
	c.colourMu.Lock()
	defer c.colourMu.Unlock()
	c.colour = to
}

// Frames returns how many frames were taken.
func (c *Camera) Frames() int {
	c.colourMu.Lock()
	defer c.colourMu.Unlock()
	return c.frames
}

func (c *Camera) next() (colour color.Color, number int) {
	c.colourMu.Lock()
	defer c.colourMu.Unlock()
	c.frames++
	return c.colour, c.frames
}

// Start implements call.VideoSource.
func (c *Camera) Start(width, height, fps int, take func(frame *image.YCbCr), lost func()) (stop func(), err error) {
	frame := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	return c.start(time.Second/time.Duration(fps), func(time.Duration) {
		colour, number := c.next()
		paint(frame, yuv(colour), number)
		take(frame)
	}, lost)
}

func yuv(c color.Color) color.YCbCr {
	out, _ := color.YCbCrModel.Convert(c).(color.YCbCr)
	return out
}

// block returns the pixels of a block of the grid.
func block(size image.Point, column, row int) image.Rectangle {
	return image.Rect(size.X*column/columns, size.Y*row/rows, size.X*(column+1)/columns, size.Y*(row+1)/rows)
}

func paint(frame *image.YCbCr, colour color.YCbCr, number int) {
	size := frame.Rect.Size()
	fill(frame, frame.Rect, colour)
	fill(frame, block(size, number%columns, 0), color.YCbCr{Y: neutral, Cb: neutral, Cr: neutral})
	for bit := range columns {
		c := color.YCbCr{Y: dark, Cb: neutral, Cr: neutral}
		if number>>bit&1 != 0 {
			c.Y = bright
		}
		fill(frame, block(size, bit, rows-1), c)
	}
}

func fill(frame *image.YCbCr, r image.Rectangle, c color.YCbCr) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := frame.Y[frame.YOffset(r.Min.X, y):][:r.Dx()]
		for i := range row {
			row[i] = c.Y
		}
		for x := r.Min.X; y&1 == 0 && x < r.Max.X; x += 2 {
			i := frame.COffset(x, y)
			frame.Cb[i], frame.Cr[i] = c.Cb, c.Cr
		}
	}
}
