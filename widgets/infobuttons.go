package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoButtons is a row of buttons of the same width in an [InfoPanel], for what is done most.
type InfoButtons struct {
	widget.BaseWidget

	buttons []fyne.CanvasObject
	escape  func()
}

var _ fyne.Widget = (*InfoButtons)(nil)

const (
	infoButtonHigh = float32(54)
	infoButtonGap  = float32(8)
)

// NewInfoButtons returns a row of buttons.
func NewInfoButtons(buttons ...*InfoButton) *InfoButtons {
	b := &InfoButtons{}
	for _, button := range buttons {
		b.buttons = append(b.buttons, button)
		button.OnEscape = func() { draw.Invoke(b.escape) }
	}
	b.ExtendBaseWidget(b)
	return b
}

// SetOnEscape sets what is called for the Escape key.
func (b *InfoButtons) SetOnEscape(f func()) { b.escape = f }

// MinSize implements fyne.CanvasObject.
func (b *InfoButtons) MinSize() fyne.Size { return fyne.NewSize(120, infoButtonHigh+8) }

// CreateRenderer implements fyne.Widget.
func (b *InfoButtons) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewRenderer(b.buttons, b.MinSize, func(size fyne.Size) {
		n := float32(len(b.buttons))
		w := draw.SnapPx((size.Width - 2*listEdge - (n-1)*infoButtonGap) / n)
		for i, button := range b.buttons {
			draw.Place(button, listEdge+float32(i)*(w+infoButtonGap), 0, w, infoButtonHigh)
		}
	})
}

// InfoButton is a button of [InfoButtons]: an icon above a word.
type InfoButton struct {
	draw.Pressable

	icon assets.Icon
	text string
	set  *text.Typesetter
}

var _ fyne.Widget = (*InfoButton)(nil)

// NewInfoButton returns a button.
func NewInfoButton(icon assets.Icon, word string, tapped func()) *InfoButton {
	b := &InfoButton{icon: icon, text: word, set: text.NewTypesetter()}
	b.OnTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize implements fyne.CanvasObject.
func (b *InfoButton) MinSize() fyne.Size { return fyne.NewSize(64, infoButtonHigh) }

// CreateRenderer implements fyne.Widget.
func (b *InfoButton) CreateRenderer() fyne.WidgetRenderer {
	shape, ring := &canvas.Rectangle{CornerRadius: RadiusField}, draw.NewFocusRing()
	icon, label := draw.NewIcon(), draw.NewText()
	return draw.NewRenderer([]fyne.CanvasObject{shape, ring.Line, icon, label}, b.MinSize, func(size fyne.Size) {
		fill := ColorButton
		if b.Hovered() {
			fill = ColorButtonHover
		}
		draw.SetFill(shape, draw.ThemeColor(fill))
		draw.Place(shape, 0, 0, size.Width, size.Height)
		ring.Place(b.Focused(), 0, 0, size.Width, size.Height, RadiusField)
		draw.SetIcon(icon, b.icon, ColorAccent)
		draw.Place(icon, draw.SnapPx((size.Width-draw.IconSide)/2), 8, draw.IconSide, draw.IconSide)
		f := text.Font{Size: TextSmall}
		words := b.set.Fit(b.text, f, size.Width-8)
		draw.SetText(label, words, f, draw.ThemeColor(ColorText))
		draw.PlaceText(label, (size.Width-b.set.LineWidth(words, f))/2, 32)
	})
}
