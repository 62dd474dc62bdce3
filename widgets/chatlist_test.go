package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/text"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func manyRows(n int) []ChatRow {
	rows := make([]ChatRow, n)
	for i := range rows {
		rows[i] = ChatRow{Key: string(rune('a'+i%26)) + strings.Repeat("x", i/26), Name: "Name", Time: "14:02"}
	}
	return rows
}

func TestChatList_mouse(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := widgettest.InWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var selected, menu []string
	var at fyne.Position
	l.OnSelected = func(k string) { selected = append(selected, k) }
	l.OnMenu = func(k string, p fyne.Position) { menu, at = append(menu, k), p }

	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	l.TappedSecondary(widgettest.TapAt(50, 64*3+5))
	if !slices.Equal(selected, []string{"c", "c"}) {
		t.Errorf("selected: got %q, want c twice", selected)
	}
	if !slices.Equal(menu, []string{"d"}) || at != fyne.NewPos(150, 64*3+105) {
		t.Errorf("menu: got %q at %v, want d where the pointer was", menu, at)
	}
	test.Scroll(w.Canvas(), fyne.NewPos(100, 100), 0, -100)
	l.Tapped(widgettest.TapAt(100, 0))
	if want := "e"; selected[len(selected)-1] != want { // 300 below the top of the first row
		t.Errorf("after the wheel: selected %q, want %q", selected[len(selected)-1], want)
	}
	if l.Hovered() {
		t.Error("hovered before the pointer came")
	}
	var hover []bool
	l.OnHover = func(v bool) { hover = append(hover, v) }
	l.MouseIn(widgettest.PointerAt(10, 10))
	l.MouseMoved(widgettest.PointerAt(10, 200))
	l.MouseOut()
	if !slices.Equal(hover, []bool{true, false}) || l.Hovered() {
		t.Errorf("hover: got %v, want in and out", hover)
	}
}

func TestChatList_keys(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := widgettest.InWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var got []string
	l.OnSelected = func(k string) { got = append(got, k) }
	activated := ""
	l.OnActivated = func(k string) { activated = k }
	w.Canvas().Focus(l)
	for _, k := range []fyne.KeyName{
		fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyReturn,
	} {
		l.TypedKey(widgettest.Key(k))
	}
	if want := []string{"a", "b", "a", "j"}; !slices.Equal(got, want) {
		t.Errorf("selected: got %q, want %q", got, want)
	}
	if activated != "j" {
		t.Errorf("activated: got %q, want j", activated)
	}
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
	if i := l.index(l.Selected()); i != 99 || l.offset != l.reach() {
		t.Errorf("end: row %d at offset %v, want 99 at %v", i, l.offset, l.reach())
	}
	l.TypedKey(widgettest.Key(fyne.KeyHome))
	if l.offset != 0 {
		t.Errorf("home: offset got %v, want 0", l.offset)
	}
	menu := ""
	l.OnMenu = func(k string, _ fyne.Position) { menu = k }
	l.TypedKey(widgettest.Key(desktop.KeyMenu))
	if menu != "a" {
		t.Errorf("menu key: got %q, want a", menu)
	}
}

func TestChatList_rowsShrink(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	widgettest.InWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
	l.SetRows(manyRows(3))
	if l.offset != 0 {
		t.Errorf("offset: got %v, want 0", l.offset)
	}
	l.SetRows(nil)
	l.TypedKey(widgettest.Key(fyne.KeyDown))
	l.TypedKey(widgettest.Key(fyne.KeyEnd))
}

// Neither name nor preview overlap the time or the badge.
func TestChatList_nothingOverlaps(t *testing.T) {
	useTheme(t, VariantLight)
	set := text.NewTypesetter()
	for name, row := range rowStates() {
		for _, width := range []float32{240, 320, 420} {
			v := newChatRowView(set)
			v.show(&row, rowLook{width: width}, set, false)
			end := func(o fyne.CanvasObject, words string, f text.Font) float32 {
				return o.Position().X + set.LineWidth(words, f)
			}
			if e := end(v.name, v.name.Words(), text.Font{Size: TextName, Bold: true}); e > v.time.Position().X {
				t.Errorf("%s at %v: name ends at %v, time begins at %v", name, width, e, v.time.Position().X)
			}
			f := v.preview.Font()
			if e := end(v.preview, v.preview.Words(), f); v.atBadge.Visible() && e > v.atBadge.Position().X {
				badge := v.atBadge.Position().X
				t.Errorf("%s at %v: preview ends at %v, badge of the mention starts at %v", name, width, e, badge)
			}
			e := end(v.preview, v.preview.Words(), f)
			if v.badge.Visible() && e > v.badge.Position().X || e > width-rowRight+1 {
				t.Errorf("%s at %v: preview ends at %v, badge begins at %v", name, width, e, v.badge.Position().X)
			}
		}
	}
}

func TestChatList_nasty(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := widgettest.InWindow(t, l, 320, 700)
	rows := make([]ChatRow, 0)
	for name, text := range widgettest.NastyTexts() {
		face := Face{Name: text}
		rows = append(rows, ChatRow{Key: name, Name: text, Face: face, Preview: text, Sender: text, Time: "14:02"})
	}
	l.SetRows(rows)
	for range 5 {
		w.Canvas().Capture()
		l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -60)})
	}
}
