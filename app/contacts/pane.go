package contacts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets"
)

// column puts objects under one another without a gap; the one with the number grows takes the room that the rest leaves.
type column struct{ grows int }

// MinSize implements fyne.Layout.
func (column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size.Width = max(size.Width, o.MinSize().Width)
		size.Height += o.MinSize().Height
	}
	return size
}

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := size.Height - c.MinSize(objects).Height
	y := float32(0)
	for i, o := range objects {
		height := o.MinSize().Height
		if i == c.grows {
			height += spare
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height
	}
}

// pane is a rectangle in the colour of the list, which it keeps through changes of the theme.
type pane struct {
	widget.BaseWidget
}

func newPane() *pane {
	p := &pane{}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *pane) CreateRenderer() fyne.WidgetRenderer {
	rect := canvas.NewRectangle(theme.Color(widgets.ColorPane))
	return &paneRenderer{WidgetRenderer: widget.NewSimpleRenderer(rect), rect: rect}
}

type paneRenderer struct {
	fyne.WidgetRenderer

	rect *canvas.Rectangle
}

// Refresh implements fyne.WidgetRenderer.
func (r *paneRenderer) Refresh() {
	r.rect.FillColor = theme.Color(widgets.ColorPane)
	r.rect.Refresh()
}
