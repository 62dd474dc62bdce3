package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Action is the label of a button and what it does.
type Action struct {
	Text    string
	Primary bool // filled with the accent colour
	Danger  bool // in the colour of errors: it deletes something
	Tapped  func()
}

// ActionButton shows an [Action]: a label on a rounded background.
type ActionButton struct {
	draw.Pressable

	action Action
	flat   fyne.ThemeColorName // not empty: only the label, in this colour
	set    *text.Typesetter
}

var _ fyne.Widget = (*ActionButton)(nil)

const (
	actionHeight = float32(36)
	flatHeight   = float32(28)
	actionPad    = float32(16)
	flatPad      = float32(10)
)

// NewActionButton returns a button for the action.
func NewActionButton(a Action) *ActionButton { return newAction(a, "") }

// NewTextButton returns a button that is only a label in the accent colour.
func NewTextButton(a Action) *ActionButton { return newAction(a, ColorAccent) }

func newAction(a Action, flat fyne.ThemeColorName) *ActionButton {
	b := &ActionButton{action: a, flat: flat, set: text.NewTypesetter()}
	b.OnTapped = a.Tapped
	b.ExtendBaseWidget(b)
	return b
}

// SetAction changes the label and what it does.
func (b *ActionButton) SetAction(a Action) {
	b.action, b.OnTapped = a, a.Tapped
	b.Refresh()
}

func (b *ActionButton) font() text.Font { return text.Font{Size: TextPreview, Bold: true} }

// MinSize implements fyne.CanvasObject.
func (b *ActionButton) MinSize() fyne.Size {
	w := b.set.LineWidth(b.action.Text, b.font())
	if b.flat != "" {
		return fyne.NewSize(draw.CeilPx(w)+2*flatPad, flatHeight)
	}
	return fyne.NewSize(draw.CeilPx(w)+2*actionPad, actionHeight)
}

// CreateRenderer implements fyne.Widget.
func (b *ActionButton) CreateRenderer() fyne.WidgetRenderer {
	back, label, ring := &canvas.Rectangle{}, draw.NewText(), draw.NewFocusRing()
	return draw.NewRenderer([]fyne.CanvasObject{back, ring.Line, label}, b.MinSize, func(size fyne.Size) {
		h := b.MinSize().Height
		y := draw.SnapPx((size.Height - h) / 2)
		fill, ink := b.colors()
		if back.CornerRadius != RadiusField {
			back.CornerRadius = RadiusField
		}
		draw.SetFill(back, fill)
		draw.Place(back, 0, y, size.Width, h)
		ring.Place(b.Focused(), 1, y+1, size.Width-2, h-2, RadiusField)
		draw.SetText(label, b.action.Text, b.font(), ink)
		w := b.set.LineWidth(b.action.Text, b.font())
		draw.PlaceText(label, (size.Width-w)/2, y+(h-text.Height(b.font()))/2)
	})
}

func (b *ActionButton) colors() (fill, ink color.Color) {
	switch {
	case b.flat != "" && b.Disabled():
		return color.Transparent, draw.ThemeColor(ColorFaint)
	case b.flat != "" && b.Hovered():
		return draw.ThemeColor(ColorIconHover), draw.ThemeColor(b.flat)
	case b.flat != "":
		return color.Transparent, draw.ThemeColor(b.flat)
	case b.Disabled():
		return draw.ThemeColor(ColorButton), draw.ThemeColor(ColorFaint)
	case b.action.Primary && b.Hovered():
		return draw.ThemeColor(ColorAccentHover), draw.ThemeColor(ColorOnAccent)
	case b.action.Primary:
		return draw.ThemeColor(ColorAccent), draw.ThemeColor(ColorOnAccent)
	}
	fill, ink = draw.ThemeColor(ColorButton), draw.ThemeColor(ColorText)
	if b.Hovered() {
		fill = draw.ThemeColor(ColorButtonHover)
	}
	if b.action.Danger {
		ink = draw.ThemeColor(ColorError)
	}
	return fill, ink
}
