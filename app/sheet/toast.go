package sheet

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/widgets"
)

// ToastTime is how long a toast is shown, OfferTime one with a button.
const (
	ToastTime = 4 * time.Second
	OfferTime = 8 * time.Second
)

const toastMargin = 72 // from the window's lower edge: above the composer

// Timer calls f after a delay, unless cancelled.
type Timer interface {
	After(delay time.Duration, f func()) (cancel func())
}

// Toast is the line at the bottom of the window that says what was just done or what went wrong.
type Toast struct {
	widget  *widgets.Toast
	layer   *fyne.Container
	timer   Timer
	refocus func()
	holds   func() bool // the button has the keyboard
	hide    func()      // cancels the timer that hides the line
	offers  int         // counts what was shown
}

// NewToast makes a hidden toast. Its layer is as large as the window: resized is called when that changes, refocus when a
// button that has the keyboard disappears. area returns the start and the width of what the line is in the middle of.
func NewToast(
	window fyne.Canvas, timer Timer, resized func(fyne.Size), area func(fyne.Size) (x, w float32), refocus func(),
) *Toast {
	t := &Toast{widget: widgets.NewToast(""), timer: timer, refocus: refocus}
	t.holds = func() bool { return t.widget.Holds(window.Focused()) }
	t.widget.Hide()
	t.layer = container.New(toastLayout{resized, area}, t.widget)
	return t
}

// Object is the layer to put over the window's content.
func (t *Toast) Object() fyne.CanvasObject { return t.layer }

// Show shows text for ToastTime.
func (t *Toast) Show(text string) { t.show(text, widgets.Action{}, ToastTime) }

// Offer shows text with a button for OfferTime; a press on it hides both and calls do. The result hides them earlier.
func (t *Toast) Offer(text, verb string, do func()) (withdraw func()) {
	offer := t.offers + 1
	withdraw = func() {
		if t.offers == offer {
			t.Hide()
		}
	}
	t.show(text, widgets.Action{Text: verb, Tapped: func() {
		withdraw()
		do()
	}}, OfferTime)
	return withdraw
}

func (t *Toast) show(text string, action widgets.Action, d time.Duration) {
	t.Hide()
	t.offers++
	t.widget.Set(text, action)
	t.widget.Show()
	t.layer.Refresh()
	t.hide = t.timer.After(d, t.Hide)
}

// Hide hides the line.
func (t *Toast) Hide() {
	if t.hide == nil {
		return
	}
	t.hide()
	t.hide = nil
	held := t.holds()
	t.widget.Hide()
	if held {
		t.refocus()
	}
}

// toastLayout centres the line above the window's lower edge and needs no room.
type toastLayout struct {
	resized func(fyne.Size)
	area    func(fyne.Size) (x, w float32)
}

// MinSize implements fyne.Layout.
func (toastLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// Layout implements fyne.Layout.
func (l toastLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.resized(size)
	x, w := l.area(size)
	for _, o := range objects {
		need := o.MinSize()
		if need.Width > w {
			x, w = 0, size.Width
		}
		o.Resize(need)
		o.Move(fyne.NewPos(float32(int(x+(w-need.Width)/2)), size.Height-need.Height-toastMargin))
	}
}

// whole is the area of a line that is in the middle of all there is.
func whole(size fyne.Size) (x, w float32) { return 0, size.Width }
