package contacts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets"
)

// pane is a rectangle in the list's colour, which follows the theme.
type pane struct {
	widget.BaseWidget
}

func newPane() *pane {
	p := &pane{}
	p.ExtendBaseWidget(p)
	return p
}

// onPane puts an object on a pane.
func onPane(o fyne.CanvasObject) *fyne.Container { return container.NewStack(newPane(), o) }

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
