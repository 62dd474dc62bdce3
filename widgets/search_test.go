package widgets

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func someSections() []SearchSection {
	var messages []SearchRow
	for i := range 200 {
		messages = append(messages, SearchRow{Key: fmt.Sprint(i), Name: fmt.Sprint("Message ", i), Snippet: "plan"})
	}
	return []SearchSection{
		{Title: "Chats", Rows: []SearchRow{{Key: "a", Name: "Alice"}}},
		{Title: "People"},
		{Title: "Messages", Rows: messages, More: "Show all 900"},
	}
}

func TestSearchResults(t *testing.T) {
	useTheme(t, VariantLight)
	r := NewSearchResults()
	w := widgettest.InWindow(t, r, 320, 400)
	var got []string
	r.OnChosen = func(section int, key string) { got = append(got, fmt.Sprint(section, " ", key)) }
	r.OnMore = func(section int) { got = append(got, fmt.Sprint("more", section)) }
	if r.Choose() || !r.empty.Visible() {
		t.Error("something to choose among nothing")
	}
	r.SetSections(someSections())
	if len(r.list.objs) > 20 {
		t.Errorf("objects: got %d for what fits", len(r.list.objs))
	}
	r.Choose()
	r.Step(1) // past the title
	r.Choose()
	r.Step(-5)
	r.Choose()
	r.Step(1000)
	r.Choose()
	if r.list.offset == 0 {
		t.Error("the current row is not in view")
	}
	r.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 1e6)})
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, titleHeight+10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 10)) // a title
	if want := []string{"0 a", "2 0", "0 a", "more2", "0 a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	r.list.MouseIn(widgettest.PointerAt(100, 10))
	if r.list.Cursor() != desktop.DefaultCursor {
		t.Error("a hand over a title")
	}
	r.list.MouseMoved(widgettest.PointerAt(100, titleHeight+10))
	if r.list.Cursor() != desktop.PointerCursor {
		t.Error("no hand over a row")
	}
}

// New results keep the current row if they contain it.
func TestSearchResults_keepsCurrent(t *testing.T) {
	useTheme(t, VariantLight)
	r := NewSearchResults()
	widgettest.InWindow(t, r, 320, 400)
	chosen := ""
	r.OnChosen = func(_ int, key string) { chosen = key }
	sections := someSections()
	r.SetSections(sections)
	r.Step(3)
	sections[2].Rows = sections[2].Rows[1:] // the third message is current
	r.SetSections(sections)
	if r.Choose(); chosen != "2" {
		t.Errorf("got %q, want 2", chosen)
	}
	sections[2].Rows = sections[2].Rows[10:]
	r.SetSections(sections)
	if r.Choose(); chosen != "a" {
		t.Errorf("got %q, want the first again", chosen)
	}
	r.SetSections(nil)
	if r.Choose() {
		t.Error("chose among nothing")
	}
}

func TestFindBar(t *testing.T) {
	useTheme(t, VariantLight)
	b := NewFindBar()
	w := widgettest.InWindow(t, b, 400, FindBarHeight)
	b.OnFocus = w.Canvas().Focus
	var got []string
	b.OnChanged = func(q string) { got = append(got, q) }
	b.OnStep = func(d int) { got = append(got, fmt.Sprint(d)) }
	b.OnClose = func() { got = append(got, "close") }
	b.SetQuery("quiet")
	b.Focus()
	if b.field.SelectedText() != "quiet" || w.Canvas().Focused() != fyne.Focusable(b.field) {
		t.Errorf("selected %q", b.field.SelectedText())
	}
	test.Type(b.field, "p")
	b.field.TypedKey(widgettest.Key(fyne.KeyReturn)) // nothing found yet
	b.SetCount(2, 7)
	b.field.TypedKey(widgettest.Key(fyne.KeyReturn))
	b.field.KeyDown(widgettest.Key(desktop.KeyShiftLeft))
	b.field.TypedKey(widgettest.Key(fyne.KeyReturn))
	b.field.KeyUp(widgettest.Key(desktop.KeyShiftLeft))
	test.Tap(b.older)
	test.Tap(b.newer)
	b.field.TypedKey(widgettest.Key(fyne.KeyEscape))
	if want := []string{"p", "-1", "1", "-1", "1", "close"}; !slices.Equal(got, want) || b.Query() != "p" {
		t.Errorf("got %q and %q, want %q", got, b.Query(), want)
	}
}

func TestField_clear(t *testing.T) {
	useTheme(t, VariantLight)
	f := NewSearchField("Search")
	w := widgettest.InWindow(t, f, 200, 36)
	f.OnFocus = w.Canvas().Focus
	var got []string
	f.OnChanged = func(s string) { got = append(got, s) }
	test.Tap(f.empty) // there is nothing to clear
	f.SetText("plan")
	f.SetQuietly("plans")
	test.Tap(f.empty)
	if want := []string{"plan", ""}; !slices.Equal(got, want) || f.Text != "" {
		t.Errorf("got %q and text %q, want %q", got, f.Text, want)
	}
	if w.Canvas().Focused() != fyne.Focusable(f) {
		t.Error("the field has not the focus")
	}
}
