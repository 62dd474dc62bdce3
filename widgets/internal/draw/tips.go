package draw

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/text"
)

// Tips shows the words of a button while the pointer rests on it. It lies over the whole of a window, or of a sheet in it,
// and only draws.
type Tips struct {
	widget.BaseWidget

	after  func(delay time.Duration, f func()) (cancel func())
	cancel func() // what is to happen next
	words  string // empty for none
	button fyne.Position
	area   fyne.Size // of the button
	set    *text.Typesetter
}

var _ fyne.Widget = (*Tips)(nil)

const (
	tipDelay  = 600 * time.Millisecond // until the pointer rests
	tipTime   = 8 * time.Second
	tipHeight = float32(24)
	tipPad    = float32(8)
	tipGap    = float32(4)
)

func tipFont() text.Font { return text.Font{Size: 12} }

// shown has the Tips of each window, those of what lies over the others last.
var shown = map[fyne.Canvas][]*Tips{}

// NewTips returns an object without words. after does something on the goroutine of the window, unless it is cancelled.
func NewTips(after func(delay time.Duration, f func()) (cancel func())) *Tips {
	t := &Tips{after: after, set: text.NewTypesetter()}
	t.ExtendBaseWidget(t)
	return t
}

// Attach makes it the one of the buttons of a window, until it is detached.
func (t *Tips) Attach(window fyne.Canvas) {
	if !slices.Contains(shown[window], t) {
		shown[window] = append(shown[window], t)
	}
}

// Detach is called when its window or its sheet is closed.
func (t *Tips) Detach(window fyne.Canvas) {
	t.hide()
	shown[window] = slices.DeleteFunc(shown[window], func(other *Tips) bool { return other == t })
	if len(shown[window]) == 0 {
		delete(shown, window)
	}
}

// tipsOf returns the topmost Tips of the window that the pointer is in. What is below the pointer was painted just now, so
// the driver knows its window; where it does not, there are no words.
func tipsOf(button fyne.CanvasObject) *Tips {
	window := fyne.CurrentApp().Driver().CanvasForObject(button) //nolint:forbidigo // it takes no keyboard
	all := shown[window]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// rest shows words after the pointer has rested on a button.
func (t *Tips) rest(e *desktop.MouseEvent, words string, button fyne.Size) {
	t.hide()
	t.cancel = t.after(tipDelay, func() {
		t.words, t.button, t.area = words, e.AbsolutePosition.Subtract(e.Position), button
		t.cancel = t.after(tipTime, t.hide)
		t.repaint()
	})
}

// hide removes the words.
func (t *Tips) hide() {
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	if t.words != "" {
		t.words = ""
		t.repaint()
	}
}

// repaint also repaints when nothing in it was visible: the driver does not know such objects.
func (t *Tips) repaint() {
	t.Refresh()
	canvas.Refresh(t)
}

// MinSize implements fyne.CanvasObject.
func (t *Tips) MinSize() fyne.Size { return fyne.Size{} }

// CreateRenderer implements fyne.Widget.
func (t *Tips) CreateRenderer() fyne.WidgetRenderer {
	back, label := &canvas.Rectangle{CornerRadius: 6}, NewText()
	return NewRenderer([]fyne.CanvasObject{back, label}, t.MinSize, func(size fyne.Size) {
		SetVisible(back, t.words != "")
		SetVisible(label, t.words != "")
		if t.words == "" {
			return
		}
		width := CeilPx(t.set.LineWidth(t.words, tipFont())) + 2*tipPad
		x := max(tipGap, min(t.button.X+(t.area.Width-width)/2, size.Width-width-tipGap))
		y := t.button.Y + t.area.Height + tipGap
		if y+tipHeight > size.Height {
			y = t.button.Y - tipHeight - tipGap
		}
		x, y = SnapPx(x), SnapPx(y)
		SetFill(back, ThemeColor(ColorToast))
		Place(back, x, y, width, tipHeight)
		SetText(label, t.words, tipFont(), ThemeColor(ColorToastText))
		PlaceText(label, x+tipPad, y+(tipHeight-text.Height(tipFont()))/2)
	})
}
