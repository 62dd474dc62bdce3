package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Action is a word to press and what it does.
type Action struct {
	Text    string
	Primary bool // filled with the accent colour
	Tapped  func()
}

// ActionButton shows an [Action]: a word on a rounded field, 36 high.
type ActionButton struct {
	press

	action Action
	flat   fyne.ThemeColorName // not empty: only the word, in this colour
	set    *typesetter
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

// NewTextButton returns a button that is only a word in the accent colour, 28 high.
func NewTextButton(a Action) *ActionButton { return newAction(a, ColorAccent) }

func newAction(a Action, flat fyne.ThemeColorName) *ActionButton {
	b := &ActionButton{action: a, flat: flat, set: newTypesetter()}
	b.onTapped = a.Tapped
	b.ExtendBaseWidget(b)
	return b
}

// SetAction changes the word and what it does.
func (b *ActionButton) SetAction(a Action) {
	b.action, b.onTapped = a, a.Tapped
	b.Refresh()
}

func (b *ActionButton) font() font { return font{size: TextPreview, bold: true} }

// MinSize implements fyne.CanvasObject.
func (b *ActionButton) MinSize() fyne.Size {
	w := b.set.lineWidth(b.action.Text, b.font())
	if b.flat != "" {
		return fyne.NewSize(up(w)+2*flatPad, flatHeight)
	}
	return fyne.NewSize(up(w)+2*actionPad, actionHeight)
}

// CreateRenderer implements fyne.Widget.
func (b *ActionButton) CreateRenderer() fyne.WidgetRenderer {
	back, text, ring := &canvas.Rectangle{}, newText(), newFocusRing()
	return newDrawn([]fyne.CanvasObject{back, ring.line, text}, b.MinSize, func(size fyne.Size) {
		h := b.MinSize().Height
		y := whole((size.Height - h) / 2)
		fill, ink := b.colors()
		if back.CornerRadius != RadiusField {
			back.CornerRadius = RadiusField
		}
		setFill(back, fill)
		put(back, 0, y, size.Width, h)
		ring.place(b.focused, 1, y+1, size.Width-2, h-2, RadiusField)
		setText(text, b.action.Text, b.font(), ink)
		w := b.set.lineWidth(b.action.Text, b.font())
		putText(text, (size.Width-w)/2, y+(h-textHeight(b.font()))/2)
	})
}

func (b *ActionButton) colors() (fill, ink color.Color) {
	switch {
	case b.flat != "" && b.disabled:
		return color.Transparent, tone(ColorFaint)
	case b.flat != "" && b.hovered:
		return tone(ColorIconHover), tone(b.flat)
	case b.flat != "":
		return color.Transparent, tone(b.flat)
	case b.disabled:
		return tone(ColorButton), tone(ColorFaint)
	case b.action.Primary && b.hovered:
		return tone(ColorAccentHover), tone(ColorOnAccent)
	case b.action.Primary:
		return tone(ColorAccent), tone(ColorOnAccent)
	case b.hovered:
		return tone(ColorButtonHover), tone(ColorText)
	default:
		return tone(ColorButton), tone(ColorText)
	}
}
