package text

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/bidi"
)

func TestIsRTL(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": false, "hello": false, "שלום": true, "السلام": true, "123 שלום": true, "hello שלום": false, "👍 שלום": true,
		"(שלום)": true, "123": false, "\u200Fabc": true, "漢字": false, "ü": false, "܀ܐ": true, "ހ": true,
	} {
		if got := IsRTL(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// visible returns a line as it is seen, with letters in the order from left to right. In the tests capital letters
// stand for Hebrew ones.
func visible(t *testing.T, line string, rtl bool) string {
	t.Helper()
	line = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return 'א' + r - 'A'
		}
		return r
	}, line)
	var out strings.Builder
	for _, p := range NewTypesetter().Pieces(line, []Span{{End: len(line), Font: Font{Size: sizeBody}}}, rtl) {
		s := p.Text
		if p.Emoji || s == "" {
			s = line[p.Start:p.End]
		}
		if p.RTL && p.Foreign {
			s = bidi.ReverseString(s)
		}
		out.WriteString(s)
	}
	return strings.Map(func(r rune) rune {
		if r >= 'א' && r <= 'ת' {
			return 'A' + r - 'א'
		}
		return r
	}, out.String())
}

func TestPieces_order(t *testing.T) {
	useFonts(t)
	tests := []struct {
		line string
		rtl  bool
		want string
	}{
		{"abc", false, "abc"},
		{"ABC", true, "CBA"},
		{"abc ABC def", false, "abc CBA def"},
		{"abc ABC DEF ghi", false, "abc FED CBA ghi"},
		{"ABC def GHI", true, "IHG def CBA"},
		{"ABC 123 DEF", true, "FED 123 CBA"},
		{"abc ABC 123 DEF", false, "abc FED 123 CBA"},
		{"ABC 123abc", true, "123abc CBA"},
		{"ABC 123abc", false, "123 CBAabc"},
		{"ABC.", true, ".CBA"},
		{"ABC?", true, "?CBA"},
		{"ABC (DEF)!", true, "!(FED) CBA"},
		{"ABC (def) GHI", true, "IHG (def) CBA"},
		{"abc (ABC) def", false, "abc (CBA) def"},
		{"ABC <DEF>", true, "<FED> CBA"},
		{"ABC 12:30, 5%", true, "5% ,12:30 CBA"},
		{"+49 30 123 ABC", true, "CBA 123 30 49+"},
		{"ABC 👍 DEF", true, "FED 👍 CBA"},
		{"ABC 👍👎", true, "👎👍 CBA"},
		{"ABC - DEF", true, "FED - CBA"},
		{"ABC «DEF»", true, "«FED» CBA"},
		{"ABC A/B", true, "B/A CBA"},
	}
	for _, tc := range tests {
		if got := visible(t, tc.line, tc.rtl); got != tc.want {
			t.Errorf("%q: seen as %q, want %q", tc.line, got, tc.want)
		}
	}
}

// FuzzLevels compares with the directions that x/text finds.
func FuzzLevels(f *testing.F) {
	for _, s := range []string{"abc אבג 123", "אבג (def) 12-3%", "سلام 12:30 a", "a)ב(", "א1,2 3a", "\u200Eא\u200Fb[ג]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = CleanLine(s)
		if s == "" {
			return
		}
		runes := []rune(s)
		rtl := IsRTL(s)
		lv := levels(runes, rtl)
		for i, l := range lv {
			if l > 2 || rtl && l == 0 {
				t.Fatalf("%q: level %d at %d", s, l, i)
			}
		}
		var p bidi.Paragraph
		if _, err := p.SetString(s); err != nil {
			return
		}
		order, err := p.Order()
		if err != nil {
			return
		}
		for i := range order.NumRuns() {
			run := order.Run(i)
			start, end := run.Pos()
			for k := start; k <= end && k < len(lv); k++ {
				if isSpacing(class(runes[k])) || class(runes[k]) == bidi.NSM || class(runes[k]) == bidi.BN {
					continue
				}
				if odd := lv[k]%2 == 1; odd != (run.Direction() == bidi.RightToLeft) {
					t.Logf("%q at %d: level %d, x/text has %v", s, k, lv[k], run.Direction())
				}
			}
		}
	})
}

