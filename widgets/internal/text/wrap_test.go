package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func lineTexts(lines []Line, of string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.In(of)
	}
	return out
}

func TestWrap(t *testing.T) {
	useFonts(t)
	set, f := NewTypesetter(), Font{Size: sizeBody}
	room := set.LineWidth("the quick brown fox", f) + 1
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":              {"", []string{""}},
		"one line":           {"the quick brown", []string{"the quick brown"}},
		"words":              {"the quick brown fox jumps over", []string{"the quick brown fox", "jumps over"}},
		"line breaks":        {"a\n\nb\n", []string{"a", "", "b", ""}},
		"spaces at the end":  {"the quick brown fox    ", []string{"the quick brown fox"}},
		"spaces inside":      {"a  b", []string{"a  b"}},
		"spaces first":       {"  a", []string{"  a"}},
		"hyphen":             {"ä the quick brown-fox", []string{"ä the quick brown-", "fox"}},
		"no-break space":     {"the quick browner\u00A0fox jumps", []string{"the quick", "browner\u00A0fox jumps"}},
		"accents stay whole": {"e\u0301e\u0301", []string{"e\u0301e\u0301"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := lineTexts(set.Wrap(tc.text, f, room, 0), tc.text)
			if strings.Join(got, "|") != strings.Join(tc.want, "|") {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWrap_limit(t *testing.T) {
	useFonts(t)
	set := NewTypesetter()
	text := strings.Repeat("word ", 10_000)
	if got := len(set.Wrap(text, Font{Size: sizeBody}, 300, 28)); got != 28 {
		t.Errorf("lines: got %d, want 28", got)
	}
}

// checkLines fails if the lines do not cover the text in order, or are too long.
func checkLines(t *testing.T, text string, lines []Line, room float32) {
	t.Helper()
	pos := 0
	for i, l := range lines {
		if l.Start < pos || l.End < l.Start || l.End > len(text) {
			t.Fatalf("line %d: %d to %d after %d of %d", i, l.Start, l.End, pos, len(text))
		}
		if skipped := strings.Trim(text[pos:l.Start], " \n"); skipped != "" {
			t.Fatalf("line %d: %q is left out before it", i, skipped)
		}
		s := l.In(text)
		if !utf8.ValidString(s) {
			t.Fatalf("line %d: a character is cut: %q", i, s)
		}
		if n := utf8.RuneCountInString(s); n > MaxLineRunes+maxCluster {
			t.Fatalf("line %d: %d characters", i, n)
		}
		if l.Width > room+1 && len(s) > 0 && lastCluster(s) > 0 {
			t.Fatalf("line %d: %v wide, room is %v: %q", i, l.Width, room, s)
		}
		pos = l.End
	}
	if rest := strings.Trim(text[pos:], " \n"); rest != "" {
		t.Fatalf("the end is left out: %q", rest)
	}
}

func TestWrap_nasty(t *testing.T) {
	useFonts(t)
	for name, text := range widgettest.NastyTexts() {
		t.Run(name, func(t *testing.T) {
			set := NewTypesetter()
			s := Clean(text)
			checkLines(t, s, set.Wrap(s, Font{Size: sizeBody}, 300, 0), 300)
		})
	}
}

func FuzzWrap(f *testing.F) {
	useFonts(f)
	for _, s := range widgettest.NastyTexts() {
		if len(s) < 2000 {
			f.Add(s, float32(120))
		}
	}
	f.Add("plain words https://example.org/x.", float32(0))
	f.Fuzz(func(t *testing.T, text string, room float32) {
		if len(text) > 2000 || room < 0 || room > 2000 {
			return
		}
		set, face := NewTypesetter(), Font{Size: sizeBody}
		s := Clean(text)
		if again := Clean(s); again != s {
			t.Errorf("clean is not done after one pass: %q, %q", s, again)
		}
		checkLines(t, s, set.Wrap(s, face, room, 0), room)
		for _, k := range FindLinks(s) {
			if k.Start >= k.End || !utf8.ValidString(s[k.Start:k.End]) {
				t.Errorf("link %v in %q", k, s)
			}
		}
		if got := set.Fit(CleanLine(text), face, room); room > 20 && set.LineWidth(got, face) > room+1 {
			t.Errorf("fit: %v wide, room is %v: %q", set.LineWidth(got, face), room, got)
		}
		_ = Initials(text)
		_ = OnlyEmoji(s)
	})
}
