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
	toastPad    = float32(16)
	toastLines  = 4
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

// lines are the words in as many lines as they take, which are few.
func (t *Toast) lines() (text string, lines []span) {
	text = cleanLine(t.text)
	return text, t.set.wrap(text, toastFont(), toastMax-2*toastPad, toastLines)
}

func toastFont() font { return font{size: TextPreview} }

// MinSize implements fyne.CanvasObject.
func (t *Toast) MinSize() fyne.Size {
	_, lines := t.lines()
	widest := float32(0)
	for _, line := range lines {
		widest = max(widest, line.width)
	}
	return fyne.NewSize(up(widest)+2*toastPad, toastHeight+float32(len(lines)-1)*lineHeight)
}

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: RadiusField}
	texts := make([]*canvas.Text, toastLines)
	objects := []fyne.CanvasObject{back}
	for i := range texts {
		texts[i] = newText()
		objects = append(objects, texts[i])
	}
	return newDrawn(objects, t.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorToast))
		put(back, 0, 0, size.Width, size.Height)
		words, lines := t.lines()
		for i, text := range texts {
			show(text, i < len(lines))
			if i < len(lines) {
				setText(text, lines[i].text(words), toastFont(), tone(ColorToastText))
				putText(text, toastPad, (toastHeight-textHeight(toastFont()))/2+float32(i)*lineHeight)
			}
		}
	})
}