func FuzzPieces(f *testing.F) {
	useFonts(f)
	for _, s := range []string{
		"hello", "abc אבג 123", "👍🏽 hi 👨‍👩‍👧", "السلام عليكم (مع English) 12345؟ نعم.", "漢字 bold", "नमस्ते ไทย", "אבג — x, 👍!",
	} {
		f.Add(s, 3, 7)
	}
	set := NewTypesetter()
	f.Fuzz(func(t *testing.T, s string, a, b int) {
		s = CleanLine(s)
		if s == "" {
			return
		}
		cut, from := boundary(s, a), boundary(s, b)
		spans := []Span{{End: cut, Font: Font{Size: sizeBody}}, {End: len(s), Font: Font{Size: sizeBody, Bold: true}}}
		pieces := set.Pieces(s, spans, IsRTL(s))
		seen, x := make([]bool, len(s)), float32(0)
		for _, p := range pieces {
			if p.X != x || p.Width < 0 || p.Start >= p.End {
				t.Fatalf("%q: piece %+v at %v", s, p, x)
			}
			x += p.Width
			for i := p.Start; i < p.End; i++ {
				if seen[i] {
					t.Fatalf("%q: byte %d is drawn twice", s, i)
				}
				seen[i] = true
			}
			at := set.ByteAt(s, spans, pieces, p.X+p.Width/2)
			if at < 0 || at > len(s) {
				t.Fatalf("%q: byte %d", s, at)
			}
		}
		for i, ok := range seen {
			if !ok {
				t.Fatalf("%q: byte %d is not drawn", s, i)
			}
		}
		for _, e := range set.Extents(s, spans, pieces, from, len(s)) {
			if e[0] < -1 || e[1] > x+1 || e[1] < e[0] {
				t.Fatalf("%q: extent %v of %v", s, e, x)
			}
		}
	})
}

// boundary returns the start of a character at or after a byte.
func boundary(s string, at int) int {
	at = min(max(at, 0), len(s))
	for at < len(s) && s[at]&0xC0 == 0x80 {
		at++
	}
	return at
}

func TestByteAt(t *testing.T) {
	useFonts(t)
	set, f := NewTypesetter(), Font{Size: sizeBody}
	line := "אבג def"
	spans := []Span{{End: len(line), Font: f}}
	pieces := set.Pieces(line, spans, true)
	width := pieces[len(pieces)-1].X + pieces[len(pieces)-1].Width
	if got := set.ByteAt(line, spans, pieces, width); got != 0 {
		t.Errorf("at the right edge byte %d, want the first", got)
	}
	if got := line[set.ByteAt(line, spans, pieces, 1):]; got != "def" {
		t.Errorf("at the left edge is %q, want def", got)
	}
	all := set.Extents(line, spans, pieces, 0, len(line))
	if len(all) != 1 || all[0][0] != 0 || all[0][1] < width-1 {
		t.Errorf("the whole line is at %v", all)
	}
	first := set.Extents(line, spans, pieces, 0, len("א"))
	if len(first) != 1 || first[0][1] < width-1 || first[0][0] < width/2 {
		t.Errorf("the first letter is at %v of %v", first, width)
	}
}

func TestIsSimple(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": true, "hello": true, "Ärger – „ja“ …": true, "Привет": true, "Ελλάδα €": true, "👍": false, "❤️": false,
		"שלום": false, "漢字": false, "a 🇩🇪": false, "©": false, "ﷺ": false, "नमस्ते": false,
	} {
		if got := IsSimple(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
