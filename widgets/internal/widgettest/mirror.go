package widgettest

import (
	"fmt"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/internal/tr"
)

// Mirror makes the window one for a language that is written to the left, with English words, until the end of the test.
func Mirror(t testing.TB) {
	t.Helper()
	tr.SetRightToLeft(true)
	t.Cleanup(func() { tr.SetRightToLeft(false) })
}

// part is something that is drawn, where it is in its window.
type part struct {
	what string
	x, w float32
}

// partsOf returns what is drawn of an object, and what the toolkit's own fields take up, which mirror nothing in them.
func partsOf(o fyne.CanvasObject, x float32) (parts []part) {
	if !o.Visible() {
		return nil
	}
	x += o.Position().X
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			parts = append(parts, partsOf(child, x)...)
		}
		return parts
	case interface {
		fyne.CanvasObject
		Words() string
	}:
		return []part{{o.Words(), x, drawnWidth(o)}}
	case *canvas.Text:
		if o.Alignment == fyne.TextAlignTrailing {
			x += o.Size().Width - o.MinSize().Width
		}
		return []part{{o.Text, x, o.MinSize().Width}}
	case *container.Scroll: // the toolkit's bar stays at the right
		return partsOf(o.Content, x)
	case interface{ SelectedText() string }:
		return []part{{fmt.Sprintf("%T", o), x, widthOf(o)}}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			parts = append(parts, partsOf(child, x)...)
		}
		return parts
	}
	return []part{{fmt.Sprintf("%T", o), x, o.Size().Width}}
}

func widthOf(o any) float32 {
	if o, ok := o.(fyne.CanvasObject); ok {
		return o.Size().Width
	}
	return 0
}

// drawnWidth returns how far the objects of a text reach.
func drawnWidth(o fyne.CanvasObject) (width float32) {
	w, ok := o.(fyne.Widget)
	if !ok {
		return 0
	}
	for _, child := range test.WidgetRenderer(w).Objects() {
		end := child.Position().X + child.Size().Width
		if words, ok := child.(*canvas.Text); ok {
			end = child.Position().X + words.MinSize().Width
		}
		width = max(width, end)
	}
	return width
}

// Mirrors fails unless an object has everything at the other side when the language is written to the left, except what
// stays has words or types of, whose left edge may be anywhere.
func Mirrors(t *testing.T, w, h float32, build func() fyne.CanvasObject, stays ...string) {
	t.Helper()
	want := partsOf(InWindow(t, build(), w, h).Content(), 0)
	Mirror(t)
	got := partsOf(InWindow(t, build(), w, h).Content(), 0)
	if len(got) != len(want) {
		t.Fatalf("got %d parts, want %d", len(got), len(want))
	}
	free := make(map[string]bool, len(stays))
	for _, what := range stays {
		free[what] = true
	}
	const near = 1.6 // texts are on whole units, and words are measured one by one
	for i, p := range want {
		if got[i].what != p.what {
			t.Errorf("part %d: got %q, want %q", i, got[i].what, p.what)
			continue
		}
		x := w - p.x - p.w
		if p.w > 0 && !free[p.what] && math.Abs(float64(got[i].x-x)) > near {
			t.Errorf("%q: got %v to %v, want %v to %v", p.what, got[i].x, got[i].x+got[i].w, x, x+p.w)
		}
	}
}
