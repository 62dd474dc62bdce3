package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

const (
	jumpSide = float32(40)
	jumpOver = float32(6) // the count stands out over the disc
	jumpRoom = jumpSide + jumpOver
)

// jumpButton is the round arrow that leads to the newest message, with the number of those not seen.
type jumpButton struct {
	press

	count int
	set   *typesetter
}

func newJumpButton(tapped func()) *jumpButton {
	b := &jumpButton{set: newTypesetter()}
	b.onTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

func (b *jumpButton) setCount(n int) {
	if b.count == n {
		return
	}
	b.count = n
	b.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (b *jumpButton) MinSize() fyne.Size { return fyne.NewSquareSize(jumpRoom) }

// CreateRenderer implements fyne.Widget.
func (b *jumpButton) CreateRenderer() fyne.WidgetRenderer {
	shadow := &canvas.Rectangle{CornerRadius: jumpSide / 2}
	disc := &canvas.Rectangle{CornerRadius: jumpSide / 2, StrokeWidth: 1}
	icon, ring := newIcon(), newFocusRing()
	badge, text := &canvas.Rectangle{CornerRadius: RadiusBadge}, newText()
	objects := []fyne.CanvasObject{shadow, disc, icon, ring.line, badge, text}
	return newDrawn(objects, b.MinSize, func(fyne.Size) {
		setFill(shadow, tone(ColorShadow))
		put(shadow, 0, jumpOver+1, jumpSide, jumpSide)
		ground := ColorChatPane
		if b.hovered {
			ground = ColorRowHover
		}
		if line := tone(ColorHairline); disc.StrokeColor != line {
			disc.StrokeColor = line
			disc.Refresh()
		}
		setFill(disc, tone(ground))
		put(disc, 0, jumpOver, jumpSide, jumpSide)
		setIcon(icon, assets.IconArrowDown, ColorSecondary)
		gap := (jumpSide - iconSide) / 2
		put(icon, gap, jumpOver+gap, iconSide, iconSide)
		ring.place(b.focused, 1, jumpOver+1, jumpSide-2, jumpSide-2, jumpSide/2)

		show(badge, b.count > 0)
		show(text, b.count > 0)
		f := font{size: TextMeta, bold: true}
		s := countText(b.count)
		tw := b.set.width(s, f)
		w := max(20, up(tw)+11)
		setFill(badge, tone(ColorBadge))
		put(badge, jumpRoom-w, 0, w, 20)
		setText(text, s, f, tone(ColorBadgeText))
		putText(text, jumpRoom-w+(w-tw)/2, (20-textHeight(f))/2)
	})
}
