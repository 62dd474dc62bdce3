package widgets

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

func lineTexts(lines []span, of string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.text(of)
	}
	return out
}

func TestWrap(t *testing.T) {
	useTheme(t, VariantLight)
	set, f := newTypesetter(), font{size: TextBody}
	room := set.lineWidth("the quick brown fox", f) + 1
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
			got := lineTexts(set.wrap(tc.text, f, room, 0), tc.text)
			if strings.Join(got, "|") != strings.Join(tc.want, "|") {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWrap_limit(t *testing.T) {
	useTheme(t, VariantLight)
	set := newTypesetter()
	text := strings.Repeat("word ", 10_000)
	if got := len(set.wrap(text, font{size: TextBody}, 300, 28)); got != 28 {
		t.Errorf("lines: got %d, want 28", got)
	}
}

// nasty holds texts that have broken text engines.
func nasty() map[string]string {
	return map[string]string{
		"long word":          strings.Repeat("a", 60_000),
		"long text":          strings.Repeat("all work and no play ", 3_000),
		"many lines":         strings.Repeat("\n", 60_000),
		"zero width joiners": strings.Repeat("\u200D", 60_000),
		"zero width spaces":  strings.Repeat("\u200B", 60_000),
		"accents on one":     "a" + strings.Repeat("\u0301", 60_000),
		"zalgo":              strings.Repeat("Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324a\u034A", 100),
		"right to left":      strings.Repeat("שלום עולם مرحبا ", 300),
		"override":           "\u202Egnp.exe\u202C and \u2066more",
		"controls":           "a\x00b\x01c\x1b[31md\x7f\u0085e\rf\tg",
		"broken":             "ok \xff\xfe\xc3( \xed\xa0\x80 end",
		"surrogate halves":   "\xed\xa0\xbd\xed\xb8\x80",
		"private use":        "\uE000\uF8FF\U000F0000\U0010FFFF",
		"flags":              strings.Repeat("🇫🇷🇩🇪", 60),
		"families":           strings.Repeat("👨‍👩‍👧‍👦", 40),
		"half a flag":        strings.Repeat("🇫", 333),
		"ideographs":         strings.Repeat("漢字", 1_500),
		"thai":               strings.Repeat("ภาษาไทยไม่มีช่องว่าง", 20),
		"devanagari":         strings.Repeat("क्षत्रिय", 40),
		"variation":          strings.Repeat("☺\uFE0F\uFE0E", 100),
		"tags":               "🏴" + strings.Repeat("\U000E0067", 3_000),
		"spaces":             strings.Repeat(" ", 60_000),
		"tabs":               strings.Repeat("\t", 6_000),
		"feff":               "\uFEFFbyte order",
		"links":              strings.Repeat("https://example.org/a?b=c ", 2_000),
		"colons":             strings.Repeat("http://", 8_000),
	}
}

// checkLines fails if the lines do not cover the text's characters in order, or are too long.
func checkLines(t *testing.T, text string, lines []span, room float32) {
	t.Helper()
	pos := 0
	for i, l := range lines {
		if l.start < pos || l.end < l.start || l.end > len(text) {
			t.Fatalf("line %d: %d to %d after %d of %d", i, l.start, l.end, pos, len(text))
		}
		if skipped := strings.Trim(text[pos:l.start], " \n"); skipped != "" {
			t.Fatalf("line %d: %q is left out before it", i, skipped)
		}
		s := l.text(text)
		if !utf8.ValidString(s) {
			t.Fatalf("line %d: a character is cut: %q", i, s)
		}
		if n := utf8.RuneCountInString(s); n > maxLineRunes+maxCluster {
			t.Fatalf("line %d: %d characters", i, n)
		}
		if l.width > room+1 && len(s) > 0 && lastCluster(s) > 0 {
			t.Fatalf("line %d: %v wide, room is %v: %q", i, l.width, room, s)
		}
		pos = l.end
	}
	if rest := strings.Trim(text[pos:], " \n"); rest != "" {
		t.Fatalf("the end is left out: %q", rest)
	}
}

func TestWrap_nasty(t *testing.T) {
	useTheme(t, VariantLight)
	for name, text := range nasty() {
		t.Run(name, func(t *testing.T) {
			set := newTypesetter()
			s := clean(text)
			checkLines(t, s, set.wrap(s, font{size: TextBody}, 300, 0), 300)
		})
	}
}

// TestMessageList_nasty: no text makes drawing, selecting or scrolling end badly, or not at all.
func TestMessageList_nasty(t *testing.T) {
	useTheme(t, VariantLight)
	for name, text := range nasty() {
		t.Run(name, func(t *testing.T) {
			l := NewMessageList()
			w := inWindow(t, l, 500, 400)
			l.SetItems([]MessageItem{
				{Key: 1, Text: text, SenderKey: text, SenderName: text, Day: "d", Time: "1"},
				{Key: 2, Text: text, Own: true, State: StateFailed, FailedReason: text, Day: "d", Time: "1"},
				{Key: 3, Kind: MessageSystem, Text: text, Day: "d"},
			})
			w.Canvas().Capture()
			for _, key := range []int64{1, 2} {
				l.Unfold(key, true)
				l.ScrollToKey(key, AlignTop)
				l.press = fyne.NewPos(60, 60)
				l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, 300)}})
				l.DragEnd()
				if s := l.Selected(); !utf8.ValidString(s) {
					t.Errorf("selected: %q", s)
				}
			}
			for range 5 {
				l.ScrollBy(777)
			}
			w.Canvas().Capture()
		})
	}
}

func TestChatList_nasty(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := inWindow(t, l, 320, 700)
	rows := make([]ChatRow, 0)
	for name, text := range nasty() {
		rows = append(rows, ChatRow{Key: name, Name: text, Face: Face{Name: text}, Preview: text, Sender: text, Time: "14:02"})
	}
	l.SetRows(rows)
	for range 5 {
		w.Canvas().Capture()
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -60)})
	}
}

func FuzzWrap(f *testing.F) {
	useTheme(f, VariantLight)
	for _, s := range nasty() {
		if len(s) < 2000 {
			f.Add(s, float32(120))
		}
	}
	f.Add("plain words https://example.org/x.", float32(0))
	f.Fuzz(func(t *testing.T, text string, room float32) {
		if len(text) > 2000 || room < 0 || room > 2000 {
			return
		}
		set, face := newTypesetter(), font{size: TextBody}
		s := clean(text)
		if again := clean(s); again != s {
			t.Errorf("clean is not done after one pass: %q, %q", s, again)
		}
		checkLines(t, s, set.wrap(s, face, room, 0), room)
		for _, k := range findLinks(s) {
			if k.start >= k.end || !utf8.ValidString(s[k.start:k.end]) {
				t.Errorf("link %v in %q", k, s)
			}
		}
		if got := set.fit(cleanLine(text), face, room); room > 20 && set.lineWidth(got, face) > room+1 {
			t.Errorf("fit: %v wide, room is %v: %q", set.lineWidth(got, face), room, got)
		}
		_ = initials(text)
		_ = onlyEmoji(s)
	})
}
