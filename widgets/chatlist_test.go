package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
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
	w := inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var selected, menu []string
	var at fyne.Position
	l.OnSelected = func(k string) { selected = append(selected, k) }
	l.OnMenu = func(k string, p fyne.Position) { menu, at = append(menu, k), p }

	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 64*2+10))
	l.TappedSecondary(tapAt(50, 64*3+5))
	if !slices.Equal(selected, []string{"c", "c"}) {
		t.Errorf("selected: got %q, want c twice", selected)
	}
	if !slices.Equal(menu, []string{"d"}) || at != fyne.NewPos(150, 64*3+105) {
		t.Errorf("menu: got %q at %v, want d where the pointer was", menu, at)
	}
	test.Scroll(w.Canvas(), fyne.NewPos(100, 100), 0, -100)
	l.Tapped(tapAt(100, 0))
	if want := "e"; selected[len(selected)-1] != want { // 300 below the first row's upper edge
		t.Errorf("after the wheel: selected %q, want %q", selected[len(selected)-1], want)
	}
	if l.Hovered() {
		t.Error("hovered before the pointer came")
	}
	var hover []bool
	l.OnHover = func(v bool) { hover = append(hover, v) }
	l.MouseIn(pointerAt(10, 10))
	l.MouseMoved(pointerAt(10, 200))
	l.MouseOut()
	if !slices.Equal(hover, []bool{true, false}) || l.Hovered() {
		t.Errorf("hover: got %v, want in and out", hover)
	}
}

func TestChatList_keys(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	w := inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	var got []string
	l.OnSelected = func(k string) { got = append(got, k) }
	activated := ""
	l.OnActivated = func(k string) { activated = k }
	w.Canvas().Focus(l)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyReturn} {
		l.TypedKey(key(k))
	}
	if want := []string{"a", "b", "a", "j"}; !slices.Equal(got, want) {
		t.Errorf("selected: got %q, want %q", got, want)
	}
	if activated != "j" {
		t.Errorf("activated: got %q, want j", activated)
	}
	l.TypedKey(key(fyne.KeyEnd))
	if i := l.index(l.Selected()); i != 99 || l.offset != l.reach() {
		t.Errorf("end: row %d at offset %v, want 99 at %v", i, l.offset, l.reach())
	}
	l.TypedKey(key(fyne.KeyHome))
	if l.offset != 0 {
		t.Errorf("home: offset got %v, want 0", l.offset)
	}
	menu := ""
	l.OnMenu = func(k string, _ fyne.Position) { menu = k }
	l.TypedKey(key(desktop.KeyMenu))
	if menu != "a" {
		t.Errorf("menu key: got %q, want a", menu)
	}
}

func TestChatList_rowsShrink(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewChatList()
	inWindow(t, l, 320, 640)
	l.SetRows(manyRows(100))
	l.TypedKey(key(fyne.KeyEnd))
	l.SetRows(manyRows(3))
	if l.offset != 0 {
		t.Errorf("offset: got %v, want 0", l.offset)
	}
	l.SetRows(nil)
	l.TypedKey(key(fyne.KeyDown))
	l.TypedKey(key(fyne.KeyEnd))
}

// The time keeps its place, and nothing of the name or preview reaches into it or into the badge.
func TestChatList_nothingOverlaps(t *testing.T) {
	useTheme(t, VariantLight)
	set := newTypesetter()
	for name, row := range rowStates() {
		for _, width := range []float32{240, 320, 420} {
			v := newChatRowView(set)
			v.show(&row, rowLook{width: width}, set, false)
			end := func(o fyne.CanvasObject, text string, f font) float32 {
				return o.Position().X + set.lineWidth(text, f)
			}
			if e := end(v.name, v.name.Text, font{size: TextName, bold: true}); e > v.time.Position().X {
				t.Errorf("%s at %v: name ends at %v, time begins at %v", name, width, e, v.time.Position().X)
			}
			f := font{size: TextPreview, bold: v.preview.TextStyle.Bold, italic: v.preview.TextStyle.Italic}
			if e := end(v.preview, v.preview.Text, f); v.atBadge.Visible() && e > v.atBadge.Position().X {
				t.Errorf("%s at %v: preview ends at %v, badge of the mention begins at %v", name, width, e, v.atBadge.Position().X)
			}
			if e := end(v.preview, v.preview.Text, f); v.badge.Visible() && e > v.badge.Position().X || e > width-rowRight+1 {
				t.Errorf("%s at %v: preview ends at %v, badge begins at %v", name, width, e, v.badge.Position().X)
			}
		}
	}
}
