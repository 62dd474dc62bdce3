package messages

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// chatOf returns a list with these items in a window of 700×600.
func chatOf(t *testing.T, items ...Item) (*List, fyne.Window) {
	t.Helper()
	useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 700, 600)
	l.SetItems(items)
	return l, w
}

// centre returns the centre of a box of the only row.
func centre(l *List, b draw.Box) (x, y float32) { return b.X + b.W/2, l.visible[0].y + b.Y + b.H/2 }

func TestList_taps(t *testing.T) {
	l, _ := chatOf(t, Item{
		Key: 7, Own: true, Text: "see https://example.org/a now", Time: "14:02", State: widgets.StateFailed,
	})
	var got []string
	l.OnRetry = func(int64) { got = append(got, "retry") }
	l.OnDelete = func(int64) { got = append(got, "delete") }
	l.OnLink = func(u string) { got = append(got, u) }
	l.OnMenu = func(k int64, _ fyne.Position) {
		if k == 7 {
			got = append(got, "menu")
		}
	}
	m := l.visible[0].layout
	tap := func(x, y float32) { l.Tapped(widgettest.TapAt(x, y)) }
	tap(centre(l, m.retry))
	tap(centre(l, m.remove))
	word := l.set.LineWidth("see https", m.font)
	tap(m.lineX+word, l.visible[0].y+m.lineAt+8)
	tap(m.lineX+2, l.visible[0].y+m.lineAt+8) // no link there
	l.TappedSecondary(widgettest.TapAt(m.bubble.X+3, l.visible[0].y+m.bubble.Y+3))
	l.TappedSecondary(widgettest.TapAt(5, 5)) // outside the bubbles
	if want := []string{"retry", "delete", "https://example.org/a", "menu"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	l.MouseMoved(widgettest.PointerAt(m.lineX+word, l.visible[0].y+m.lineAt+8))
	if got := l.Cursor(); got != desktop.PointerCursor {
		t.Errorf("cursor over a link: got %v, want the hand", got)
	}
	l.MouseMoved(widgettest.PointerAt(m.lineX+2, l.visible[0].y+m.lineAt+8))
	if got := l.Cursor(); got != desktop.TextCursor {
		t.Errorf("cursor over text: got %v, want the beam", got)
	}
}

func TestList_showMore(t *testing.T) {
	l, _ := chatOf(t, Item{Key: 7, Text: strings.TrimSpace(strings.Repeat("line\n", 60)), Time: "14:02"})
	l.Tapped(widgettest.TapAt(centre(l, l.visible[0].layout.more)))
	if got := len(l.visible[0].layout.lines); got != 60 {
		t.Errorf("lines: got %d, want 60", got)
	}
	l.Unfold(7, false)
	if got := len(l.visible[0].layout.lines); got != foldLines {
		t.Errorf("folded again: got %d lines, want %d", got, foldLines)
	}
}

func TestList_selection(t *testing.T) {
	l, w := chatOf(t,
		Item{Key: 1, Text: "above", Time: "14:02"},
		Item{Key: 2, Text: "first words of it\nsecond line", Time: "14:02"},
	)
	l.OnFocus = w.Canvas().Focus
	p := l.visible[0]
	at := func(line int, text string) fyne.Position {
		return fyne.NewPos(p.layout.lineX+l.set.LineWidth(text, p.layout.font), p.y+p.layout.lineAt+float32(line)*20+9)
	}
	drag := func(from, to fyne.Position) {
		l.MouseDown(&desktop.MouseEvent{
			PointEvent: fyne.PointEvent{Position: from}, Button: desktop.MouseButtonPrimary,
		})
		l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: to}})
		l.DragEnd()
	}
	drag(at(0, "first "), at(1, "second"))
	if got, want := l.Selected(), "words of it\nsecond"; got != want {
		t.Errorf("selected: got %q, want %q", got, want)
	}
	drag(at(1, "second"), at(0, "first "))
	if got, want := l.Selected(), "words of it\nsecond"; got != want {
		t.Errorf("backwards: got %q, want %q", got, want)
	}
	drag(at(0, "first "), fyne.NewPos(5, 5)) // up over the other message
	if got, want := l.Selected(), "first "; got != want {
		t.Errorf("dragged out at the top: got %q, want %q", got, want)
	}
	copied := false
	l.OnCopied = func() { copied = true }
	l.TypedShortcut(&fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "first " || !copied {
		t.Errorf("clipboard: got %q, told %v; want %q, true", got, copied, "first ")
	}
	if w.Canvas().Focused() != fyne.Focusable(l) {
		t.Error("the list has no focus after a selection, so Ctrl+C would not come")
	}
	l.FocusLost() // another window has the keyboard for a moment
	l.FocusGained()
	if l.ring.Line.Visible() {
		t.Error("a ring around the list after a selection with the mouse")
	}
	l.TypedKey(widgettest.Key(fyne.KeyEscape))
	if got := l.Selected(); got != "" {
		t.Errorf("after Escape: got %q, want nothing", got)
	}
}

