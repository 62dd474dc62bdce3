package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// FooterHeight is the height of a [ConnectionFooter].
const FooterHeight = float32(28)

// Link is the state of the connection as the footer's dot shows it. The words beside it say the same.
type Link int

// States of the dot.
const (
	LinkOffline Link = iota
	LinkTrying
	LinkOnline
	LinkRefused
)

// ConnectionFooter is the line under the chat list: a dot, words, and at most one action.
type ConnectionFooter struct {
	widget.BaseWidget

	link   Link
	words  string
	button *ActionButton
	set    *typesetter
}

var _ fyne.Widget = (*ConnectionFooter)(nil)

// NewConnectionFooter returns a footer that says nothing yet.
func NewConnectionFooter() *ConnectionFooter {
	f := &ConnectionFooter{button: NewTextButton(Action{}), set: newTypesetter()}
	f.button.Hide()
	f.ExtendBaseWidget(f)
	return f
}

// Set changes the dot, the words and the action; an action without text is none.
func (f *ConnectionFooter) Set(link Link, words string, action Action) {
	f.link, f.words = link, words
	show(f.button, action.Text != "")
	f.button.SetAction(action)
	f.Refresh()
}

func (l Link) color() fyne.ThemeColorName {
	switch l {
	case LinkOnline:
		return ColorOK
	case LinkTrying:
		return ColorAmber
	case LinkRefused:
		return ColorError
	case LinkOffline:
		return ColorSecondary
	default:
		return ColorSecondary
	}
}

// MinSize implements fyne.CanvasObject.
func (f *ConnectionFooter) MinSize() fyne.Size { return fyne.NewSize(120, FooterHeight) }

// CreateRenderer implements fyne.Widget.
func (f *ConnectionFooter) CreateRenderer() fyne.WidgetRenderer {
	back, line, dot, text := &canvas.Rectangle{}, &canvas.Rectangle{}, &canvas.Circle{}, newText()
	objects := []fyne.CanvasObject{back, line, dot, text, f.button}
	return newDrawn(objects, f.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorPane))
		setFill(line, tone(ColorHairline))
		put(back, 0, 0, size.Width, size.Height)
		put(line, 0, 0, size.Width, 1)
		if c := tone(f.link.color()); dot.FillColor != c {
			dot.FillColor = c
			dot.Refresh()
		}
		put(dot, 16, (size.Height-8)/2, 8, 8)
		room := size.Width - 32 - 12
		if f.button.Visible() {
			w := f.button.MinSize().Width
			put(f.button, size.Width-w-4, (size.Height-flatHeight)/2, w, flatHeight)
			room -= w
		}
		face := font{size: TextSmall}
		setText(text, f.set.fit(cleanLine(f.words), face, room), face, tone(ColorSecondary))
		putText(text, 32, (size.Height-textHeight(face))/2)
	})
}
