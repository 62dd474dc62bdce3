package messages

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// useTheme starts a test app with the program's theme.
func useTheme(t testing.TB, v widgets.Variant) fyne.App {
	t.Helper()
	return widgettest.StartApp(t, widgets.NewTheme(v))
}

// someItems makes n messages of mixed length, side and day with keys first, first+1, …
func someItems(n int, first int64) []Item {
	items := make([]Item, n)
	for i := range items {
		key := first + int64(i)
		items[i] = Item{
			Key: key, Own: key%3 == 0, Text: widgettest.SomeText(key), At: key * 60, Time: "14:02",
			Day: fmt.Sprintf("Day %d", key/50), State: widgets.StateNone,
		}
		if items[i].Own {
			items[i].State = widgets.StateSent
		}
	}
	return items
}

// bottoms returns the lower edges of the visible rows by key.
func bottoms(l *List) map[int64]float32 {
	m := make(map[int64]float32)
	for _, p := range l.visible {
		m[p.layout.item.Key] = p.y + p.layout.height
	}
	return m
}

// samePlaces fails if a row that is visible before and after has moved.
func samePlaces(t *testing.T, before, after map[int64]float32) {
	t.Helper()
	common := 0
	for key, y := range before {
		if got, ok := after[key]; ok {
			common++
			if got != y {
				t.Errorf("message %d: lower edge got %v, want %v", key, got, y)
			}
		}
	}
	if common < 2 {
		t.Errorf("rows seen before and after: got %d, want at least 2", common)
	}
}

func TestList_anchor(t *testing.T) {
	tests := map[string]struct {
		change func(l *List, items []Item)
	}{
		"append": {func(l *List, items []Item) {
			l.SetItems(append(items, someItems(3, 1400)...))
		}},
		"prepend a page": {func(l *List, items []Item) {
			l.SetItems(append(someItems(100, 900), items...))
		}},
		"prepend and append": {func(l *List, items []Item) {
			l.SetItems(append(append(someItems(100, 900), items...), someItems(7, 1400)...))
		}},
		"trim the front": {func(l *List, items []Item) { l.SetItems(items[50:]) }},
		"trim the end":   {func(l *List, items []Item) { l.SetItems(items[:350]) }},
		"ticks change": {func(l *List, items []Item) {
			changed := append([]Item(nil), items...)
			for i := range changed {
				if changed[i].Own {
					changed[i].State = widgets.StateRead
				}
			}
			l.SetItems(changed)
		}},
		"has newer": {func(l *List, _ []Item) { l.SetHasNewer(true) }},
		"new count": {func(l *List, _ []Item) { l.SetNewCount(4) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			useTheme(t, widgets.VariantLight)
			l := NewList()
			widgettest.InWindow(t, l, 700, 600)
			items := someItems(400, 1000)
			l.SetItems(items)
			l.ScrollToKey(1200, AlignCenter)
			before := bottoms(l)
			tc.change(l, items)
			samePlaces(t, before, bottoms(l))
		})
	}
}

func TestList_anchorSurvivesItsRemoval(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	items := someItems(400, 1000)
	l.SetItems(items)
	l.ScrollToKey(1200, AlignCenter)
	gone := l.items[l.anchor].Key
	before := bottoms(l)
	rest := make([]Item, 0, len(items))
	for _, it := range items {
		if it.Key != gone {
			rest = append(rest, it)
		}
	}
	l.SetItems(rest)
	samePlaces(t, before, bottoms(l))
}

func TestList_resizeKeepsTheLowestMessage(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(400, 1000))
	l.ScrollToKey(1200, AlignCenter)
	key := l.items[l.anchor].Key
	want := 600 - bottoms(l)[key]
	for _, size := range []fyne.Size{{Width: 1400, Height: 600}, {Width: 420, Height: 480}, {Width: 700, Height: 700}} {
		w.Resize(size)
		got, ok := bottoms(l)[key]
		if !ok {
			t.Fatalf("at %v: message %d is not seen any more", size, key)
		}
		if size.Height-got != want {
			t.Errorf("at %v: from the lower edge got %v, want %v", size, size.Height-got, want)
		}
	}
}

func TestList_followsAtTheEnd(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	items := someItems(100, 1000)
	l.SetItems(items)
	if !l.AtEnd() {
		t.Fatal("a new list does not stand at its end")
	}
	items = append(items, someItems(1, 1100)...)
	l.SetItems(items)
	if _, last := l.VisibleRange(); last != 1100 || !l.AtEnd() {
		t.Errorf("after a new message: last seen %d, at end %v; want 1100, true", last, l.AtEnd())
	}
	l.ScrollBy(-500)
	if l.AtEnd() {
		t.Error("still at the end after scrolling up")
	}
	l.ScrollBy(10_000)
	if !l.AtEnd() {
		t.Error("not at the end after scrolling down")
	}
	l.SetHasNewer(true)
	if l.AtEnd() {
		t.Error("at the end although there is more")
	}
	before := bottoms(l)
	l.SetItems(append(items, someItems(50, 1101)...))
	samePlaces(t, before, bottoms(l))
}

