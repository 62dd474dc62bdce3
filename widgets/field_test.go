package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestField_selection: what was selected does not outlive the text.
func TestField_selection(t *testing.T) {
	useTheme(t, VariantLight)
	f := NewSearchField("Search")
	test.Type(f, "old")
	f.TypedShortcut(&fyne.ShortcutSelectAll{})
	f.SetQuietly("")
	test.Type(f, "new")
	if f.Text != "new" {
		t.Errorf("the field holds %q", f.Text)
	}
	f.TypedShortcut(&fyne.ShortcutSelectAll{})
	f.SetText("one")
	test.Type(f, "s")
	if f.Text != "ones" {
		t.Errorf("the field holds %q", f.Text)
	}
}
