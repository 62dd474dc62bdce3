package widgets

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestDropZones_At(t *testing.T) {
	useTheme(t, VariantLight)
	z := NewDropZones()
	widgettest.InWindow(t, z, 600, 500)
	for name, c := range map[string]struct {
		at   fyne.Position
		want DropZone
	}{
		"title":   {fyne.NewPos(300, 20), ZoneNone},
		"upper":   {fyne.NewPos(300, 150), ZonePhotos},
		"lower":   {fyne.NewPos(300, 400), ZoneFiles},
		"edge":    {fyne.NewPos(3, 150), ZoneNone},
		"outside": {fyne.NewPos(-20, 150), ZoneNone},
		"below":   {fyne.NewPos(300, 600), ZoneNone},
	} {
		if got := z.At(c.at); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	if got := NewDropZones().At(fyne.NewPos(10, 10)); got != ZoneNone {
		t.Errorf("without a size: got %d", got)
	}
}
