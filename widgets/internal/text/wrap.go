package text

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// Line is a line of a wrapped text: the bytes from Start up to End, without the spaces and the break after it.
type Line struct {
	Start, End int
	Width      float32
	Indent     float32 // before its start; Wrap leaves it at 0
	RTL        bool    // of a paragraph that starts at the right
}

// In returns the line of the text that was wrapped.
func (s Line) In(of string) string { return of[s.Start:s.End] }

// MaxLineRunes bounds the length of a line, because zero-width characters would never fill it.
const MaxLineRunes = 400

// maxWord bounds the bytes that are measured in one piece.
const maxWord = 96

// Wrap breaks text, which must come from Clean, into lines no wider than room. It stops after limit lines; 0 is no
// limit.
func (t *Typesetter) Wrap(text string, f Font, room float32, limit int) []Line {
	return t.WrapSpans(text, []Span{{End: len(text), Font: f}}, room, limit)
}

// WrapSpans is Wrap for text in several fonts. There is one span at least, and the last one ends where the text does.
func (t *Typesetter) WrapSpans(text string, spans []Span, room float32, limit int) []Line {
	w := wrapper{set: t, text: text, spans: spans, room: room, limit: limit}
	for pos := 0; ; {
		end := strings.IndexByte(text[pos:], '\n')
		if end < 0 {
			w.paragraph(pos, len(text))
			return w.lines
		}
		w.paragraph(pos, pos+end)
		if w.full() {
			return w.lines
		}
		pos += end + 1
	}
}

type wrapper struct {
	set   *Typesetter
	text  string
	spans []Span
	room  float32
	limit int
	lines []Line

	start, end int     // of the current line; end is after its last visible character
	width      float32 // up to end
	gap        float32 // width of the spaces after end
	runes      int
	rtl        bool
}

// measure returns the advance of a part of the text without spaces.
func (w *wrapper) measure(start, end int) float32 {
	if len(w.spans) == 1 {
		return w.set.Width(w.text[start:end], w.spans[0].Font)
	}
	var sum float32
	for i := SpanAt(w.spans, start); start < end; i++ {
		to := end
		if i < len(w.spans)-1 {
			to = min(end, w.spans[i].End)
		}
		sum += w.set.Width(w.text[start:to], w.spans[i].Font)
		start = to
	}
	return sum
}

// SpanAt returns the index of the span of a byte, the last one if it is after all.
func SpanAt(spans []Span, at int) int {
	i, _ := slices.BinarySearchFunc(spans, at, func(s Span, at int) int {
		if s.End <= at {
			return -1
		}
		return 1
	})
	return min(i, len(spans)-1)
}

func (w *wrapper) full() bool { return w.limit > 0 && len(w.lines) >= w.limit }

func (w *wrapper) paragraph(from, to int) {
	w.startLine(from)
	p := w.text[from:to]
	w.rtl = IsRTL(p[:min(len(p), maxFit)])
	if isASCII(p) {
		w.words(from, p)
	} else {
		w.segments(from, p)
	}
	if !w.full() {
		w.flush()
	}
}

func (w *wrapper) startLine(at int) {
	w.start, w.end, w.width, w.gap, w.runes = at, at, 0, 0, 0
}

func (w *wrapper) flush() {
	w.lines = append(w.lines, Line{Start: w.start, End: w.end, Width: w.width, RTL: w.rtl})
}

// words breaks a paragraph of ASCII at spaces.
func (w *wrapper) words(base int, p string) {
	for pos := 0; pos < len(p) && !w.full(); {
		end := pos
		for end < len(p) && p[end] != ' ' {
			end++
		}
		next := end
		for next < len(p) && p[next] == ' ' {
			next++
		}
		w.piece(base+pos, base+end, base+next)
		pos = next
	}
}

// segments breaks a paragraph where Unicode allows it, such as between ideographs and after hyphens.
func (w *wrapper) segments(base int, p string) {
	var seg segmenter.Segmenter
	seg.Init([]rune(p))
	pos := base
	for it := seg.LineIterator(); it.Next() && !w.full(); {
		size := 0
		for _, r := range it.Line().Text {
			size += utf8.RuneLen(r)
		}
		next := pos + size
		end := pos + len(strings.TrimRight(w.text[pos:next], " "))
		w.piece(pos, end, next)
		pos = next
	}
}

// piece adds the text between two break opportunities: from start to end, then spaces up to next.
func (w *wrapper) piece(start, end, next int) {
	s := w.text[start:end]
	if len(s) > maxWord {
		w.long(start, end)
	} else if width := w.measure(start, end); w.width+w.gap+width <= w.room && w.fitsRunes(s) {
		w.add(end, width, utf8.RuneCountInString(s))
	} else {
		if !w.breakAt(start) {
			return
		}
		if width <= w.room {
			w.add(end, width, utf8.RuneCountInString(s))
		} else {
			w.long(start, end)
		}
	}
	if next > end {
		w.gap += float32(next-end) * w.set.Width(" ", w.spans[SpanAt(w.spans, end)].Font)
	}
}

// breakAt starts a new line. A line that has only spaces is started again without them. It reports whether the limit
// allows a further line.
func (w *wrapper) breakAt(at int) bool {
	if w.end > w.start {
		w.flush()
		if w.full() {
			return false
		}
	}
	w.startLine(at)
	return true
}

func (w *wrapper) fitsRunes(s string) bool {
	return w.runes+len(s) <= MaxLineRunes || w.runes+utf8.RuneCountInString(s) <= MaxLineRunes
}

func (w *wrapper) add(end int, width float32, runes int) {
	w.width += w.gap + width
	w.gap = 0
	w.end = end
	w.runes += runes
}

// long breaks a word that is wider than a line, between characters.
func (w *wrapper) long(start, end int) {
	for i, c := range Clusters(w.text[start:end]) {
		width := w.measure(start+i, start+i+len(c))
		n := utf8.RuneCountInString(c)
		if (w.width+w.gap+width > w.room || w.runes+n > MaxLineRunes) && !w.breakAt(start+i) {
			return
		}
		w.add(start+i+len(c), width, n)
	}
}
