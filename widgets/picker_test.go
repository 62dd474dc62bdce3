package widgets

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func somePeople() []Person {
	return []Person{
		{Key: "a", Name: "Alice Martin", Detail: "online"},
		{Key: "b", Name: "Bob", Detail: "bob@example.org"},
		{Key: "c", Name: "Carol", Fixed: true, Detail: "already a member"},
		{Key: "d", Name: "Dora"},
	}
}

func TestPickerList(t *testing.T) {
	useTheme(t, VariantLight)
	p := NewPickerList(PickerData{Button: "Add", Limit: 2})
	w := widgettest.InWindow(t, p, 320, 480)
	var changes, done, queries []string
	p.OnChanged = func(keys []string) { changes = append(changes, fmt.Sprint(keys)) }
	p.OnDone = func(keys []string) { done = append(done, fmt.Sprint(keys)) }
	p.OnQuery = func(q string) { queries = append(queries, q) }
	if !p.empty.Visible() || !p.button.Disabled() {
		t.Error("nobody: nothing says so, or the button works")
	}
	p.SetPeople(somePeople())
	test.Tap(p.button)                                                  // no one is picked
	p.field.TypedKey(widgettest.Key(fyne.KeyReturn))                    // still no one
	p.list.Tapped(widgettest.TapAt(100, p.list.tops[2]+5))              // cannot be picked
	test.TapCanvas(w.Canvas(), fyne.NewPos(100, 8+p.list.Position().Y)) // Alice
	p.field.SetText("example")
	p.field.TypedKey(widgettest.Key(fyne.KeyReturn)) // Bob
	if p.field.Text != "" {
		t.Errorf("the query stayed: %q", p.field.Text)
	}
	p.field.TypedKey(widgettest.Key(fyne.KeyEnd)) // not for the list
	p.list.Tapped(widgettest.TapAt(100, p.list.tops[3]+5))
	if words, alarm := p.count(); !alarm || words != "At most 2" {
		t.Errorf("too many: got %q", words)
	}
	test.Tap(p.chips.chips["a"])
	p.list.Tapped(widgettest.TapAt(100, p.list.tops[3]+5))
	p.field.TypedKey(widgettest.Key(fyne.KeyBackspace))
	p.field.TypedKey(widgettest.Key(fyne.KeyReturn))
	p.SetBusy(true)
	test.Tap(p.button)
	p.SetBusy(false)
	test.Tap(p.button)
	if want := []string{"[a]", "[a b]", "[b]", "[b d]", "[b]"}; !slices.Equal(changes, want) {
		t.Errorf("changes: got %q, want %q", changes, want)
	}
	if want := []string{"[b]", "[b]"}; !slices.Equal(done, want) {
		t.Errorf("done: got %q, want %q", done, want)
	}
	if want := []string{"example", ""}; !slices.Equal(queries, want) {
		t.Errorf("queries: got %q, want %q", queries, want)
	}
}

// Picked people stay picked, whether the list shows them or not.
func TestPickerList_query(t *testing.T) {
	useTheme(t, VariantLight)
	p := NewPickerList(PickerData{Button: "Add", Optional: true})
	widgettest.InWindow(t, p, 320, 480)
	p.SetPeople(somePeople())
	p.SetPicked([]string{"b", "nobody"})
	for query, want := range map[string]int{"": 4, "al": 2, "AL mart": 1, "xyz": 0, "online": 1} {
		p.field.SetText(query)
		if got := len(p.list.rows); got != want {
			t.Errorf("%q: got %d rows, want %d", query, got, want)
		}
		if p.empty.Visible() != (want == 0) {
			t.Errorf("%q: empty visible %v", query, p.empty.Visible())
		}
		if got := p.Picked(); !slices.Equal(got, []string{"b"}) {
			t.Errorf("%q: picked %q", query, got)
		}
	}
	p.field.SetText("car") // fixed: Enter picks no one
	p.field.TypedKey(widgettest.Key(fyne.KeyReturn))
	p.SetPeople(nil)
	if got := p.Picked(); !slices.Equal(got, []string{"b"}) || p.button.Disabled() {
		t.Errorf("picked %q", got)
	}
}

// The chips stay within one line, however many people are picked, and what is below them stays in its place.
func TestChipRow(t *testing.T) {
	useTheme(t, VariantLight)
	people := make([]Person, 300)
	for i := range people {
		people[i] = Person{Key: fmt.Sprint(i), Name: fmt.Sprint("Somebody with a name ", i)}
	}
	p := NewPickerList(PickerData{Button: "Add"})
	widgettest.InWindow(t, p, 320, 480)
	p.SetPeople(people)
	top := p.list.Position().Y
	for _, n := range []int{0, 1, 2, 5, 300} {
		var keys []string
		for _, one := range people[:n] {
			keys = append(keys, one.Key)
		}
		p.SetPicked(keys)
		if got := p.list.Position().Y; got != top {
			t.Errorf("%d picked: the list is at %v, was at %v", n, got, top)
		}
		places, hidden := p.chips.arrange(320)
		if hidden+len(places) != n || len(places) == 0 && n > 0 {
			t.Errorf("%d: %d shown, %d hidden", n, len(places), hidden)
		}
		for _, b := range places {
			if b.X < listEdge || b.X+b.W > 320-listEdge || b.Y+b.H > p.chips.MinSize().Height {
				t.Errorf("%d: a chip at %v", n, b)
			}
		}
	}
}

func TestReceipts(t *testing.T) {
	useTheme(t, VariantLight)
	r := NewReceipts([]Receipt{
		{Name: "Eve"},
		{Name: "Bob", Delivered: "14:02"},
		{Name: "Al", Delivered: "14:01", Read: "14:03"},
		{Name: "Di", Read: "14:04"},
	})
	widgettest.InWindow(t, r, 300, 400)
	var got []string
	for _, row := range r.list.rows {
		got = append(got, row.title+row.note)
	}
	want := []string{"Read by 2", "Al14:03", "Di14:04", "Delivered to 1", "Bob14:02", "Not delivered yet to 1", "Eve"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if h := r.MinSize().Height; h != r.list.total() {
		t.Errorf("height: got %v, want %v", h, r.list.total())
	}
	r.Set(nil)
	if len(r.list.rows) != 0 {
		t.Error("rows of nobody")
	}
}
