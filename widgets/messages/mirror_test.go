package messages

import (
	"maps"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// Everything is at the other side, but for the text of messages.
func TestMirrored(t *testing.T) {
	widgettest.StartApp(t, widgets.NewTheme(widgets.VariantLight))
	all := fileStates()
	maps.Copy(all, popupStates())
	for name, g := range all {
		t.Run(name, func(t *testing.T) { widgettest.Mirrors(t, g.w, g.h, g.make, "The long table") })
	}
}

func TestMirrored_golden(t *testing.T) {
	widgettest.StartApp(t, widgets.NewTheme(widgets.VariantLight))
	widgettest.Mirror(t)
	all := allStates()
	for _, name := range []string{
		"message_read", "message_joined", "message_quote", "message_quote_own", "message_failed", "message_group",
		"message_divider", "message_tools", "message_found", "message_reactions_own", "voice_own_playing",
	} {
		g, ok := all[name]
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		widgettest.Renders(t, "mirrored_"+name, g.w, g.h, g.make)
	}
}

// Text keeps its own direction in bubbles that are at the other side, and the time is at the left.
func TestMirrored_text(t *testing.T) {
	widgettest.Mirror(t)
	for _, own := range []bool{true, false} {
		for text, rtl := range map[string]bool{"Hello": false, "שלום": true, "Hello\nשלום עולם": false, "שלום עולם ועוד\nHi": true} {
			l, _ := chatOf(t, Item{Key: 1, Text: text, Time: "14:02", Own: own, State: widgets.StateRead})
			m := l.visible[0].layout
			left, right := 700-m.bubble.X-m.bubble.W, 700-m.bubble.X
			if own && left != sideGap || !own && right != 700-sideGap {
				t.Errorf("%q: the bubble is from %v to %v", text, left, right)
			}
			start, end := m.lineLeft(0), m.lineLeft(0)+m.lines[0].Width
			if rtl && (end < right-padX-1 || end > right-padX+1) || !rtl && start != left+padX {
				t.Errorf("%q is from %v to %v in a bubble from %v to %v", text, start, end, left, right)
			}
			last := len(m.lines) - 1
			time := 700 - m.metaBox.X
			beside := m.metaBox.Y < m.lineAt+float32(last+1)*m.lineH-5
			if over := time > m.lineLeft(last); beside && over {
				t.Errorf("%q: the time ends at %v, over the last line, which starts at %v", text, time, m.lineLeft(last))
			}
			if one := len(m.lines) == 1; one && beside != rtl {
				t.Errorf("%q: the time is in the same line: %v", text, beside)
			}
		}
	}
}

// What is pressed is what is seen there.
func TestMirrored_taps(t *testing.T) {
	l, w := chatOf(t, Item{
		Key: 7, Own: true, Text: "see https://example.org/a now", Time: "14:02", State: widgets.StateFailed,
		Quote: &Quote{Name: "Bob", Text: "Where?"}, Reactions: []Reaction{{Emoji: "a", Count: 2}, {Emoji: "b", Count: 3}},
	})
	widgettest.Mirror(t)
	l.Refresh()
	var got []string
	did := func(what string) func(int64) { return func(int64) { got = append(got, what) } }
	l.OnRetry, l.OnDelete, l.OnQuoteTapped, l.OnTicksTapped = did("retry"), did("delete"), did("quote"), did("ticks")
	l.OnLink = func(u string) { got = append(got, u) }
	l.OnReactionTapped = func(_ int64, emoji string) { got = append(got, emoji) }
	var menu fyne.Position
	l.OnMenu = func(_ int64, at fyne.Position) { menu = at }
	m := l.visible[0].layout
	at := func(b draw.Box) fyne.Position {
		x, y := centre(l, b)
		return fyne.NewPos(700-x, y)
	}
	for _, b := range []draw.Box{m.retry, m.remove, m.parts.quote.Box, m.metaBox, m.pills[0].Box, m.pills[1].Box} {
		test.TapCanvas(w.Canvas(), at(b))
	}
	left := 700 - m.bubble.X - m.bubble.W + padX // of the text
	line := l.visible[0].y + m.lineAt + 8
	word := left + l.set.LineWidth("see https", m.font)
	test.TapCanvas(w.Canvas(), fyne.NewPos(word, line))
	test.TapCanvas(w.Canvas(), fyne.NewPos(left+2, line)) // no link there
	want := []string{"retry", "delete", "quote", "ticks", "a", "b", "https://example.org/a"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.MouseMoved(widgettest.PointerAt(word, line))
	if l.Cursor() != desktop.PointerCursor {
		t.Error("the cursor over the link is not the hand")
	}
	bubble := at(m.bubble)
	l.TappedSecondary(&fyne.PointEvent{Position: bubble, AbsolutePosition: bubble})
	if menu != bubble {
		t.Errorf("the menu is at %v, want %v", menu, bubble)
	}
	if below, ok := l.Below(7); !ok || below.X != 700-m.bubble.X {
		t.Errorf("below the message: got %v", below)
	}
}

// The mouse selects what it moves over.
func TestMirrored_selection(t *testing.T) {
	for text, want := range map[string]string{"Hello world": "world", "שלום עולם": "שלום"} {
		l, _ := chatOf(t, Item{Key: 1, Text: text, Time: "14:02"})
		widgettest.Mirror(t)
		l.Refresh()
		l.OnFocus = func(fyne.Focusable) {}
		m := l.visible[0].layout
		y := l.visible[0].y + m.lineAt + 8
		left, right := m.lineLeft(0), m.lineLeft(0)+m.lines[0].Width
		half := left + (right-left)*0.55 // near the space
		l.MouseDown(&desktop.MouseEvent{
			PointEvent: fyne.PointEvent{Position: fyne.NewPos(right-1, y)}, Button: desktop.MouseButtonPrimary,
		})
		l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(half, y)}})
		if got := l.Selected(); got != want && got != " "+want && got != want+" " {
			t.Errorf("selected %q of %q, want %q", got, text, want)
		}
	}
}

