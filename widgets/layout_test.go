package widgets

import (
	"path/filepath"
	"strings"
	"testing"
)

func measured(item MessageItem, ctx rowContext) *rowLayout {
	return measureRow(newTypesetter(), &item, ctx)
}

func TestMeasureRow(t *testing.T) {
	useTheme(t, VariantLight)
	alone := func(width float32) rowContext { return rowContext{first: true, last: true, top: true, width: width} }
	long := strings.Repeat("word ", 200)
	tests := map[string]struct {
		item MessageItem
		ctx  rowContext
		ok   func(l *rowLayout) bool
		want string
	}{
		"own on the right": {
			MessageItem{Own: true, Text: "a", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.bubble.x+l.bubble.w == 700-sideGap },
			"right edge 16 from the pane's",
		},
		"peer on the left": {
			MessageItem{Text: "a", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool {
				return l.bubble.x == sideGap && l.lineX == sideGap+12 && l.lineAt == l.bubble.y+8
			},
			"left edge at 16, text 12 and 8 inside",
		},
		"at most 560 wide": {
			MessageItem{Text: long, Time: "14:02"},
			alone(1600),
			func(l *rowLayout) bool { return l.bubble.w <= 560 && l.bubble.w > 520 },
			"width near 560",
		},
		"at most 72 percent": {
			MessageItem{Text: long, Time: "14:02"},
			alone(500),
			func(l *rowLayout) bool { return l.bubble.w <= 360 && l.bubble.w > 320 },
			"width near 360",
		},
		"a wide pane keeps a column of 900": {
			MessageItem{Own: true, Text: "a", Time: "14:02"},
			alone(1600),
			func(l *rowLayout) bool { return l.bubble.x+l.bubble.w == 350+900-sideGap },
			"right edge of the column",
		},
		"time on the last line": {
			MessageItem{Text: "short", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 1 && l.bubble.h == 8+20+7 },
			"one line of 20",
		},
		"time on its own line": {
			MessageItem{Text: strings.Repeat("m", 22), Time: "14:02"},
			alone(440),
			func(l *rowLayout) bool {
				return len(l.lines) == 1 && l.bubble.h > 8+20+7 && l.metaBox.y >= l.lineAt+20
			},
			"the time below the line",
		},
		"joined": {
			MessageItem{Text: "a", Time: "14:02"},
			rowContext{width: 700},
			func(l *rowLayout) bool { return l.bubble.y == gapJoined && l.height == 3+35 },
			"3 above",
		},
		"apart": {
			MessageItem{Text: "a", Time: "14:02"},
			rowContext{first: true, width: 700},
			func(l *rowLayout) bool { return l.bubble.y == gapApart && l.height == 10+35 },
			"10 above",
		},
		"date": {
			MessageItem{Text: "a", Time: "14:02", Day: "Today"},
			rowContext{first: true, day: true, width: 700},
			func(l *rowLayout) bool { return l.day.h == 24 && l.bubble.y == dayBlock && l.day.x+l.day.w/2 == 350 },
			"a pill of 24 in the middle",
		},
		"folded": {
			MessageItem{Text: strings.Repeat("line\n", 60), Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 25 && l.more.h > 0 },
			"25 lines and more",
		},
		"not worth folding": {
			MessageItem{Text: strings.TrimSpace(strings.Repeat("line\n", 28)), Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 28 && l.more.h == 0 },
			"28 lines",
		},
		"unfolded": {
			MessageItem{Text: strings.TrimSpace(strings.Repeat("line\n", 60)), Time: "14:02"},
			rowContext{first: true, last: true, open: true, width: 700},
			func(l *rowLayout) bool { return len(l.lines) == 60 && l.more.h == 0 },
			"60 lines",
		},
		"emoji": {
			MessageItem{Text: "😀👍", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.font.size == 32 },
			"size 32",
		},
		"four emoji are text": {
			MessageItem{Text: "😀😀😀😀", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.font.size == 14 },
			"size 14",
		},
		"group member": {
			MessageItem{Text: "a", Time: "14:02", SenderKey: "bob", SenderName: "Bob"},
			alone(700),
			func(l *rowLayout) bool {
				return l.face.h == 32 && l.name.h > 0 && l.face.y+32 == l.bubble.y+l.bubble.h && l.bubble.x == 16+40
			},
			"an avatar at the lower edge and a name",
		},
		"failed": {
			MessageItem{Own: true, Text: "a", Time: "14:02", State: StateFailed, FailedReason: "Blocked"},
			alone(700),
			func(l *rowLayout) bool {
				return l.noteText == "Not sent: Blocked" && l.retry.h > 0 && l.remove.x+l.remove.w-8 == 684
			},
			"the reason and two words",
		},
		"narrow": {
			MessageItem{Own: true, Text: long, Time: "14:02"},
			alone(40),
			func(l *rowLayout) bool { return l.bubble.w >= 60 },
			"no negative width",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := measured(tc.item, tc.ctx)
			if !tc.ok(l) {
				t.Errorf("want %s; got bubble %+v, lines %d, time %+v, day %+v, face %+v, height %v",
					tc.want, l.bubble, len(l.lines), l.metaBox, l.day, l.face, l.height)
			}
			for _, v := range []float32{l.height, l.bubble.x, l.bubble.y, l.bubble.w, l.bubble.h, l.lineAt, l.lineX} {
				if v != whole(v) {
					t.Errorf("%v is not on a whole unit: %+v", v, l.bubble)
				}
			}
		})
	}
}

