package messages

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// blockParts draws the parts above a message's text. Most messages have none, so a view creates it when it is first
// needed.
type blockParts struct {
	forward     *draw.Text
	forwardIcon *canvas.Image
	quoteBack   *canvas.Rectangle
	quoteBar    *canvas.Rectangle
	quoteName   *draw.Text
	quoteText   *draw.Text
	cardTitle   *draw.Text
	cardWords   *draw.Text
	ground      *canvas.Rectangle // of the map
	grid        []*canvas.Rectangle
	spot        *canvas.Circle
	pin         *canvas.Image
	file        *fileParts // nil until needed
}

func newBlockParts() *blockParts {
	p := &blockParts{
		forward: draw.NewText(), forwardIcon: draw.NewIcon(),
		quoteBack: &canvas.Rectangle{CornerRadius: quoteRadius}, quoteBar: &canvas.Rectangle{},
		quoteName: draw.NewText(), quoteText: draw.NewText(), cardTitle: draw.NewText(), cardWords: draw.NewText(),
		ground: &canvas.Rectangle{CornerRadius: widgets.RadiusField}, spot: &canvas.Circle{}, pin: draw.NewIcon(),
	}
	p.quoteBar.TopLeftCornerRadius, p.quoteBar.BottomLeftCornerRadius = quoteBar, quoteBar
	return p
}

const (
	quoteRadius = float32(5)
	mapStep     = float32(32) // between the lines of the grid
	pinWidth    = float32(24)
	pinHeight   = float32(32)
	spotSide    = float32(40)
)

// inks returns the colours of the texts in a bubble.
func (l *rowLayout) inks() (ink, meta, link fyne.ThemeColorName) {
	if l.item.Own {
		return widgets.ColorBubbleOwnText, widgets.ColorBubbleOwnMeta, widgets.ColorLinkOwn
	}
	return widgets.ColorBubblePeerText, widgets.ColorBubblePeerMeta, widgets.ColorLink
}

func (v *rowView) drawBlocks(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.parts == nil {
		return objects
	}
	if v.blocks == nil {
		v.blocks = newBlockParts()
	}
	if l.parts.forward.H > 0 {
		objects = v.blocks.drawForward(l, objects)
	}
	if l.parts.quote.H > 0 {
		objects = v.blocks.drawQuote(l, objects)
	}
	if l.parts.place.H > 0 {
		objects = v.blocks.drawPlace(l, objects)
	}
	if l.parts.file.H > 0 {
		objects = v.blocks.drawFile(l, objects)
	}
	return objects
}

func (p *blockParts) drawForward(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	_, meta, _ := l.inks()
	draw.SetIcon(p.forwardIcon, assets.IconForward, meta)
	draw.Place(p.forwardIcon, l.parts.forward.X, l.parts.forward.Y+1, forwardIcon, forwardIcon)
	draw.SetText(p.forward, text.CleanLine(l.item.Forwarded), forwardFont(), draw.ThemeColor(meta))
	draw.PlaceText(p.forward, l.parts.forward.X+forwardIcon+4, l.parts.forward.Y)
	return append(objects, p.forwardIcon, p.forward)
}

func (p *blockParts) drawQuote(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	q := l.parts.quote
	ground, bar := widgets.ColorQuote, draw.ThemeColor(widgets.ColorLink)
	switch {
	case l.item.Own:
		ground, bar = widgets.ColorQuoteOwn, draw.ThemeColor(widgets.ColorLinkOwn)
	case l.item.Quote.SenderKey != "":
		bar = senderColor(l.item.Quote.SenderKey, l.item.Quote.Name)
	}
	ink, meta, _ := l.inks()
	if l.item.Quote.Deleted {
		ink = meta
	}
	draw.SetFill(p.quoteBack, draw.ThemeColor(ground))
	draw.Place(p.quoteBack, q.X, q.Y, q.W, q.H)
	draw.SetFill(p.quoteBar, bar)
	draw.Place(p.quoteBar, q.X, q.Y, quoteBar, q.H)
	x := q.X + quoteBar + quotePad
	draw.SetText(p.quoteName, q.name, cardTitleFont(), bar)
	room := q.W - quoteBar - 2*quotePad
	draw.PlaceTextIn(p.quoteName, x, q.Y+2, room)
	draw.SetText(p.quoteText, q.text, l.item.Quote.font(), draw.ThemeColor(ink))
	draw.PlaceTextIn(p.quoteText, x, q.Y+20, room)
	return append(objects, p.quoteBack, p.quoteBar, p.quoteName, p.quoteText)
}

