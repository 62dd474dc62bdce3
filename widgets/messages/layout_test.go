package messages

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

func measured(item Item, ctx rowContext) *rowLayout {
	return measureRow(text.NewTypesetter(), &item, ctx)
}

func TestMeasureRow(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	alone := func(width float32) rowContext { return rowContext{first: true, last: true, top: true, width: width} }
	long := strings.Repeat("word ", 200)
	tests := map[string]struct {
		item Item
		ctx  rowContext
		ok   func(l *rowLayout) bool
		want string
	}{
		"own on the right": {
			Item{Own: true, Text: "a", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.bubble.X+l.bubble.W == 700-sideGap },
			"right edge 16 from the pane's",
		},
		"peer on the left": {
			Item{Text: "a", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool {
				return l.bubble.X == sideGap && l.lineX == sideGap+12 && l.lineAt == l.bubble.Y+8
			},
			"left edge at 16, text 12 and 8 inside",
		},
		"at most 560 wide": {
			Item{Text: long, Time: "14:02"},
			alone(1600),
			func(l *rowLayout) bool { return l.bubble.W <= 560 && l.bubble.W > 520 },
			"width near 560",
		},
		"at most 72 percent": {
			Item{Text: long, Time: "14:02"},
			alone(500),
			func(l *rowLayout) bool { return l.bubble.W <= 360 && l.bubble.W > 320 },
			"width near 360",
		},
		"a wide pane keeps a column of 900": {
			Item{Own: true, Text: "a", Time: "14:02"},
			alone(1600),
			func(l *rowLayout) bool { return l.bubble.X+l.bubble.W == 350+900-sideGap },
			"right edge of the column",
		},
		"time on the last line": {
			Item{Text: "short", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 1 && l.bubble.H == 8+20+7 },
			"one line of 20",
		},
		"time on its own line": {
			Item{Text: strings.Repeat("m", 22), Time: "14:02"},
			alone(440),
			func(l *rowLayout) bool {
				return len(l.lines) == 1 && l.bubble.H > 8+20+7 && l.metaBox.Y >= l.lineAt+20
			},
			"the time below the line",
		},
		"joined": {
			Item{Text: "a", Time: "14:02"},
			rowContext{width: 700},
			func(l *rowLayout) bool { return l.bubble.Y == gapJoined && l.height == 3+35 },
			"3 above",
		},
		"apart": {
			Item{Text: "a", Time: "14:02"},
			rowContext{first: true, width: 700},
			func(l *rowLayout) bool { return l.bubble.Y == gapApart && l.height == 10+35 },
			"10 above",
		},
		"date": {
			Item{Text: "a", Time: "14:02", Day: "Today"},
			rowContext{first: true, day: true, width: 700},
			func(l *rowLayout) bool { return l.day.H == 24 && l.bubble.Y == dayBlock && l.day.X+l.day.W/2 == 350 },
			"a pill of 24 in the middle",
		},
		"folded": {
			Item{Text: strings.Repeat("line\n", 60), Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 20 && l.more.H > 0 },
			"20 lines and more",
		},
		"not worth folding": {
			Item{Text: strings.TrimSpace(strings.Repeat("line\n", 24)), Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return len(l.lines) == 24 && l.more.H == 0 },
			"24 lines",
		},
		"unfolded": {
			Item{Text: strings.TrimSpace(strings.Repeat("line\n", 60)), Time: "14:02"},
			rowContext{first: true, last: true, open: true, width: 700},
			func(l *rowLayout) bool { return len(l.lines) == 60 && l.more.H == 0 },
			"60 lines",
		},
		"emoji": {
			Item{Text: "😀👍", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.font.Size == 32 },
			"size 32",
		},
		"four emoji are text": {
			Item{Text: "😀😀😀😀", Time: "14:02"},
			alone(700),
			func(l *rowLayout) bool { return l.font.Size == 14 },
			"size 14",
		},
		"group member": {
			Item{Text: "a", Time: "14:02", SenderKey: "bob", SenderName: "Bob"},
			alone(700),
			func(l *rowLayout) bool {
				return l.face.H == 32 && l.name.H > 0 && l.face.Y+32 == l.bubble.Y+l.bubble.H && l.bubble.X == 16+40
			},
			"an avatar at the lower edge and a name",
		},
		"failed": {
			Item{Own: true, Text: "a", Time: "14:02", State: widgets.StateFailed, FailedReason: "Blocked"},
			alone(700),
			func(l *rowLayout) bool {
				return l.noteText == "Not sent: Blocked" && l.retry.H > 0 && l.remove.X+l.remove.W-8 == 684
			},
			"the reason and two words",
		},
		"narrow": {
			Item{Own: true, Text: long, Time: "14:02"},
			alone(40),
			func(l *rowLayout) bool { return l.bubble.W >= 60 },
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
			for _, v := range []float32{l.height, l.bubble.X, l.bubble.Y, l.bubble.W, l.bubble.H, l.lineAt, l.lineX} {
				if v != draw.SnapPx(v) {
					t.Errorf("%v is not on a whole unit: %+v", v, l.bubble)
				}
			}
		})
	}
}

// Nothing moves when a message is sent, delivered and read.
func TestMeasureRow_ticksDoNotReflow(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	for _, text := range []string{"a", strings.Repeat("word ", 30), strings.Repeat("m", 40)} {
		item := Item{Own: true, Text: text, Time: "14:02", State: widgets.StateWaiting}
		want := measured(item, rowContext{first: true, width: 500})
		for s := widgets.StateSent; s <= widgets.StateRead; s++ {
			item.State = s
			got := measured(item, rowContext{first: true, width: 500})
			if got.bubble != want.bubble || got.metaBox != want.metaBox {
				t.Errorf("state %d: got %+v and %+v, want %+v and %+v",
					s, got.bubble, got.metaBox, want.bubble, want.metaBox)
			}
		}
	}
}

// The time never overlaps the text, whatever the length of the last line.
func TestMeasureRow_timeClearOfText(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	set := text.NewTypesetter()
	for n := 1; n < 120; n++ {
		item := Item{Own: true, Text: strings.Repeat("x ", n), Time: "14:02"}
		l := measureRow(set, &item, rowContext{first: true, width: 500})
		last := l.lines[len(l.lines)-1]
		lineY := l.lineAt + float32(len(l.lines)-1)*l.lineH
		if l.metaBox.Y < lineY+l.lineH && l.lineX+last.Width > l.metaBox.X {
			t.Errorf("%d words: text ends at %v, time begins at %v", n, l.lineX+last.Width, l.metaBox.X)
		}
		if right := l.tick.X + l.tick.W; right > l.bubble.X+l.bubble.W-8 {
			t.Errorf("%d words: tick ends at %v, bubble at %v", n, right, l.bubble.X+l.bubble.W)
		}
	}
}

func TestJoins(t *testing.T) {
	base := Item{Text: "a", At: 1000, Day: "Today", SenderKey: "bob"}
	tests := map[string]struct {
		change func(*Item)
		want   bool
	}{
		"a minute later":   {func(m *Item) { m.At += 60 }, true},
		"five minutes":     {func(m *Item) { m.At += 300 }, false},
		"a clock set back": {func(m *Item) { m.At -= 3600 }, false},
		"the other side":   {func(m *Item) { m.Own = true }, false},
		"another member":   {func(m *Item) { m.SenderKey = "eve" }, false},
		"another day":      {func(m *Item) { m.Day = "Tomorrow" }, false},
		"the unread line":  {func(m *Item) { m.Divider = "1 unread message" }, false},
		"a system line":    {func(m *Item) { m.Kind = KindSystem }, false},
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
