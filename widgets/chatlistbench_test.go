package widgets

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// BenchmarkChatList_scroll turns the wheel by one notch over 5,000 rows.
func BenchmarkChatList_scroll(b *testing.B) {
	useTheme(b, VariantLight)
	l := NewChatList()
	widgettest.InWindow(b, l, 320, 700)
	rows := make([]ChatRow, 5000)
	for i := range rows {
		text := widgettest.SomeText(int64(i + 1))
		rows[i] = ChatRow{Key: text, Name: text[:min(len(text), 30)], Preview: text, Time: "14:02", Unread: i % 3}
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
