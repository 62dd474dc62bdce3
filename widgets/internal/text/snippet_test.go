package text

import (
	"strings"
	"testing"
)

func TestSnippet(t *testing.T) {
	useFonts(t)
	set, f := NewTypesetter(), Font{Size: sizePreview}
	long := strings.Repeat("some words before ", 30) + "the PLAN\nof it " + strings.Repeat("and after ", 30)
	for _, text := range []string{
		"a plan", "plan", long, strings.Repeat("ä", 300) + "plan", strings.Repeat("漢字", 200) + " plan " + long,
	} {
		line, places := Snippet(set, text, FindWords(text, "plan"), f, 200)
		if set.LineWidth(line, f) > 200 || strings.Contains(line, "\n") {
			t.Errorf("%.20q: got %q", text, line)
		}
		if len(places) == 0 || !strings.EqualFold(line[places[0].Start:places[0].End], "plan") {
			t.Errorf("%.20q: %q does not show what was found: %v", text, line, places)
		}
	}
}

func FuzzSnippet(f *testing.F) {
	f.Add("some words before the plan\r\nof it", 22, 26)
	useFonts(f)
	set := NewTypesetter()
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		line, places := Snippet(set, text, []Range{{from, to}}, Font{Size: sizePreview}, 200)
		for _, p := range places {
			if p.Start < 0 || p.End <= p.Start || p.End > len(line) {
				t.Fatalf("%v in %q", p, line)
			}
		}
	})
}
