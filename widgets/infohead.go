package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// InfoHeadData is what an [InfoHead] shows.
type InfoHeadData struct {
	Face     Face
	Title    string
	Subtitle string // online, 12 members; may be empty
	Active   bool   // the subtitle in the accent colour
	Editable bool   // a badge at the avatar: it can be changed
}

// InfoHead is the first part of an [InfoPanel]: a large avatar, a name, a line.
type InfoHead struct {
	widget.BaseWidget

	// OnAvatarTapped is called for the avatar, with a position in the window for a menu.
	OnAvatarTapped func(pos fyne.Position)

	data   InfoHeadData
	avatar *infoAvatar
	set    *typesetter
}

var _ fyne.Widget = (*InfoHead)(nil)

const (
	headTop   = float32(20)
	headTitle = float32(24) // of a line
	headSub   = float32(20)
	headLines = 3
	headBadge = float32(32)
)

// NewInfoHead returns a head.
func NewInfoHead(d InfoHeadData) *InfoHead {
	h := &InfoHead{data: d, set: newTypesetter()}
	h.avatar = newInfoAvatar(h)
	h.ExtendBaseWidget(h)
	return h
}

// Set changes what is shown.
func (h *InfoHead) Set(d InfoHeadData) {
	h.data = d
	h.avatar.Refresh()
	h.Refresh()
}

func (h *InfoHead) titleFont() font { return font{size: TextTitle, bold: true} }

// lines breaks the title for the width the head has.
func (h *InfoHead) lines() (text string, lines []span) {
	room := max(h.Size().Width, 240) - 2*listEdge
	text = cleanLine(h.data.Title)
	return text, h.set.wrap(text, h.titleFont(), room, headLines)
}

// MinSize implements fyne.CanvasObject.
func (h *InfoHead) MinSize() fyne.Size {
	_, lines := h.lines()
	height := headTop + AvatarInfo + 12 + float32(len(lines))*headTitle + 12
	if h.data.Subtitle != "" {
		height += headSub
	}
	return fyne.NewSize(200, height)
}

// CreateRenderer implements fyne.Widget.
func (h *InfoHead) CreateRenderer() fyne.WidgetRenderer {
	titles, sub := newStill(), newText()
	return newDrawn([]fyne.CanvasObject{h.avatar, titles, sub}, h.MinSize, func(size fyne.Size) {
		put(h.avatar, whole((size.Width-AvatarInfo)/2), headTop, AvatarInfo, AvatarInfo)
		y := headTop + AvatarInfo + 12
		text, lines := h.lines()
		put(titles, 0, y, size.Width, float32(len(lines))*headTitle)
		titles.Objects = titles.Objects[:0]
		for i, s := range lines {
			t := newText()
			setText(t, s.text(text), h.titleFont(), tone(ColorText))
			putText(t, (size.Width-s.width)/2, float32(i)*headTitle)
			titles.Objects = append(titles.Objects, t)
		}
		y += float32(len(lines)) * headTitle
		f, ink := font{size: TextPreview}, ColorSecondary
		if h.data.Active {
			ink = ColorAccent
		}
		words := h.set.fit(cleanLine(h.data.Subtitle), f, size.Width-2*listEdge)
		setText(sub, words, f, tone(ink))
		putText(sub, (size.Width-h.set.lineWidth(words, f))/2, y+2)
	})
}

// infoAvatar is the avatar that can be pressed.
type infoAvatar struct {
	press

	head *InfoHead
}

func newInfoAvatar(h *InfoHead) *infoAvatar {
	a := &infoAvatar{head: h}
	a.onTapped = func() {
		if h.OnAvatarTapped != nil {
			pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(a)
			h.OnAvatarTapped(pos.AddXY(AvatarInfo/2, AvatarInfo))
		}
	}
	a.ExtendBaseWidget(a)
	return a
}

// MinSize implements fyne.CanvasObject.
func (a *infoAvatar) MinSize() fyne.Size { return fyne.NewSquareSize(AvatarInfo) }

// Cursor implements desktop.Cursorable.
func (a *infoAvatar) Cursor() desktop.Cursor {
	if a.head.OnAvatarTapped == nil {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// CreateRenderer implements fyne.Widget.
func (a *infoAvatar) CreateRenderer() fyne.WidgetRenderer {
	part, ring := newFacePart(newTypesetter()), newFocusRing()
	badge, icon := &canvas.Circle{StrokeWidth: 2}, newIcon()
	objects := append(part.objects(), badge, icon, ring.line)
	return newDrawn(objects, a.MinSize, func(fyne.Size) {
		d := a.head.data
		part.place(0, 0, AvatarInfo, d.Face, ColorChatPane)
		show(badge, d.Editable)
		show(icon, d.Editable)
		radius := AvatarInfo / 2
		if d.Face.Group {
			radius = whole(AvatarInfo * 0.3)
		}
		ring.place(a.focused, 0, 0, AvatarInfo, AvatarInfo, radius)
		if !d.Editable {
			return
		}
		fill := tone(ColorAccent)
		if a.hovered {
			fill = tone(ColorAccentHover)
		}
		if badge.FillColor != fill || badge.StrokeColor != tone(ColorChatPane) {
			badge.FillColor, badge.StrokeColor = fill, tone(ColorChatPane)
			badge.Refresh()
		}
		at := AvatarInfo - headBadge + 2
		put(badge, at, at, headBadge, headBadge)
		setIcon(icon, assets.IconCamera, ColorOnAccent)
		const side = float32(18)
		put(icon, at+(headBadge-side)/2, at+(headBadge-side)/2, side, side)
	})
}
