package messages

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// benchList is a chat of 100,000 messages in a window of 900×700 at its end.
func benchList(b *testing.B) (*List, []Item, fyne.Window) {
	b.Helper()
	useTheme(b, widgets.VariantLight)
	items := someItems(100_000, 1)
	l := NewList()
	w := widgettest.InWindow(b, l, 900, 700)
	l.SetItems(items)
	b.ReportAllocs()
	b.ResetTimer()
	return l, items, w
}

// BenchmarkList_open opens a chat of 100,000 messages at its end, with cold widths.
func BenchmarkList_open(b *testing.B) {
	useTheme(b, widgets.VariantLight)
	items := someItems(100_000, 1)
	b.ReportAllocs()
	for b.Loop() {
		l := NewList()
		l.Resize(fyne.NewSize(900, 700))
		l.SetItems(items)
	}
}

// BenchmarkList_scroll turns the wheel by one notch, through messages not measured before.
func BenchmarkList_scroll(b *testing.B) {
	l, _, _ := benchList(b)
	for b.Loop() {
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 25)})
	}
}

// BenchmarkList_scrollKnown moves up and down over the same messages.
func BenchmarkList_scrollKnown(b *testing.B) {
	l, _, _ := benchList(b)
	l.ScrollBy(-1000)
	up := float32(25)
	for i := 0; b.Loop(); i++ {
		if i%8 == 0 {
			up = -up
		}
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, up)})
	}
}

// BenchmarkList_append adds a message at the end.
func BenchmarkList_append(b *testing.B) {
	l, items, _ := benchList(b)
	for i := 0; b.Loop(); i++ {
		items = append(items, items[i%1000])
		items[len(items)-1].Key = int64(200_000 + i)
		l.SetItems(items)
	}
}

// BenchmarkList_prepend puts a page of 100 in front of a window of 400, scrolled to its start.
func BenchmarkList_prepend(b *testing.B) {
	useTheme(b, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(b, l, 900, 700)
	window, page := someItems(400, 1000), someItems(100, 900)
	both := append(append([]Item(nil), page...), window...)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		l.SetItems(window)
		l.ScrollToStart()
		b.StartTimer()
		l.SetItems(both)
	}
}

// BenchmarkList_resize changes the width, so that all visible messages are wrapped again.
func BenchmarkList_resize(b *testing.B) {
	l, _, _ := benchList(b)
	l.ScrollToKey(50_000, AlignCenter)
	for i := 0; b.Loop(); i++ {
		l.Resize(fyne.NewSize(600+float32(i%200), 700))
	}
}

// BenchmarkList_status changes the tick of the newest message.
func BenchmarkList_status(b *testing.B) {
	l, items, _ := benchList(b)
	for i := 0; b.Loop(); i++ {
		items[len(items)-1].Own = true
		items[len(items)-1].State = widgets.StateSent + widgets.MessageState(i%3)
		l.SetItems(items)
	}
}
