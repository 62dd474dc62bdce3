package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// someMenu is a menu whose lines add their words to did.
func someMenu(did *[]string) []*MenuItem {
	item := func(words string) *MenuItem { return NewMenuItem(words, func() { *did = append(*did, words) }) }
	off := item("Off")
	off.Disabled = true
	more := NewMenuItem("Mute", nil).With(assets.IconBellOff)
	always := item("Always")
	always.Checked = true
	more.Sub = []*MenuItem{item("For 1 hour"), always}
	return []*MenuItem{
		item("Reply").With(assets.IconReply).WithKey("R"), off, more, NewMenuSeparator(),
		item("Delete…").With(assets.IconDelete).Dangerous(),
	}
}

func openMenu(t *testing.T) (w fyne.Window, m *Menu, did *[]string) {
	t.Helper()
	useTheme(t, VariantLight)
	w, did = widgettest.InWindow(t, canvas.NewRectangle(nil), 400, 300), &[]string{}
	return w, ShowMenu(w.Canvas(), fyne.NewPos(20, 30), someMenu(did)...), did
}

func TestMenu_golden(t *testing.T) {
	w, m, _ := openMenu(t)
	test.AssertRendersToMarkup(t, "golden/menu.xml", w.Canvas())
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyRight} {
		m.TypedKey(widgettest.Key(k))
	}
	test.AssertRendersToMarkup(t, "golden/menu-sub.xml", w.Canvas())
}

func TestMenu_keys(t *testing.T) {
	const down, up, left, right, enter = fyne.KeyDown, fyne.KeyUp, fyne.KeyLeft, fyne.KeyRight, fyne.KeyReturn
	for name, test := range map[string]struct {
		keys []fyne.KeyName
		want string // "" for nothing
	}{
		"first line":                {[]fyne.KeyName{down, enter}, "Reply"},
		"last line":                 {[]fyne.KeyName{up, enter}, "Delete…"},
		"last line, End":            {[]fyne.KeyName{fyne.KeyEnd, enter}, "Delete…"},
		"first line, round":         {[]fyne.KeyName{up, down, enter}, "Reply"},
		"past what is off":          {[]fyne.KeyName{down, down, right, enter}, "For 1 hour"},
		"in another menu":           {[]fyne.KeyName{down, down, enter, down, enter}, "Always"},
		"back out of it":            {[]fyne.KeyName{down, down, right, left, down, enter}, "Delete…"},
		"nothing chosen":            {[]fyne.KeyName{enter}, ""},
		"Home after End":            {[]fyne.KeyName{fyne.KeyEnd, fyne.KeyHome, fyne.KeySpace}, "Reply"},
		"closed":                    {[]fyne.KeyName{down, fyne.KeyEscape}, ""},
		"closed in the second menu": {[]fyne.KeyName{down, down, right, fyne.KeyEscape}, ""},
	} {
		w, m, did := openMenu(t)
		for _, k := range test.keys {
			m.TypedKey(widgettest.Key(k))
		}
		if test.want == "" && len(*did) > 0 || test.want != "" && (len(*did) != 1 || (*did)[0] != test.want) {
			t.Errorf("%s: did %q, want %q", name, *did, test.want)
		}
		open := w.Canvas().Overlays().Top() != nil
		if want := name == "nothing chosen"; open != want {
			t.Errorf("%s: open %v, want %v", name, open, want)
		}
	}
}

func TestMenu_letters(t *testing.T) {
	_, m, did := openMenu(t)
	m.TypedRune('D')
	m.TypedKey(widgettest.Key(fyne.KeyReturn))
	if len(*did) != 1 || (*did)[0] != "Delete…" {
		t.Errorf("did %q, want Delete…", *did)
	}
}

func TestMenu_pointer(t *testing.T) {
	w, m, did := openMenu(t)
	middle := func(pane, line int) fyne.Position {
		b := m.panes[pane].box(line)
		return fyne.NewPos(b.X+b.W/2, b.Y+b.H/2)
	}
	test.MoveMouse(w.Canvas(), middle(0, 2))
	if len(m.panes) != 2 {
		t.Fatalf("the pointer rests on Mute: %d panes, want 2", len(m.panes))
	}
	test.TapCanvas(w.Canvas(), middle(0, 1))
	if w.Canvas().Overlays().Top() == nil {
		t.Fatal("a press on what is off closed the menu")
	}
	test.MoveMouse(w.Canvas(), middle(0, 2))
	test.TapCanvas(w.Canvas(), middle(1, 1))
	if len(*did) != 1 || (*did)[0] != "Always" {
		t.Errorf("did %q, want Always", *did)
	}
	again := ShowMenu(w.Canvas(), fyne.NewPos(390, 290), someMenu(did)...)
	if p := again.panes[0].at; p.X+p.W > 400 || p.Y+p.H > 300 {
		t.Errorf("pane %v reaches over the window", p)
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(2, 2))
	if w.Canvas().Overlays().Top() != nil {
		t.Error("a press beside it left the menu open")
	}
}

// TestMenu_long scrolls a menu that is higher than its window.
func TestMenu_long(t *testing.T) {
	useTheme(t, VariantLight)
	w := widgettest.InWindow(t, canvas.NewRectangle(nil), 300, 200)
	var items []*MenuItem
	did := ""
	for _, words := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		items = append(items, NewMenuItem(words, func() { did = words }))
	}
	m := ShowMenu(w.Canvas(), fyne.NewPos(10, 150), items...)
	p := m.panes[0]
	m.TypedKey(widgettest.Key(fyne.KeyEnd))
	if b := p.box(9); b.Y < p.at.Y || b.Y+b.H > p.at.Y+p.at.H {
		t.Errorf("the last line at %v is not in the pane %v", b, p.at)
	}
	m.Scrolled(&fyne.ScrollEvent{
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(50, 100)}, Scrolled: fyne.Delta{DY: 1000},
	})
	if b := p.box(0); b.Y != p.at.Y+menuPad {
		t.Errorf("the first line is at %v after scrolling up, the pane at %v", b, p.at)
	}
	m.TypedKey(widgettest.Key(fyne.KeyReturn))
	if did != "j" {
		t.Errorf("did %q, want j, which is still chosen", did)
	}
}
