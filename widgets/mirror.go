package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Mirrored returns a layout that places objects as another one does, with left and right changed if the language is
// written to the left. The other one must move all visible objects.
func Mirrored(l fyne.Layout) fyne.Layout { return mirrored{l} }

type mirrored struct{ of fyne.Layout }

// MinSize implements fyne.Layout.
func (m mirrored) MinSize(objects []fyne.CanvasObject) fyne.Size { return m.of.MinSize(objects) }

// Layout implements fyne.Layout.
func (m mirrored) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	m.of.Layout(objects, size)
	if !tr.RightToLeft() {
		return
	}
	for _, o := range objects {
		if at := o.Position(); o.Visible() {
			o.Move(fyne.NewPos(size.Width-at.X-o.Size().Width, at.Y))
		}
	}
}

// NewHBox is container.NewHBox, mirrored.
func NewHBox(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(Mirrored(layout.NewHBoxLayout()), objects...)
}

// mirroredRenderer mirrors what one of the toolkit's widgets draws, where the language is written to the left.
type mirroredRenderer struct {
	fyne.WidgetRenderer

	width float32 // in which the objects are mirrored now; 0: they are not
	size  fyne.Size
}

// Layout implements fyne.WidgetRenderer.
func (r *mirroredRenderer) Layout(size fyne.Size) {
	r.size = size
	r.around(func() { r.WidgetRenderer.Layout(size) })
}

// Refresh implements fyne.WidgetRenderer.
func (r *mirroredRenderer) Refresh() { r.around(r.WidgetRenderer.Refresh) }

// around lets the toolkit place the objects, which finds them where it has left them.
func (r *mirroredRenderer) around(place func()) {
	r.turn(r.width)
	place()
	if r.width = 0; tr.RightToLeft() {
		r.width = r.size.Width
	}
	r.turn(r.width)
}

func (r *mirroredRenderer) turn(width float32) {
	if width == 0 {
		return
	}
	for _, o := range r.Objects() {
		if words, ok := o.(*canvas.Text); ok && words.Alignment == fyne.TextAlignLeading {
			words.Alignment = fyne.TextAlignTrailing
		}
		o.Move(fyne.NewPos(width-o.Position().X-o.Size().Width, o.Position().Y))
	}
}

// ProgressBar is a widget.ProgressBar that grows from where the language starts.
type ProgressBar struct{ widget.ProgressBar }

// NewProgressBar returns a bar without words.
func NewProgressBar() *ProgressBar {
	b := &ProgressBar{}
	b.Max, b.TextFormatter = 1, func() string { return "" }
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *ProgressBar) CreateRenderer() fyne.WidgetRenderer {
	return &mirroredRenderer{WidgetRenderer: b.ProgressBar.CreateRenderer()}
}

// Below returns the position in the window for a menu below an object.
func Below(o fyne.CanvasObject) fyne.Position { return draw.PointOf(o, 0, o.Size().Height) }
