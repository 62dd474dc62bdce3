package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// ground is drawn behind the lines of code or a quote.
type ground struct {
	kind       text.BlockKind
	first, end int // lines
	code       string
}

// Geometry of blocks.
const (
	codePad   = float32(8)
	codeLeast = float32(120) // width: of the words above the code
	quoteRoom = float32(11)  // of the bar before a quote
	codeSize  = float32(13)
)

func wordCopy() string { return tr.L("Copy") }

// richText returns the text of a message as shown, and its marks if it has any.
func richText(item *Item) (shown string, rich *text.Rich) {
	clean := text.Clean(item.Text)
	if item.Deleted || item.Kind != KindText {
		return clean, nil
	}
	r := text.ParseMarks(clean)
	if !r.Styled() {
		return clean, nil
	}
	return r.Text, &r
}

// richSpans splits the text into spans by marks and links.
func (l *rowLayout) richSpans() {
	r := l.rich
	l.links = l.richLinks()
	links := l.links
	pos, link := 0, 0
	for _, m := range r.Marks {
		for pos < m.End {
			for link < len(links) && links[link].End <= pos {
				link++
			}
			end, in := m.End, 0
			if link < len(links) {
				if links[link].Start > pos {
					end = min(end, links[link].Start)
				} else {
					end, in = min(end, links[link].End), link+1
				}
			}
			f := l.font
			f.Bold, f.Italic = m.Bold, m.Italic
			if m.Code {
				f = text.Font{Size: codeSize, Mono: true}
			}
			l.spans = append(l.spans, text.Span{End: end, Font: f})
			l.styles = append(l.styles, spanStyle{link: in, code: m.Code, strike: m.Strike})
			pos = end
		}
	}
}

// richLinks returns addresses, mentions and links whose text is not their address, in order.
func (l *rowLayout) richLinks() []text.Link {
	r := l.rich
	var hidden, skipped []text.Link // skipped is code, in which there are no links
	start := 0
	for _, m := range r.Marks {
		k := text.Link{Start: start, End: m.End, Address: m.Link, Hidden: true}
		switch n := len(hidden); {
		case m.Link != "" && n > 0 && hidden[n-1].End == start && hidden[n-1].Address == m.Link:
			hidden[n-1].End = m.End
		case m.Link != "":
			hidden = append(hidden, k)
		case m.Code:
			skipped = append(skipped, k)
		}
		start = m.End
	}
	links := hidden
	for _, k := range text.FindLinks(r.Text) {
		if !overlaps(hidden, k) && !overlaps(skipped, k) {
			links = insertLink(links, k)
		}
	}
	for _, k := range text.MergeMentions(nil, l.item.Text, r.Source, l.item.Mentions) {
		k.Start, k.End = r.ShownAt(k.Start), r.ShownAt(k.End)
		if k.Start < k.End && !overlaps(links, k) && !overlaps(skipped, k) {
			links = insertLink(links, k)
		}
	}
	return links
}

func overlaps(links []text.Link, k text.Link) bool {
	for _, other := range links {
		if k.Start < other.End && other.Start < k.End {
			return true
		}
	}
	return false
}

func insertLink(links []text.Link, k text.Link) []text.Link {
	i := 0
	for i < len(links) && links[i].Start < k.Start {
		i++
	}
	out := make([]text.Link, 0, len(links)+1)
	out = append(out, links[:i]...)
	out = append(out, k)
	return append(out, links[i:]...)
}

