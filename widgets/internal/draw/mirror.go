package draw

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/tr"
)

// page is the width in which objects are mirrored while they are placed; 0: they are not.
var page float32

// Within lets Place, PlaceText and PlaceTextIn mirror objects in a width, until end is called, if the language is written
// to the left. What is placed there is measured from the left as in all other languages. A [Renderer] does it for its
// widget.
func Within(width float32) (end func()) {
	if !tr.RightToLeft() {
		return func() {}
	}
	before := page
	page = width
	return func() { page = before }
}

// Flip returns where the left edge of something of a width is if it is placed at x.
func Flip(x, width float32) float32 {
	if page == 0 {
		return x
	}
	return page - x - width
}

// FlipPoint returns the point at which the pointer of a mirrored widget would be without mirroring, or the reverse.
func FlipPoint(pos fyne.Position, width float32) fyne.Position {
	if tr.RightToLeft() {
		pos.X = width - pos.X
	}
	return pos
}

// FlipBox is FlipPoint for a rectangle.
func FlipBox(b Box, width float32) Box {
	if tr.RightToLeft() {
		b.X = width - b.X - b.W
	}
	return b
}

// PointOf returns the position in the window of a point that is measured as for [Place] in a widget.
func PointOf(o fyne.CanvasObject, x, y float32) fyne.Position {
	at := FlipPoint(fyne.NewPos(x, y), o.Size().Width)
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Add(at)
}

// FlipKey returns the arrow key that does the same without mirroring.
func FlipKey(name fyne.KeyName) fyne.KeyName {
	switch {
	case !tr.RightToLeft():
		return name
	case name == fyne.KeyLeft:
		return fyne.KeyRight
	case name == fyne.KeyRight:
		return fyne.KeyLeft
	default:
		return name
	}
}