// Loading the last page of newer messages does not scroll to the end, in whichever order the screen sets items and end.
func TestList_lastPageArrives(t *testing.T) {
	for name, itemsFirst := range map[string]bool{"items first": true, "end first": false} {
		t.Run(name, func(t *testing.T) {
			useTheme(t, widgets.VariantLight)
			l := NewList()
			widgettest.InWindow(t, l, 700, 600)
			l.SetHasNewer(true)
			items := someItems(100, 1000)
			l.SetItems(items)
			l.ScrollToEnd()
			before := bottoms(l)
			more := append(items[:100:100], someItems(50, 1100)...)
			if itemsFirst {
				l.SetItems(more)
				l.SetHasNewer(false)
			} else {
				l.SetHasNewer(false)
				l.SetItems(more)
			}
			samePlaces(t, before, bottoms(l))
			l.ScrollToEnd()
			l.SetItems(append(more, someItems(1, 1150)...))
			if _, last := l.VisibleRange(); last != 1150 {
				t.Errorf("at the end, after a new message: last seen %d, want 1150", last)
			}
		})
	}
}

// Loading an older page while the view leaves the end does not scroll back to the end.
func TestList_shortWindowLoadsOlder(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	loaded := false
	l.OnNearTop = func() {
		if !loaded {
			loaded = true
			l.SetItems(append(someItems(100, 900), l.items...))
		}
	}
	l.SetItems(someItems(40, 1000))
	l.ScrollBy(-1000)
	if l.AtEnd() || !loaded {
		t.Errorf("at end %v, loaded %v; want false, true", l.AtEnd(), loaded)
	}
}

func TestList_shortChatStandsAtTheBottom(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 700, 600)
	l.SetItems(someItems(2, 1000))
	if got, want := bottoms(l)[1001], 600-endPad; got != want {
		t.Errorf("lower edge of the last message: got %v, want %v", got, want)
	}
	l.ScrollBy(-300)
	if got, want := bottoms(l)[1001], 600-endPad; got != want {
		t.Errorf("after scrolling: got %v, want %v", got, want)
	}
}

func TestList_theme(t *testing.T) {
	a := useTheme(t, widgets.VariantLight)
	l := NewList()
	w := widgettest.InWindow(t, l, 500, 400)
	l.SetItems(someItems(20, 1000))
	light := w.Canvas().Capture()
	a.Settings().SetTheme(widgets.NewTheme(widgets.VariantDark))
	test.WidgetRenderer(l).Refresh()
	dark := w.Canvas().Capture()
	if lr, _, _, _ := light.At(3, 3).RGBA(); lr>>8 != 0xE9 {
		t.Errorf("light ground: got %x, want e9", lr>>8)
	}
	if dr, _, _, _ := dark.At(3, 3).RGBA(); dr>>8 != 0x0E {
		t.Errorf("dark ground: got %x, want 0e", dr>>8)
	}
	for _, v := range l.live {
		peer, own := draw.ThemeColor(widgets.ColorBubblePeer), draw.ThemeColor(widgets.ColorBubbleOwn)
		if c := v.bubble.FillColor; c != peer && c != own {
			t.Errorf("bubble after the switch: got %v", v.bubble.FillColor)
		}
	}
}

// A banner that appears and disappears does not move what is being read.
func TestNewColumn_bannerKeepsThePlace(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	banner, list := widgets.NewBanner(widgets.BannerData{Text: "x"}), NewList()
	banner.Hide()
	col := widgets.NewColumn([]fyne.CanvasObject{banner}, list, nil)
	widgettest.InWindow(t, col, 700, 600)
	list.SetItems(someItems(200, 1000))
	list.ScrollToKey(1100, AlignCenter)
	places := func() map[int64]float32 {
		m := bottoms(list)
		for k := range m {
			m[k] += list.Position().Y
		}
		return m
	}
	before := places()
	banner.Show()
	col.Refresh()
	samePlaces(t, before, places())
	banner.Hide()
	col.Refresh()
	samePlaces(t, before, places())
}

// No text makes drawing, selecting or scrolling fail or hang.
func TestList_nasty(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	for name, text := range widgettest.NastyTexts() {
		t.Run(name, func(t *testing.T) {
			l := NewList()
			w := widgettest.InWindow(t, l, 500, 400)
			l.SetItems([]Item{
				{Key: 1, Text: text, SenderKey: text, SenderName: text, Day: "d", Time: "1"},
				{Key: 2, Text: text, Own: true, State: widgets.StateFailed, FailedReason: text, Day: "d", Time: "1"},
				{Key: 3, Kind: KindSystem, Text: text, Day: "d"},
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
