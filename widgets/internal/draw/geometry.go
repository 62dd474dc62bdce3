package draw

import "math"

// Sizes that several widgets share.
const (
	LineHeight     = float32(20) // of body text
	IconSide       = float32(20) // a line icon
	HitSide        = float32(36) // the area around it that can be pressed
	TickWidth      = float32(16) // the mark of a message's state
	TickHeight     = float32(12)
	ScrollBarWidth = float32(12) // of the area that can be dragged
	SoundBarMax    = float32(24) // the loudest bar of a sound
	SoundBarMin    = float32(3)  // a silent one
)

// WheelFactor makes one notch of the mouse wheel, 25 units from Fyne, scroll at least three lines of text.
const WheelFactor = 3

// Box is a rectangle inside a widget.
type Box struct{ X, Y, W, H float32 }

// NewBox returns the rectangle with its top left corner at x, y.
func NewBox(x, y, w, h float32) Box { return Box{X: x, Y: y, W: w, H: h} }

// Contains reports whether the point lies in the rectangle.
func (b Box) Contains(x, y float32) bool { return x >= b.X && x < b.X+b.W && y >= b.Y && y < b.Y+b.H }

// CeilPx rounds up to a whole unit, so that what follows starts on a pixel. It ignores errors of rounding.
func CeilPx(v float32) float32 { return float32(math.Ceil(float64(v) - 0.01)) }

// SnapPx rounds to the nearest whole unit, because text between two pixels is blurred.
func SnapPx(v float32) float32 { return float32(math.Round(float64(v))) }

// Invoke calls f unless it is nil.
func Invoke(f func()) {
	if f != nil {
		f()
	}
}
