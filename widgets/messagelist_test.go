package widgets

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// useTheme starts a test app with our theme.
func useTheme(t testing.TB, v Variant) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(NewTheme(v))
	return a
}

// inWindow shows an object in a window of this size, without padding.
func inWindow(t testing.TB, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

// someItems makes n messages of mixed length, side and day with keys first, first+1, …
func someItems(n int, first int64) []MessageItem {
	words := strings.Fields("the quick brown fox jumps over the lazy dog while nobody is looking and then it rests a little")
	items := make([]MessageItem, n)
	for i := range items {
		r := rand.New(rand.NewPCG(uint64(first)+uint64(i), 7))
		var b strings.Builder
		for range 1 + r.IntN(40) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		key := first + int64(i)
		items[i] = MessageItem{
			Key: key, Own: key%3 == 0, Text: fmt.Sprintf("%d %s", key, b.String()), At: key * 60, Time: "14:02",
			Day: fmt.Sprintf("Day %d", key/50), State: StateNone,
		}
		if items[i].Own {
			items[i].State = StateSent
		}
	}
	return items
}

// bottoms returns the lower edges of the visible rows by key.
func bottoms(l *MessageList) map[int64]float32 {
	m := make(map[int64]float32)
	for _, p := range l.visible {
		m[p.layout.item.Key] = p.y + p.layout.height
	}
	return m
}

// sameplaces fails if a row seen before and after has moved.
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

func TestMessageList_anchor(t *testing.T) {
	tests := map[string]struct {
		change func(l *MessageList, items []MessageItem)
	}{
		"append": {func(l *MessageList, items []MessageItem) {
			l.SetItems(append(items, someItems(3, 1400)...))
		}},
		"prepend a page": {func(l *MessageList, items []MessageItem) {
			l.SetItems(append(someItems(100, 900), items...))
		}},
		"prepend and append": {func(l *MessageList, items []MessageItem) {
			l.SetItems(append(append(someItems(100, 900), items...), someItems(7, 1400)...))
		}},
		"trim the front": {func(l *MessageList, items []MessageItem) { l.SetItems(items[50:]) }},
		"trim the end":   {func(l *MessageList, items []MessageItem) { l.SetItems(items[:350]) }},
		"ticks change": {func(l *MessageList, items []MessageItem) {
			changed := append([]MessageItem(nil), items...)
			for i := range changed {
				if changed[i].Own {
					changed[i].State = StateRead
				}
			}
			l.SetItems(changed)
		}},
		"has newer": {func(l *MessageList, _ []MessageItem) { l.SetHasNewer(true) }},
		"new count": {func(l *MessageList, _ []MessageItem) { l.SetNewCount(4) }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			useTheme(t, VariantLight)
			l := NewMessageList()
			inWindow(t, l, 700, 600)
			items := someItems(400, 1000)
			l.SetItems(items)
			l.ScrollToKey(1200, AlignCenter)
			before := bottoms(l)
			tc.change(l, items)
			samePlaces(t, before, bottoms(l))
		})
	}
}

func TestMessageList_anchorSurvivesItsRemoval(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
	items := someItems(400, 1000)
	l.SetItems(items)
	l.ScrollToKey(1200, AlignCenter)
	gone := l.items[l.anchor].Key
	before := bottoms(l)
	rest := make([]MessageItem, 0, len(items))
	for _, it := range items {
		if it.Key != gone {
			rest = append(rest, it)
		}
	}
	l.SetItems(rest)
	samePlaces(t, before, bottoms(l))
}

func TestMessageList_resizeKeepsTheLowestMessage(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 700, 600)
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

func TestMessageList_followsAtTheEnd(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
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

// The last page of newer messages does not carry the reader to its end, in whichever order the screen says so.
func TestMessageList_lastPageArrives(t *testing.T) {
	for name, itemsFirst := range map[string]bool{"items first": true, "end first": false} {
		t.Run(name, func(t *testing.T) {
			useTheme(t, VariantLight)
			l := NewMessageList()
			inWindow(t, l, 700, 600)
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

// An older page that is loaded while the view leaves the end does not bring it back there.
func TestMessageList_shortWindowLoadsOlder(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
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

func TestMessageList_shortChatStandsAtTheBottom(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 700, 600)
	l.SetItems(someItems(2, 1000))
	if got, want := bottoms(l)[1001], 600-endPad; got != want {
		t.Errorf("lower edge of the last message: got %v, want %v", got, want)
	}
	l.ScrollBy(-300)
	if got, want := bottoms(l)[1001], 600-endPad; got != want {
		t.Errorf("after scrolling: got %v, want %v", got, want)
	}
}

func TestMessageList_theme(t *testing.T) {
	a := useTheme(t, VariantLight)
	l := NewMessageList()
	w := inWindow(t, l, 500, 400)
	l.SetItems(someItems(20, 1000))
	light := w.Canvas().Capture()
	a.Settings().SetTheme(NewTheme(VariantDark))
	test.WidgetRenderer(l).Refresh()
	dark := w.Canvas().Capture()
	if lr, _, _, _ := light.At(3, 3).RGBA(); lr>>8 != 0xE9 {
		t.Errorf("light ground: got %x, want e9", lr>>8)
	}
	if dr, _, _, _ := dark.At(3, 3).RGBA(); dr>>8 != 0x0E {
		t.Errorf("dark ground: got %x, want 0e", dr>>8)
	}
	for _, v := range l.live {
		if v.bubble.FillColor != tone(ColorBubblePeer) && v.bubble.FillColor != tone(ColorBubbleOwn) {
			t.Errorf("bubble after the switch: got %v", v.bubble.FillColor)
		}
	}
}
