package messages

import (
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// quoteLayout is the place of a quote; H is 0 if there is none.
type quoteLayout struct {
	draw.Box

	name, text string // cut to fit
}

// cardLayout is the place of a file, with its two lines.
type cardLayout struct {
	draw.Box

	title, words string // cut to fit
}

// Geometry of the parts above a message's text.
const (
	forwardHeight = float32(18)
	forwardIcon   = float32(14)
	quoteHeight   = float32(40)
	quoteBar      = float32(3)
	quotePad      = float32(8)
	quoteMax      = float32(340)
	blockGap      = float32(6) // below a part
)

func forwardFont() text.Font { return text.Font{Size: widgets.TextSmall} }

func cardFont() text.Font { return text.Font{Size: widgets.TextSmall} }

func cardTitleFont() text.Font { return text.Font{Size: widgets.TextPreview, Bold: true} }

// partLayout holds the parts above a message's text. Parts that do not exist have a height of 0.
type partLayout struct {
	forward  draw.Box
	quote    quoteLayout
	file     cardLayout
	ring     draw.Box // of a file that is not on this device; relative to the file until placeInRow
	play     draw.Box // of a film that is on this device, likewise
	photo    bool
	album    []albumCell
	poll     pollLayout
	question []text.Line // of a poll
	asked    string
	askedAt  float32
	albumBox draw.Box // around them
	wordsW   float32  // width of the words on a photo
	label    string   // on a photo
	labelW   float32

	voice       *voiceLayout
	reason      string // below a file
	reasonLines []text.Line
	reasonAt    float32
	reasonW     float32
}

// measure places the parts from y on, relative to the bubble's inner edge. It returns the top of the text, and the
// width of the last line of a card, beside which the time may be.
func (p *partLayout) measure(
	it *Item, set *text.Typesetter, y, room float32, widest *float32,
) (below, last float32) {
	if it.Forwarded != "" {
		w := forwardIcon + 4 + draw.CeilPx(set.LineWidth(text.CleanLine(it.Forwarded), forwardFont()))
		p.forward = draw.NewBox(0, y, min(w, room), forwardHeight)
		*widest = max(*widest, p.forward.W)
		y += forwardHeight
	}
	if q := it.Quote; q != nil {
		name := set.LineWidth(text.CleanLine(q.Name), cardTitleFont())
		w := max(name, set.LineWidth(text.CleanLine(q.Text), q.font()))
		w = min(draw.CeilPx(w)+quoteBar+2*quotePad, room, quoteMax)
		p.quote.Box = draw.NewBox(0, y, w, quoteHeight)
		*widest = max(*widest, w)
		y += quoteHeight + blockGap
	}
	switch {
	case it.File != nil:
		y, last = p.placeFile(it.File, set, y, room)
		*widest = max(*widest, p.file.W, p.reasonW)
	case len(it.Poll) > 0:
		y = p.placeQuestion(it.Question, set, y, room)
		y = p.placePoll(it.Poll, set, y, room)
		*widest = max(*widest, p.poll.W)
	case len(it.Album) > 0:
		y = p.placeAlbum(it.Album, set, y, room)
		*widest = max(*widest, p.albumBox.W)
	}
	if p.file.H+p.albumBox.H > 0 && it.Text != "" {
		y += blockGap
	}
	return y, last
}

// placeInRow moves the parts to the bubble's inner edge, once its position and inner width are known.
func (p *partLayout) placeInRow(it *Item, set *text.Typesetter, x, inner float32) {
	p.forward.X, p.file.X, p.quote.X = x, x, x
	p.ring.X, p.ring.Y = p.ring.X+x, p.ring.Y+p.file.Y
	p.play.X, p.play.Y = p.play.X+x, p.play.Y+p.file.Y
	p.poll.X += x
	for i := range p.poll.rows {
		p.poll.rows[i].X += x
	}
	for i := range p.album {
		p.album[i].X += x
		p.album[i].ring.X += x
	}
	if p.voice != nil {
		p.voice.placeInRow(p.file.Box)
	}
	if p.quote.H == 0 {
		return
	}
	p.quote.W = inner
	room := inner - quoteBar - 2*quotePad
	p.quote.name = set.Fit(text.CleanLine(it.Quote.Name), cardTitleFont(), room)
	p.quote.text = set.Fit(text.CleanLine(it.Quote.Text), it.Quote.font(), room)
}

func (q *Quote) font() text.Font { return text.Font{Size: widgets.TextPreview, Italic: q.Deleted} }

// reactionPill is one reaction below a bubble.
type reactionPill struct {
	draw.Box

	index  int    // in the item
	emoji  string // cut to fit
	emojiW float32
	count  string // empty for one
}

// Geometry of the reactions.
const (
	reactionHeight = float32(24)
	reactionGap    = float32(4)
	reactionPad    = float32(8)
	reactionMost   = float32(60) // of texts that are not an emoji
	reactionReach  = float32(4)  // enlarges a pill, so that it is easy to hit
)

func reactionFont() text.Font { return text.Font{Size: widgets.TextBody} }

func reactionCountFont() text.Font { return text.Font{Size: widgets.TextSmall, Bold: true} }

// reactions places the pills below the bubble in as many rows as needed, aligned to its left edge or, for own messages,
// to its right edge.
func (l *rowLayout) reactions(set *text.Typesetter, left, right float32) {
	if len(l.item.Reactions) == 0 || l.item.Deleted {
		return
	}
	room := right - left
	x, y, first := float32(0), l.height+reactionGap, 0
	l.pills = make([]reactionPill, 0, len(l.item.Reactions))
	for i, r := range l.item.Reactions {
		p := reactionPill{index: i, emoji: set.Fit(text.CleanLine(r.Emoji), reactionFont(), reactionMost)}
		p.emojiW = draw.CeilPx(set.LineWidth(p.emoji, reactionFont()))
		w := p.emojiW + 2*reactionPad
		if r.Count > 1 {
			p.count = text.ShortCount(r.Count)
			w += 4 + draw.CeilPx(set.Width(p.count, reactionCountFont()))
		}
		if x > 0 && x+w > room {
			l.alignPills(first, x-reactionGap)
			x, first = 0, i
			y += reactionHeight + reactionGap
		}
		p.Box = draw.NewBox(x, y, w, reactionHeight)
		l.pills = append(l.pills, p)
		x += w + reactionGap
	}
	l.alignPills(first, x-reactionGap)
	l.height = y + reactionHeight + reactionGap
}

// alignPills moves a row of pills, from the first one on, below the bubble.
func (l *rowLayout) alignPills(first int, width float32) {
	x := l.bubble.X
	if l.item.Own {
		x = l.bubble.X + l.bubble.W - width
	}
	for i := range l.pills[first:] {
		l.pills[first+i].X += x
	}
}

// pillAt returns the reaction at a point of the row.
func (l *rowLayout) pillAt(x, y float32) (Reaction, bool) {
	for _, p := range l.pills {
		reach := draw.NewBox(p.X-reactionGap/2, p.Y-reactionReach, p.W+reactionGap, p.H+2*reactionReach)
		if reach.Contains(x, y) {
			return l.item.Reactions[p.index], true
		}
	}
	return Reaction{}, false
}
