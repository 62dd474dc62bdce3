package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// LinkCard is what a message says about a page that its text links to, below the text. A press opens the page.
type LinkCard struct {
	URL   string
	Site  string
	Title string
	Text  string // shown in up to three lines; may be empty
	// Pictured says that there is a picture. Its room is there before it is loaded.
	Pictured bool
	Photo    *widgets.Photo
}

// Geometry of the card of a link.
const (
	linkMax   = float32(380)
	linkGap   = float32(6) // above it
	linkPad   = float32(8)
	linkTop   = float32(5)
	linkBelow = float32(3) // between it and the time
	linkLine  = float32(18)
	linkSide  = float32(64) // of the picture

	linkTitleLines = 2
	linkTextLines  = 3
)

// linkLayout is the place of the card of a link; H is 0 if there is none.
type linkLayout struct {
	draw.Box

	rows  []linkRow
	photo draw.Box
	room  float32 // width of the texts
}

// linkRow is one line of the texts of a card.
type linkRow struct {
	line   text.Line
	text   string
	font   text.Font
	accent bool
	y      float32 // from the top of the card
}

func linkFonts() (site, title, words text.Font) {
	return text.Font{Size: widgets.TextSmall, Bold: true}, cardTitleFont(), text.Font{Size: widgets.TextPreview}
}

// placeLink places the card of a link below y, and returns its bottom and the width of the last line so far: the time has a
// line of its own then.
func (l *rowLayout) placeLink(
	set *text.Typesetter, y, last, room float32, widest *float32,
) (bottom, newLast float32) {
	c := l.item.Link
	if c == nil || l.item.Deleted || l.item.Kind != KindText {
		return y, last
	}
	width := max(*widest, min(room, linkMax))
	*widest = width
	l.link.room = width - quoteBar - 2*linkPad
	if c.Pictured {
		l.link.room -= linkSide + linkPad
	}
	site, title, words := linkFonts()
	at := linkTop
	add := func(s string, f text.Font, most int, accent bool) {
		s = text.CleanLine(s)
		if s == "" {
			return
		}
		lines := set.Wrap(s, f, l.link.room, most+1)
		if len(lines) > most { // the last one ends with an ellipsis
			head := s[:lines[most-1].Start]
			s = head + set.Fit(s[len(head):], f, l.link.room)
			lines = set.Wrap(s, f, l.link.room, most)
		}
		for _, line := range lines {
			l.link.rows = append(l.link.rows, linkRow{line: line, text: s, font: f, accent: accent, y: at})
			at += linkLine
		}
	}
	add(c.Site, site, 1, true)
	add(c.Title, title, linkTitleLines, false)
	add(c.Text, words, linkTextLines, false)
	at += linkTop
	if c.Pictured {
		at = max(at, linkSide+2*linkPad)
	}
	l.link.Box = draw.NewBox(0, y+linkGap, width, at)
	return y + linkGap + at + linkBelow, room
}

// placeLinkInRow moves the card to the bubble's inner edge, once that is known.
func (l *rowLayout) placeLinkInRow() {
	if l.link.H == 0 {
		return
	}
	l.link.X, l.link.W = l.lineX, l.bubble.W-2*padX
	if l.item.Link.Pictured {
		l.link.photo = draw.NewBox(l.link.X+l.link.W-linkPad-linkSide, l.link.Y+linkPad, linkSide, linkSide)
	}
}

// linkParts draws the card of a link.
type linkParts struct {
	back, bar, ground *canvas.Rectangle
	photo             *canvas.Image
	shown             *widgets.Photo
}

func newLinkParts() *linkParts {
	p := &linkParts{
		back: &canvas.Rectangle{CornerRadius: quoteRadius}, bar: &canvas.Rectangle{},
		ground: &canvas.Rectangle{CornerRadius: widgets.RadiusField}, photo: draw.NewPhotoImage(widgets.RadiusField),
	}
	roundBar(p.bar)
	return p
}

func (v *rowView) drawLink(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.link.H == 0 {
		return objects
	}
	if v.link == nil {
		v.link = newLinkParts()
	}
	p, b := v.link, l.link
	ground := widgets.ColorQuote
	if l.item.Own {
		ground = widgets.ColorQuoteOwn
	}
	ink, _, accent := l.inks()
	draw.SetFill(p.back, draw.ThemeColor(ground))
	draw.Place(p.back, b.X, b.Y, b.W, b.H)
	draw.SetFill(p.bar, draw.ThemeColor(accent))
	draw.Place(p.bar, b.X, b.Y, quoteBar, b.H)
	objects = append(objects, p.back, p.bar)
	for _, r := range b.rows {
		c, x := ink, draw.Flip(b.X+quoteBar+linkPad, b.room)
		if r.accent {
			c = accent
		}
		if r.line.RTL {
			x += b.room - r.line.Width
		}
		objects = v.line(objects, r.line, r.text, r.font, c, x, b.Y+r.y)
	}
	if b.photo.H == 0 {
		return objects
	}
	draw.SetFill(p.ground, draw.ThemeColor(ground))
	draw.Place(p.ground, b.photo.X, b.photo.Y, b.photo.W, b.photo.H)
	objects = append(objects, p.ground)
	if photo := l.item.Link.Photo; photo != nil {
		draw.Place(p.photo, b.photo.X, b.photo.Y, b.photo.W, b.photo.H)
		if p.shown != photo {
			p.shown, p.photo.Image = photo, photo.Image()
			p.photo.Refresh()
		}
		objects = append(objects, p.photo)
	}
	return objects
}

// tapCard opens the page of a card. One whose address is not to be seen in the text is shown first.
func (l *List) tapCard(m *rowLayout) {
	c := m.item.Link
	for _, k := range m.links {
		if k.Mention == 0 && !k.Hidden && k.In(m.text) == c.URL {
			l.OnLink(c.URL)
			return
		}
	}
	l.tapLink(hit{url: c.URL, words: text.CleanLine(c.Title)})
}
