package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Card puts content on a raised pane with rounded corners. It is as high as its content and at most as wide as given,
// and centred; if there is less room its content gets less height than it wants.
type Card struct {
	widget.BaseWidget

	width   float32
	content fyne.CanvasObject
}

var _ fyne.Widget = (*Card)(nil)

const (
	cardPad    = float32(24)
	cardMargin = float32(16) // minimum distance to the edges of the window

	cardNarrow       = float32(400) // in a window below this width padding and margin are smaller
	cardPadNarrow    = float32(16)
	cardMarginNarrow = float32(8)
)

// NewCard returns a card with this maximum width.
func NewCard(width float32, content fyne.CanvasObject) *Card {
	c := &Card{width: width, content: content}
	c.ExtendBaseWidget(c)
	return c
}

// MinSize implements fyne.CanvasObject.
func (c *Card) MinSize() fyne.Size {
	inner := c.content.MinSize()
	return fyne.NewSize(inner.Width+2*cardPad, draw.CeilPx(inner.Height)+2*cardPad)
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	shadow := &canvas.Rectangle{CornerRadius: RadiusCard + 1}
	back := &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1}
	return draw.NewRenderer([]fyne.CanvasObject{shadow, back, c.content}, c.MinSize, func(size fyne.Size) {
		pad, margin := cardPad, cardMargin
		if size.Width < cardNarrow {
			pad, margin = cardPadNarrow, cardMarginNarrow
		}
		w := max(c.content.MinSize().Width+2*pad, min(c.width, size.Width-2*margin))
		h := min(draw.CeilPx(heightAt(c.content, w-2*pad))+2*pad, max(size.Height-2*cardMarginNarrow, 0))
		x, y := draw.SnapPx((size.Width-w)/2), draw.SnapPx((size.Height-h)/2)
		draw.SetFill(shadow, draw.ThemeColor(ColorShadow))
		if back.StrokeColor != draw.ThemeColor(ColorHairline) {
			back.StrokeColor = draw.ThemeColor(ColorHairline)
			back.Refresh()
		}
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.Place(shadow, x, y+2, w, h)
		draw.Place(back, x, y, w, h)
		draw.Place(c.content, x+pad, y+pad, w-2*pad, h-2*pad)
	})
}
