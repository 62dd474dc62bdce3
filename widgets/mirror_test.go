package widgets

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// Everything is at the other side, but for the marks on found words, which are where the words are.
func TestMirrored(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	stays := map[string]string{"search": "*canvas.Rectangle"}
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) { widgettest.Mirrors(t, g.w, g.h, g.make, stays[name]) })
	}
}

func TestMirrored_golden(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	widgettest.Mirror(t)
	all := allStates()
	for _, name := range []string{"row_unread", "header_narrow", "composer_reply", "pinned", "search"} {
		g, ok := all[name]
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		widgettest.Renders(t, "mirrored_"+name, g.w, g.h, g.make)
	}
	w := widgettest.InWindow(t, canvas.NewRectangle(nil), 400, 300)
	m := ShowMenu(w.Canvas(), fyne.NewPos(380, 30), someMenu(new([]string))...)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyLeft} {
		m.TypedKey(widgettest.Key(k))
	}
	test.AssertRendersToMarkup(t, "golden/mirrored_menu.xml", w.Canvas())
}

// What is drawn twice stays where it is, also what has changed between.
func TestMirrored_refresh(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	for name, g := range allStates() {
		t.Run(name, func(t *testing.T) {
			widgettest.Mirror(t)
			win := widgettest.InWindow(t, g.make(), g.w, g.h)
			before := win.Canvas().Capture()
			win.Content().Refresh()
			if !widgettest.SamePixels(before, win.Canvas().Capture()) {
				t.Error("it moves")
			}
		})
	}
}

func TestMirrored_found(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	widgettest.Mirror(t)
	r := NewSearchResults()
	widgettest.InWindow(t, r, 300, 200)
	r.SetSections([]SearchSection{{"Messages", []SearchRow{{
		Key: "1", Name: "Bob", Snippet: "the last ferry", Found: []Range{{Start: 9, End: 14}},
	}}, ""}})
	v := r.list.views[1]
	mark, words := v.found[0], v.words
	before := r.list.set.LineWidth("the last ", words.Font())
	if got := mark.Position().X - words.Position().X - before; got < -1 || got > 1 {
		t.Errorf("the mark is %v beside its word", got)
	}
	if end := words.Position().X + r.list.set.LineWidth(words.Words(), words.Font()); end < 220 || end > 234 {
		t.Errorf("the words end at %v, not beside the avatar", end)
	}
}

func TestMirrored_menu(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	w, did := widgettest.InWindow(t, canvas.NewRectangle(nil), 500, 300), []string{}
	middle := func(m *Menu, pane, line int) fyne.Position {
		b := m.panes[pane].box(line)
		return fyne.NewPos(500-b.X-b.W/2, b.Y+b.H/2)
	}
	m := ShowMenu(w.Canvas(), fyne.NewPos(480, 30), someMenu(&did)...)
	if p := draw.FlipBox(m.panes[0].at, 500); p.X+p.W != 480 {
		t.Errorf("the menu ends at %v, want 480", p.X+p.W)
	}
	test.MoveMouse(w.Canvas(), middle(m, 0, 2))
	if len(m.panes) != 2 || m.panes[1].at.X <= m.panes[0].at.X {
		t.Fatalf("the other menu is not at the left: %v", m.panes)
	}
	test.TapCanvas(w.Canvas(), middle(m, 1, 1))
	m = ShowMenu(w.Canvas(), fyne.NewPos(480, 30), someMenu(&did)...)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyLeft, fyne.KeyReturn} {
		m.TypedKey(widgettest.Key(k))
	}
	m = ShowMenu(w.Canvas(), fyne.NewPos(480, 30), someMenu(&did)...)
	keys := []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight, fyne.KeyDown, fyne.KeyReturn}
	for _, k := range keys {
		m.TypedKey(widgettest.Key(k))
	}
	if want := []string{"Always", "For 1 hour", "Delete…"}; !slices.Equal(did, want) {
		t.Errorf("did %q, want %q", did, want)
	}
}

