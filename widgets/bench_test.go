package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
)

// benchList is a chat of 100,000 messages in a window of 900×700 at its end.
func benchList(b *testing.B) (*MessageList, []MessageItem, fyne.Window) {
	b.Helper()
	useTheme(b, VariantLight)
	items := someItems(100_000, 1)
	l := NewMessageList()
	w := inWindow(b, l, 900, 700)
	l.SetItems(items)
	b.ReportAllocs()
	b.ResetTimer()
	return l, items, w
}

// BenchmarkMessageList_open opens a chat of 100,000 messages at its end, with cold widths.
func BenchmarkMessageList_open(b *testing.B) {
	useTheme(b, VariantLight)
	items := someItems(100_000, 1)
	b.ReportAllocs()
	for b.Loop() {
		l := NewMessageList()
		l.Resize(fyne.NewSize(900, 700))
		l.SetItems(items)
	}
}

// BenchmarkMessageList_scroll turns the wheel by one notch, through messages not measured before.
func BenchmarkMessageList_scroll(b *testing.B) {
	l, _, _ := benchList(b)
	for b.Loop() {
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 25)})
	}
}

// BenchmarkMessageList_scrollKnown moves up and down over the same messages.
func BenchmarkMessageList_scrollKnown(b *testing.B) {
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

// BenchmarkMessageList_append adds a message at the end.
func BenchmarkMessageList_append(b *testing.B) {
	l, items, _ := benchList(b)
	for i := 0; b.Loop(); i++ {
		items = append(items, items[i%1000])
		items[len(items)-1].Key = int64(200_000 + i)
		l.SetItems(items)
	}
}

// BenchmarkMessageList_prepend puts a page of 100 in front of a window of 400, scrolled to its start.
func BenchmarkMessageList_prepend(b *testing.B) {
	useTheme(b, VariantLight)
	l := NewMessageList()
	inWindow(b, l, 900, 700)
	window, page := someItems(400, 1000), someItems(100, 900)
	both := append(append([]MessageItem(nil), page...), window...)
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

// BenchmarkMessageList_resize changes the width, so that all in view is wrapped anew.
func BenchmarkMessageList_resize(b *testing.B) {
	l, _, _ := benchList(b)
	l.ScrollToKey(50_000, AlignCenter)
	for i := 0; b.Loop(); i++ {
		l.Resize(fyne.NewSize(600+float32(i%200), 700))
	}
}

// BenchmarkMessageList_status changes the tick of the newest message.
func BenchmarkMessageList_status(b *testing.B) {
	l, items, _ := benchList(b)
	for i := 0; b.Loop(); i++ {
		items[len(items)-1].Own = true
		items[len(items)-1].State = StateSent + MessageState(i%3)
		l.SetItems(items)
	}
}

// BenchmarkChatList_scroll turns the wheel by one notch over 5,000 rows.
func BenchmarkChatList_scroll(b *testing.B) {
	useTheme(b, VariantLight)
	l := NewChatList()
	inWindow(b, l, 320, 700)
	rows := make([]ChatRow, 5000)
	for i, it := range someItems(len(rows), 1) {
		rows[i] = ChatRow{Key: it.Text, Name: it.Text[:min(len(it.Text), 30)], Preview: it.Text, Time: "14:02", Unread: i % 3}
	}
	l.SetRows(rows)
	b.ReportAllocs()
	b.ResetTimer()
	dir := float32(-25)
	for i := 0; b.Loop(); i++ {
		if i%4000 == 3999 {
			dir = -dir
		}
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, dir)})
	}
}
