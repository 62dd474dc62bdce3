package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// HeaderHeight is the height of a [Header].
const HeaderHeight = float32(56)

// HeaderData is what a [Header] shows.
type HeaderData struct {
	Face     Face
	Title    string
	Subtitle string // online, last seen, typing; may be empty
	Active   bool   // the subtitle in the accent colour, for typing
}

// Header is the bar above a chat: an arrow back if asked for, avatar, name, second line, buttons on the right.
type Header struct {
	widget.BaseWidget

	// OnTapped is called for the part with avatar and name.
	OnTapped func()
	// OnBack is called for the arrow.
	OnBack func()

	data    HeaderData
	back    *IconButton
	title   *headerTitle
	actions *fyne.Container
}

var _ fyne.Widget = (*Header)(nil)

// NewHeader returns a header with these objects on the right, best [IconButton]s.
func NewHeader(actions ...fyne.CanvasObject) *Header {
	h := &Header{actions: container.NewHBox(actions...)}
	h.back = NewIconButton(assets.IconBack, func() {
		if h.OnBack != nil {
			h.OnBack()
		}
	})
	h.back.Hide()
	h.title = newHeaderTitle(h)
	h.ExtendBaseWidget(h)
	return h
}

// Set changes what is shown.
func (h *Header) Set(d HeaderData) {
	if h.data == d {
		return
	}
	h.data = d
	h.Refresh()
}

// ShowBack shows or hides the arrow.
func (h *Header) ShowBack(visible bool) {
	show(h.back, visible)
	h.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (h *Header) MinSize() fyne.Size { return fyne.NewSize(160, HeaderHeight) }

// CreateRenderer implements fyne.Widget.
func (h *Header) CreateRenderer() fyne.WidgetRenderer {
	back, line := &canvas.Rectangle{}, &canvas.Rectangle{}
	objects := []fyne.CanvasObject{back, line, h.title, h.back, h.actions}
	return newDrawn(objects, h.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatPane))
		setFill(line, tone(ColorHairline))
		put(back, 0, 0, size.Width, size.Height)
		put(line, 0, size.Height-1, size.Width, 1)
		x, pad := float32(0), (HeaderHeight-hitSide)/2
		if h.back.Visible() {
			put(h.back, 8, pad, hitSide, hitSide)
			x = 8 + hitSide - 4
		}
		w := h.actions.MinSize().Width
		put(h.actions, size.Width-w-12, pad, w, hitSide)
		put(h.title, x, 0, max(0, size.Width-w-12-x), HeaderHeight-1)
		h.title.Refresh()
	})
}

// headerTitle is the part of a header that can be pressed.
type headerTitle struct {
	press

	header *Header
	set    *typesetter
}

func newHeaderTitle(h *Header) *headerTitle {
	t := &headerTitle{header: h, set: newTypesetter()}
	t.onTapped = func() {
		if h.OnTapped != nil {
			h.OnTapped()
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

// MinSize implements fyne.CanvasObject.
func (t *headerTitle) MinSize() fyne.Size { return fyne.NewSize(80, HeaderHeight-1) }

// CreateRenderer implements fyne.Widget.
func (t *headerTitle) CreateRenderer() fyne.WidgetRenderer {
	face, title, sub, ring := newFacePart(t.set), newText(), newText(), newFocusRing()
	objects := append(face.objects(), title, sub, ring.line)
	return newDrawn(objects, t.MinSize, func(size fyne.Size) {
		d := t.header.data
		put0 := (size.Height - AvatarHeader) / 2
		show(face.disc, d.Title != "")
		face.place(16, whole(put0), AvatarHeader, d.Face, ColorChatPane)
		if d.Title == "" {
			for _, o := range face.objects() {
				show(o, false)
			}
		}
		x := 16 + AvatarHeader + 12
		room := size.Width - x - 8
		titleFont, subFont := font{size: TextHeader, bold: true}, font{size: TextSmall}
		setText(title, t.set.fit(cleanLine(d.Title), titleFont, room), titleFont, tone(ColorText))
		ink := ColorSecondary
		if d.Active {
			ink = ColorAccent
		}
		setText(sub, t.set.fit(cleanLine(d.Subtitle), subFont, room), subFont, tone(ink))
		if d.Subtitle == "" {
			putText(title, x, (size.Height-textHeight(titleFont))/2)
		} else {
			putText(title, x, size.Height/2-20)
			putText(sub, x, size.Height/2+2)
		}
		ring.place(t.focused, 4, 4, size.Width-8, size.Height-8, RadiusRow)
	})
}
