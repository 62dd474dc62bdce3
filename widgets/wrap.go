package widgets

import (
	"strings"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// span is a line of a wrapped text: bytes from start to end of it, without the spaces and the break that end it.
type span struct {
	start, end int
	width      float32
}

func (s span) text(of string) string { return of[s.start:s.end] }

// maxLineRunes bounds the length of a line, because characters without width would never fill it.
const maxLineRunes = 400

// maxWord bounds in bytes what is measured in one piece.
const maxWord = 96

// wrap breaks text, which must have gone through clean, into lines no wider than room. After limit lines it stops;
// no limit is 0.
func (t *typesetter) wrap(text string, f font, room float32, limit int) []span {
	w := wrapper{set: t, text: text, font: f, room: room, limit: limit}
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
	set   *typesetter
	text  string
	font  font
	room  float32
	limit int
	lines []span

	start, end int     // of the line being filled; end is after its last visible character
	width      float32 // up to end
	gap        float32 // of the spaces after end
	runes      int
}

func (w *wrapper) full() bool { return w.limit > 0 && len(w.lines) >= w.limit }

func (w *wrapper) paragraph(from, to int) {
	w.begin(from)
	p := w.text[from:to]
	if isASCII(p) {
		w.words(from, p)
	} else {
		w.segments(from, p)
	}
	if !w.full() {
		w.flush()
	}
}

func (w *wrapper) begin(at int) {
	w.start, w.end, w.width, w.gap, w.runes = at, at, 0, 0, 0
}

func (w *wrapper) flush() {
	w.lines = append(w.lines, span{start: w.start, end: w.end, width: w.width})
}

// words breaks at spaces.
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

// segments breaks where Unicode's rules allow it: between ideographs, after hyphens.
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

// piece adds what lies between two places where a line may break: text from start to end, then spaces up to next.
func (w *wrapper) piece(start, end, next int) {
	s := w.text[start:end]
	if len(s) > maxWord {
		w.long(start, end)
	} else if width := w.set.width(s, w.font); w.width+w.gap+width <= w.room && w.fitsRunes(s) {
		w.take(end, width, utf8.RuneCountInString(s))
	} else {
		if !w.breakAt(start) {
			return
		}
		if width <= w.room {
			w.take(end, width, utf8.RuneCountInString(s))
		} else {
			w.long(start, end)
		}
	}
	if next > end {
		w.gap += float32(next-end) * w.set.width(" ", w.font)
	}
}

// breakAt begins a new line, or, if there are only spaces on this one, begins it again without them. It reports false
// when there may be no further line.
func (w *wrapper) breakAt(at int) bool {
	if w.end > w.start {
		w.flush()
		if w.full() {
			return false
		}
	}
	w.begin(at)
	return true
}

func (w *wrapper) fitsRunes(s string) bool {
	return w.runes+len(s) <= maxLineRunes || w.runes+utf8.RuneCountInString(s) <= maxLineRunes
}

func (w *wrapper) take(end int, width float32, runes int) {
	w.width += w.gap + width
	w.gap = 0
	w.end = end
	w.runes += runes
}

// long breaks a word that does not fit on a line of its own, between characters.
func (w *wrapper) long(start, end int) {
	for i, c := range clusters(w.text[start:end]) {
		width := w.set.width(c, w.font)
		n := utf8.RuneCountInString(c)
		if (w.width+w.gap+width > w.room || w.runes+n > maxLineRunes) && !w.breakAt(start+i) {
			return
		}
		w.take(start+i+len(c), width, n)
	}
}
