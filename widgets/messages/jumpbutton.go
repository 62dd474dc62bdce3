package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

const (
	jumpSide = float32(40)
	jumpOver = float32(6) // the count sticks out of the disc
	jumpRoom = jumpSide + jumpOver
)

// jumpButton is the round arrow to the newest message, with the number of unread ones, or the @ to the next mention, with
// the number of mentions.
type jumpButton struct {
	draw.Pressable

	mention bool
	count   int
	set     *text.Typesetter
}

func newJumpButton(words string, tapped func()) *jumpButton {
	b := &jumpButton{set: text.NewTypesetter()}
	b.SetTip(words)
	b.OnTapped = tapped
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
	icon, ring := draw.NewIcon(), draw.NewFocusRing()
	sign := draw.NewText()
	badge, label := &canvas.Rectangle{CornerRadius: widgets.RadiusBadge}, draw.NewText()
	objects := []fyne.CanvasObject{shadow, disc, icon, sign, ring.Line, badge, label}
	return draw.NewRenderer(objects, b.MinSize, func(fyne.Size) {
		draw.SetFill(shadow, draw.ThemeColor(widgets.ColorShadow))
		draw.Place(shadow, 0, jumpOver+1, jumpSide, jumpSide)
		ground := widgets.ColorChatPane
		if b.Hovered() {
			ground = widgets.ColorRowHover
		}
		if line := draw.ThemeColor(widgets.ColorHairline); disc.StrokeColor != line {
			disc.StrokeColor = line
			disc.Refresh()
		}
		draw.SetFill(disc, draw.ThemeColor(ground))
		draw.Place(disc, 0, jumpOver, jumpSide, jumpSide)
		draw.SetVisible(icon, !b.mention)
		draw.SetVisible(sign, b.mention)
		if b.mention {
			f := text.Font{Size: widgets.TextTitle, Bold: true}
			draw.SetText(sign, "@", f, draw.ThemeColor(widgets.ColorAccent))
			draw.PlaceText(sign, (jumpSide-b.set.Width("@", f))/2, jumpOver+(jumpSide-text.Height(f))/2-1)
		} else {
			draw.SetIcon(icon, assets.IconArrowDown, widgets.ColorSecondary)
			gap := (jumpSide - draw.IconSide) / 2
			draw.Place(icon, gap, jumpOver+gap, draw.IconSide, draw.IconSide)
		}
		ring.Place(b.Focused(), 1, jumpOver+1, jumpSide-2, jumpSide-2, jumpSide/2)

		draw.SetVisible(badge, b.count > 0)
		draw.SetVisible(label, b.count > 0)
		f := text.Font{Size: widgets.TextMeta, Bold: true}
		s := text.ShortCount(b.count)
		tw := b.set.Width(s, f)
		w := max(20, draw.CeilPx(tw)+11)
		draw.SetFill(badge, draw.ThemeColor(widgets.ColorBadge))
		draw.Place(badge, jumpRoom-w, 0, w, 20)
		draw.SetText(label, s, f, draw.ThemeColor(widgets.ColorBadgeText))
		draw.PlaceText(label, jumpRoom-w+(w-tw)/2, (20-text.Height(f))/2)
	})
}
