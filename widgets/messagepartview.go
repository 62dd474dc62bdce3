package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

// blockParts draws what stands above a message's text. Most messages have nothing there, so a view makes them when it
// first needs them.
type blockParts struct {
	forward     *canvas.Text
	forwardIcon *canvas.Image
	quoteBack   *canvas.Rectangle
	quoteBar    *canvas.Rectangle
	quoteName   *canvas.Text
	quoteText   *canvas.Text
	cardTitle   *canvas.Text
	cardWords   *canvas.Text
	ground      *canvas.Rectangle // of the map
	grid        []*canvas.Rectangle
	spot        *canvas.Circle
	pin         *canvas.Image
	file        *fileParts // nil before it is needed
}

func newBlockParts() *blockParts {
	p := &blockParts{
		forward: newText(), forwardIcon: newIcon(),
		quoteBack: &canvas.Rectangle{CornerRadius: quoteRadius}, quoteBar: &canvas.Rectangle{},
		quoteName: newText(), quoteText: newText(), cardTitle: newText(), cardWords: newText(),
		ground: &canvas.Rectangle{CornerRadius: RadiusField}, spot: &canvas.Circle{}, pin: newIcon(),
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

// bubbleInks are the colours of texts in a bubble.
func (l *rowLayout) inks() (text, meta, link fyne.ThemeColorName) {
	if l.item.Own {
		return ColorBubbleOwnText, ColorBubbleOwnMeta, ColorLinkOwn
	}
	return ColorBubblePeerText, ColorBubblePeerMeta, ColorLink
}

func (v *messageView) drawBlocks(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	if l.parts == nil {
		return objects
	}
	if v.blocks == nil {
		v.blocks = newBlockParts()
	}
	if l.parts.forward.h > 0 {
		objects = v.blocks.drawForward(l, objects)
	}
	if l.parts.quote.h > 0 {
		objects = v.blocks.drawQuote(l, objects)
	}
	if l.parts.place.h > 0 {
		objects = v.blocks.drawPlace(l, objects)
	}
	if l.parts.file.h > 0 {
		objects = v.blocks.drawFile(l, objects)
	}
	return objects
}

func (p *blockParts) drawForward(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	_, meta, _ := l.inks()
	setIcon(p.forwardIcon, assets.IconForward, meta)
	put(p.forwardIcon, l.parts.forward.x, l.parts.forward.y+1, forwardIcon, forwardIcon)
	setText(p.forward, cleanLine(l.item.Forwarded), forwardFont(), tone(meta))
	putText(p.forward, l.parts.forward.x+forwardIcon+4, l.parts.forward.y)
	return append(objects, p.forwardIcon, p.forward)
}

func (p *blockParts) drawQuote(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	q := l.parts.quote
	ground, bar := ColorQuote, tone(ColorLink)
	switch {
	case l.item.Own:
		ground, bar = ColorQuoteOwn, tone(ColorLinkOwn)
	case l.item.Quote.SenderKey != "":
		bar = senderColor(l.item.Quote.SenderKey, l.item.Quote.Name)
	}
	text, meta, _ := l.inks()
	if l.item.Quote.Deleted {
		text = meta
	}
	setFill(p.quoteBack, tone(ground))
	put(p.quoteBack, q.x, q.y, q.w, q.h)
	setFill(p.quoteBar, bar)
	put(p.quoteBar, q.x, q.y, quoteBar, q.h)
	x := q.x + quoteBar + quotePad
	setText(p.quoteName, q.name, cardTitleFont(), bar)
	putText(p.quoteName, x, q.y+2)
	setText(p.quoteText, q.text, l.item.Quote.font(), tone(text))
	putText(p.quoteText, x, q.y+20)
	return append(objects, p.quoteBack, p.quoteBar, p.quoteName, p.quoteText)
}

func (p *blockParts) drawPlace(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	b := l.parts.place
	ground, line := ColorMap, ColorMapLine
	if l.item.Own {
		ground, line = ColorMapOwn, ColorMapLineOwn
	}
	setFill(p.ground, tone(ground))
	put(p.ground, b.x, b.y, b.w, placeMap)
	objects = append(objects, p.ground)
	n := 0
	add := func(x, y, w, h float32) {
		if n == len(p.grid) {
			p.grid = append(p.grid, &canvas.Rectangle{})
		}
		setFill(p.grid[n], tone(line))
		put(p.grid[n], x, y, w, h)
		objects = append(objects, p.grid[n])
		n++
	}
	middle := b.x + whole(b.w/2)
	for d := mapStep / 2; d < b.w/2; d += mapStep {
		add(middle-d, b.y, 1, placeMap)
		add(middle+d, b.y, 1, placeMap)
	}
	for y := mapStep; y < placeMap; y += mapStep {
		add(b.x, b.y+y, b.w, 1)
	}
	spot := tone(ColorFlash)
	if p.spot.FillColor != spot {
		p.spot.FillColor = spot
		p.spot.Refresh()
	}
	tip := b.y + placeMap/2 + pinHeight/2 // the pin's lower end
	put(p.spot, middle-spotSide/2, tip-spotSide/2, spotSide, spotSide)
	setIcon(p.pin, assets.IconMapPin, ColorError)
	put(p.pin, middle-pinWidth/2, tip-pinHeight, pinWidth, pinHeight)
	text, meta, _ := l.inks()
	y := b.y + placeMap + 4
	objects = append(objects, p.spot, p.pin)
	if b.title != "" {
		setText(p.cardTitle, b.title, cardTitleFont(), tone(text))
		putText(p.cardTitle, b.x, y)
		objects = append(objects, p.cardTitle)
		y += lineHeight
	}
	setText(p.cardWords, b.words, cardFont(), tone(meta))
	putText(p.cardWords, b.x, y+1)
	return append(objects, p.cardWords)
}

// pillPart draws one reaction.
type pillPart struct {
	back  *canvas.Rectangle
	emoji *canvas.Text
	count *canvas.Text
}

func newPillPart() *pillPart {
	return &pillPart{
		back:  &canvas.Rectangle{CornerRadius: reactionHeight / 2, StrokeWidth: 1},
		emoji: newText(), count: newText(),
	}
}

func (v *messageView) drawReactions(objects []fyne.CanvasObject) []fyne.CanvasObject {
	l := v.layout
	for i, p := range l.pills {
		if i == len(v.pills) {
			v.pills = append(v.pills, newPillPart())
		}
		r := l.item.Reactions[p.index]
		part := v.pills[i]
		fill, line, ink := tone(ColorReaction), tone(ColorReactionLine), ColorText
		if r.Own {
			fill, line, ink = tone(ColorAccent), color.Color(color.Transparent), ColorOnAccent
		}
		if part.back.StrokeColor != line {
			part.back.StrokeColor = line
			part.back.Refresh()
		}
		setFill(part.back, fill)
		put(part.back, p.x, p.y, p.w, p.h)
		f := reactionFont()
		setText(part.emoji, p.emoji, f, tone(ink))
		putText(part.emoji, p.x+reactionPad, p.y+(p.h-textHeight(f))/2)
		objects = append(objects, part.back, part.emoji)
		if p.count != "" {
			f = reactionCountFont()
			setText(part.count, p.count, f, tone(ink))
			putText(part.count, p.x+reactionPad+p.emojiW+4, p.y+(p.h-textHeight(f))/2)
			objects = append(objects, part.count)
		}
	}
	return objects
}
