package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// newSelect returns a field outside a window.
func newSelect(now int) *Select {
	return NewSelect(nil, []string{"As the system", "Headset", "Webcam"}, now)
}

// with changes a field.
func with(s *Select, change func(*Select)) *Select {
	change(s)
	return s
}

// inForm shows a field, 200 wide and 40 from the edges, between two others, and notes what is chosen.
func inForm(t *testing.T, labels []string, now int) (w fyne.Window, s *Select, chosen *[]int) {
	t.Helper()
	form := container.New(layout.NewCustomPaddedVBoxLayout(4))
	w = widgettest.InWindow(t, container.New(layout.NewCustomPaddedLayout(40, 40, 40, 40), form), 280, 400)
	chosen = &[]int{}
	s = NewSelect(w.Canvas(), labels, now)
	s.OnChosen = func(i int) { *chosen = append(*chosen, i) }
	for _, o := range []fyne.CanvasObject{NewField("Before"), s, NewField("After")} {
		form.Add(o)
	}
	w.Resize(fyne.NewSize(280, 400))
	return w, s, chosen
}

// box is the place of a field in its window, on whole units.
func box(s *Select) draw.Box {
	const edge = 40
	at := s.Position().AddXY(edge, edge)
	return draw.NewBox(at.X, draw.SnapPx(at.Y), s.Size().Width, s.Size().Height)
}

// middle is a position in a box.
func middle(b draw.Box) fyne.Position { return fyne.NewPos(b.X+b.W/2, b.Y+b.H/2) }

// openedMenu is the menu over a window; the test ends without one.
func openedMenu(t *testing.T, w fyne.Window) *Menu {
	t.Helper()
	m, ok := w.Canvas().Overlays().Top().(*Menu)
	if !ok {
		t.Fatal("the menu is not open")
	}
	return m
}

// press presses keys where the keyboard is.
func press(w fyne.Window, keys ...fyne.KeyName) {
	for _, k := range keys {
		w.Canvas().Focused().TypedKey(widgettest.Key(k))
	}
}

// words are what a widget draws.
func words(s *Select) string {
	var all []string
	for _, o := range test.WidgetRenderer(s).Objects() {
		if line, ok := o.(*draw.Text); ok {
			all = append(all, line.Words())
		}
	}
	return strings.Join(all, "|")
}

func threeLabels() []string { return []string{"As the system", "Headset", "Webcam"} }

func TestSelect_keys(t *testing.T) {
	useTheme(t, VariantLight)
	const down, up, enter, space, escape = fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape
	for name, test := range map[string]struct {
		keys []fyne.KeyName
		want []int
		open bool
	}{
		"Enter opens":         {[]fyne.KeyName{enter}, nil, true},
		"Space opens":         {[]fyne.KeyName{space}, nil, true},
		"Down opens":          {[]fyne.KeyName{down}, nil, true},
		"Up opens":            {[]fyne.KeyName{up}, nil, true},
		"from the chosen one": {[]fyne.KeyName{down, down, enter}, []int{2}, false},
		"and up":              {[]fyne.KeyName{down, up, space}, []int{0}, false},
		"the same again":      {[]fyne.KeyName{enter, enter}, []int{1}, false},
		"Esc leaves it":       {[]fyne.KeyName{down, down, escape}, nil, false},
		"twice":               {[]fyne.KeyName{down, down, enter, down, fyne.KeyHome, enter}, []int{2, 0}, false},
	} {
		w, s, chosen := inForm(t, threeLabels(), 1)
		escaped := 0
		s.OnEscape = func() { escaped++ }
		w.Canvas().Focus(s)
		press(w, test.keys...)
		if !slices.Equal(*chosen, test.want) {
			t.Errorf("%s: chosen %v, want %v", name, *chosen, test.want)
		}
		if open := w.Canvas().Overlays().Top() != nil; open != test.open {
			t.Errorf("%s: open %v, want %v", name, open, test.open)
		}
		if !test.open && (w.Canvas().Focused() != fyne.Focusable(s) || !s.Focused()) {
			t.Errorf("%s: the keyboard is at %T, want the field", name, w.Canvas().Focused())
		}
		if n := len(test.want); n > 0 && (s.Chosen() != test.want[n-1] || words(s) != threeLabels()[s.Chosen()]) {
			t.Errorf("%s: the field says %q, want label %d", name, words(s), test.want[n-1])
		}
		if escaped != 0 {
			t.Errorf("%s: Esc in the menu left the field", name)
		}
		if !test.open {
			press(w, escape)
			if escaped != 1 {
				t.Errorf("%s: Esc in the field called OnEscape %d times, want once", name, escaped)
			}
		}
	}
}