func TestMirrored_tools(t *testing.T) {
	l, w := chatOf(t, Item{Key: 7, Text: "Hello", Time: "14:02"})
	widgettest.Mirror(t)
	var got []string
	l.OnReact = func(int64, fyne.Position) { got = append(got, "react") }
	l.OnReply = func(int64) { got = append(got, "reply") }
	var menu fyne.Position
	l.OnMenu = func(_ int64, at fyne.Position) { got, menu = append(got, "menu"), at }
	l.Refresh()
	m := l.visible[0].layout
	_, y := centre(l, m.bubble)
	l.MouseMoved(widgettest.PointerAt(600, y))
	bubble := 700 - m.bubble.X - m.bubble.W // its left edge
	for i := range 3 {
		test.TapCanvas(w.Canvas(), fyne.NewPos(bubble-toolGap-toolPad-(float32(i)+0.5)*toolSide, y))
	}
	if want := []string{"react", "reply", "menu"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := bubble - toolGap - toolPad - 2*toolSide; menu.X != want {
		t.Errorf("the menu is at %v, want %v", menu.X, want)
	}
}

// A sound is played to the right in all languages.
func TestMirrored_sound(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	widgettest.Mirror(t)
	l := NewList()
	var part float32
	l.OnSoundSeek = func(_ int64, to float32) { part = to }
	w := widgettest.InWindow(t, l, 420, 200)
	f := voices()["played"]
	l.SetItems([]Item{{Key: 7, Time: "14:02", File: &f}})
	bars := l.visible[0].layout.parts.voice.bars
	_, y := centre(l, bars)
	test.TapCanvas(w.Canvas(), fyne.NewPos(420-bars.X-bars.W+bars.W/4, y))
	if part < 0.24 || part > 0.26 {
		t.Errorf("a press on the first quarter: %v", part)
	}
}

func TestMirrored_reactionBar(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	widgettest.Mirror(t)
	b := NewReactionBar(QuickReactions())
	got := ""
	b.OnChosen, b.OnMore = func(s string) { got = s }, func() { got = "more" }
	w := widgettest.InWindow(t, b, 260, 36)
	if test.TapCanvas(w.Canvas(), fyne.NewPos(260-1.5*draw.HitSide, 18)); got != QuickReactions()[1] {
		t.Errorf("got %q", got)
	}
	if b.cells.TypedKey(widgettest.Key(fyne.KeyLeft)); b.cells.current != 2 {
		t.Errorf("the left key went to %d, want 2", b.cells.current)
	}
	if test.TapCanvas(w.Canvas(), fyne.NewPos(10, 18)); got != "more" {
		t.Errorf("got %q", got)
	}
}
