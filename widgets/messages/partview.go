package messages

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
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
	file        *fileParts // nil until needed
	album       []*fileParts
	poll        *pollParts // nil until needed
}

func newBlockParts() *blockParts {
	p := &blockParts{
		forward: draw.NewText(), forwardIcon: draw.NewIcon(),
		quoteBack: &canvas.Rectangle{CornerRadius: quoteRadius}, quoteBar: &canvas.Rectangle{},
		quoteName: draw.NewText(), quoteText: draw.NewText(),
	}
	roundBar(p.quoteBar)
	return p
}

// roundBar rounds the bar before a quote on its free side.
func roundBar(bar *canvas.Rectangle) {
	if tr.RightToLeft() {
		bar.TopRightCornerRadius, bar.BottomRightCornerRadius = quoteBar, quoteBar
	} else {
		bar.TopLeftCornerRadius, bar.BottomLeftCornerRadius = quoteBar, quoteBar
	}
}

const (
	quoteRadius = float32(5)
)

// inks returns the colours of the texts in a bubble.
func (l *rowLayout) inks() (ink, meta, link fyne.ThemeColorName) {
	if l.item.Own && !l.bare {
		return widgets.ColorBubbleOwnText, widgets.ColorBubbleOwnMeta, widgets.ColorLinkOwn
	}
	return widgets.ColorBubblePeerText, widgets.ColorBubblePeerMeta, widgets.ColorLink
}

func (v *rowView) drawBlocks(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
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
	if l.parts.file.H > 0 {
		objects = v.blocks.drawFile(l, v.marked.frame, objects)
	}
	objects = v.blocks.drawAlbum(l, objects)
	objects = v.blocks.drawPoll(l, set, objects)
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
	if l.bare {
		ground = widgets.ColorBubblePeer
	}
	switch {
	case l.item.Own && !l.bare:
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
