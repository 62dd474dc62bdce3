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

// PinnedData is what a [PinnedBar] shows: one of the pinned messages of a chat.
type PinnedData struct {
	Title     string // such as Pinned message 2 of 3
	Text      string // of the message; shown as one line
	At, Count int    // which of how many
	Unpin     bool   // there is a cross to unpin it
}

// PinnedBar is the line below a chat's header with a pinned message.
type PinnedBar struct {
	widget.BaseWidget

	// OnTapped is called for the message, OnUnpin for the cross.
	OnTapped, OnUnpin func()

	data PinnedData
	body *pinnedBody
	end  *IconButton
	set  *text.Typesetter
}

var _ fyne.Widget = (*PinnedBar)(nil)

const (
	pinnedHeight = float32(44)
	pinnedLines  = 4 // segments of the line at the left edge, at most
)

// NewPinnedBar returns a bar without a message.
func NewPinnedBar() *PinnedBar {
	b := &PinnedBar{set: text.NewTypesetter()}
	b.body = &pinnedBody{bar: b}
	b.body.OnTapped = func() { draw.Invoke(b.OnTapped) }
	b.body.ExtendBaseWidget(b.body)
	b.end = NewIconButton(assets.IconClose, tr.L("Unpin"), func() { draw.Invoke(b.OnUnpin) })
	b.ExtendBaseWidget(b)
	return b
}

// Set changes what is shown.
func (b *PinnedBar) Set(d PinnedData) {
	if b.data == d {
		return
	}
	b.data = d
	draw.SetVisible(b.end, d.Unpin)
	b.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (b *PinnedBar) MinSize() fyne.Size { return fyne.NewSize(160, pinnedHeight) }

// CreateRenderer implements fyne.Widget.
func (b *PinnedBar) CreateRenderer() fyne.WidgetRenderer {
	back, line := &canvas.Rectangle{}, &canvas.Rectangle{}
	return draw.NewRenderer([]fyne.CanvasObject{back, line, b.body, b.end}, b.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, size.Height-1, size.Width, 1)
		draw.Place(b.end, size.Width-draw.HitSide-12, (size.Height-draw.HitSide)/2, draw.HitSide, draw.HitSide)
		draw.Place(b.body, 0, 0, size.Width-draw.HitSide-16, size.Height-1)
		b.body.Refresh()
	})
}

// pinnedBody is the part that can be pressed.
type pinnedBody struct {
	draw.Pressable

	bar *PinnedBar
}

// MinSize implements fyne.CanvasObject.
func (p *pinnedBody) MinSize() fyne.Size { return fyne.NewSize(80, pinnedHeight-1) }

// CreateRenderer implements fyne.Widget.
func (p *pinnedBody) CreateRenderer() fyne.WidgetRenderer {
	title, words, ring, hover := draw.NewText(), draw.NewText(), draw.NewFocusRing(), &canvas.Rectangle{CornerRadius: RadiusRow}
	objects := []fyne.CanvasObject{hover, ring.Line, title, words}
	var segments [pinnedLines]*canvas.Rectangle
	for i := range segments {
		segments[i] = &canvas.Rectangle{CornerRadius: 1}
		objects = append(objects, segments[i])
	}
	return draw.NewRenderer(objects, p.MinSize, func(size fyne.Size) {
		draw.SetVisible(hover, p.Hovered())
		draw.SetFill(hover, draw.ThemeColor(ColorRowHover))
		draw.Place(hover, 6, 3, size.Width-12, size.Height-6)
		ring.Place(p.Focused(), 6, 3, size.Width-12, size.Height-6, RadiusRow)
		p.placeSegments(segments, size.Height)
		d, set := p.bar.data, p.bar.set
		bold, plain := text.Font{Size: TextSmall, Bold: true}, text.Font{Size: TextPreview}
		const x = float32(26)
		room := size.Width - x - 12
		draw.SetText(title, set.Fit(d.Title, bold, room), bold, draw.ThemeColor(ColorAccent))
		draw.PlaceText(title, x, 5)
		draw.SetText(words, set.Fit(text.CleanLine(d.Text), plain, room), plain, draw.ThemeColor(ColorText))
		draw.PlaceText(words, x, 21)
	})
}

// placeSegments draws the line at the left edge, with a segment for each message; the one that is shown is coloured.
func (p *pinnedBody) placeSegments(segments [pinnedLines]*canvas.Rectangle, height float32) {
	const pad, gap = float32(7), float32(2)
	n := max(1, min(p.bar.data.Count, pinnedLines))
	at := min(p.bar.data.At, n-1)
	each := (height - 2*pad - gap*float32(n-1)) / float32(n)
	for i, s := range segments {
		draw.SetVisible(s, i < n)
		ink := ColorHairline
		if i == at {
			ink = ColorAccent
		}
		draw.SetFill(s, draw.ThemeColor(ink))
		draw.Place(s, 16, pad+float32(n-1-i)*(each+gap), 3, each)
	}
}