// Room for the tick is reserved: nothing moves when a message is sent, delivered and read.
func TestMeasureRow_ticksDoNotReflow(t *testing.T) {
	useTheme(t, VariantLight)
	for _, text := range []string{"a", strings.Repeat("word ", 30), strings.Repeat("m", 40)} {
		item := MessageItem{Own: true, Text: text, Time: "14:02"}
		want := measured(item, rowContext{first: true, width: 500})
		for s := StateWaiting; s <= StateRead; s++ {
			item.State = s
			if got := measured(item, rowContext{first: true, width: 500}); got.bubble != want.bubble || got.metaBox != want.metaBox {
				t.Errorf("state %d: got %+v and %+v, want %+v and %+v", s, got.bubble, got.metaBox, want.bubble, want.metaBox)
			}
		}
	}
}

// The time never lies on the text, whatever the length of the last line.
func TestMeasureRow_timeClearOfText(t *testing.T) {
	useTheme(t, VariantLight)
	set := newTypesetter()
	for n := 1; n < 120; n++ {
		item := MessageItem{Own: true, Text: strings.Repeat("x ", n), Time: "14:02"}
		l := measureRow(set, &item, rowContext{first: true, width: 500})
		last := l.lines[len(l.lines)-1]
		lineY := l.lineAt + float32(len(l.lines)-1)*l.lineH
		if l.metaBox.y < lineY+l.lineH && l.lineX+last.width > l.metaBox.x {
			t.Errorf("%d words: text ends at %v, time begins at %v", n, l.lineX+last.width, l.metaBox.x)
		}
		if right := l.tick.x + l.tick.w; right > l.bubble.x+l.bubble.w-8 {
			t.Errorf("%d words: tick ends at %v, bubble at %v", n, right, l.bubble.x+l.bubble.w)
		}
	}
}

