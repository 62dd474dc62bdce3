package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

// rowLook is what a row's view depends on beside the row.
type rowLook struct {
	selected, hovered, focused bool
	width                      float32
}

// chatRowView draws one row with canvas primitives. Views are reused for other rows as the list scrolls.
type chatRowView struct {
	box   *fyne.Container
	shape *canvas.Rectangle
	ring  focusRing
	face  *facePart

	name, time, prefix, preview, count, at *canvas.Text
	badge, atBadge                         *canvas.Rectangle
	tick, mute, pin                        *canvas.Image

	row  ChatRow
	look rowLook
	used bool
}

const (
	rowFaceX = float32(10)
	rowTextX = rowFaceX + AvatarRow + 12
	rowRight = float32(16) // free at the right edge
	rowLine1 = float32(11) // upper edge of the name
	rowLine2 = float32(34) // upper edge of the preview
	glyph    = float32(14)
	tickW    = float32(16)
	tickH    = float32(12)
)

func newChatRowView(set *typesetter) *chatRowView {
	v := &chatRowView{
		box: newStill(), shape: &canvas.Rectangle{CornerRadius: RadiusRow}, ring: newFocusRing(), face: newFacePart(set),
		name: newText(), time: newText(), prefix: newText(), preview: newText(), count: newText(),
		at: newText(), badge: &canvas.Rectangle{CornerRadius: RadiusBadge}, atBadge: &canvas.Rectangle{CornerRadius: RadiusBadge},
		tick: newIcon(), mute: newIcon(), pin: newIcon(),
	}
	v.box.Objects = append(v.box.Objects, v.shape, v.ring.line)
	v.box.Objects = append(v.box.Objects, v.face.objects()...)
	v.box.Objects = append(v.box.Objects, v.name, v.mute, v.time, v.tick, v.prefix, v.preview, v.badge, v.count, v.pin)
	v.box.Objects = append(v.box.Objects, v.atBadge, v.at)
	return v
}

// show draws the row, unless the view shows exactly this already.
func (v *chatRowView) show(row *ChatRow, look rowLook, set *typesetter, force bool) {
	if v.used && !force && v.row == *row && v.look == look {
		return
	}
	v.row, v.look, v.used = *row, look, true
	v.box.Resize(fyne.NewSize(look.width, RowHeight))
	v.drawShape()
	v.face.place(rowFaceX, whole((RowHeight-AvatarRow)/2), AvatarRow, row.Face, v.ground())
	v.drawFirstLine(set)
	v.drawSecondLine(set)
}

// ground is the colour below the row's texts, which the ring of the presence dot has too.
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
	show(v.shape, v.look.selected || v.look.hovered)
	setFill(v.shape, tone(v.ground()))
	put(v.shape, 6, 1, v.look.width-12, RowHeight-2)
	v.ring.place(v.look.focused, 7, 2, v.look.width-14, RowHeight-4, RadiusRow)
}

func (v *chatRowView) drawFirstLine(set *typesetter) {
	right := v.look.width - rowRight
	timeFont := font{size: TextMeta}
	ink := ColorSecondary
	if v.row.Unread > 0 && !v.row.Muted {
		ink = ColorAccent
	}
	w := up(set.lineWidth(v.row.Time, timeFont))
	setText(v.time, v.row.Time, timeFont, tone(ink))
	putText(v.time, right-w, rowLine1+2)
	room := right - w - 8 - rowTextX
	show(v.mute, v.row.Muted)
	if v.row.Muted {
		room -= glyph + 4
	}
	nameFont := font{size: TextName, bold: true}
	name := set.fit(cleanLine(v.row.Name), nameFont, room)
	setText(v.name, name, nameFont, tone(ColorText))
	putText(v.name, rowTextX, rowLine1)
	if v.row.Muted {
		setIcon(v.mute, assets.IconBellOff, ColorSecondary)
		put(v.mute, rowTextX+up(set.lineWidth(name, nameFont))+4, rowLine1+3, glyph, glyph)
	}
}

