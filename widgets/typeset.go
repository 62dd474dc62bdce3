package widgets

import (
	"math"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// font is one way of writing.
type font struct {
	size   float32
	bold   bool
	italic bool
}

func (f font) style() fyne.TextStyle { return fyne.TextStyle{Bold: f.bold, Italic: f.italic} }

// maxWidths bounds how many word widths are remembered for one font.
const maxWidths = 40_000

// typesetter measures text and remembers the widths of words, because measuring one through Fyne costs 70 µs and
// taking it from the map 20 ns. Each list owns one. Not safe for concurrent use.
type typesetter struct {
	widths map[font]map[string]float32
}

func newTypesetter() *typesetter {
	return &typesetter{widths: make(map[font]map[string]float32)}
}

// width returns the advance of s, which should be a word or shorter for the memory to pay off.
func (t *typesetter) width(s string, f font) float32 {
	m := t.widths[f]
	if m == nil {
		m = make(map[string]float32, 512)
		t.widths[f] = m
	}
	if w, ok := m[s]; ok {
		return w
	}
	w := fyne.MeasureText(s, f.size, f.style()).Width
	if len(m) >= maxWidths {
		clear(m)
	}
	m[strings.Clone(s)] = w
	return w
}

// lineWidth measures a line as its words and spaces, which meets Fyne's own answer within a unit and needs no new
// measurement for words already seen.
func (t *typesetter) lineWidth(s string, f font) float32 {
	var sum float32
	for len(s) > 0 {
		i := strings.IndexByte(s, ' ')
		switch {
		case i < 0:
			return sum + t.width(s, f)
		case i == 0:
			sum += t.width(" ", f)
			s = s[1:]
		default:
			sum += t.width(s[:i], f)
			s = s[i:]
		}
	}
	return sum
}

// fit returns s if it is no wider than room, else as much of its beginning as fits before an ellipsis.
func (t *typesetter) fit(s string, f font, room float32) string {
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
	if t.lineWidth(s, f) <= room {
		return s
	}
	room -= t.width(ellipsis, f)
	var sum float32
	end := 0
	for i, cluster := range clusters(s) {
		w := t.width(cluster, f)
		if sum+w > room {
			break
		}
		sum += w
		end = i + len(cluster)
	}
	// Clusters alone are measured without kerning; a line of them can be a little wider than their sum.
	for end > 0 && t.lineWidth(s[:end], f) > room {
		end = lastCluster(s[:end])
	}
	return strings.TrimRight(s[:end], " ") + ellipsis
}

// fitName is fit for names of files: what does not fit is left out in the middle, because the end says what kind of file it is.
func (t *typesetter) fitName(s string, f font, room float32) string {
	const ellipsis = "…"
	if len(s) <= maxFit && t.lineWidth(s, f) <= room {
		return s
	}
	tail := t.fitEnd(s, f, (room-t.width(ellipsis, f))*2/5)
	if tail == "" {
		return t.fit(s, f, room)
	}
	end := t.lineWidth(tail, f)
	head := strings.TrimSuffix(t.fit(s[:len(s)-len(tail)], f, room-end), ellipsis)
	for head != "" && t.lineWidth(head+ellipsis+tail, f) > room {
		head = head[:lastCluster(head)]
	}
	if head == "" {
		return t.fit(s, f, room)
	}
	return strings.TrimRight(head, " ") + ellipsis + tail
}

// fitEnd gives as much of the end of a text as there is room for.
func (t *typesetter) fitEnd(s string, f font, room float32) string {
	if len(s) > maxFit {
		s = s[len(s)-maxFit:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	sum := t.lineWidth(s, f)
	for i, cluster := range clusters(s) {
		if sum <= room {
			return strings.TrimLeft(s[i:], " ")
		}
		sum -= t.width(cluster, f)
	}
	return ""
}

// maxFit bounds in bytes what fit looks at: more never fits on a line of a list.
const maxFit = 600

// up rounds to the next whole unit, so that what follows lies on a pixel.
func up(v float32) float32 { return float32(math.Ceil(float64(v) - 0.01)) }

// whole rounds to the nearest whole unit.
func whole(v float32) float32 { return float32(math.Round(float64(v))) }

// textHeight is the height Fyne gives a line of text of this font.
func textHeight(f font) float32 { return fyne.MeasureText("Ag", f.size, f.style()).Height }
