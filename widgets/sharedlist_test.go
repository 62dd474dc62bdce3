package widgets

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestSharedList(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewSharedList()
	widgettest.InWindow(t, l, 372, 300)
	items := make([]SharedItem, 1000)
	for i := range items {
		items[i].Title = fmt.Sprint("file ", i)
	}
	var chosen []int
	var seen [2]int
	l.OnChosen = func(i int) { chosen = append(chosen, i) }
	l.OnVisible = func(first, end int) { seen = [2]int{first, end} }
	l.SetItems(items, true)
	if seen[0] != 0 || seen[1] < 9 || seen[1] > 20 {
		t.Errorf("visible of a grid: got %v, want a few from 0 on", seen)
	}
	l.Tapped(widgettest.TapAt(130, 130)) // the second column and row
	l.TypedKey(widgettest.Key(fyne.KeyDown))
	l.TypedKey(widgettest.Key(fyne.KeyReturn))
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
	l.TypedKey(widgettest.Key(fyne.KeyReturn))
	n, _, _ := l.columns()
	if want := []int{n + 1, 2*n + 1, 999}; !slices.Equal(chosen, want) {
		t.Errorf("chosen in a grid: got %v, want %v", chosen, want)
	}
	if seen[1] != 1000 {
		t.Errorf("visible at the end: got %v, want the last", seen)
	}
	l.SetItems(items[:3], false)
	chosen = nil
	l.Tapped(widgettest.TapAt(20, 60))
	l.Tapped(widgettest.TapAt(20, 200)) // below the last
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100)})
	l.Tapped(widgettest.TapAt(20, 10))
	if want := []int{1, 0}; !slices.Equal(chosen, want) {
		t.Errorf("chosen in rows: got %v, want %v", chosen, want)
	}
}