// TestSelect_tab: the field is between its neighbours, and left out while it is disabled.
func TestSelect_tab(t *testing.T) {
	useTheme(t, VariantLight)
	w, s, _ := inForm(t, threeLabels(), 0)
	test.FocusNext(w.Canvas())
	test.FocusNext(w.Canvas())
	if w.Canvas().Focused() != fyne.Focusable(s) {
		t.Errorf("the keyboard is at %T, want the field", w.Canvas().Focused())
	}
	press(w, fyne.KeyReturn, fyne.KeyReturn)
	test.FocusNext(w.Canvas())
	if f, ok := w.Canvas().Focused().(*Field); !ok || f.PlaceHolder != "After" {
		t.Errorf("the keyboard is at %T, want the field after it", w.Canvas().Focused())
	}
	s.Disable()
	test.FocusPrevious(w.Canvas())
	if f, ok := w.Canvas().Focused().(*Field); !ok || f.PlaceHolder != "Before" {
		t.Errorf("the keyboard is at %T, want the field before it", w.Canvas().Focused())
	}
	test.Tap(s)
	if w.Canvas().Overlays().Top() != nil {
		t.Error("a disabled field opened its menu")
	}
}

func TestSelect_pointer(t *testing.T) {
	useTheme(t, VariantLight)
	w, s, chosen := inForm(t, threeLabels(), 0)
	at := box(s)
	field := middle(at)
	for _, beside := range []fyne.Position{field, fyne.NewPos(20, 380)} {
		test.TapCanvas(w.Canvas(), field)
		openedMenu(t, w)
		test.TapCanvas(w.Canvas(), beside)
		if w.Canvas().Overlays().Top() != nil || len(*chosen) > 0 {
			t.Errorf("a press at %v, beside the menu: chosen %v, want it closed and nothing chosen", beside, *chosen)
		}
		if w.Canvas().Focused() != fyne.Focusable(s) {
			t.Errorf("the keyboard is at %T, want the field", w.Canvas().Focused())
		}
	}
	test.TapCanvas(w.Canvas(), field)
	m := openedMenu(t, w)
	if p := m.panes[0].at; p.X != at.X || p.W != at.W || p.Y != at.Y+at.H {
		t.Errorf("the menu is at %v, want it below the field at %v", p, at)
	}
	test.TapCanvas(w.Canvas(), middle(m.panes[0].box(2)))
	if !slices.Equal(*chosen, []int{2}) || words(s) != "Webcam" {
		t.Errorf("chosen %v, the field says %q, want 2, Webcam", *chosen, words(s))
	}
	if w.Canvas().Focused() != fyne.Focusable(s) {
		t.Errorf("the keyboard is at %T, want the field", w.Canvas().Focused())
	}
}

