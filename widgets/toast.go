package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Toast is a short line about something done, such as "Copied". It is as large as its words; the screen puts it at
// the bottom of the window and takes it away after four seconds.
type Toast struct {
	widget.BaseWidget

	text string
	set  *typesetter
}

var _ fyne.Widget = (*Toast)(nil)

const (
	toastHeight = float32(36)
	toastMax    = float32(420)
)

// NewToast returns a toast.
func NewToast(text string) *Toast {
	t := &Toast{text: text, set: newTypesetter()}
	t.ExtendBaseWidget(t)
	return t
}

// SetText changes the words.
func (t *Toast) SetText(text string) {
	t.text = text
	t.Refresh()
}

func (t *Toast) shown() string {
	return t.set.fit(cleanLine(t.text), font{size: TextPreview}, toastMax-32)
}

// MinSize implements fyne.CanvasObject.
func (t *Toast) MinSize() fyne.Size {
	return fyne.NewSize(up(t.set.lineWidth(t.shown(), font{size: TextPreview}))+32, toastHeight)
}

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	back, text := &canvas.Rectangle{CornerRadius: RadiusField}, newText()
	return newDrawn([]fyne.CanvasObject{back, text}, t.MinSize, func(size fyne.Size) {
		f := font{size: TextPreview}
		setFill(back, tone(ColorToast))
		put(back, 0, 0, size.Width, size.Height)
		setText(text, t.shown(), f, tone(ColorToastText))
		putText(text, 16, (size.Height-textHeight(f))/2)
	})
}
