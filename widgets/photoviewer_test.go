package widgets

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func openViewer(t *testing.T) (*PhotoViewer, fyne.Window) {
	t.Helper()
	useTheme(t, VariantLight)
	v := NewPhotoViewer()
	w := widgettest.InWindow(t, v, 800, 600)
	v.Set(PhotoViewerData{Photo: NewPhoto(widgettest.Picture(1200, 600)), Title: "a", Before: true})
	return v, w
}

func wheel(v *PhotoViewer, dy float32, at fyne.Position) {
	e := &fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, dy)}
	e.Position = at
	v.Scrolled(e)
}

func TestPhotoViewer_zoom(t *testing.T) {
	v, _ := openViewer(t)
	whole := v.frame()
	if whole.W != 688 || whole.H != 344 {
		t.Errorf("shown %v×%v, want as large as fits, 688×344", whole.W, whole.H)
	}
	at := fyne.NewPos(300, 250)
	part := (at.X - whole.X) / whole.W
	for range 4 {
		wheel(v, 25, at)
	}
	b := v.frame()
	if got := (at.X - b.X) / b.W; got < part-0.01 || got > part+0.01 || b.W <= whole.W {
		t.Errorf("under the pointer: got %v of the picture, want %v", got, part)
	}
	for range 40 {
		wheel(v, 25, at)
	}
	if v.Zoom() != viewerMost {
		t.Errorf("zoom %v, want the most, %v", v.Zoom(), viewerMost)
	}
	v.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(1e6, 1e6)})
	if b := v.frame(); b.X > viewerBar+1 || b.Y > viewerBar+9 {
		t.Errorf("moved to %v, %v: out of the window", b.X, b.Y)
	}
	for range 40 {
		wheel(v, -25, at)
	}
	if b := v.frame(); b != whole {
		t.Errorf("got %v, want %v as in the beginning", b, whole)
	}
	v.TypedRune('+')
	v.Set(PhotoViewerData{Photo: NewPhoto(widgettest.Picture(10, 10)), Title: "b"})
	if b := v.frame(); v.Zoom() != 1 || b.W != 10 {
		t.Errorf("zoom %v, %v wide; want another picture whole, and not enlarged", v.Zoom(), b.W)
	}
}

func TestPhotoViewer_keys(t *testing.T) {
	v, w := openViewer(t)
	var got []string
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) // no callback
	v.OnClose = func() { got = append(got, "close") }
	v.OnSave = func() { got = append(got, "save") }
	v.OnStep = func(by int) { got = append(got, map[int]string{-1: "before", 1: "behind"}[by]) }
	v.Refresh()
	w.Canvas().Focus(v)
	for _, key := range []fyne.KeyName{fyne.KeyLeft, fyne.KeyRight, fyne.KeyEscape} { // there is no next picture
		v.TypedKey(&fyne.KeyEvent{Name: key})
	}
	test.TapCanvas(w.Canvas(), v.save.Position().AddXY(10, 10))
	test.TapCanvas(w.Canvas(), v.prev.Position().AddXY(10, 10))
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 330)) // on the picture
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 590)) // beside it
	test.TapCanvas(w.Canvas(), v.close.Position().AddXY(10, 10))
	if want := []string{"before", "close", "save", "before", "close", "close"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
