package widgets

import "fmt"

// quoteLayout is where the line of another message stands; h is 0 when there is none.
type quoteLayout struct {
	box

	name, text string // as much as fits
}

// cardLayout is where a location or a file stands, with its two lines.
type cardLayout struct {
	box

	title, words string // as much as fits
}

// Geometry of what stands above a message's text.
const (
	forwardHeight = float32(18)
	forwardIcon   = float32(14)
	quoteHeight   = float32(40)
	quoteBar      = float32(3)
	quotePad      = float32(8)
	quoteMax      = float32(340)
	blockGap      = float32(6) // under a block
	placeWidth    = float32(264)
	placeMap      = float32(128) // height of the drawing
)

func forwardFont() font { return font{size: TextSmall} }

func cardFont() font { return font{size: TextSmall} }

func cardTitleFont() font { return font{size: TextPreview, bold: true} }

// partLayout is what stands above a message's text. Heights are 0 for what there is not.
type partLayout struct {
	forward box
	quote   quoteLayout
	place   cardLayout
	file    cardLayout
	ring    box // of a file, unless it is there; its place is relative to the file until settle
	photo   bool
	wordsW  float32 // of what is written on a photo

	voice       *voiceLayout
	reason      string // under a file
	reasonLines []span
	reasonAt    float32
	reasonW     float32
}

// measure places the parts from y on, each at the bubble's inner edge. It returns where the text begins and how wide
// the last line of a card is, beside which the time may stand.
func (p *partLayout) measure(
	it *MessageItem, set *typesetter, y, room float32, widest *float32,
) (below, last float32) {
	if it.Forwarded != "" {
		w := forwardIcon + 4 + up(set.lineWidth(cleanLine(it.Forwarded), forwardFont()))
		p.forward = box{0, y, min(w, room), forwardHeight}
		*widest = max(*widest, p.forward.w)
		y += forwardHeight
	}
	if q := it.Quote; q != nil {
		w := max(set.lineWidth(cleanLine(q.Name), cardTitleFont()), set.lineWidth(cleanLine(q.Text), q.font()))
		w = min(up(w)+quoteBar+2*quotePad, room, quoteMax)
		p.quote.box = box{0, y, w, quoteHeight}
		*widest = max(*widest, w)
		y += quoteHeight + blockGap
	}
	switch {
	case it.Place != nil:
		y, last = p.placePlace(it.Place, set, y, room)
		*widest = max(*widest, p.place.w)
	case it.File != nil:
		y, last = p.placeFile(it.File, set, y, room)
		*widest = max(*widest, p.file.w, p.reasonW)
	}
	if p.place.h+p.file.h > 0 && it.Text != "" {
		y += blockGap
	}
	return y, last
}

func (p *partLayout) placePlace(at *Place, set *typesetter, y, room float32) (below, last float32) {
	w := min(placeWidth, room)
	p.place.box = box{0, y, w, placeMap + 4 + lineHeight}
	p.place.title = set.fit(cleanLine(at.Title), cardTitleFont(), w)
	if p.place.title != "" {
		p.place.h += lineHeight
	}
	p.place.words = set.fit(Coordinates(at.Latitude, at.Longitude), cardFont(), w)
	return y + p.place.h, set.lineWidth(p.place.words, cardFont())
}

// settle moves the parts to the bubble's inner edge, once its place and its inner width are known.
func (p *partLayout) settle(it *MessageItem, set *typesetter, x, inner float32) {
	p.forward.x, p.place.x, p.file.x, p.quote.x = x, x, x, x
	p.ring.x, p.ring.y = p.ring.x+x, p.ring.y+p.file.y
	if p.voice != nil {
		p.voice.settle(p.file.box)
	}
	if p.quote.h == 0 {
		return
	}
	p.quote.w = inner
	room := inner - quoteBar - 2*quotePad
	p.quote.name = set.fit(cleanLine(it.Quote.Name), cardTitleFont(), room)
	p.quote.text = set.fit(cleanLine(it.Quote.Text), it.Quote.font(), room)
}

func (q *Quote) font() font { return font{size: TextPreview, italic: q.Deleted} }

// Coordinates writes a place on earth as people read it, such as 48.85837° N, 2.29448° E.
func Coordinates(latitude, longitude float64) string {
	ns, ew := "N", "E"
	if latitude < 0 {
		ns, latitude = "S", -latitude
	}
	if longitude < 0 {
		ew, longitude = "W", -longitude
	}
	return fmt.Sprintf("%.5f° %s, %.5f° %s", latitude, ns, longitude, ew)
}

// reactionPill is one reaction under a bubble.
type reactionPill struct {
	box

	index  int    // in the item
	emoji  string // fit to be shown
	emojiW float32
	count  string // empty for one
}

// Geometry of the reactions.
const (
	reactionHeight = float32(24)
	reactionGap    = float32(4)
	reactionPad    = float32(8)
	reactionMost   = float32(60) // for what is hardly an emoji
	reactionReach  = float32(4)  // around a pill, so that it is easy to hit
)

func reactionFont() font { return font{size: 16} }

func reactionCountFont() font { return font{size: TextSmall, bold: true} }

// reactions places the pills under the bubble in as many rows as they take, from its left edge or, for own messages,
// to its right.
func (l *rowLayout) reactions(set *typesetter, left, right float32) {
	if len(l.item.Reactions) == 0 || l.item.Deleted {
		return
	}
	room := right - left
	x, y, first := float32(0), l.height+reactionGap, 0
	l.pills = make([]reactionPill, 0, len(l.item.Reactions))
	for i, r := range l.item.Reactions {
		p := reactionPill{index: i, emoji: set.fit(cleanLine(r.Emoji), reactionFont(), reactionMost)}
		p.emojiW = up(set.lineWidth(p.emoji, reactionFont()))
		w := p.emojiW + 2*reactionPad
		if r.Count > 1 {
			p.count = countText(r.Count)
			w += 4 + up(set.width(p.count, reactionCountFont()))
		}
		if x > 0 && x+w > room {
			l.alignPills(first, x-reactionGap)
			x, first = 0, i
			y += reactionHeight + reactionGap
		}
		p.box = box{x, y, w, reactionHeight}
		l.pills = append(l.pills, p)
		x += w + reactionGap
	}
	l.alignPills(first, x-reactionGap)
	l.height = y + reactionHeight + reactionGap
}

// alignPills moves a row of pills, from the first one on, under the bubble.
func (l *rowLayout) alignPills(first int, width float32) {
	x := l.bubble.x
	if l.item.Own {
		x = l.bubble.x + l.bubble.w - width
	}
	for i := range l.pills[first:] {
		l.pills[first+i].x += x
	}
}

// pillAt returns the reaction at a point of the row.
func (l *rowLayout) pillAt(x, y float32) (Reaction, bool) {
	for _, p := range l.pills {
		reach := box{p.x - reactionGap/2, p.y - reactionReach, p.w + reactionGap, p.h + 2*reactionReach}
		if reach.has(x, y) {
			return l.item.Reactions[p.index], true
		}
	}
	return Reaction{}, false
}
