package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Select is a field with one of several labels, and a menu of all of them. A press, Space, Enter, Up and Down open the
// menu; when it closes, the field has the keyboard. Labels may be equal.
type Select struct {
	draw.Pressable

	// OnChosen is called with the index of a label that was chosen in the menu, also if it was chosen before.
	OnChosen func(i int)

	window fyne.Canvas
	labels []string
	now    int
	set    *text.Typesetter
}

var _ fyne.Widget = (*Select)(nil)

// NewSelect returns a field for a window. The index is that of the label it has, -1 for none.
func NewSelect(window fyne.Canvas, labels []string, now int) *Select {
	s := &Select{window: window, now: now, set: text.NewTypesetter()}
	for _, label := range labels {
		s.labels = append(s.labels, text.CleanLine(label))
	}
	s.OnTapped = s.openWithKey
	s.SetOnKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyDown || e.Name == fyne.KeyUp {
			s.Trigger()
		}
	})
	s.ExtendBaseWidget(s)
	return s
}

// Chosen returns the index of the label that the field has, -1 for none.
func (s *Select) Chosen() int { return s.now }

// Tapped implements fyne.Tappable.
func (s *Select) Tapped(e *fyne.PointEvent) {
	if !s.Disabled() {
		s.open(e.AbsolutePosition.Subtract(e.Position))
	}
}

// openWithKey opens the menu at the field, or in the middle of the window while Fyne does not know where the field is.
func (s *Select) openWithKey() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	if at.IsZero() {
		room := s.window.Size()
		at = fyne.NewPos((room.Width-s.Size().Width)/2, (room.Height-s.Size().Height)/2)
	}
	s.open(at)
}

// open opens the menu of a field at a position in the window.
func (s *Select) open(at fyne.Position) {
	items := make([]*MenuItem, len(s.labels))
	for i, label := range s.labels {
		items[i] = NewMenuItem(label, func() { s.choose(i) })
		items[i].Checked = i == s.now
	}
	s.window.Focus(s)
	field := draw.NewBox(at.X, at.Y, s.Size().Width, s.Size().Height)
	showChoices(s.window, field, s.now, func() { s.window.Focus(s) }, items)
}

func (s *Select) choose(i int) {
	s.now = i
	s.Refresh()
	if s.OnChosen != nil {
		s.OnChosen(i)
	}
}

const (
	selectHeight = float32(36) // of a field of text
	selectPad    = float32(9)  // before the words, as there
	selectArrow  = float32(16)
)

// MinSize implements fyne.CanvasObject.
func (s *Select) MinSize() fyne.Size { return fyne.NewSize(120, selectHeight) }

// CreateRenderer implements fyne.Widget.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: RadiusField, StrokeWidth: 1}
	ring, label, arrow := draw.NewFocusRing(), draw.NewText(), draw.NewIcon()
	return draw.NewRenderer([]fyne.CanvasObject{back, ring.Line, label, arrow}, s.MinSize, func(size fyne.Size) {
		y := draw.SnapPx((size.Height - selectHeight) / 2)
		ink, pale := ColorText, ColorSecondary
		switch {
		case s.Disabled():
			ink, pale = ColorFaint, ColorFaint
		case s.Hovered():
			pale = ColorText
		}
		draw.SetFill(back, draw.ThemeColor(ColorField))
		draw.SetStroke(back, draw.ThemeColor(ColorFieldLine))
		draw.Place(back, 0, y, size.Width, selectHeight)
		ring.Place(s.Focused(), 0, y, size.Width, selectHeight, RadiusField)
		right := size.Width - selectPad - selectArrow
		f, words := text.Font{Size: TextBody}, ""
		if s.now >= 0 {
			words = s.set.Fit(s.labels[s.now], f, right-selectPad-6)
		}
		draw.SetText(label, words, f, draw.ThemeColor(ink))
		draw.PlaceText(label, selectPad, y+(selectHeight-text.Height(f))/2)
		draw.SetIcon(arrow, assets.IconChevronDown, pale)
		draw.Place(arrow, right, y+(selectHeight-selectArrow)/2, selectArrow, selectArrow)
	})
}
