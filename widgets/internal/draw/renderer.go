package draw

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/internal/tr"
)

// Renderer is the renderer of widgets that place a set of objects in one function. It sets colours, texts and
// positions, and is called for a new size and for every refresh. Positions are mirrored in the widget: see [Within].
type Renderer struct {
	objects []fyne.CanvasObject
	min     func() fyne.Size
	place   func(fyne.Size)
	size    fyne.Size
}

var _ fyne.WidgetRenderer = (*Renderer)(nil)

// NewRenderer returns a renderer for these objects; least returns the minimum size.
func NewRenderer(objects []fyne.CanvasObject, least func() fyne.Size, place func(fyne.Size)) *Renderer {
	return &Renderer{objects: objects, min: least, place: place}
}

// Layout implements fyne.WidgetRenderer.
func (d *Renderer) Layout(size fyne.Size) {
	d.size = size
	d.arrange()
}

func (d *Renderer) arrange() {
	if tr.RightToLeft() {
		defer Within(d.size.Width)()
	}
	d.place(d.size)
}

// MinSize implements fyne.WidgetRenderer.
func (d *Renderer) MinSize() fyne.Size { return d.min() }

// Refresh implements fyne.WidgetRenderer.
func (d *Renderer) Refresh() {
	if d.size.IsZero() {
		return // not laid out yet
	}
	d.arrange()
	if len(d.objects) > 0 {
		canvas.Refresh(d.objects[0]) // a cheap way to repaint the window
	}
}

// Objects implements fyne.WidgetRenderer.
func (d *Renderer) Objects() []fyne.CanvasObject { return d.objects }

// Destroy implements fyne.WidgetRenderer.
func (d *Renderer) Destroy() {}

// SetObjects replaces the objects.
func (d *Renderer) SetObjects(objects []fyne.CanvasObject) { d.objects = objects }
