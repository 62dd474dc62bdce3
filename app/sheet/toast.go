package sheet

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/widgets"
)

// ToastTime is how long a toast is shown.
const ToastTime = 4 * time.Second

const toastMargin = 72 // from the window's lower edge: above the composer

// Timer calls f after a delay, unless cancelled.
type Timer interface {
	After(delay time.Duration, f func()) (cancel func())
}

// Toast is the line at the bottom of the window that says what was just done or what went wrong.
type Toast struct {
	widget *widgets.Toast
	layer  *fyne.Container
	timer  Timer
	hide   func() // cancels the timer that hides the line
}

// NewToast makes a hidden toast. Its layer is as large as the window: resized is called when that changes.
func NewToast(timer Timer, resized func(fyne.Size)) *Toast {
	t := &Toast{widget: widgets.NewToast(""), timer: timer}
	t.widget.Hide()
	t.layer = container.New(toastLayout{resized}, t.widget)
	return t
}

// Object is the layer to put over the window's content.
func (t *Toast) Object() fyne.CanvasObject { return t.layer }

// Show shows text for ToastTime.
func (t *Toast) Show(text string) {
	if t.hide != nil {
		t.hide()
	}
	t.widget.SetText(text)
	t.widget.Show()
	t.layer.Refresh()
	t.hide = t.timer.After(ToastTime, func() {
		t.hide = nil
		t.widget.Hide()
	})
}

// Hide hides the line.
func (t *Toast) Hide() {
	if t.hide != nil {
		t.hide()
		t.hide = nil
	}
	t.widget.Hide()
}

// toastLayout centres the line above the window's lower edge and needs no room.
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
