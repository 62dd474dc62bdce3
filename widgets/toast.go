package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Toast is a short notice such as "Copied", with at most one button. It is as large as its text; the screen puts it at the
// bottom of the window and removes it after some seconds.
type Toast struct {
	widget.BaseWidget

	text   string
	button *ActionButton // hidden without an action
	set    *text.Typesetter
}

var _ fyne.Widget = (*Toast)(nil)

const (
	toastHeight = float32(36)
	toastMax    = float32(420)
	toastPad    = float32(16)
	toastLines  = 4
)

// NewToast returns a toast.
func NewToast(words string) *Toast {
	t := &Toast{text: words, set: text.NewTypesetter(), button: newAction(Action{}, ColorToastAction)}
	t.button.Hide()
	t.ExtendBaseWidget(t)
	return t
}

// Set changes the text and the button; an action without text is none.
func (t *Toast) Set(words string, action Action) {
	t.text = words
	t.button.SetAction(action)
	draw.SetVisible(t.button, action.Text != "")
	t.Refresh()
}

// Holds reports whether something that has the keyboard is the button.
func (t *Toast) Holds(f fyne.Focusable) bool { return f == fyne.Focusable(t.button) }

// lines wraps the text to at most toastLines lines.
func (t *Toast) lines() (words string, lines []text.Line) {
	words = text.CleanLine(t.text)
	return words, t.set.Wrap(words, toastFont(), toastMax-2*toastPad, toastLines)
}

func toastFont() text.Font { return text.Font{Size: TextPreview} }

// MinSize implements fyne.CanvasObject.
func (t *Toast) MinSize() fyne.Size {
	_, lines := t.lines()
	widest := float32(0)
	for _, line := range lines {
		widest = max(widest, line.Width)
	}
	w := draw.CeilPx(widest) + 2*toastPad
	if t.button.Visible() {
		w += t.button.MinSize().Width
	}
	return fyne.NewSize(w, toastHeight+float32(len(lines)-1)*draw.LineHeight)
}

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: RadiusField}
	texts := make([]*draw.Text, toastLines)
	objects := []fyne.CanvasObject{back, t.button}
	for i := range texts {
		texts[i] = draw.NewText()
		objects = append(objects, texts[i])
	}
	return draw.NewRenderer(objects, t.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorToast))
		draw.Place(back, 0, 0, size.Width, size.Height)
		if need := t.button.MinSize(); t.button.Visible() {
			draw.Place(t.button, size.Width-need.Width-8, (size.Height-need.Height)/2, need.Width, need.Height)
		}
		words, lines := t.lines()
		for i, label := range texts {
			draw.SetVisible(label, i < len(lines))
			if i < len(lines) {
				draw.SetLine(label, lines[i], words, toastFont(), draw.ThemeColor(ColorToastText))
				draw.PlaceText(label, toastPad, (toastHeight-text.Height(toastFont()))/2+float32(i)*draw.LineHeight)
			}
		}
	})
}
