package contacts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const (
	chipHeight = 28
	chipPad    = 12
)

// chip is a word on a rounded field: one of a few views.
type chip struct {
	widget.BaseWidget

	text    string
	chosen  bool
	hovered bool
	tapped  func()
}

var (
	_ fyne.Tappable      = (*chip)(nil)
	_ desktop.Hoverable  = (*chip)(nil)
	_ desktop.Cursorable = (*chip)(nil)
)

func newChip(text string, tapped func()) *chip {
	c := &chip{text: text, tapped: tapped}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chip) choose(chosen bool) {
	if c.chosen != chosen {
		c.chosen = chosen
		c.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (c *chip) Tapped(*fyne.PointEvent) { c.tapped() }

// MouseIn implements desktop.Hoverable.
func (c *chip) MouseIn(*desktop.MouseEvent) { c.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (c *chip) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *chip) MouseOut() { c.hover(false) }

func (c *chip) hover(over bool) {
	c.hovered = over
	c.Refresh()
}

// Cursor implements desktop.Cursorable.
func (c *chip) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (c *chip) CreateRenderer() fyne.WidgetRenderer {
	r := &chipRenderer{chip: c, back: canvas.NewRectangle(nil), text: canvas.NewText(c.text, nil)}
	r.back.CornerRadius = chipHeight / 2
	r.text.TextSize = widgets.TextPreview
	r.text.TextStyle.Bold = true
	r.Refresh()
	return r
}

type chipRenderer struct {
	chip *chip
	back *canvas.Rectangle
	text *canvas.Text
}

// MinSize implements fyne.WidgetRenderer.
func (r *chipRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.text.MinSize().Width+2*chipPad, chipHeight)
}

// Layout implements fyne.WidgetRenderer.
func (r *chipRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	need := r.text.MinSize()
	r.text.Resize(need)
	r.text.Move(fyne.NewPos((size.Width-need.Width)/2, float32(int((size.Height-need.Height)/2))))
}

// Refresh implements fyne.WidgetRenderer.
func (r *chipRenderer) Refresh() {
	fill, ink := widgets.ColorPane, widgets.ColorSecondary
	switch {
	case r.chip.chosen:
		fill, ink = widgets.ColorRowSelected, widgets.ColorAccent
	case r.chip.hovered:
		fill = widgets.ColorRowHover
	}
	r.back.FillColor, r.text.Color = theme.Color(fill), theme.Color(ink)
	r.back.Refresh()
	r.text.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *chipRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.text} }

// Destroy implements fyne.WidgetRenderer.
func (r *chipRenderer) Destroy() {}

// chips are the views of the list to choose from.
type chips struct {
	object fyne.CanvasObject
	list   []*chip
}

func newChips(choose func(View)) *chips {
	c := &chips{}
	row := container.New(widgets.Mirrored(layout.NewCustomPaddedHBoxLayout(4)))
	for i, text := range []string{tr.X("All", "chats"), tr.X("Unread", "chats"), tr.L("Groups")} {
		one := newChip(text, func() { choose(View(i)) })
		c.list = append(c.list, one)
		row.Add(one)
	}
	c.object = container.NewStack(newPane(), container.New(widgets.Mirrored(layout.NewCustomPaddedLayout(0, 8, 10, 8)), row))
	return c
}

func (c *chips) show(v View) {
	for i, one := range c.list {
		one.choose(View(i) == v)
	}
}
