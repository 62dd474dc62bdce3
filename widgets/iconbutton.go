package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

// IconButton is a line icon of 20 in a round hit area of 36.
type IconButton struct {
	press

	icon   assets.Icon
	filled bool
}

var _ fyne.Widget = (*IconButton)(nil)

// NewIconButton returns a button with this icon.
func NewIconButton(icon assets.Icon, tapped func()) *IconButton {
	b := &IconButton{icon: icon}
	b.onTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

// SetIcon changes the icon.
func (b *IconButton) SetIcon(icon assets.Icon) {
	b.icon = icon
	b.Refresh()
}

// SetFilled draws the button as the main action: the icon on a disc in the accent colour.
func (b *IconButton) SetFilled(filled bool) {
	if b.filled == filled {
		return
	}
	b.filled = filled
	b.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (b *IconButton) MinSize() fyne.Size { return fyne.NewSquareSize(hitSide) }

// CreateRenderer implements fyne.Widget.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	disc, icon, ring := &canvas.Rectangle{CornerRadius: hitSide / 2}, newIcon(), newFocusRing()
	return newDrawn([]fyne.CanvasObject{disc, ring.line, icon}, b.MinSize, func(size fyne.Size) {
		x, y := whole((size.Width-hitSide)/2), whole((size.Height-hitSide)/2)
		setFill(disc, b.back())
		put(disc, x, y, hitSide, hitSide)
		ring.place(b.focused, x+1, y+1, hitSide-2, hitSide-2, hitSide/2)
		setIcon(icon, b.icon, b.ink())
		gap := (hitSide - iconSide) / 2
		put(icon, x+gap, y+gap, iconSide, iconSide)
	})
}

func (b *IconButton) back() color.Color {
	switch {
	case b.filled && !b.disabled:
		return tone(ColorAccent)
	case b.hovered && !b.disabled:
		return tone(ColorIconHover)
	default:
		return color.Transparent
	}
}

func (b *IconButton) ink() fyne.ThemeColorName {
	switch {
	case b.disabled:
		return ColorFaint
	case b.filled:
		return ColorOnAccent
	case b.hovered:
		return ColorText
	default:
		return ColorSecondary
	}
}
