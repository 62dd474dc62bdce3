package draw

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// ScrollBar is the thumb at the end edge of a list. The list sets the position of the view; the bar calls OnMove when
// the thumb is dragged. It does not know the list's coordinates.
type ScrollBar struct {
	widget.BaseWidget

	OnMove func(position float64) // from 0 at the start to 1 at the end

	position, part float64 // position as for OnMove; part is the visible share of the list
	hovered        bool
	grab           float32 // where in the thumb the drag started
	dragging       bool
	thumb          *canvas.Rectangle
}

var (
	_ fyne.Draggable    = (*ScrollBar)(nil)
	_ fyne.Tappable     = (*ScrollBar)(nil)
	_ desktop.Hoverable = (*ScrollBar)(nil)
)

const (
	barThin = float32(4)
	barWide = float32(8)
	barMin  = float32(36) // a shorter thumb is hard to hit
)

// NewScrollBar returns a bar without a thumb.
func NewScrollBar(onMove func(float64)) *ScrollBar {
	b := &ScrollBar{OnMove: onMove, part: 1, thumb: &canvas.Rectangle{}}
	b.ExtendBaseWidget(b)
	return b
}

// Set moves the thumb. There is none while the whole list is visible.
func (b *ScrollBar) Set(position, part float64) {
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

// draw places the thumb. Moving it also makes the window repaint a list that scrolled.
func (b *ScrollBar) draw() {
	top, height := b.Thumb()
	w := barThin
	if b.hovered || b.dragging {
		w = barWide
	}
	SetVisible(b.thumb, height > 0)
	SetFill(b.thumb, ThemeColor(ColorScrollThumb))
	if b.thumb.CornerRadius != w/2 {
		b.thumb.CornerRadius = w / 2
		b.thumb.Refresh()
	}
	defer Within(ScrollBarWidth)()
	Place(b.thumb, ScrollBarWidth-w-2, top, w, height)
}

// Repaint repaints the window: of all objects of a list, the thumb is the cheapest to refresh.
func (b *ScrollBar) Repaint() { canvas.Refresh(b.thumb) }

// Thumb returns the thumb's upper edge and height.
func (b *ScrollBar) Thumb() (top, height float32) {
	room := b.Size().Height - 4
	if b.part >= 1 || room < 2*barMin {
		return 0, 0
	}
	height = SnapPx(max(barMin, room*float32(b.part)))
	return 2 + SnapPx((room-height)*float32(b.position)), height
}

// MinSize implements fyne.CanvasObject.
func (b *ScrollBar) MinSize() fyne.Size { return fyne.NewSize(ScrollBarWidth, 0) }

// CreateRenderer implements fyne.Widget.
func (b *ScrollBar) CreateRenderer() fyne.WidgetRenderer {
	return NewRenderer([]fyne.CanvasObject{b.thumb}, b.MinSize, func(fyne.Size) { b.draw() })
}

// Dragged implements fyne.Draggable.
func (b *ScrollBar) Dragged(e *fyne.DragEvent) {
	top, height := b.Thumb()
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
func (b *ScrollBar) DragEnd() {
	b.dragging = false
	b.draw()
}

// Tapped implements fyne.Tappable: the thumb's middle goes where the pointer is.
func (b *ScrollBar) Tapped(e *fyne.PointEvent) {
	top, height := b.Thumb()
	if height == 0 || e.Position.Y >= top && e.Position.Y < top+height {
		return
	}
	b.moveTo(e.Position.Y-height/2, height)
}

func (b *ScrollBar) moveTo(top, height float32) {
	room := b.Size().Height - 4 - height
	if room <= 0 {
		return
	}
	b.position = float64(min(max((top-2)/room, 0), 1))
	b.draw()
	b.OnMove(b.position)
}

// MouseIn implements desktop.Hoverable.
func (b *ScrollBar) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.draw()
}

// MouseMoved implements desktop.Hoverable.
func (b *ScrollBar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *ScrollBar) MouseOut() {
	b.hovered = false
	b.draw()
}