// TestSelect_equal: of two equal labels the second one can be chosen, and is the one with the check mark.
func TestSelect_equal(t *testing.T) {
	useTheme(t, VariantLight)
	w, s, chosen := inForm(t, []string{"As the system", "Headset", "Headset", ""}, 0)
	w.Canvas().Focus(s)
	press(w, fyne.KeyReturn, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyReturn)
	if !slices.Equal(*chosen, []int{2}) {
		t.Errorf("chosen %v, want 2", *chosen)
	}
	p := openedMenu(t, w).panes[0]
	for i, item := range p.items {
		if want := i == 2; item.Checked != want || (p.now == i) != want {
			t.Errorf("entry %d: checked %v, want %v; the chosen line is %d", i, item.Checked, want, p.now)
		}
	}
	press(w, fyne.KeyEnd, fyne.KeyReturn)
	if !slices.Equal(*chosen, []int{2, 3}) {
		t.Errorf("chosen %v, want 2 and the one without words", *chosen)
	}
}

// TestSelect_long scrolls a menu that is higher than the window, which shows the chosen entry first.
func TestSelect_long(t *testing.T) {
	useTheme(t, VariantLight)
	var labels []string
	for i := range 40 {
		labels = append(labels, fmt.Sprintf("Device %d with a name that is wider than the window", i))
	}
	w, s, chosen := inForm(t, labels, 25)
	seen := func(i int) bool {
		p := openedMenu(t, w).panes[0]
		b := p.box(i)
		return b.Y >= p.at.Y && b.Y+b.H <= p.at.Y+p.at.H
	}
	at := box(s)
	test.TapCanvas(w.Canvas(), middle(at))
	p := openedMenu(t, w).panes[0]
	if p.at.X < 0 || p.at.X+p.at.W > 280 || p.at.Y < at.Y+at.H || p.at.Y+p.at.H > 400 {
		t.Errorf("the menu is at %v, want it below the field and in the window", p.at)
	}
	if !seen(24) || !seen(25) || !seen(26) || seen(0) {
		t.Error("the menu does not show the chosen entry between others")
	}
	test.AssertRendersToMarkup(t, "golden/select-menu-long.xml", w.Canvas())
	openedMenu(t, w).Scrolled(&fyne.ScrollEvent{
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(50, 200)}, Scrolled: fyne.Delta{DY: 10000},
	})
	if !seen(0) {
		t.Error("scrolled up, the first entry is not seen")
	}
	for range 3 { // a little each time, as a touchpad does
		openedMenu(t, w).Scrolled(&fyne.ScrollEvent{
			PointEvent: fyne.PointEvent{Position: fyne.NewPos(50, 200)}, Scrolled: fyne.Delta{DY: -4},
		})
	}
	if p := openedMenu(t, w).panes[0]; p.from != menuRow {
		t.Errorf("scrolled by %v, want by one line", p.from)
	}
	press(w, fyne.KeyEnd)
	if !seen(39) {
		t.Error("the last entry is not seen")
	}
	press(w, fyne.KeyReturn)
	if !slices.Equal(*chosen, []int{39}) {
		t.Errorf("chosen %v, want the last", *chosen)
	}
}

// TestSelect_above: near the lower edge the menu opens above the field.
func TestSelect_above(t *testing.T) {
	useTheme(t, VariantLight)
	w, s, _ := inForm(t, threeLabels(), 0)
	s.Move(fyne.NewPos(0, 300))
	test.TapCanvas(w.Canvas(), middle(box(s)))
	if p := openedMenu(t, w).panes[0].at; p.Y+p.H != 340 {
		t.Errorf("the menu ends at %v, want at the field's upper edge, 340", p.Y+p.H)
	}
}

func TestSelect_menu_golden(t *testing.T) {
	for name, v := range map[string]Variant{"light": VariantLight, "dark": VariantDark} {
		useTheme(t, v)
		w, s, _ := inForm(t, []string{"As the system", "Headset", "Headset (2)"}, 1)
		w.Canvas().Focus(s)
		press(w, fyne.KeyDown, fyne.KeyDown)
		test.AssertRendersToMarkup(t, "golden/select-menu-"+name+".xml", w.Canvas())
	}
}