// wrapBlocks wraps the blocks of the text; limit is the most lines, 0 is no limit.
func (l *rowLayout) wrapBlocks(set *text.Typesetter, room float32, limit int) {
	for _, b := range l.rich.Blocks {
		left := 0
		if limit > 0 {
			if left = limit - len(l.lines); left <= 0 {
				return
			}
		}
		first := len(l.lines)
		switch b.Kind {
		case text.BlockCode:
			l.lines = append(l.lines, text.Line{Start: b.Start, End: b.Start, Width: codeLeast})
			l.wrapBlock(set, b.Start, b.End, codePad, room-2*codePad, left)
			for i := first; i < len(l.lines); i++ {
				l.lines[i].Width += codePad // at the right edge
			}
			l.grounds = append(l.grounds, ground{b.Kind, first, len(l.lines), l.text[b.Start:b.End]})
		case text.BlockQuote:
			l.wrapBlock(set, b.Start, b.End, quoteRoom, room-quoteRoom, left)
			l.grounds = append(l.grounds, ground{kind: b.Kind, first: first, end: len(l.lines)})
		case text.BlockItem:
			bullet := set.LineWidth(l.text[b.Start:b.Start+b.Bullet], l.font)
			l.wrapBlock(set, b.Start+b.Bullet, b.End, bullet, room-bullet, left)
			if first < len(l.lines) {
				s := &l.lines[first]
				s.Start, s.Width, s.Indent = b.Start, s.Width+bullet, 0
			}
		case text.BlockText:
			l.wrapBlock(set, b.Start, b.End, 0, room, left)
		}
	}
}

// wrapBlock wraps a part of the text into lines with an indent.
func (l *rowLayout) wrapBlock(set *text.Typesetter, from, to int, indent, room float32, limit int) {
	var spans []text.Span
	for _, s := range l.spans[text.SpanAt(l.spans, from):] {
		spans = append(spans, text.Span{End: min(s.End, to) - from, Font: s.Font})
		if s.End >= to {
			break
		}
	}
	for _, s := range set.WrapSpans(l.text[from:to], spans, room, limit) {
		s.Start, s.End, s.Indent = s.Start+from, s.End+from, indent
		l.lines = append(l.lines, s)
	}
}

// codeAt returns the code whose copy button is at a point of the row.
func (l *rowLayout) codeAt(x, y float32) (code string, ok bool) {
	for _, g := range l.grounds {
		if g.kind != text.BlockCode {
			continue
		}
		top := l.lineAt + float32(g.first)*l.lineH
		if draw.NewBox(l.lineX, top, l.bubble.W-2*padX, l.lineH).Contains(x, y) {
			return g.code, true
		}
	}
	return "", false
}

// drawGrounds draws what is behind code and quotes.
func (v *rowView) drawGrounds(objects []fyne.CanvasObject, set *text.Typesetter) []fyne.CanvasObject {
	l := v.layout
	fill, bar := widgets.ColorQuote, widgets.ColorLink
	if l.item.Own {
		fill, bar = widgets.ColorQuoteOwn, widgets.ColorLinkOwn
	}
	n := 0
	box := func(ink fyne.ThemeColorName, x, y, w, h, radius float32) {
		if n == len(v.grounds) {
			v.grounds = append(v.grounds, &canvas.Rectangle{})
		}
		r := v.grounds[n]
		n++
		r.CornerRadius = radius
		draw.SetFill(r, draw.ThemeColor(ink))
		draw.Place(r, x, y, w, h)
		objects = append(objects, r)
	}
	for _, g := range l.grounds {
		first, end := max(g.first, v.from), min(g.end, v.to)
		if first >= end {
			continue
		}
		x, w := l.lineX, l.bubble.W-2*padX
		y, h := l.lineAt+float32(first)*l.lineH, float32(end-first)*l.lineH
		if g.kind == text.BlockQuote {
			box(fill, x, y, w, h, quoteRadius)
			if l.ctx.mirrored && !l.lines[g.first].RTL {
				x += w - quoteBar // where the lines start
			}
			box(bar, x, y, quoteBar, h, 1)
			continue
		}
		box(fill, x, y+1, w, h+1, quoteRadius)
		if first == g.first {
			f := text.Font{Size: widgets.TextMeta, Bold: true}
			top := y + (l.lineH-text.Height(f))/2
			cw := draw.CeilPx(set.LineWidth(wordCopy(), f))
			at := draw.Flip(x+w-cw-codePad, cw)
			objects = v.pool.Line(objects, wordCopy(), text.IsRTL(wordCopy()), f, draw.ThemeColor(bar), at, top)
		}
	}
	return objects
}