func TestMirrored_select(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	s := NewSelect(nil, []string{"One", "Two"}, 0)
	w := widgettest.InWindow(t, placed(s, 250, 20, 200, 36), 500, 300)
	s.window = w.Canvas()
	chosen := -1
	s.OnChosen = func(i int) { chosen = i }
	test.TapCanvas(w.Canvas(), fyne.NewPos(300, 40))
	m, ok := w.Canvas().Overlays().Top().(*Menu)
	if !ok {
		t.Fatal("there is no menu")
	}
	if p := draw.FlipBox(m.panes[0].at, 500); p.X != 250 || p.W != 200 {
		t.Errorf("the menu is at %v, not below the field", p)
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(300, 56+menuPad+menuRow*1.5))
	if chosen != 1 {
		t.Errorf("chose %d, want 1", chosen)
	}
}

// placed returns an object that is somewhere in a window.
func placed(o fyne.CanvasObject, x, y, w, h float32) *fyne.Container {
	draw.Place(o, x, y, w, h)
	group := draw.NewGroup()
	group.Objects = []fyne.CanvasObject{o}
	return group
}

func TestMirrored_panes(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	left, right := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	p := NewPanes(left, right)
	widgettest.InWindow(t, p, 1000, 300)
	if left.Position().X != 1000-PanesLeft || right.Position().X != 0 {
		t.Errorf("got %v and %v", left.Position(), right.Position())
	}
	p.grip.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(-37, 5)}})
	if got := p.LeftWidth(); got < PanesLeft+30 || got > PanesLeft+50 {
		t.Errorf("after a drag by 40 to the left the list is %v wide", got)
	}
}

// Presses reach what is at their place, and the arrow keys go where they point.
func TestMirrored_pointer(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	tap := func(w fyne.Window, x, y float32) {
		test.TapCanvas(w.Canvas(), fyne.NewPos(w.Canvas().Size().Width-x, y))
	}
	key := func(f fyne.Focusable, name fyne.KeyName) { f.TypedKey(widgettest.Key(name)) }

	swatches := NewInfoSwatches("Accent", tintNames(Accents()), AccentColors, 0)
	w := widgettest.InWindow(t, swatches, 300, 100)
	tap(w, listEdge+2*swatchStep+10, swatchTop+10)
	if swatches.chosen != 2 {
		t.Errorf("colour: chose %d, want 2", swatches.chosen)
	}
	if key(swatches, fyne.KeyRight); swatches.chosen != 1 {
		t.Errorf("colour: the right key chose %d, want 1", swatches.chosen)
	}

	shared := NewSharedList()
	w = widgettest.InWindow(t, shared, 400, 300)
	shared.SetItems(make([]SharedItem, 6), true)
	chosen := -1
	shared.OnChosen = func(i int) { chosen = i }
	if tap(w, 130, 20); chosen != 1 {
		t.Errorf("picture: chose %d, want 1", chosen)
	}
	if key(shared, fyne.KeyLeft); shared.current != 2 {
		t.Errorf("picture: the left key chose %d, want 2", shared.current)
	}

	picker := NewEmojiPicker(nil, "en")
	picker.OnFocus = func(fyne.Focusable) {}
	got := ""
	picker.OnChosen = func(s string) { got = s }
	size := picker.MinSize()
	w = widgettest.InWindow(t, picker, size.Width, size.Height)
	tap(w, emojiPad+1.5*emojiCell, picker.gridTop()+emojiTitle+10)
	if want := picker.grid.cells[1].emoji.Text; got != want {
		t.Errorf("emoji: got %q, want %q", got, want)
	}
	if key(picker.field, fyne.KeyLeft); picker.grid.current != 2 {
		t.Errorf("emoji: the left key went to %d, want 2", picker.grid.current)
	}
	tap(w, emojiPad+picker.tabs.width()*3.5, picker.tabs.Position().Y+10)
	if picker.tabs.current != 3 {
		t.Errorf("emoji: category %d, want 3", picker.tabs.current)
	}

	stepped := 0
	viewer := NewPhotoViewer()
	viewer.Set(PhotoViewerData{Before: true, Behind: true})
	viewer.OnStep = func(by int) { stepped = by }
	if key(viewer, fyne.KeyLeft); stepped != 1 {
		t.Errorf("pictures: the left key went by %d, want 1", stepped)
	}

	checked := false
	check := NewCheck("Words", func(on bool) { checked = on })
	w = widgettest.InWindow(t, check, 400, 40)
	if tap(w, 300, 20); checked {
		t.Error("a press beside a check box checked it")
	}
	if tap(w, 30, 20); !checked {
		t.Error("a press on a check box did not check it")
	}
}

