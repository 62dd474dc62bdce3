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

	// OnTapped is called for a press on the card beside its content, which does not reach what is below the card.
	OnTapped func()

	width   float32
	content fyne.CanvasObject
	ground  *cardGround
}

var _ fyne.Widget = (*Card)(nil)

// CardPad is the distance between the edge of a [Card] and its content.
const CardPad = float32(24)

const (
	cardMargin = float32(16) // minimum distance to the edges of the window

	cardNarrow       = float32(400) // in a window below this width padding and margin are smaller
	cardPadNarrow    = float32(16)
	cardMarginNarrow = float32(8)
)

// NewCard returns a card with this maximum width.
func NewCard(width float32, content fyne.CanvasObject) *Card {
	c := &Card{width: width, content: content}
	c.ground = &cardGround{card: c}
	c.ground.ExtendBaseWidget(c.ground)
	c.ExtendBaseWidget(c)
	return c
}

// cardGround is the pane of a card, which takes presses and the wheel.
type cardGround struct {
	widget.BaseWidget

	card *Card
}

var (
	_ fyne.Tappable   = (*cardGround)(nil)
	_ fyne.Scrollable = (*cardGround)(nil)
)

// Tapped implements fyne.Tappable.
func (g *cardGround) Tapped(*fyne.PointEvent) { draw.Invoke(g.card.OnTapped) }

// Scrolled implements fyne.Scrollable.
func (g *cardGround) Scrolled(*fyne.ScrollEvent) {}

// MinSize implements fyne.CanvasObject.
func (g *cardGround) MinSize() fyne.Size { return fyne.Size{} }

// CreateRenderer implements fyne.Widget.
func (g *cardGround) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: RadiusCard, StrokeWidth: 1}
	return draw.NewRenderer([]fyne.CanvasObject{back}, g.MinSize, func(size fyne.Size) {
		draw.SetStroke(back, draw.ThemeColor(ColorHairline))
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.Place(back, 0, 0, size.Width, size.Height)
	})
}

// MinSize implements fyne.CanvasObject.
func (c *Card) MinSize() fyne.Size {
	inner := c.content.MinSize()
	return fyne.NewSize(inner.Width+2*CardPad, draw.CeilPx(inner.Height)+2*CardPad)
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	shadow := &canvas.Rectangle{CornerRadius: RadiusCard + 1}
	return draw.NewRenderer([]fyne.CanvasObject{shadow, c.ground, c.content}, c.MinSize, func(size fyne.Size) {
		pad, margin := CardPad, cardMargin
		if size.Width < cardNarrow {
			pad, margin = cardPadNarrow, cardMarginNarrow
		}
		w := max(c.content.MinSize().Width+2*pad, min(c.width, size.Width-2*margin))
		h := min(draw.CeilPx(heightAt(c.content, w-2*pad))+2*pad, max(size.Height-2*cardMarginNarrow, 0))
		x, y := draw.SnapPx((size.Width-w)/2), draw.SnapPx((size.Height-h)/2)
		draw.SetFill(shadow, draw.ThemeColor(ColorShadow))
		draw.Place(shadow, x, y+2, w, h)
		draw.Place(c.ground, x, y, w, h)
		draw.Place(c.content, x+pad, y+pad, w-2*pad, h-2*pad)
	})
}
