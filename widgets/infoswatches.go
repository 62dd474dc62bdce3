package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// InfoSwatches is a row of colours of which one is chosen, with the mouse or the arrow keys.
type InfoSwatches struct {
	widget.BaseWidget

	// OnChosen is called when the user chose a colour.
	OnChosen func(i int)
	// OnEscape is called for the Escape key.
	OnEscape func()

	label   string
	names   []string
	colors  func() []color.Color // in the current theme
	chosen  int
	focused bool
	onFocus func()
	set     *text.Typesetter
}

var (
	_ fyne.Widget        = (*InfoSwatches)(nil)
	_ fyne.Tappable      = (*InfoSwatches)(nil)
	_ fyne.Focusable     = (*InfoSwatches)(nil)
	_ desktop.Cursorable = (*InfoSwatches)(nil)
)

const (
	swatchSide = float32(28)
	swatchStep = float32(38)
	swatchTop  = float32(32) // below the label
)

// NewInfoSwatches returns a row. The name of the chosen colour is at the right of the label.
func NewInfoSwatches(label string, names []string, colors func() []color.Color, chosen int) *InfoSwatches {
	s := &InfoSwatches{label: label, names: names, colors: colors, chosen: chosen, set: text.NewTypesetter()}
	s.ExtendBaseWidget(s)
	return s
}

// SetOnEscape sets OnEscape.
func (s *InfoSwatches) SetOnEscape(f func()) { s.OnEscape = f }

// SetOnFocusGained sets what is called when the widget gets the keyboard.
func (s *InfoSwatches) SetOnFocusGained(f func()) { s.onFocus = f }

func (s *InfoSwatches) choose(i int) {
	if i < 0 || i >= len(s.names) || i == s.chosen {
		return
	}
	s.chosen = i
	s.Refresh()
	if s.OnChosen != nil {
		s.OnChosen(i)
	}
}

// perLine is how many colours there is room for in a line.
func (s *InfoSwatches) perLine() int {
	return max(1, int((max(s.Size().Width, 200)-2*listEdge+swatchStep-swatchSide)/swatchStep))
}

// Tapped implements fyne.Tappable.
func (s *InfoSwatches) Tapped(e *fyne.PointEvent) {
	x := draw.FlipPoint(e.Position, s.Size().Width).X
	column, line := int((x-listEdge+5)/swatchStep), int((e.Position.Y-swatchTop+5)/swatchStep)
	if e.Position.Y >= swatchTop-5 && column >= 0 && column < s.perLine() {
		s.choose(line*s.perLine() + column)
	}
}

// Cursor implements desktop.Cursorable.
func (s *InfoSwatches) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained implements fyne.Focusable.
func (s *InfoSwatches) FocusGained() {
	s.focused = true
	s.Refresh()
	draw.Invoke(s.onFocus)
}

// FocusLost implements fyne.Focusable.
func (s *InfoSwatches) FocusLost() {
	s.focused = false
	s.Refresh()
}

// TypedRune implements fyne.Focusable.
func (s *InfoSwatches) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (s *InfoSwatches) TypedKey(e *fyne.KeyEvent) {
	switch draw.FlipKey(e.Name) {
	case fyne.KeyLeft, fyne.KeyUp:
		s.choose(s.chosen - 1)
	case fyne.KeyRight, fyne.KeyDown:
		s.choose(s.chosen + 1)
	case fyne.KeyHome:
		s.choose(0)
	case fyne.KeyEnd:
		s.choose(len(s.names) - 1)
	case fyne.KeyEscape:
		draw.Invoke(s.OnEscape)
	}
}

// MinSize implements fyne.CanvasObject.
func (s *InfoSwatches) MinSize() fyne.Size {
	lines := (len(s.names) + s.perLine() - 1) / s.perLine()
	return fyne.NewSize(160, swatchTop+float32(lines)*swatchStep+2)
}

// CreateRenderer implements fyne.Widget.
func (s *InfoSwatches) CreateRenderer() fyne.WidgetRenderer {
	label, name, ring, tick := draw.NewText(), draw.NewText(), draw.NewFocusRing(), draw.NewIcon()
	objects := []fyne.CanvasObject{ring.Line, label, name}
	var discs []*canvas.Circle
	for range s.names {
		disc := &canvas.Circle{StrokeWidth: 1}
		discs = append(discs, disc)
		objects = append(objects, disc)
	}
	objects = append(objects, tick)
	return draw.NewRenderer(objects, s.MinSize, func(size fyne.Size) {
		f := text.Font{Size: TextBody}
		draw.SetText(label, s.set.Fit(s.label, f, size.Width-2*listEdge), f, draw.ThemeColor(ColorText))
		draw.PlaceText(label, listEdge, 6)
		chosen := s.names[s.chosen]
		draw.SetText(name, chosen, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(name, size.Width-listEdge-s.set.LineWidth(chosen, f), 6)
		ring.Place(s.focused, 7, 2, size.Width-14, size.Height-4, RadiusRow)
		line := draw.ThemeColor(ColorFieldLine)
		for i, c := range s.colors() {
			x := listEdge + float32(i%s.perLine())*swatchStep
			y := swatchTop + float32(i/s.perLine())*swatchStep
			if discs[i].FillColor != c || discs[i].StrokeColor != line {
				discs[i].FillColor, discs[i].StrokeColor = c, line
				discs[i].Refresh()
			}
			draw.Place(discs[i], x, y, swatchSide, swatchSide)
			if i == s.chosen {
				const side = float32(18)
				draw.SetIcon(tick, assets.IconCheck, inkOn(c))
				draw.Place(tick, x+(swatchSide-side)/2, y+(swatchSide-side)/2, side, side)
			}
		}
	})
}

// inkOn is the colour of a mark on another one: the darker or the lighter of the theme's, whichever is seen better.
func inkOn(ground color.Color) fyne.ThemeColorName {
	r, g, b, _ := ground.RGBA()
	if bright := 2*r+5*g+b > 8*0x8800; bright != IsDark() {
		return ColorText
	}
	return ColorPane
}
