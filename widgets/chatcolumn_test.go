package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
)

func TestChatColumn(t *testing.T) {
	for pane, want := range map[float32][2]float32{300: {0, 300}, 1000: {0, 1000}, 1500: {300, 900}} {
		if x, w := widgets.ChatColumn(pane); x != want[0] || w != want[1] {
			t.Errorf("%v: got %v, %v, want %v", pane, x, w, want)
		}
	}
	test.NewTempApp(t)
	c := widgets.NewComposer("Message")
	w := test.NewTempWindow(t, c)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1500, 60))
	for _, o := range test.WidgetRenderer(c).Objects() {
		wide := o.Size().Width > 1000 && o.Size().Height > 1 // the ground
		if at := o.Position().X; o.Visible() && !wide && o.Size().Width > 1 && o.Size().Width < 1000 &&
			(at < 300 || at+o.Size().Width > 1200) {
			t.Errorf("%T at %v is %v wide: not in the column", o, at, o.Size().Width)
		}
	}
}
