package messages

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestReactionBar(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	b := NewReactionBar(QuickReactions(), "❤️")
	more := 0
	var got []string
	b.OnChosen = func(s string) { got = append(got, s) }
	if b.MinSize().Width != 6*draw.HitSide {
		t.Errorf("width without more: got %v", b.MinSize().Width)
	}
	b.OnMore = func() { more++ }
	w := widgettest.InWindow(t, b, b.MinSize().Width, b.MinSize().Height)
	test.TapCanvas(w.Canvas(), fyne.NewPos(draw.HitSide+5, 10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(6*draw.HitSide+5, 10))
	if !slices.Equal(got, []string{"❤️"}) || more != 1 {
		t.Errorf("chose %q, more %d", got, more)
	}
}
