package widgets

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func TestButtons(t *testing.T) {
	useTheme(t, VariantLight)
	n := 0
	icon := NewIconButton(assets.IconMenu, "Words", func() { n++ })
	action := NewActionButton(Action{Text: "Go", Tapped: func() { n++ }})
	banner := NewBanner(BannerData{Text: "x", Actions: []Action{{Text: "Retry now", Tapped: func() { n++ }}}})
	footer := NewConnectionFooter()
	footer.Set(LinkTrying, "x", Action{Text: "Retry", Tapped: func() { n++ }})
	w := widgettest.InWindow(t, container.NewVBox(icon, action, banner, footer), 400, 300)
	test.Tap(icon)
	test.Tap(action)
	test.Tap(banner.buttons[0])
	test.Tap(footer.button)
	w.Canvas().Focus(icon)
	icon.TypedKey(widgettest.Key(fyne.KeySpace))
	action.TypedKey(widgettest.Key(fyne.KeyReturn))
	if n != 6 {
		t.Errorf("pressed: got %d, want 6", n)
	}
	icon.Disable()
	test.Tap(icon)
	if n != 6 || icon.Cursor() != desktop.DefaultCursor {
		t.Error("a disabled button can be pressed")
	}
}

func TestHeader(t *testing.T) {
	useTheme(t, VariantLight)
	h := NewHeader(NewIconButton(assets.IconMenu, "Words", nil))
	w := widgettest.InWindow(t, h, 500, 56)
	h.Set(HeaderData{Title: "Alice"})
	title, back := 0, 0
	h.OnTapped = func() { title++ }
	h.OnBack = func() { back++ }
	test.TapCanvas(w.Canvas(), fyne.NewPos(30, 28))
	h.ShowBack(true)
	test.TapCanvas(w.Canvas(), fyne.NewPos(26, 28))
	if title != 1 || back != 1 {
		t.Errorf("title %d, back %d; want 1, 1", title, back)
	}
}

func TestPanes(t *testing.T) {
	useTheme(t, VariantLight)
	left, right := widget.NewLabel("l"), widget.NewLabel("r")
	p := NewPanes(left, right)
	var modes []PanesMode
	p.OnMode = func(m PanesMode) { modes = append(modes, m) }
	kept := float32(0)
	p.OnLeftWidth = func(v float32) { kept = v }
	w := widgettest.InWindow(t, p, 1180, 760)
	if left.Size().Width != 320 || right.Position().X != 321 || right.Size().Width != 1180-321 {
		t.Errorf("wide: left %v, right from %v, %v wide", left.Size().Width, right.Position().X, right.Size().Width)
	}
	p.grip.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(60, 5)}})
	p.grip.DragEnd()
	if left.Size().Width != 377 || kept != 377 {
		t.Errorf("dragged: left %v, kept %v; want 377", left.Size().Width, kept)
	}
	p.SetLeftWidth(1000)
	if p.LeftWidth() != PanesMax {
		t.Errorf("left: got %v, want %v", p.LeftWidth(), PanesMax)
	}
	modes = nil
	w.Resize(fyne.NewSize(500, 480))
	if !left.Visible() || right.Visible() || left.Size().Width != 500 {
		t.Errorf("narrow: left %v and %v wide, right %v", left.Visible(), left.Size().Width, right.Visible())
	}
	p.ShowRight()
	if left.Visible() || !right.Visible() {
		t.Error("narrow: the right pane did not come")
	}
	p.ShowLeft()
	w.Resize(fyne.NewSize(900, 480))
	if want := []PanesMode{PanesOnlyLeft, PanesOnlyRight, PanesOnlyLeft, PanesBoth}; !slices.Equal(modes, want) {
		t.Errorf("modes: got %v, want %v", modes, want)
	}
}

func TestField(t *testing.T) {
	useTheme(t, VariantLight)
	f := NewSearchField("Search")
	widgettest.InWindow(t, f, 200, 40)
	var got []string
	f.OnEscape = func() { got = append(got, "escape") }
	f.OnArrow = func(d int) { got = append(got, map[int]string{-1: "up", 1: "down"}[d]) }
	f.OnShortcut = func(s fyne.Shortcut) bool { got = append(got, s.ShortcutName()); return true }
	f.TypedKey(widgettest.Key(fyne.KeyEscape))
	f.TypedKey(widgettest.Key(fyne.KeyUp))
	f.TypedKey(widgettest.Key(fyne.KeyDown))
	f.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierControl})
	test.Type(f, "ab")
	if want := []string{"escape", "up", "down", "CustomDesktop:Control+K"}; !slices.Equal(got, want) || f.Text != "ab" {
		t.Errorf("got %q and text %q, want %q and ab", got, f.Text, want)
	}
}

func TestField_limit(t *testing.T) {
	useTheme(t, VariantLight)
	f := NewField("Search")
	widgettest.InWindow(t, f, 200, 40)
	paste := func(text string) {
		f.TypedShortcut(&fyne.ShortcutPaste{Clipboard: onlyText(text)})
	}
	paste("first")
	paste(strings.Repeat("ä", 3000))
	if got := utf8.RuneCountInString(f.Text); got != fieldLimit || !strings.HasPrefix(f.Text, "firstä") {
		t.Errorf("pasted: got %d characters, want %d", got, fieldLimit)
	}
	test.Type(f, "x")
	f.TypedShortcut(&fyne.ShortcutSelectAll{})
	paste("second")
	test.Type(f, "!")
	if f.Text != "second!" {
		t.Errorf("in place of all: got %q", f.Text)
	}
}

func TestPanesMode(t *testing.T) {
	tests := []struct {
		width float32
		right bool
		want  PanesMode
	}{
		{1180, false, PanesBoth},
		{1180, true, PanesBoth},
		{720, false, PanesBoth},
		{719, false, PanesOnlyLeft},
		{719, true, PanesOnlyRight},
		{400, true, PanesOnlyRight},
	}
	for _, tc := range tests {
		if got := panesMode(tc.width, tc.right); got != tc.want {
			t.Errorf("%v wide, right %v: got %d, want %d", tc.width, tc.right, got, tc.want)
		}
	}
}

func TestBanner_tapped(t *testing.T) {
	useTheme(t, VariantLight)
	b, taps := NewBanner(BannerData{}), 0
	test.Tap(b) // nothing is set
	b.Set(BannerData{Text: "On call with Bob 03:12", Tapped: func() { taps++ }})
	test.Tap(b)
	b.Set(BannerData{Text: "Not connected"})
	test.Tap(b)
	if taps != 1 {
		t.Errorf("got %d taps", taps)
	}
}