func (p *blockParts) drawPlace(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	b := l.parts.place
	ground, line := widgets.ColorMap, widgets.ColorMapLine
	if l.item.Own {
		ground, line = widgets.ColorMapOwn, widgets.ColorMapLineOwn
	}
	draw.SetFill(p.ground, draw.ThemeColor(ground))
	draw.Place(p.ground, b.X, b.Y, b.W, placeMap)
	objects = append(objects, p.ground)
	n := 0
	add := func(x, y, w, h float32) {
		if n == len(p.grid) {
			p.grid = append(p.grid, &canvas.Rectangle{})
		}
		draw.SetFill(p.grid[n], draw.ThemeColor(line))
		draw.Place(p.grid[n], x, y, w, h)
		objects = append(objects, p.grid[n])
		n++
	}
	middle := b.X + draw.SnapPx(b.W/2)
	for d := mapStep / 2; d < b.W/2; d += mapStep {
		add(middle-d, b.Y, 1, placeMap)
		add(middle+d, b.Y, 1, placeMap)
	}
	for y := mapStep; y < placeMap; y += mapStep {
		add(b.X, b.Y+y, b.W, 1)
	}
	spot := draw.ThemeColor(widgets.ColorFlash)
	if p.spot.FillColor != spot {
		p.spot.FillColor = spot
		p.spot.Refresh()
	}
	tip := b.Y + placeMap/2 + pinHeight/2 // of the pin
	draw.Place(p.spot, middle-spotSide/2, tip-spotSide/2, spotSide, spotSide)
	draw.SetIcon(p.pin, assets.IconMapPin, widgets.ColorError)
	draw.Place(p.pin, middle-pinWidth/2, tip-pinHeight, pinWidth, pinHeight)
	ink, meta, _ := l.inks()
	y := b.Y + placeMap + 4
	objects = append(objects, p.spot, p.pin)
	if b.title != "" {
		draw.SetText(p.cardTitle, b.title, cardTitleFont(), draw.ThemeColor(ink))
		draw.PlaceText(p.cardTitle, b.X, y)
		objects = append(objects, p.cardTitle)
		y += draw.LineHeight
	}
	draw.SetText(p.cardWords, b.words, cardFont(), draw.ThemeColor(meta))
	draw.PlaceText(p.cardWords, b.X, y+1)
	return append(objects, p.cardWords)
}

// pillPart draws one reaction.
type pillPart struct {
	back  *canvas.Rectangle
	emoji *draw.Text
	count *draw.Text
}

func newPillPart() *pillPart {
	return &pillPart{
		back:  &canvas.Rectangle{CornerRadius: reactionHeight / 2, StrokeWidth: 1},
		emoji: draw.NewText(), count: draw.NewText(),
	}
}

func (v *rowView) drawReactions(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	for i, p := range l.pills {
		if i == len(v.pills) {
			v.pills = append(v.pills, newPillPart())
		}
		r := l.item.Reactions[p.index]
		part := v.pills[i]
		fill, ink := draw.ThemeColor(widgets.ColorReaction), widgets.ColorText
		line := draw.ThemeColor(widgets.ColorReactionLine)
		if r.Own {
			fill, ink = draw.ThemeColor(widgets.ColorAccent), widgets.ColorOnAccent
			line = color.Transparent
		}
		if part.back.StrokeColor != line {
			part.back.StrokeColor = line
			part.back.Refresh()
		}
		draw.SetFill(part.back, fill)
		draw.Place(part.back, p.X, p.Y, p.W, p.H)
		f := reactionFont()
		draw.SetText(part.emoji, p.emoji, f, draw.ThemeColor(ink))
		draw.PlaceText(part.emoji, p.X+reactionPad, p.Y+(p.H-text.Height(f))/2)
		objects = append(objects, part.back, part.emoji)
		if p.count != "" {
			f = reactionCountFont()
			draw.SetText(part.count, p.count, f, draw.ThemeColor(ink))
			draw.PlaceText(part.count, p.X+reactionPad+p.emojiW+4, p.Y+(p.H-text.Height(f))/2)
			objects = append(objects, part.count)
		}
	}
	return objects
}