func TestList_keys(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	l.TypedKey(widgettest.Key(fyne.KeyHome))
	if first, _ := l.VisibleRange(); first != 1000 {
		t.Errorf("home: first seen %d, want 1000", first)
	}
	place := func() float32 { return bottoms(l)[1003] }
	was := place()
	l.TypedKey(widgettest.Key(fyne.KeyDown))
	if got := place(); got != was-lineStep {
		t.Errorf("down: message at %v, want %v", got, was-lineStep)
	}
	l.TypedKey(widgettest.Key(fyne.KeyUp))
	if got := place(); got != was {
		t.Errorf("up: message at %v, want %v", got, was)
	}
	l.TypedKey(widgettest.Key(fyne.KeyPageDown))
	l.TypedKey(widgettest.Key(fyne.KeyPageUp))
	if got := place(); got != was {
		t.Errorf("a page down and up: message at %v, want %v", got, was)
	}
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
	if !l.AtEnd() {
		t.Error("end: not at the end")
	}
	jumped, escaped, typed := false, false, rune(0)
	l.OnJumpEnd = func() { jumped = true }
	l.OnEscape = func() { escaped = true }
	l.OnTyped = func(r rune) { typed = r }
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
	l.TypedKey(widgettest.Key(fyne.KeyEscape))
	l.TypedRune('x')
	if !jumped || !escaped || typed != 'x' {
		t.Errorf("jump %v, escape %v, typed %q; want true, true, x", jumped, escaped, typed)
	}
}

func TestList_jumpButton(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	if slices.Contains(l.objs, fyne.CanvasObject(l.jump)) {
		t.Error("the button is shown at the end")
	}
	l.ScrollBy(-400)
	l.SetNewCount(3)
	if !slices.Contains(l.objs, fyne.CanvasObject(l.jump)) {
		t.Fatal("the button is not shown")
	}
	if x, y := l.jump.Position().X+jumpSide, l.jump.Position().Y+jumpRoom; x != 700-16 || y != 600-16 {
		t.Errorf("its disc ends at %v, %v; want 684, 584", x, y)
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(700-16-20, 600-16-20))
	if !l.AtEnd() {
		t.Error("not at the end after a tap")
	}
}

func TestList_bar(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(200, 1000))
	drag := func(y, dy float32) {
		l.bar.Dragged(&fyne.DragEvent{
			PointEvent: fyne.PointEvent{Position: fyne.NewPos(6, y+dy)}, Dragged: fyne.NewDelta(0, dy),
		})
	}
	top, height := l.bar.Thumb()
	drag(top+height/2, -2000)
	l.bar.DragEnd()
	if first, _ := l.VisibleRange(); first != 1000 {
		t.Errorf("dragged to the top: first seen %d, want 1000", first)
	}
	l.bar.Tapped(widgettest.TapAt(6, 599))
	if !l.AtEnd() {
		t.Error("tapped at the bottom: not at the end")
	}
	var asked []float64
	l.OnBarDrag = func(p float64) { asked = append(asked, p) }
	l.SetBar(0.5, 0.1)
	drag(300, -2000)
	l.bar.DragEnd()
	if !slices.Equal(asked, []float64{0}) {
		t.Errorf("with a place in the whole history: asked for %v, want 0", asked)
	}
}