func TestMirrored_check(t *testing.T) {
	useTheme(t, VariantLight)
	build := func() fyne.CanvasObject { return NewCheckBox(NewCheck("Words", nil)) }
	widgettest.Mirrors(t, 400, 40, build)
}

func TestMirrored_layout(t *testing.T) {
	useTheme(t, VariantLight)
	build := func() fyne.CanvasObject {
		return NewHBox(NewActionButton(Action{Text: "One"}), NewActionButton(Action{Text: "Two"}), widget.NewLabel(""))
	}
	widgettest.Mirrors(t, 400, 40, build)
}

func TestProgressBar(t *testing.T) {
	useTheme(t, VariantLight)
	build := func() fyne.CanvasObject {
		b := NewProgressBar()
		b.SetValue(0.5)
		b.Resize(fyne.NewSize(200, 20))
		b.SetValue(0.25)
		return b
	}
	widgettest.Mirrors(t, 400, 40, build)
}

// What the toolkit would put into the wrong order is drawn by this package: each line in the direction of its paragraph.
func TestMirrored_words(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	style := widget.RichTextStyle{ColorName: ColorText, SizeName: theme.SizeNameText}
	w := NewWords("שלום Echo, שלום", style)
	w.Wrap(70)
	if w.MinSize().Height <= NewWords("Echo", style).MinSize().Height {
		t.Error("it is not wrapped")
	}
	widgettest.InWindow(t, w, 70, 100)
	group, ok := test.WidgetRenderer(w).Objects()[0].(*fyne.Container)
	if !ok || len(group.Objects) < 2 {
		t.Fatalf("got %v", group)
	}
	for _, o := range group.Objects {
		line, ok := o.(*draw.Text)
		if !ok {
			t.Fatalf("got %T", o)
		}
		end := line.Position().X + w.set.LineWidth(strings.TrimSpace(line.Words()), line.Font())
		if end < 60 || end > 64 {
			t.Errorf("%q ends at %v, want 62", line.Words(), end)
		}
		if line.Words() == "Echo," {
			if first := test.WidgetRenderer(line).Objects()[0].(*canvas.Text); draw.Words(first.Text) != "," { //nolint:forcetypeassert // a test
				t.Errorf("the line starts with %q at the left", first.Text)
			}
		}
	}
	w.SetText("")
	if got := w.MinSize().Height; got != NewWords("Echo", style).MinSize().Height {
		t.Errorf("without words it is %v high", got)
	}
}

func TestMirrored_hint(t *testing.T) {
	useTheme(t, VariantLight)
	widgettest.Mirror(t)
	f := NewSearchField("שלום Echo")
	widgettest.InWindow(t, f, 300, 36)
	if f.PlaceHolder != "" {
		t.Errorf("the toolkit shows %q", f.PlaceHolder)
	}
	objects := test.WidgetRenderer(f).Objects()
	hint, ok := objects[len(objects)-1].(*draw.Text)
	if !ok || hint.Words() != "שלום Echo" || !hint.Visible() {
		t.Fatalf("got %v", objects)
	}
	if x, button := hint.Position().X, f.empty.Position().X+f.empty.Size().Width; button > 40 || x < button {
		t.Errorf("it is at %v, the button ends at %v", x, button)
	}
	for _, o := range objects {
		if icon, ok := o.(*canvas.Image); ok && icon.Position().X < 260 {
			t.Errorf("the icon is at %v", icon.Position())
		}
	}
	f.Resize(fyne.NewSize(200, 36))
	f.Refresh()
	if x := f.empty.Position().X; x > 20 {
		t.Errorf("in a narrow field the button is at %v", x)
	}
	if f.SetText("a"); hint.Visible() {
		t.Error("it is over what was written")
	}
	if f.SetText(""); !hint.Visible() {
		t.Error("it does not come back")
	}
	c := NewComposer("one")
	widgettest.InWindow(t, c, 300, 60)
	c.SetPlaceholder("two")
	objects = test.WidgetRenderer(c.entry).Objects()
	if hint, ok := objects[len(objects)-1].(*draw.Text); !ok || hint.Words() != "two" {
		t.Errorf("composer: got %v", objects)
	}
}
