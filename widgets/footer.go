package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// FooterHeight is the height of a [ConnectionFooter].
const FooterHeight = float32(28)

// Link is the state of the connection, shown as a dot.
type Link int

// The states.
const (
	LinkOffline Link = iota
	LinkTrying
	LinkOnline
	LinkRefused
)

// ConnectionFooter is the line below the chat list: a dot, a text and at most one action.
type ConnectionFooter struct {
	widget.BaseWidget

	link   Link
	words  string
	button *ActionButton
	set    *text.Typesetter
}

var _ fyne.Widget = (*ConnectionFooter)(nil)

// NewConnectionFooter returns an empty footer.
func NewConnectionFooter() *ConnectionFooter {
	f := &ConnectionFooter{button: NewTextButton(Action{}), set: text.NewTypesetter()}
	f.button.Hide()
	f.ExtendBaseWidget(f)
	return f
}

// Set changes the dot, the text and the action; an action without text is none.
func (f *ConnectionFooter) Set(link Link, words string, action Action) {
	f.link, f.words = link, words
	draw.SetVisible(f.button, action.Text != "")
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
	back, line, dot, label := &canvas.Rectangle{}, &canvas.Rectangle{}, &canvas.Circle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, line, dot, label, f.button}
	return draw.NewRenderer(objects, f.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, 0, size.Width, 1)
		if c := draw.ThemeColor(f.link.color()); dot.FillColor != c {
			dot.FillColor = c
			dot.Refresh()
		}
		draw.Place(dot, 16, (size.Height-8)/2, 8, 8)
		room := size.Width - 32 - 12
		if f.button.Visible() {
			w := f.button.MinSize().Width
			draw.Place(f.button, size.Width-w-4, (size.Height-flatHeight)/2, w, flatHeight)
			room -= w
		}
		face := text.Font{Size: TextSmall}
		draw.SetText(label, f.set.Fit(text.CleanLine(f.words), face, room), face, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(label, 32, (size.Height-text.Height(face))/2)
	})
}
