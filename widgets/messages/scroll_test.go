package messages

import (
	"testing"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestList_scrollTo(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	l.SetItems(someItems(400, 1000))
	l.ScrollToKey(1200, AlignThird) // before there is a size
	widgettest.InWindow(t, l, 700, 600)
	top := func() float32 {
		for _, p := range l.visible {
			if p.layout.item.Key == 1200 {
				return p.y
			}
		}
		t.Fatal("message 1200 is not seen")
		return 0
	}
	if got := top(); got != 200 {
		t.Errorf("a third: upper edge got %v, want 200", got)
	}
	l.ScrollToKey(1200, AlignTop)
	if got := top(); got != topPad {
		t.Errorf("top: upper edge got %v, want %v", got, topPad)
	}
	l.ScrollToStart()
	if first, _ := l.VisibleRange(); first != 1000 {
		t.Errorf("start: first seen got %d, want 1000", first)
	}
	if p := l.visible[len(l.visible)-1]; p.y != topPad {
		t.Errorf("start: upper edge got %v, want %v", p.y, topPad)
	}
	l.End()
	if !l.AtEnd() {
		t.Error("not at the end after End")
	}
	if l.ScrollToKey(5, AlignTop) {
		t.Error("scrolled to a message that is not there")
	}
}

// Scrolling up and down again shows the same rows, which neither overlap nor leave a gap.
func TestList_rowsTouch(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(300, 1000))
	l.ScrollToKey(1100, AlignTop)
	start := bottoms(l)
	check := func() {
		t.Helper()
		for i := 1; i < len(l.visible); i++ {
			above, below := l.visible[i], l.visible[i-1]
			if above.y+above.layout.height != below.y {
				t.Fatalf("between %d and %d: got %v and %v, want one edge", above.index, below.index,
					above.y+above.layout.height, below.y)
			}
		}
		if low := l.visible[0]; low.index < len(l.items)-1 && low.y+low.layout.height < 600 {
			t.Fatalf("a hole below %d", low.index)
		}
		if high := l.visible[len(l.visible)-1]; high.index > 0 && high.y > 0 {
			t.Fatalf("a hole above %d", high.index)
		}
	}
	for range 200 {
		l.ScrollBy(37)
		check()
	}
	for range 200 {
		l.ScrollBy(-37)
		check()
	}
	samePlaces(t, start, bottoms(l))
}

func TestList_asksForMore(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	top, end := 0, 0
	l.OnNearTop = func() { top++ }
	l.OnNearEnd = func() { end++ }
	items := someItems(200, 1000)
	l.SetItems(items)
	if top != 0 || end != 0 {
		t.Fatalf("at the end of 200: asked for older %d and newer %d times, want 0 and 0", top, end)
	}
	l.ScrollToStart()
	l.ScrollBy(30)
	l.ScrollBy(-30)
	if top != 1 {
		t.Errorf("near the first item: asked %d times, want 1", top)
	}
	l.SetItems(append(someItems(20, 980), items...))
	if top != 2 {
		t.Errorf("after a small page in front: asked %d times, want 2", top)
	}
	l.SetHasNewer(true)
	l.ScrollToEnd()
	l.ScrollBy(-30)
	if end != 1 {
		t.Errorf("near the last item: asked for newer %d times, want 1", end)
	}
}

// Pages that do not fill the view are followed by others without scrolling.
func TestList_fillsTheView(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 2000)
	pages := 0
	l.OnNearTop = func() {
		if pages < 5 {
			pages++
			l.SetItems(append(someItems(4, 1000-4*int64(pages)), l.items...))
		}
	}
	l.SetItems(someItems(4, 1000))
	if pages != 5 {
		t.Errorf("pages loaded: got %d, want 5", pages)
	}
}

// A screen may change the items in a callback.
func TestList_loadsFromCallback(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	first := int64(1000)
	l.OnNearTop = func() {
		if first <= 900 {
			return
		}
		first -= 20
		l.SetItems(append(someItems(20, first), l.items...))
	}
	l.SetItems(someItems(40, first))
	for range 200 {
		l.ScrollBy(-75)
	}
	if got, _ := l.VisibleRange(); got != 900 {
		t.Errorf("first message after scrolling up: got %d, want 900", got)
	}
}

func TestList_hundredThousand(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 900, 700)
	items := someItems(100_000, 1)
	l.SetItems(items)
	if _, last := l.VisibleRange(); last != 100_000 {
		t.Errorf("opened at: got %d, want 100000", last)
	}
	for _, pos := range []float64{0, 0.25, 0.5, 1} {
		l.bar.OnMove(pos)
		if got, _ := l.span(); got < pos-0.001 || got > pos+0.001 {
			t.Errorf("bar dragged to %v: stands at %v", pos, got)
		}
	}
	if n := len(l.live); n > 40 {
		t.Errorf("views: got %d, want those of one screen", n)
	}
	if n := len(l.layouts); n > maxCache {
		t.Errorf("measured rows kept: got %d, want at most %d", n, maxCache)
	}
}

func TestList_sticky(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(300, 1000))
	l.ScrollToKey(1110, AlignTop) // in the middle of a day
	if day, y, ok := l.stickyDay(); !ok || day != "Day 22" || y != stickyTop {
		t.Errorf("in the middle of a day: got %q at %v, %v; want Day 22 at %v", day, y, ok, stickyTop)
	}
	l.ScrollToKey(1100, AlignTop) // its first message shows its own date
	l.ScrollBy(-2)
	if day, _, ok := l.stickyDay(); ok && day != "Day 21" {
		t.Errorf("at a day's first message: got %q", day)
	}
	l.ScrollToEnd()
	if _, _, ok := l.stickyDay(); ok {
		t.Error("a date lies over the end of the chat")
	}
}
