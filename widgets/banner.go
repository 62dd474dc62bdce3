package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// BannerHeight is the height of a [Banner].
const BannerHeight = float32(36)

// BannerKind is the severity of a banner.
type BannerKind int

// Kinds of banner.
const (
	BannerNeutral BannerKind = iota
	BannerAmber
	BannerRed
	BannerGreen
)

// BannerData is what a [Banner] shows.
type BannerData struct {
	Kind    BannerKind
	Text    string
	Actions []Action // at most three
	Tapped  func()   // a press beside them; nil for nothing
}

// Banner is the line below a chat's header that says what is wrong, or goes on, and what the user can do.
type Banner struct {
	widget.BaseWidget

	data    BannerData
	buttons [3]*ActionButton
	set     *text.Typesetter
}

var _ fyne.Widget = (*Banner)(nil)

// NewBanner returns a banner.
func NewBanner(d BannerData) *Banner {
	b := &Banner{set: text.NewTypesetter()}
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
		draw.SetVisible(button, i < len(d.Actions))
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
	case BannerGreen:
		return ColorBannerGreen, ColorBannerGreenText
	case BannerNeutral:
		return ColorBannerNeutral, ColorBannerNeutralText
	default:
		return ColorBannerNeutral, ColorBannerNeutralText
	}
}

// Tapped implements fyne.Tappable.
func (b *Banner) Tapped(*fyne.PointEvent) {
	if b.data.Tapped != nil {
		b.data.Tapped()
	}
}

// MinSize implements fyne.CanvasObject.
func (b *Banner) MinSize() fyne.Size { return fyne.NewSize(120, BannerHeight) }

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	back, label := &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, label, b.buttons[0], b.buttons[1], b.buttons[2]}
	return draw.NewRenderer(objects, b.MinSize, func(size fyne.Size) {
		fill, ink := b.data.Kind.colors()
		draw.SetFill(back, draw.ThemeColor(fill))
		draw.Place(back, 0, 0, size.Width, size.Height)
		right := size.Width - 8
		for i := len(b.buttons) - 1; i >= 0; i-- {
			button := b.buttons[i]
			if !button.Visible() {
				continue
			}
			w := button.MinSize().Width
			right -= w
			draw.Place(button, right, (size.Height-flatHeight)/2, w, flatHeight)
			right -= 4
		}
		f := text.Font{Size: TextPreview}
		draw.SetText(label, b.set.Fit(text.CleanLine(b.data.Text), f, right-16-8), f, draw.ThemeColor(ink))
		draw.PlaceText(label, 16, (size.Height-text.Height(f))/2)
	})
}
