package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// scrollBar is the thumb at the right edge of a list. Its owner tells it where the view stands; it tells its owner
// where the thumb was dragged. It knows nothing of the list's coordinates.
type scrollBar struct {
	widget.BaseWidget

	onMove func(position float64) // from 0 at the beginning to 1 at the end

	position, part float64 // position like onMove's; part is the share of everything that is seen
	hovered        bool
	grab           float32 // where in the thumb the drag began
	dragging       bool
	thumb          *canvas.Rectangle
}

var (
	_ fyne.Draggable    = (*scrollBar)(nil)
	_ fyne.Tappable     = (*scrollBar)(nil)
	_ desktop.Hoverable = (*scrollBar)(nil)
)

const (
	barWidth = float32(12) // of what can be dragged
	barThin  = float32(4)
	barWide  = float32(8)
	barMin   = float32(36) // a shorter thumb is hard to hit
)

func newScrollBar(onMove func(float64)) *scrollBar {
	b := &scrollBar{onMove: onMove, part: 1, thumb: &canvas.Rectangle{}}
	b.ExtendBaseWidget(b)
	return b
}

// set moves the thumb. Nothing is shown when everything is seen.
func (b *scrollBar) set(position, part float64) {
	position = min(max(position, 0), 1)
	if b.dragging {
		position = b.position // the thumb stays under the pointer
	}
	if b.position == position && b.part == part {
		return
	}
	b.position, b.part = position, part
	b.draw()
}

// draw puts the thumb in its place; moving it is also what makes the window paint a list that scrolled.
func (b *scrollBar) draw() {
	top, height := b.geometry()
	w := barThin
	if b.hovered || b.dragging {
		w = barWide
	}
	show(b.thumb, height > 0)
	setFill(b.thumb, tone(ColorScrollThumb))
	if b.thumb.CornerRadius != w/2 {
		b.thumb.CornerRadius = w / 2
		b.thumb.Refresh()
	}
	put(b.thumb, barWidth-w-2, top, w, height)
}

// geometry returns the thumb's upper edge and height.
func (b *scrollBar) geometry() (top, height float32) {
	room := b.Size().Height - 4
	if b.part >= 1 || room < 2*barMin {
		return 0, 0
	}
	height = whole(max(barMin, room*float32(b.part)))
	return 2 + whole((room-height)*float32(b.position)), height
}

// MinSize implements fyne.CanvasObject.
func (b *scrollBar) MinSize() fyne.Size { return fyne.NewSize(barWidth, 0) }

// CreateRenderer implements fyne.Widget.
func (b *scrollBar) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn([]fyne.CanvasObject{b.thumb}, b.MinSize, func(fyne.Size) { b.draw() })
}

// Dragged implements fyne.Draggable.
func (b *scrollBar) Dragged(e *fyne.DragEvent) {
	top, height := b.geometry()
	if height == 0 {
		return
	}
	if !b.dragging {
		b.dragging = true
		b.grab = min(max(e.Position.Y-e.Dragged.DY-top, 0), height)
	}
	b.moveTo(e.Position.Y-b.grab, height)
}

// DragEnd implements fyne.Draggable.
func (b *scrollBar) DragEnd() {
	b.dragging = false
	b.draw()
}

// Tapped implements fyne.Tappable: the thumb's middle goes where the pointer is.
func (b *scrollBar) Tapped(e *fyne.PointEvent) {
	top, height := b.geometry()
	if height == 0 || e.Position.Y >= top && e.Position.Y < top+height {
		return
	}
	b.moveTo(e.Position.Y-height/2, height)
}

func (b *scrollBar) moveTo(top, height float32) {
	room := b.Size().Height - 4 - height
	if room <= 0 {
		return
	}
	b.position = float64(min(max((top-2)/room, 0), 1))
	b.draw()
	b.onMove(b.position)
}

// MouseIn implements desktop.Hoverable.
func (b *scrollBar) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.draw()
}

// MouseMoved implements desktop.Hoverable.
func (b *scrollBar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *scrollBar) MouseOut() {
	b.hovered = false
	b.draw()
}
