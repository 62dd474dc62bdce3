package text

import (
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// useFonts starts a test app with the fonts of the program's theme.
func useFonts(t testing.TB) {
	t.Helper()
	widgettest.StartApp(t, theme.DefaultTheme())
}

const (
	sizePreview = 13
	sizeBody    = 14
)

func TestFit(t *testing.T) {
	useFonts(t)
	set, f := NewTypesetter(), Font{Size: sizeBody, Bold: true}
	name := "Bartholomew Maximilian Featherstonehaugh-Cholmondeley of Kent"
	for room := float32(0); room < 600; room += 7 {
		got := set.Fit(name, f, room)
		if w := set.LineWidth(got, f); w > room && got != "…" {
			t.Errorf("room %v: got %q of %v", room, got, w)
		}
		if got != name && got != "" && !strings.HasSuffix(got, "…") {
			t.Errorf("room %v: got %q, want an ellipsis", room, got)
		}
	}
	if got := set.Fit(name, f, 2000); got != name {
		t.Errorf("got %q, want all of it", got)
	}
}

func TestFitName(t *testing.T) {
	useFonts(t)
	set, f := NewTypesetter(), Font{Size: sizeBody, Bold: true}
	names := []string{
		"The minutes of the yearly assembly of the society of friends of long names, final version.docx",
		strings.Repeat("x", 580) + ".zip",
		"Протокол ежегодного собрания общества любителей длинных имён.pdf",
		"👨‍👩‍👧‍👦 our family on the beach, with everybody who was there that day.jpeg",
	}
	for _, name := range names {
		for room := float32(0); room < 700; room += 7 {
			got := set.FitName(name, f, room)
			if w := set.LineWidth(got, f); w > room && got != "…" {
				t.Errorf("room %v: got %q of %v", room, got, w)
			}
			begins, ends, cut := strings.Cut(got, "…")
			if cut && (!strings.HasPrefix(name, begins) || !strings.HasSuffix(name, ends)) {
				t.Errorf("room %v: got %q", room, got)
			}
			if ending := filepath.Ext(name); room >= 150 && !strings.HasSuffix(got, ending) {
				t.Errorf("room %v: got %q, want the ending %s", room, got, ending)
			}
		}
	}
	for _, name := range []string{"", "a.txt"} {
		if got := set.FitName(name, f, 100); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}
