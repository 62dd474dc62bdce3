package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// rowLook is what a row's view depends on besides the row.
type rowLook struct {
	selected, hovered, focused bool
	width                      float32

	rowMetrics
}

// chatRowView draws one row with canvas primitives. Views are reused for other rows as the list scrolls.
type chatRowView struct {
	box   *fyne.Container
	shape *canvas.Rectangle
	ring  draw.FocusRing
	face  *FacePart

	name, time, prefix, preview, count, at *draw.Text
	badge, atBadge                         *canvas.Rectangle
	tick, mute, pin, call                  *canvas.Image

	row  ChatRow
	look rowLook
	used bool
}

const (
	rowFaceX = float32(10)
	rowRight = float32(16) // free at the right edge
	glyph    = float32(14)
)

func newChatRowView(set *text.Typesetter) *chatRowView {
	v := &chatRowView{
		box: draw.NewGroup(), shape: &canvas.Rectangle{CornerRadius: RadiusRow}, ring: draw.NewFocusRing(),
		face: NewFacePart(set),
		name: draw.NewText(), time: draw.NewText(), prefix: draw.NewText(), preview: draw.NewText(),
		badge: &canvas.Rectangle{CornerRadius: RadiusBadge}, count: draw.NewText(),
		atBadge: &canvas.Rectangle{CornerRadius: RadiusBadge}, at: draw.NewText(),
		tick: draw.NewIcon(), mute: draw.NewIcon(), pin: draw.NewIcon(),
		call: draw.NewIcon(),
	}
	v.box.Objects = append(v.box.Objects, v.shape, v.ring.Line)
	v.box.Objects = append(v.box.Objects, v.face.Objects()...)
	v.box.Objects = append(v.box.Objects, v.name, v.mute, v.call, v.time, v.tick, v.prefix, v.preview, v.badge, v.count,
		v.pin)
	v.box.Objects = append(v.box.Objects, v.atBadge, v.at)
	return v
}

// show draws the row, unless the view shows exactly this already.
func (v *chatRowView) show(row *ChatRow, look rowLook, set *text.Typesetter, force bool) {
	if v.used && !force && v.row == *row && v.look == look {
		return
	}
	v.row, v.look, v.used = *row, look, true
	v.box.Resize(fyne.NewSize(look.width, look.height))
	v.drawShape()
	v.face.Place(rowFaceX, draw.SnapPx((look.height-look.face)/2), look.face, row.Face, v.ground())
	v.drawFirstLine(set)
	v.drawSecondLine(set)
}

// ground returns the background of the row, which is also the ring of the presence dot.
func (v *chatRowView) ground() fyne.ThemeColorName {
	switch {
	case v.look.selected:
		return ColorRowSelected
	case v.look.hovered:
		return ColorRowHover
	default:
		return ColorPane
	}
}

func (v *chatRowView) drawShape() {
	draw.SetVisible(v.shape, v.look.selected || v.look.hovered)
	draw.SetFill(v.shape, draw.ThemeColor(v.ground()))
	draw.Place(v.shape, 6, 1, v.look.width-12, v.look.height-2)
	v.ring.Place(v.look.focused, 7, 2, v.look.width-14, v.look.height-4, RadiusRow)
}

func (v *chatRowView) drawFirstLine(set *text.Typesetter) {
	right := v.look.width - rowRight
	timeFont := text.Font{Size: TextMeta}
	ink := ColorSecondary
	if v.row.unread() && !v.row.Muted {
		ink = ColorAccent
	}
	w := draw.CeilPx(set.LineWidth(v.row.Time, timeFont))
	draw.SetText(v.time, v.row.Time, timeFont, draw.ThemeColor(ink))
	draw.PlaceText(v.time, right-w, v.look.line1+2)
	room := right - w - 8 - v.look.textX()
	draw.SetVisible(v.mute, v.row.Muted)
	if v.row.Muted {
		room -= glyph + 4
	}
	draw.SetVisible(v.call, v.row.Calling || v.row.Server)
	if v.row.Calling || v.row.Server {
		room -= glyph + 4
	}
	nameFont := text.Font{Size: TextName, Bold: true}
	name := set.Fit(text.CleanLine(v.row.Name), nameFont, room)
	draw.SetText(v.name, name, nameFont, draw.ThemeColor(ColorText))
	x := v.look.textX() + draw.PlaceTextIn(v.name, v.look.textX(), v.look.line1, room)
	x += draw.CeilPx(set.LineWidth(name, nameFont)) + 4
	if v.row.Muted {
		draw.SetIcon(v.mute, assets.IconBellOff, ColorSecondary)
		draw.Place(v.mute, x, v.look.line1+3, glyph, glyph)
		x += glyph + 4
	}
	switch {
	case v.row.Calling:
		draw.SetIcon(v.call, assets.IconPhone, ColorOK)
		draw.Place(v.call, x, v.look.line1+3, glyph, glyph)
	case v.row.Server:
		draw.SetIcon(v.call, assets.IconShield, ColorAccent)
		draw.Place(v.call, x, v.look.line1+3, glyph, glyph)
	}
}

