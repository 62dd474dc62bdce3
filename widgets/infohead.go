package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoHeadData is what an [InfoHead] shows.
type InfoHeadData struct {
	Face     Face
	Title    string
	Subtitle string // online, 12 members; may be empty
	Active   bool   // the subtitle in the accent colour
	Editable bool   // a badge on the avatar, which can be changed
}

// InfoHead is the first part of an [InfoPanel]: a large avatar, a name and a line.
type InfoHead struct {
	widget.BaseWidget

	// OnAvatarTapped is called for the avatar, with a position in the window for a menu.
	OnAvatarTapped func(pos fyne.Position)

	data   InfoHeadData
	avatar *infoAvatar
	set    *text.Typesetter
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
	h := &InfoHead{data: d, set: text.NewTypesetter()}
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

func (h *InfoHead) titleFont() text.Font { return text.Font{Size: TextTitle, Bold: true} }

// lines wraps the title for the current width.
func (h *InfoHead) lines() (title string, lines []text.Line) {
	room := max(h.Size().Width, 240) - 2*listEdge
	title = text.CleanLine(h.data.Title)
	return title, h.set.Wrap(title, h.titleFont(), room, headLines)
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
	titles, sub := draw.NewGroup(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{h.avatar, titles, sub}, h.MinSize, func(size fyne.Size) {
		draw.Place(h.avatar, draw.SnapPx((size.Width-AvatarInfo)/2), headTop, AvatarInfo, AvatarInfo)
		y := headTop + AvatarInfo + 12
		title, lines := h.lines()
		draw.Place(titles, 0, y, size.Width, float32(len(lines))*headTitle)
		titles.Objects = titles.Objects[:0]
		for i, s := range lines {
			t := draw.NewText()
			draw.SetLine(t, s, title, h.titleFont(), draw.ThemeColor(ColorText))
			draw.PlaceText(t, (size.Width-s.Width)/2, float32(i)*headTitle)
			titles.Objects = append(titles.Objects, t)
		}
		y += float32(len(lines)) * headTitle
		f, ink := text.Font{Size: TextPreview}, ColorSecondary
		if h.data.Active {
			ink = ColorAccent
		}
		words := h.set.Fit(text.CleanLine(h.data.Subtitle), f, size.Width-2*listEdge)
		draw.SetText(sub, words, f, draw.ThemeColor(ink))
		draw.PlaceText(sub, (size.Width-h.set.LineWidth(words, f))/2, y+2)
	})
}

// SetOnEscape sets what is called for the Escape key.
func (h *InfoHead) SetOnEscape(f func()) { h.avatar.OnEscape = f }

// infoAvatar is an avatar that can be pressed.
type infoAvatar struct {
	draw.Pressable

	head *InfoHead
}

func newInfoAvatar(h *InfoHead) *infoAvatar {
	a := &infoAvatar{head: h}
	a.OnTapped = func() {
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
	part, ring := NewFacePart(text.NewTypesetter()), draw.NewFocusRing()
	badge, icon := &canvas.Circle{StrokeWidth: 2}, draw.NewIcon()
	objects := append(part.Objects(), badge, icon, ring.Line)
	return draw.NewRenderer(objects, a.MinSize, func(fyne.Size) {
		d := a.head.data
		part.Place(0, 0, AvatarInfo, d.Face, ColorChatPane)
		draw.SetVisible(badge, d.Editable)
		draw.SetVisible(icon, d.Editable)
		radius := AvatarInfo / 2
		if d.Face.Group {
			radius = draw.SnapPx(AvatarInfo * 0.3)
		}
		ring.Place(a.Focused(), 0, 0, AvatarInfo, AvatarInfo, radius)
		if !d.Editable {
			return
		}
		fill := draw.ThemeColor(ColorAccent)
		if a.Hovered() {
			fill = draw.ThemeColor(ColorAccentHover)
		}
		if badge.FillColor != fill || badge.StrokeColor != draw.ThemeColor(ColorChatPane) {
			badge.FillColor, badge.StrokeColor = fill, draw.ThemeColor(ColorChatPane)
			badge.Refresh()
		}
		at := AvatarInfo - headBadge + 2
		draw.Place(badge, at, at, headBadge, headBadge)
		draw.SetIcon(icon, assets.IconCamera, ColorOnAccent)
		const side = float32(18)
		draw.Place(icon, at+(headBadge-side)/2, at+(headBadge-side)/2, side, side)
	})
}
