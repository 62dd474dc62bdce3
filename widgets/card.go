package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Card puts content on a raised pane with corners of 12. It is as high as its content and never wider than width;
// in a larger room it stands in the middle, in a smaller one its content gets less height than it wants.
type Card struct {
	widget.BaseWidget

	width   float32
	content fyne.CanvasObject
}

var _ fyne.Widget = (*Card)(nil)

const (
	cardPad    = float32(24)
	cardMargin = float32(16) // to the edges of the window at least

	cardNarrow       = float32(400) // below this width of the window there is less around
	cardPadNarrow    = float32(16)
	cardMarginNarrow = float32(8)
)

// NewCard returns a card with this greatest width.
func NewCard(width float32, content fyne.CanvasObject) *Card {
	c := &Card{width: width, content: content}
	c.ExtendBaseWidget(c)
	return c
}

// MinSize implements fyne.CanvasObject.
func (c *Card) MinSize() fyne.Size {
	inner := c.content.MinSize()
	return fyne.NewSize(inner.Width+2*cardPad, up(inner.Height)+2*cardPad)
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	shadow := &canvas.Rectangle{CornerRadius: RadiusCard + 1}
	back := &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1}
	return newDrawn([]fyne.CanvasObject{shadow, back, c.content}, c.MinSize, func(size fyne.Size) {
		pad, margin := cardPad, cardMargin
		if size.Width < cardNarrow {
			pad, margin = cardPadNarrow, cardMarginNarrow
		}
		w := max(c.content.MinSize().Width+2*pad, min(c.width, size.Width-2*margin))
		h := min(up(heightAt(c.content, w-2*pad))+2*pad, max(size.Height-2*cardMarginNarrow, 0))
		x, y := whole((size.Width-w)/2), whole((size.Height-h)/2)
		setFill(shadow, tone(ColorShadow))
		if back.StrokeColor != tone(ColorHairline) {
			back.StrokeColor = tone(ColorHairline)
			back.Refresh()
		}
		setFill(back, tone(ColorChatPane))
		put(shadow, x, y+2, w, h)
		put(back, x, y, w, h)
		put(c.content, x+pad, y+pad, w-2*pad, h-2*pad)
	})
}
