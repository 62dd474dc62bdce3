package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// IconButton is a line icon in a round area that can be pressed. Words are shown while the pointer rests on it.
type IconButton struct {
	draw.Pressable

	// OnSecondary is called for a right click.
	OnSecondary func()

	icon   assets.Icon
	filled bool
}

var (
	_ fyne.Widget            = (*IconButton)(nil)
	_ fyne.SecondaryTappable = (*IconButton)(nil)
)

// NewIconButton returns a button with this icon. The words say what it does, as the text of a button would.
func NewIconButton(icon assets.Icon, words string, tapped func()) *IconButton {
	b := &IconButton{icon: icon}
	b.SetTip(words)
	b.OnTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

// SetIcon changes the icon and the words.
func (b *IconButton) SetIcon(icon assets.Icon, words string) {
	b.icon = icon
	b.SetTip(words)
	b.Refresh()
}

// SetFilled makes the button the main action: its icon is on a disc in the accent colour.
func (b *IconButton) SetFilled(filled bool) {
	if b.filled == filled {
		return
	}
	b.filled = filled
	b.Refresh()
}

// TappedSecondary implements fyne.SecondaryTappable.
func (b *IconButton) TappedSecondary(*fyne.PointEvent) { draw.Invoke(b.OnSecondary) }

// MinSize implements fyne.CanvasObject.
func (b *IconButton) MinSize() fyne.Size { return fyne.NewSquareSize(draw.HitSide) }

// CreateRenderer implements fyne.Widget.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	disc, icon, ring := &canvas.Rectangle{CornerRadius: draw.HitSide / 2}, draw.NewIcon(), draw.NewFocusRing()
	return draw.NewRenderer([]fyne.CanvasObject{disc, ring.Line, icon}, b.MinSize, func(size fyne.Size) {
		x, y := draw.SnapPx((size.Width-draw.HitSide)/2), draw.SnapPx((size.Height-draw.HitSide)/2)
		draw.SetFill(disc, b.back())
		draw.Place(disc, x, y, draw.HitSide, draw.HitSide)
		ring.Place(b.Focused(), x+1, y+1, draw.HitSide-2, draw.HitSide-2, draw.HitSide/2)
		draw.SetIcon(icon, b.icon, b.ink())
		gap := (draw.HitSide - draw.IconSide) / 2
		draw.Place(icon, x+gap, y+gap, draw.IconSide, draw.IconSide)
	})
}

func (b *IconButton) back() color.Color {
	switch {
	case b.filled && !b.Disabled():
		return draw.ThemeColor(ColorAccent)
	case b.Hovered() && !b.Disabled():
		return draw.ThemeColor(ColorIconHover)
	default:
		return color.Transparent
	}
}

func (b *IconButton) ink() fyne.ThemeColorName {
	switch {
	case b.Disabled():
		return ColorFaint
	case b.filled:
		return ColorOnAccent
	case b.Hovered():
		return ColorText
	default:
		return ColorSecondary
	}
}
