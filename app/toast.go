package app

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/widgets"
)

const (
	toastFor    = 4 * time.Second
	toastMargin = 72 // from the window's lower edge: over the composer
)

// toast is the line at the bottom of the window that says what was just done or what went wrong.
type toast struct {
	widget *widgets.Toast
	layer  *fyne.Container
	clock  clock
	hide   func() // cancels the end of the one that is shown
}

// newToast makes the layer that the line lies in. It is as large as the window: resized is told when that changes.
func newToast(clock clock, resized func(fyne.Size)) *toast {
	t := &toast{widget: widgets.NewToast(""), clock: clock}
	t.widget.Hide()
	t.layer = container.New(toastLayout{resized}, t.widget)
	return t
}

func (t *toast) show(words string) {
	if t.hide != nil {
		t.hide()
	}
	t.widget.SetText(words)
	t.widget.Show()
	t.layer.Refresh()
	t.hide = t.clock.After(toastFor, func() {
		t.hide = nil
		t.widget.Hide()
	})
}

// toastLayout centres the line over the window's lower edge and takes no room.
type toastLayout struct{ resized func(fyne.Size) }

// MinSize implements fyne.Layout.
func (toastLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// Layout implements fyne.Layout.
func (l toastLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.resized(size)
	for _, o := range objects {
		need := o.MinSize()
		o.Resize(need)
		o.Move(fyne.NewPos(float32(int((size.Width-need.Width)/2)), size.Height-need.Height-toastMargin))
	}
}
