package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
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

// Header is the bar above a chat: an optional back arrow, avatar, name, second line, and buttons on the right.
type Header struct {
	widget.BaseWidget

	// OnTapped is called for avatar and name.
	OnTapped func()
	// OnBack is called for the back arrow.
	OnBack func()

	data    HeaderData
	back    *IconButton
	title   *headerTitle
	actions *fyne.Container
}

var _ fyne.Widget = (*Header)(nil)

// NewHeader returns a header with these objects on the right, usually [IconButton]s.
func NewHeader(actions ...fyne.CanvasObject) *Header {
	h := &Header{actions: NewHBox(actions...)}
	h.back = NewIconButton(assets.IconBack, tr.L("Back"), func() {
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

// ShowBack shows or hides the back arrow.
func (h *Header) ShowBack(visible bool) {
	draw.SetVisible(h.back, visible)
	h.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (h *Header) MinSize() fyne.Size { return fyne.NewSize(160, HeaderHeight) }

// CreateRenderer implements fyne.Widget.
func (h *Header) CreateRenderer() fyne.WidgetRenderer {
	back, line := &canvas.Rectangle{}, &canvas.Rectangle{}
	objects := []fyne.CanvasObject{back, line, h.title, h.back, h.actions}
	return draw.NewRenderer(objects, h.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, size.Height-1, size.Width, 1)
		x, pad := float32(0), (HeaderHeight-draw.HitSide)/2
		if h.back.Visible() {
			draw.Place(h.back, 8, pad, draw.HitSide, draw.HitSide)
			x = 8 + draw.HitSide - 4
		}
		w := h.actions.MinSize().Width
		draw.Place(h.actions, size.Width-w-12, pad, w, draw.HitSide)
		draw.Place(h.title, x, 0, max(0, size.Width-w-12-x), HeaderHeight-1)
		h.title.Refresh()
	})
}

// headerTitle is the part of a header that can be pressed.
type headerTitle struct {
	draw.Pressable

	header *Header
	set    *text.Typesetter
}

func newHeaderTitle(h *Header) *headerTitle {
	t := &headerTitle{header: h, set: text.NewTypesetter()}
	t.OnTapped = func() {
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
	face, title, sub, ring := NewFacePart(t.set), draw.NewText(), draw.NewText(), draw.NewFocusRing()
	objects := append(face.Objects(), title, sub, ring.Line)
	return draw.NewRenderer(objects, t.MinSize, func(size fyne.Size) {
		d := t.header.data
		put0 := (size.Height - AvatarHeader) / 2
		draw.SetVisible(face.disc, d.Title != "")
		face.Place(16, draw.SnapPx(put0), AvatarHeader, d.Face, ColorChatPane)
		if d.Title == "" {
			for _, o := range face.Objects() {
				draw.SetVisible(o, false)
			}
		}
		x := 16 + AvatarHeader + 12
		room := size.Width - x - 8
		titleFont, subFont := text.Font{Size: TextHeader, Bold: true}, text.Font{Size: TextSmall}
		draw.SetText(title, t.set.Fit(text.CleanLine(d.Title), titleFont, room), titleFont, draw.ThemeColor(ColorText))
		ink := ColorSecondary
		if d.Active {
			ink = ColorAccent
		}
		draw.SetText(sub, t.set.Fit(text.CleanLine(d.Subtitle), subFont, room), subFont, draw.ThemeColor(ink))
		if d.Subtitle == "" {
			draw.PlaceText(title, x, (size.Height-text.Height(titleFont))/2)
		} else {
			draw.PlaceText(title, x, size.Height/2-20)
			draw.PlaceText(sub, x, size.Height/2+2)
		}
		ring.Place(t.Focused(), 4, 4, size.Width-8, size.Height-8, RadiusRow)
	})
}
