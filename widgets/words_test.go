package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// In a language that is written to the right it is the toolkit's.
func TestWords(t *testing.T) {
	useTheme(t, VariantLight)
	style := widget.RichTextStyle{
		ColorName: ColorText, SizeName: theme.SizeNameCaptionText, TextStyle: fyne.TextStyle{Bold: true},
	}
	w := NewWords("One line", style)
	w.Wrap(150)
	w.SetText("What is written here needs more than one line")
	rich := widget.NewRichText(&widget.TextSegment{Text: "What is written here needs more than one line", Style: style})
	rich.Wrapping = fyne.TextWrapWord
	rich.Resize(fyne.NewSize(150, 0))
	if w.MinSize() != rich.MinSize() {
		t.Errorf("got %v, want %v", w.MinSize(), rich.MinSize())
	}
	got := widgettest.InWindow(t, w, 150, 100).Canvas().Capture()
	if !widgettest.SamePixels(got, widgettest.InWindow(t, rich, 150, 100).Canvas().Capture()) {
		t.Error("it looks different")
	}
}
