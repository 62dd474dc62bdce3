package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// BannerHeight is the height of a [Banner].
const BannerHeight = float32(36)

// BannerKind is how serious a banner is.
type BannerKind int

// Kinds of banner.
const (
	BannerNeutral BannerKind = iota
	BannerAmber
	BannerRed
)

// BannerData is what a [Banner] shows.
type BannerData struct {
	Kind    BannerKind
	Text    string
	Actions []Action // at most two
}

// Banner is the one line under a chat's header that says what is wrong and what can be done.
type Banner struct {
	widget.BaseWidget

	data    BannerData
	buttons [2]*ActionButton
	set     *typesetter
}

var _ fyne.Widget = (*Banner)(nil)

// NewBanner returns a banner.
func NewBanner(d BannerData) *Banner {
	b := &Banner{set: newTypesetter()}
	for i := range b.buttons {
		b.buttons[i] = newAction(Action{}, ColorBannerNeutralText)
	}
	b.ExtendBaseWidget(b)
	b.Set(d)
	return b
}

// Set changes what is shown.
func (b *Banner) Set(d BannerData) {
	b.data = d
	for i, button := range b.buttons {
		show(button, i < len(d.Actions))
		if i < len(d.Actions) {
			_, button.flat = d.Kind.colors()
			button.SetAction(d.Actions[i])
		}
	}
	b.Refresh()
}

func (k BannerKind) colors() (back, ink fyne.ThemeColorName) {
	switch k {
	case BannerAmber:
		return ColorBannerAmber, ColorBannerAmberText
	case BannerRed:
		return ColorBannerRed, ColorBannerRedText
	case BannerNeutral:
		return ColorBannerNeutral, ColorBannerNeutralText
	default:
		return ColorBannerNeutral, ColorBannerNeutralText
	}
}

// MinSize implements fyne.CanvasObject.
func (b *Banner) MinSize() fyne.Size { return fyne.NewSize(120, BannerHeight) }

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	back, text := &canvas.Rectangle{}, newText()
	objects := []fyne.CanvasObject{back, text, b.buttons[0], b.buttons[1]}
	return newDrawn(objects, b.MinSize, func(size fyne.Size) {
		fill, ink := b.data.Kind.colors()
		setFill(back, tone(fill))
		put(back, 0, 0, size.Width, size.Height)
		right := size.Width - 8
		for i := len(b.buttons) - 1; i >= 0; i-- {
			button := b.buttons[i]
			if !button.Visible() {
				continue
			}
			w := button.MinSize().Width
			right -= w
			put(button, right, (size.Height-flatHeight)/2, w, flatHeight)
			right -= 4
		}
		f := font{size: TextPreview}
		setText(text, b.set.fit(cleanLine(b.data.Text), f, right-16-8), f, tone(ink))
		putText(text, 16, (size.Height-textHeight(f))/2)
	})
}
