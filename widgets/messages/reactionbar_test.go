package messages

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
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

func TestEmojiGrid(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	g := NewEmojiGrid()
	w := widgettest.InWindow(t, g, 288, 288)
	var got []string
	g.OnChosen = func(s string) { got = append(got, s) }
	g.Focus()
	if w.Canvas().Focused() == nil {
		t.Fatal("no focus")
	}
	for _, k := range []fyne.KeyName{fyne.KeyUp, fyne.KeyLeft, fyne.KeyDown, fyne.KeyRight, fyne.KeyReturn} {
		g.cells.TypedKey(widgettest.Key(k))
	}
	test.TapCanvas(w.Canvas(), fyne.NewPos(287, 287))
	all := commonEmoji()
	if want := []string{all[9], all[63]}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	seen := make(map[string]bool)
	for _, s := range all {
		if !text.OnlyEmoji(s) || seen[s] {
			t.Errorf("%q is not an emoji, or twice", s)
		}
		seen[s] = true
	}
	if len(all)%gridColumns != 0 {
		t.Errorf("%d emoji in rows of %d", len(all), gridColumns)
	}
}
