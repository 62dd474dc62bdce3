package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// drawn is the renderer of widgets that place a fixed set of objects by one function: colours, texts and positions
// are all set there, at a new size and at every refresh.
type drawn struct {
	objects []fyne.CanvasObject
	min     func() fyne.Size
	place   func(fyne.Size)
	size    fyne.Size
}

var _ fyne.WidgetRenderer = (*drawn)(nil)

func newDrawn(objects []fyne.CanvasObject, least func() fyne.Size, place func(fyne.Size)) *drawn {
	return &drawn{objects: objects, min: least, place: place}
}

func (d *drawn) Layout(size fyne.Size) {
	d.size = size
	d.place(size)
}

func (d *drawn) MinSize() fyne.Size { return d.min() }

func (d *drawn) Refresh() {
	if d.size.IsZero() {
		return // not laid out yet
	}
	d.place(d.size)
	if len(d.objects) > 0 {
		canvas.Refresh(d.objects[0]) // a cheap way to have the window painted
	}
}

func (d *drawn) Objects() []fyne.CanvasObject { return d.objects }

func (d *drawn) Destroy() {}