func TestJoins(t *testing.T) {
	base := MessageItem{Text: "a", At: 1000, Day: "Today", SenderKey: "bob"}
	tests := map[string]struct {
		change func(*MessageItem)
		want   bool
	}{
		"a minute later":   {func(m *MessageItem) { m.At += 60 }, true},
		"five minutes":     {func(m *MessageItem) { m.At += 300 }, false},
		"a clock set back": {func(m *MessageItem) { m.At -= 3600 }, false},
		"the other side":   {func(m *MessageItem) { m.Own = true }, false},
		"another member":   {func(m *MessageItem) { m.SenderKey = "eve" }, false},
		"another day":      {func(m *MessageItem) { m.Day = "Tomorrow" }, false},
		"the unread line":  {func(m *MessageItem) { m.Divider = "1 unread message" }, false},
		"a system line":    {func(m *MessageItem) { m.Kind = MessageSystem }, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			next := base
			tc.change(&next)
			if got := joins(&base, &next); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFindLinks(t *testing.T) {
	tests := map[string][]string{
		"no link":                                   nil,
		"https://example.org":                       {"https://example.org"},
		"see http://a.example/b, and more":          {"http://a.example/b"},
		"(https://en.example/wiki/A_(b)) end":       {"https://en.example/wiki/A_(b)"},
		"HTTPS://X.EXAMPLE?a=b&c=d#e!":              {"HTTPS://X.EXAMPLE?a=b&c=d#e"},
		"two https://a.example https://b.example.":  {"https://a.example", "https://b.example"},
		"javascript://alert":                        nil,
		"xhttp://a.example":                         nil,
		"http://":                                   nil,
		"<https://a.example>":                       {"https://a.example"},
		"https://ä.example/ö":                       {"https://ä.example/ö"},
		"ftp://a.example https://b.example/x\nnext": {"https://b.example/x"},
	}
	for text, want := range tests {
		var got []string
		for _, k := range findLinks(text) {
			got = append(got, text[k.start:k.end])
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	tests := map[string]string{
		"Alice Martin": "AM", "alice": "A", "": "?", "   ": "?", "Дора Иванова": "ДИ", "😀 Fred": "😀", "Fred 😀": "F",
		"Jean-Luc Picard": "JP", "+49 170": "41", "é\u0301 x": "É\u0301X", "👨‍👩‍👧 Family": "👨‍👩‍👧", "王小明": "王", "(Bob)": "B",
		"\x00\x01": "?",
	}
	for name, want := range tests {
		if got := initials(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestOnlyEmoji(t *testing.T) {
	tests := map[string]bool{
		"😀": true, "😀 👍": true, "😀👍🎉": true, "😀😀😀😀": false, "a": false, "": false, "😀a": false, "❤️": true, "☎": false,
		"👨‍👩‍👧‍👦": true, "🇫🇷": true, "1️⃣": false, "✅": true, " ": false, "漢": false,
	}
	for s, want := range tests {
		if got := onlyEmoji(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	useTheme(t, VariantLight)
	set, f := newTypesetter(), font{size: TextName, bold: true}
	name := "Bartholomew Maximilian Featherstonehaugh-Cholmondeley of Kent"
	for room := float32(0); room < 600; room += 7 {
		got := set.fit(name, f, room)
		if w := set.lineWidth(got, f); w > room && got != "…" {
			t.Errorf("room %v: got %q of %v", room, got, w)
		}
		if got != name && got != "" && !strings.HasSuffix(got, "…") {
			t.Errorf("room %v: got %q, want an ellipsis", room, got)
		}
	}
	if got := set.fit(name, f, 2000); got != name {
		t.Errorf("got %q, want all of it", got)
	}
}

func TestFitName(t *testing.T) {
	useTheme(t, VariantLight)
	set, f := newTypesetter(), font{size: TextName, bold: true}
	names := []string{
		"The minutes of the yearly assembly of the society of friends of long names, final version.docx", strings.Repeat("x", 580) + ".zip",
		"Протокол ежегодного собрания общества любителей длинных имён.pdf", "👨‍👩‍👧‍👦 our family on the beach, with everybody who was there that day.jpeg",
	}
	for _, name := range names {
		for room := float32(0); room < 700; room += 7 {
			got := set.fitName(name, f, room)
			if w := set.lineWidth(got, f); w > room && got != "…" {
				t.Errorf("room %v: got %q of %v", room, got, w)
			}
			begins, ends, cut := strings.Cut(got, "…")
			if cut && (!strings.HasPrefix(name, begins) || !strings.HasSuffix(name, ends)) {
				t.Errorf("room %v: got %q", room, got)
			}
			if ending := filepath.Ext(name); room >= 150 && !strings.HasSuffix(got, ending) {
				t.Errorf("room %v: got %q, want the ending %s", room, got, ending)
			}
		}
	}
	for _, name := range []string{"", "a.txt"} {
		if got := set.fitName(name, f, 100); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

func TestPanesMode(t *testing.T) {
	tests := []struct {
		width float32
		right bool
		want  PanesMode
	}{
		{1180, false, PanesBoth},
		{1180, true, PanesBoth},
		{720, false, PanesBoth},
		{719, false, PanesOnlyLeft},
		{719, true, PanesOnlyRight},
		{400, true, PanesOnlyRight},
	}
	for _, tc := range tests {
		if got := panesMode(tc.width, tc.right); got != tc.want {
			t.Errorf("%v wide, right %v: got %d, want %d", tc.width, tc.right, got, tc.want)
		}
	}
}