func (v *chatRowView) drawSecondLine(set *text.Typesetter) {
	x, right := v.look.textX(), v.drawBadge(set)
	icon, ink := v.row.State.Icon()
	arrow, arrowInk := v.row.Call.Icon()
	written := v.row.Draft != "" || v.row.Typing != ""
	draw.SetVisible(v.tick, !written && (arrow != "" || icon != ""))
	switch {
	case written:
	case arrow != "":
		draw.SetIcon(v.tick, arrow, arrowInk)
		draw.Place(v.tick, x-1, v.look.line2+3, glyph, glyph)
		x += glyph + 3
	case icon != "":
		draw.SetIcon(v.tick, icon, ink)
		draw.Place(v.tick, x-1, v.look.line2+4, draw.TickWidth, draw.TickHeight)
		x += draw.TickWidth + 3
	}
	plain := text.Font{Size: TextPreview, Bold: v.row.unread() && !v.row.Muted}
	prefix, prefixInk, words, textInk := v.words()
	prefix = set.Fit(prefix, plain, right-x)
	draw.SetVisible(v.prefix, prefix != "")
	draw.SetText(v.prefix, prefix, plain, draw.ThemeColor(prefixInk))
	draw.PlaceText(v.prefix, x, v.look.line2)
	if prefix != "" {
		x += draw.CeilPx(set.LineWidth(prefix, plain)) + 4
	}
	plain.Italic = v.row.Deleted && v.row.Draft == "" && v.row.Typing == ""
	draw.SetText(v.preview, set.Fit(text.CleanLine(words), plain, right-x), plain, draw.ThemeColor(textInk))
	draw.PlaceTextIn(v.preview, x, v.look.line2, right-x)
}

// words returns the second line and its colours.
func (v *chatRowView) words() (prefix string, prefixInk fyne.ThemeColorName, words string, ink fyne.ThemeColorName) {
	switch {
	case v.row.Typing != "":
		return "", ColorText, v.row.Typing, ColorAccent
	case v.row.Draft != "":
		return tr.L("Draft:"), ColorError, v.row.Draft, ColorSecondary
	case v.row.Sender != "" && v.row.Call == CallMissed:
		return text.CleanLine(v.row.Sender) + ":", ColorText, v.row.Preview, ColorError
	case v.row.Sender != "":
		return text.CleanLine(v.row.Sender) + ":", ColorText, v.row.Preview, ColorSecondary
	case v.row.Call == CallMissed:
		return "", ColorText, v.row.Preview, ColorError
	case v.row.unread() && !v.row.Muted:
		return "", ColorText, v.row.Preview, ColorText
	default:
		return "", ColorText, v.row.Preview, ColorSecondary
	}
}

// drawBadge draws the end of the second line and returns where the text before it must end.
func (v *chatRowView) drawBadge(set *text.Typesetter) float32 {
	right := v.look.width - rowRight
	draw.SetVisible(v.at, false)
	draw.SetVisible(v.atBadge, false)
	counted, pinned := v.row.unread(), v.row.Pinned && !v.row.unread()
	draw.SetVisible(v.badge, counted)
	draw.SetVisible(v.count, counted)
	draw.SetVisible(v.pin, pinned)
	switch {
	case counted:
		f := text.Font{Size: TextMeta, Bold: true}
		count := ""
		if v.row.Unread > 0 {
			count = text.ShortCount(v.row.Unread)
		}
		tw := set.Width(count, f)
		w := max(20, draw.CeilPx(tw)+11)
		fill := ColorBadge
		if v.row.Muted {
			fill = ColorBadgeMuted
		}
		draw.SetFill(v.badge, draw.ThemeColor(fill))
		draw.Place(v.badge, right-w, v.look.line2, w, 20)
		draw.SetText(v.count, count, f, draw.ThemeColor(ColorBadgeText))
		draw.PlaceText(v.count, right-w+(w-tw)/2, v.look.line2+(20-text.Height(f))/2)
		return v.drawAt(right-w-4, set)
	case pinned:
		draw.SetIcon(v.pin, assets.IconPin, ColorSecondary)
		draw.Place(v.pin, right-glyph, v.look.line2+3, glyph, glyph)
		return right - glyph - 8
	default:
		return right
	}
}

// drawAt draws the badge for a mention before the count, and returns where the text before it must end.
func (v *chatRowView) drawAt(right float32, set *text.Typesetter) float32 {
	if !v.row.Mention {
		return right - 4
	}
	const side = float32(20)
	f := text.Font{Size: TextSmall, Bold: true}
	draw.SetVisible(v.at, true)
	draw.SetVisible(v.atBadge, true)
	draw.SetFill(v.atBadge, draw.ThemeColor(ColorBadge))
	draw.Place(v.atBadge, right-side, v.look.line2, side, side)
	draw.SetText(v.at, "@", f, draw.ThemeColor(ColorBadgeText))
	draw.PlaceText(v.at, right-side+(side-set.Width("@", f))/2, v.look.line2+(side-text.Height(f))/2-1)
	return right - side - 8
}
