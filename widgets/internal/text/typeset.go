// Package text measures, wraps and searches text. It takes bytes for positions and Fyne's units for widths.
package text

import (
	"math"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/emoji"
)

// Font is a size and a style.
type Font struct {
	Size   float32
	Bold   bool
	Italic bool
	Mono   bool // for code
}

// Style returns the style as Fyne has it.
func (f Font) Style() fyne.TextStyle {
	return fyne.TextStyle{Bold: f.Bold, Italic: f.Italic, Monospace: f.Mono}
}

// emojiShare is the side of an emoji as a share of the size of the text around it.
const emojiShare = 1.3

// EmojiSide returns the side of an emoji's picture in text of this font.
func (f Font) EmojiSide() float32 { return float32(math.Round(float64(f.Size * emojiShare))) }

// EmojiAdvance returns how far the next character is from the start of an emoji.
func (f Font) EmojiAdvance() float32 {
	return f.EmojiSide() + max(1, float32(math.Round(float64(f.Size/14))))
}

// maxWidths bounds how many word widths are remembered for one font.
const maxWidths = 40_000

// Typesetter measures text and remembers the widths of words: measuring one with Fyne takes 70 µs, a lookup 20 ns. Each
// list owns one. It is not safe for concurrent use.
type Typesetter struct {
	widths map[Font]map[string]float32
	field  bool // emoji are those of Fyne's text fields
}

// NewTypesetter returns a typesetter that has measured nothing.
func NewTypesetter() *Typesetter {
	return &Typesetter{widths: make(map[Font]map[string]float32)}
}

// NewFieldTypesetter returns a typesetter for the text of Fyne's fields, which draw emoji as letters of a font.
func NewFieldTypesetter() *Typesetter {
	t := NewTypesetter()
	t.field = true
	return t
}

// Width returns the advance of s, which should be at most a word, because every result is remembered.
func (t *Typesetter) Width(s string, f Font) float32 {
	m := t.widths[f]
	if m == nil {
		m = make(map[string]float32, 512)
		t.widths[f] = m
	}
	if w, ok := m[s]; ok {
		return w
	}
	w := t.measure(s, f)
	if len(m) >= maxWidths {
		clear(m)
	}
	m[strings.Clone(s)] = w
	return w
}

// measure returns the advance of s, in which emoji are pictures.
func (t *Typesetter) measure(s string, f Font) float32 {
	if t.field || IsSimple(s) {
		return fyne.MeasureText(s, f.Size, f.Style()).Width
	}
	var sum float32
	from := 0 // of the text since the last emoji
	for at, c := range Clusters(s) {
		n := emoji.Count(c)
		if n == 0 {
			continue
		}
		if at > from {
			sum += fyne.MeasureText(s[from:at], f.Size, f.Style()).Width
		}
		sum += float32(n) * f.EmojiAdvance()
		from = at + len(c)
	}
	if from < len(s) {
		sum += fyne.MeasureText(s[from:], f.Size, f.Style()).Width
	}
	return sum
}

// LineWidth returns the sum of the widths of words and spaces. It differs from Fyne's own measure by less than a unit,
// and measures only words that were not seen before.
func (t *Typesetter) LineWidth(s string, f Font) float32 {
	var sum float32
	for len(s) > 0 {
		i := strings.IndexByte(s, ' ')
		switch {
		case i < 0:
			return sum + t.Width(s, f)
		case i == 0:
			sum += t.Width(" ", f)
			s = s[1:]
		default:
			sum += t.Width(s[:i], f)
			s = s[i:]
		}
	}
	return sum
}

// Fit returns s if it is no wider than room, otherwise the start of it that fits before an ellipsis.
func (t *Typesetter) Fit(s string, f Font, room float32) string {
	const ellipsis = "…"
	if len(s) > maxFit {
		s = s[:maxFit]
		for !utf8.ValidString(s) && len(s) > 0 {
			s = s[:len(s)-1]
		}
	}
	if room <= 0 || s == "" {
		return ""
	}
	if t.LineWidth(s, f) <= room {
		return s
	}
	room -= t.Width(ellipsis, f)
	var sum float32
	end := 0
	for i, cluster := range Clusters(s) {
		w := t.Width(cluster, f)
		if sum+w > room {
			break
		}
		sum += w
		end = i + len(cluster)
	}
	// Single clusters are measured without kerning; a line of them can be a little wider than their sum.
	for end > 0 && t.LineWidth(s[:end], f) > room {
		end = lastCluster(s[:end])
	}
	return strings.TrimRight(s[:end], " ") + ellipsis
}

// FitName is Fit for file names: it cuts in the middle, because the end says what kind of file it is.
func (t *Typesetter) FitName(s string, f Font, room float32) string {
	const ellipsis = "…"
	if len(s) <= maxFit && t.LineWidth(s, f) <= room {
		return s
	}
	tail := t.fitEnd(s, f, (room-t.Width(ellipsis, f))*2/5)
	if tail == "" {
		return t.Fit(s, f, room)
	}
	end := t.LineWidth(tail, f)
	head := strings.TrimSuffix(t.Fit(s[:len(s)-len(tail)], f, room-end), ellipsis)
	for head != "" && t.LineWidth(head+ellipsis+tail, f) > room {
		head = head[:lastCluster(head)]
	}
	if head == "" {
		return t.Fit(s, f, room)
	}
	return strings.TrimRight(head, " ") + ellipsis + tail
}

// fitEnd returns the end of a text that fits.
func (t *Typesetter) fitEnd(s string, f Font, room float32) string {
	if len(s) > maxFit {
		s = s[len(s)-maxFit:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	sum := t.LineWidth(s, f)
	for i, cluster := range Clusters(s) {
		if sum <= room {
			return strings.TrimLeft(s[i:], " ")
		}
		sum -= t.Width(cluster, f)
	}
	return ""
}

// maxFit bounds the bytes that Fit looks at: more never fit on a line.
const maxFit = 600

// Height returns the height of a line of text.
func Height(f Font) float32 { return fyne.MeasureText("Ag", f.Size, f.Style()).Height }
