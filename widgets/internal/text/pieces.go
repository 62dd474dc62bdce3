package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"

	"github.com/parley-chat/parley/widgets/internal/emoji"
)

// Span is a part of a line in one font, up to the byte End.
type Span struct {
	End  int
	Font Font
}

// Piece is a part of a line that is drawn as one object, in the order from left to right.
type Piece struct {
	Start, End int // bytes of the line
	X, Width   float32
	Span       int    // index of its span
	Text       string // what is drawn, with brackets mirrored; empty for an emoji, and for spaces that are not drawn
	Emoji      bool
	RTL        bool // written to the left
	Foreign    bool // of a script the bundled fonts lack, which has no bold face
}

// IsSimple reports whether a text is drawn as it is, as one object in one font: it has no emoji, and no script but
// those of the bundled fonts.
func IsSimple(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < 0xD6 && c != 0xC2 { // up to U+057F, without the signs after U+0080
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size - 1
		switch {
		case r == '©', r == '®': // may be emoji
			return false
		case r < firstForeign, r >= 0x1E00 && r < 0x2000, r >= 0x2010 && r < 0x203C, r == '€', r == '₴', r == '№':
		default:
			return false
		}
	}
	return true
}

const firstForeign = '\u0590' // everything below is in the bundled fonts

// isForeign reports whether the bundled fonts lack a character.
func isForeign(r rune) bool {
	if r < firstForeign || r >= 0x1E00 && r < 0x2000 {
		return false
	}
	return !bundledFace(Font{}).has(r)
}

// Pieces lays out a line whose base direction is to the right or, with rtl, to the left. There is one span at least,
// and the last one ends where the line does.
func (t *Typesetter) Pieces(line string, spans []Span, rtl bool) []Piece {
	if line == "" {
		return nil
	}
	var lv []uint8
	if rtl || mayTurn(line) {
		lv = levels([]rune(line), rtl)
	}
	l := liner{set: t, line: line, spans: spans}
	rune0 := 0
	for at, c := range Clusters(line) {
		level := uint8(0)
		if lv != nil {
			level = lv[rune0]
		}
		l.add(at, c, level)
		rune0 += utf8.RuneCountInString(c)
	}
	l.measure()
	return l.visual()
}

type pieceKind uint8

const (
	kindText pieceKind = iota
	kindForeign
	kindEmoji
	kindSpace   // in text written to the left, whose words are drawn one by one, as they were measured
	kindNeutral // signs in text written to the left
)

type logicalPiece struct {
	Piece

	kind  pieceKind
	level uint8
}

type liner struct {
	set    *Typesetter
	line   string
	spans  []Span
	span   int
	pieces []logicalPiece
}

// kindOf returns how a cluster is drawn.
func (l *liner) kindOf(c string, level uint8) pieceKind {
	r, _ := utf8.DecodeRuneInString(c)
	switch {
	case emoji.Is(c):
		return kindEmoji
	case level%2 == 1 && unicode.IsSpace(r):
		return kindSpace
	case level%2 == 1:
		switch class(r) {
		case bidi.R, bidi.AL, bidi.NSM:
			return kindForeign
		default:
			return kindNeutral
		}
	case l.spans[l.span].Font.Bold && isForeign(r):
		return kindForeign
	default:
		return kindText
	}
}

// add adds a cluster to the last piece, or starts another one.
func (l *liner) add(at int, c string, level uint8) {
	for l.span < len(l.spans)-1 && at >= l.spans[l.span].End {
		l.span++
	}
	kind := l.kindOf(c, level)
	if n := len(l.pieces); n > 0 && kind != kindEmoji {
		last := &l.pieces[n-1]
		if last.kind == kind && last.level == level && last.Span == l.span {
			last.End = at + len(c)
			return
		}
	}
	l.pieces = append(l.pieces, logicalPiece{
		Piece: Piece{Start: at, End: at + len(c), Span: l.span, RTL: level%2 == 1}, kind: kind, level: level,
	})
}

func (l *liner) measure() {
	for i := range l.pieces {
		p := &l.pieces[i]
		s := l.line[p.Start:p.End]
		p.Emoji, p.Foreign = p.kind == kindEmoji, p.kind == kindForeign
		switch p.kind {
		case kindText, kindForeign:
			p.Text = s
		case kindNeutral:
			p.Text = reversed(s)
		case kindEmoji, kindSpace:
		}
		p.Width = l.set.LineWidth(s, l.spans[p.Span].Font)
	}
}

// reversed returns signs in the order from left to right, mirrored.
func reversed(s string) string {
	var clusters []string
	for _, c := range Clusters(s) {
		r, size := utf8.DecodeRuneInString(c)
		clusters = append(clusters, string(mirrored(r))+c[size:])
	}
	slices.Reverse(clusters)
	return strings.Join(clusters, "")
}

// visual orders the pieces from left to right, by the rule L2, and places them.
func (l *liner) visual() []Piece {
	high := uint8(0)
	for _, p := range l.pieces {
		high = max(high, p.level)
	}
	for level := high; level > 0; level-- {
		for i := 0; i < len(l.pieces); i++ {
			end := i
			for end < len(l.pieces) && l.pieces[end].level >= level {
				end++
			}
			if end > i {
				slices.Reverse(l.pieces[i:end])
				i = end
			}
		}
	}
	out := make([]Piece, len(l.pieces))
	x := float32(0)
	for i, p := range l.pieces {
		p.X = x
		x += p.Width
		out[i] = p.Piece
	}
	return out
}

// ByteAt returns the character boundary of a line that is nearest to x.
func (t *Typesetter) ByteAt(line string, spans []Span, pieces []Piece, x float32) int {
	if len(pieces) == 0 {
		return 0
	}
	p := pieces[0]
	for _, next := range pieces[1:] {
		if next.X > x {
			break
		}
		p = next
	}
	into := x - p.X
	if p.RTL {
		into = p.Width - into
	}
	var sum float32
	for at, c := range Clusters(line[p.Start:p.End]) {
		// The sum of clusters differs from the width of words only by kerning, which does not matter here.
		w := t.Width(c, spans[p.Span].Font)
		if into < sum+w/2 {
			return p.Start + at
		}
		sum += w
	}
	return p.End
}

// Extents returns where the bytes from start up to end of a line are, as pairs of a left and a right edge.
func (t *Typesetter) Extents(line string, spans []Span, pieces []Piece, start, end int) [][2]float32 {
	var out [][2]float32
	for _, p := range pieces {
		a, b := max(start, p.Start), min(end, p.End)
		if a >= b {
			continue
		}
		f := spans[p.Span].Font
		from, to := float32(0), p.Width
		if a > p.Start {
			from = min(t.LineWidth(line[p.Start:a], f), p.Width)
		}
		if b < p.End {
			to = min(t.LineWidth(line[p.Start:b], f), p.Width)
		}
		if p.RTL {
			from, to = p.Width-to, p.Width-from
		}
		x0, x1 := p.X+from, p.X+to
		if n := len(out); n > 0 && x0-out[n-1][1] < 0.5 && x0 >= out[n-1][0] {
			out[n-1][1] = max(x1, out[n-1][1])
			continue
		}
		out = append(out, [2]float32{x0, x1})
	}
	return out
}
