package messages

import (
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// lineSpans returns the spans of line i, with offsets from its start, and the index of the first one in the message.
func (l *rowLayout) lineSpans(i int) (spans []text.Span, first int) {
	s := l.lines[i]
	if len(l.spans) == 0 {
		return []text.Span{{End: s.End - s.Start, Font: l.font}}, 0
	}
	first = text.SpanAt(l.spans, s.Start)
	for _, k := range l.spans[first:] {
		spans = append(spans, text.Span{End: min(k.End, s.End) - s.Start, Font: k.Font})
		if k.End >= s.End {
			break
		}
	}
	return spans, first
}

// piecesOf returns the pieces of line i, which are laid out when they are first needed.
func (l *rowLayout) piecesOf(i int, set *text.Typesetter) []text.Piece {
	if l.pieces == nil {
		l.pieces = make([][]text.Piece, len(l.lines))
	}
	if l.pieces[i] != nil {
		return l.pieces[i]
	}
	s := l.lines[i]
	line := s.In(l.text)
	if line == "" {
		return nil
	}
	if len(l.spans) == 0 && text.IsSimple(line) {
		l.pieces[i] = []text.Piece{{End: len(line), Width: s.Width, Text: line}}
		return l.pieces[i]
	}
	spans, _ := l.lineSpans(i)
	l.pieces[i] = set.Pieces(line, spans, s.RTL)
	return l.pieces[i]
}

// textLeft returns the left edge of the room of the lines. Text is never mirrored, only this room is.
func (l *rowLayout) textLeft() float32 {
	if l.ctx.mirrored {
		return l.ctx.width - l.bubble.X - l.bubble.W + l.lineX - l.bubble.X
	}
	return l.lineX
}

// inText returns x, as it is measured in layouts, as it is measured for text.
func (l *rowLayout) inText(x float32) float32 {
	if l.ctx.mirrored {
		return l.ctx.width - x
	}
	return x
}

// lineLeft returns the left edge of line i.
func (l *rowLayout) lineLeft(i int) float32 {
	s := l.lines[i]
	if !s.RTL {
		return l.textLeft() + s.Indent
	}
	return l.textLeft() + draw.CeilPx(l.bubble.W-2*padX-s.Indent-s.Width)
}

// extents returns where a part of the text is in line i, as pairs of a left and a right edge in the row. They are
// not mirrored.
func (l *rowLayout) extents(i, from, to int, set *text.Typesetter) [][2]float32 {
	s := l.lines[i]
	spans, _ := l.lineSpans(i)
	out := set.Extents(s.In(l.text), spans, l.piecesOf(i, set), from-s.Start, to-s.Start)
	x := l.lineLeft(i)
	for k := range out {
		out[k][0] += x
		out[k][1] += x
	}
	return out
}

// byteAt returns the character boundary of the text nearest to a point of the row.
func (l *rowLayout) byteAt(x, y float32, set *text.Typesetter) int {
	if len(l.lines) == 0 {
		return 0
	}
	i := int((y - l.lineAt) / l.lineH)
	if y < l.lineAt {
		return l.lines[0].Start
	}
	if i >= len(l.lines) {
		return l.lines[len(l.lines)-1].End
	}
	s := l.lines[i]
	spans, _ := l.lineSpans(i)
	return s.Start + set.ByteAt(s.In(l.text), spans, l.piecesOf(i, set), l.inText(x)-l.lineLeft(i))
}

// linkAt returns the address or mention at a point of the row.
func (l *rowLayout) linkAt(x, y float32, set *text.Typesetter) (text.Link, bool) {
	if len(l.links) == 0 || y < l.lineAt {
		return text.Link{}, false
	}
	i := int((y - l.lineAt) / l.lineH)
	if i >= len(l.lines) {
		return text.Link{}, false
	}
	_, first := l.lineSpans(i)
	x = l.inText(x) - l.lineLeft(i)
	for _, p := range l.piecesOf(i, set) {
		if link := l.styles[first+p.Span].link; link > 0 && x >= p.X && x < p.X+p.Width {
			return l.links[link-1], true
		}
	}
	return text.Link{}, false
}

// spanStyle is how a span looks besides its font.
type spanStyle struct {
	link         int // index in links from 1; 0 for none
	code, strike bool
}

// setSpans splits the text into links and what is between them.
func (l *rowLayout) setSpans() {
	if len(l.links) == 0 {
		return
	}
	end := l.shownEnd()
	pos := 0
	add := func(to, link int) {
		if to > pos {
			l.spans = append(l.spans, text.Span{End: to, Font: l.font})
			l.styles = append(l.styles, spanStyle{link: link})
			pos = to
		}
	}
	for i, k := range l.links {
		add(k.Start, 0)
		add(k.End, i+1)
	}
	add(end, 0)
}
