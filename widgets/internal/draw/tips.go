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

// layers are those of the program's main window: over its content, and over what lies over that, the topmost last.
var layers []*Tips

// NewTips returns an object without words. after does something on the goroutine of the window, unless it is cancelled.
func NewTips(after func(delay time.Duration, f func()) (cancel func())) *Tips {
	t := &Tips{after: after, set: text.NewTypesetter()}
	t.ExtendBaseWidget(t)
	return t
}

// Attach makes it the topmost one of the main window, until it is detached. Buttons of other windows get theirs by
// SetTips.
func (t *Tips) Attach() { layers = append(layers, t) }

// Detach is called when what it belongs to is closed.
func (t *Tips) Detach() {
	t.hide()
	layers = slices.DeleteFunc(layers, func(other *Tips) bool { return other == t })
}

// topmost returns the one that buttons of the main window can use now: only what lies over everything gets the pointer.
func topmost() *Tips {
	if len(layers) == 0 {
		return nil
	}
	return layers[len(layers)-1]
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
		x := max(tipGap, min(Flip(t.button.X, t.area.Width)+(t.area.Width-width)/2, size.Width-width-tipGap))
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
