package messages

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// press presses the mouse on a point of the list, with keys held.
func press(l *List, held fyne.KeyModifier, x, y float32) {
	l.MouseDown(&desktop.MouseEvent{
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary, Modifier: held,
	})
	l.Tapped(widgettest.TapAt(x, y))
}

func TestList_marks(t *testing.T) {
	type mark struct {
		key     int64
		through bool
	}
	l, _ := chatOf(t,
		Item{Key: 1, Text: "https://example.org", Time: "14:02"},
		Item{Key: 2, Kind: KindSystem, Text: "Alice joined"},
		Item{Key: 3, Text: "below", Time: "14:02", Own: true, State: widgets.StateSent},
	)
	var got []mark
	links := 0
	l.OnMark = func(key int64, through bool) { got = append(got, mark{key, through}) }
	l.OnLink = func(string) { links++ }
	at := func(i int) (x, y float32) { // in the text of a row
		p := l.visible[i]
		return p.layout.lineX + 5, p.y + p.layout.lineAt + 5
	}
	tap := func(held fyne.KeyModifier, i int) {
		x, y := at(i)
		press(l, held, x, y)
	}
	tap(0, 2)
	if links != 1 || len(got) != 0 {
		t.Errorf("an ordinary press: got %d links and %v, want 1 and none", links, got)
	}
	before := l.visible[2].layout.bubble.X
	tap(fyne.KeyModifierShortcutDefault, 2)
	l.SetMarks(map[int64]bool{1: true})
	if moved := l.visible[2].layout.bubble.X - before; moved != markRoom {
		t.Errorf("room for the discs: got %v, want %v", moved, markRoom)
	}
	tap(0, 2)
	tap(fyne.KeyModifierShift, 0)
	tap(0, 1)                        // a notice
	press(l, 0, 2, l.visible[0].y+4) // beside the bubble
	want := []mark{{1, false}, {1, false}, {3, true}, {3, false}}
	if !slices.Equal(got, want) || links != 1 {
		t.Errorf("got %v and %d links, want %v and 1", got, links, want)
	}
	x, y := at(0)
	l.MouseMoved(widgettest.PointerAt(x, y))
	if got := l.Cursor(); got != desktop.PointerCursor {
		t.Errorf("cursor: got %v, want the hand", got)
	}
	l.SetMarks(nil)
	if got := l.visible[2].layout.bubble.X; got != before {
		t.Errorf("without marks: got x %v, want %v", got, before)
	}
	tap(0, 2)
	if links != 2 {
		t.Errorf("links after that: got %d, want 2", links)
	}
}