func (v *chatRowView) drawSecondLine(set *typesetter) {
	x, right := rowTextX, v.drawBadge(set)
	icon, ink := v.row.State.icon()
	marked := icon != "" && v.row.Draft == "" && v.row.Typing == ""
	show(v.tick, marked)
	if marked {
		setIcon(v.tick, icon, ink)
		put(v.tick, x-1, rowLine2+4, tickW, tickH)
		x += tickW + 3
	}
	plain := font{size: TextPreview, bold: v.row.Unread > 0 && !v.row.Muted}
	prefix, prefixInk, text, textInk := v.words()
	prefix = set.fit(prefix, plain, right-x)
	show(v.prefix, prefix != "")
	setText(v.prefix, prefix, plain, tone(prefixInk))
	putText(v.prefix, x, rowLine2)
	if prefix != "" {
		x += up(set.lineWidth(prefix, plain)) + 4
	}
	plain.italic = v.row.Deleted && v.row.Draft == "" && v.row.Typing == ""
	setText(v.preview, set.fit(cleanLine(text), plain, right-x), plain, tone(textInk))
	putText(v.preview, x, rowLine2)
}

// words returns what the second line says and in which colours.
func (v *chatRowView) words() (prefix string, prefixInk fyne.ThemeColorName, text string, ink fyne.ThemeColorName) {
	switch {
	case v.row.Typing != "":
		return "", ColorText, v.row.Typing, ColorAccent
	case v.row.Draft != "":
		return "Draft:", ColorError, v.row.Draft, ColorSecondary
	case v.row.Sender != "":
		return cleanLine(v.row.Sender) + ":", ColorText, v.row.Preview, ColorSecondary
	case v.row.Unread > 0 && !v.row.Muted:
		return "", ColorText, v.row.Preview, ColorText
	default:
		return "", ColorText, v.row.Preview, ColorSecondary
	}
}

// drawBadge draws what is at the end of the second line and returns where the text before it has to end.
func (v *chatRowView) drawBadge(set *typesetter) float32 {
	right := v.look.width - rowRight
	show(v.at, false)
	show(v.atBadge, false)
	counted, pinned := v.row.Unread > 0, v.row.Pinned && v.row.Unread == 0
	show(v.badge, counted)
	show(v.count, counted)
	show(v.pin, pinned)
	switch {
	case counted:
		f := font{size: TextMeta, bold: true}
		text := countText(v.row.Unread)
		tw := set.width(text, f)
		w := max(20, up(tw)+11)
		fill := ColorBadge
		if v.row.Muted {
			fill = ColorBadgeMuted
		}
		setFill(v.badge, tone(fill))
		put(v.badge, right-w, rowLine2, w, 20)
		setText(v.count, text, f, tone(ColorBadgeText))
		putText(v.count, right-w+(w-tw)/2, rowLine2+(20-textHeight(f))/2)
		return v.drawAt(right-w-4, set)
	case pinned:
		setIcon(v.pin, assets.IconPin, ColorSecondary)
		put(v.pin, right-glyph, rowLine2+3, glyph, glyph)
		return right - glyph - 8
	default:
		return right
	}
}

// drawAt draws the badge for a mention to the left of the count's, and returns where the text before it has to end.
func (v *chatRowView) drawAt(right float32, set *typesetter) float32 {
	if !v.row.Mention {
		return right - 4
	}
	const side = float32(20)
	f := font{size: TextSmall, bold: true}
	show(v.at, true)
	show(v.atBadge, true)
	setFill(v.atBadge, tone(ColorBadge))
	put(v.atBadge, right-side, rowLine2, side, side)
	setText(v.at, "@", f, tone(ColorBadgeText))
	putText(v.at, right-side+(side-set.width("@", f))/2, rowLine2+(side-textHeight(f))/2-1)
	return right - side - 8
}

func countText(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// icon returns the mark of a state outside a bubble and its colour, or no icon.
func (s MessageState) icon() (assets.Icon, fyne.ThemeColorName) {
	switch s {
	case StateWaiting:
		return assets.IconTickWaiting, ColorSecondary
	case StateSent:
		return assets.IconTickSent, ColorSecondary
	case StateDelivered:
		return assets.IconTickBoth, ColorSecondary
	case StateRead:
		return assets.IconTickBoth, ColorReadTick
	case StateFailed:
		return assets.IconTickFailed, ColorError
	case StateNone:
		return "", ""
	default:
		return "", ""
	}
}
