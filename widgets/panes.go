package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Widths of [Panes].
const (
	PanesLeft   = float32(320) // of the left pane at first
	PanesMin    = float32(240)
	PanesMax    = float32(420)
	PanesNarrow = float32(720) // below this width of the window one pane is shown at a time
)

// PanesMode is which panes are visible.
type PanesMode int

// Modes of [Panes].
const (
	PanesBoth PanesMode = iota
	PanesOnlyLeft
	PanesOnlyRight
)

// Panes puts two objects side by side, with a border between them that can be dragged; a narrow window shows one. Left is
// right in a language that is written to the left.
type Panes struct {
	widget.BaseWidget

	// OnMode is called when the mode changes.
	OnMode func(PanesMode)
	// OnLeftWidth is called at the end of a drag of the border.
	OnLeftWidth func(float32)

	left, right fyne.CanvasObject
	grip        *panesGrip
	leftWidth   float32
	showRight   bool
	mode        PanesMode
}

var _ fyne.Widget = (*Panes)(nil)

// NewPanes returns the two panes.
func NewPanes(left, right fyne.CanvasObject) *Panes {
	p := &Panes{left: left, right: right, leftWidth: PanesLeft}
	p.grip = &panesGrip{panes: p}
	p.grip.ExtendBaseWidget(p.grip)
	p.ExtendBaseWidget(p)
	return p
}

// Mode returns the mode of the last layout.
func (p *Panes) Mode() PanesMode { return p.mode }

// ShowLeft shows the left pane in a narrow window; a wide one shows both.
func (p *Panes) ShowLeft() { p.show(false) }

// ShowRight shows the right pane in a narrow window.
func (p *Panes) ShowRight() { p.show(true) }

func (p *Panes) show(right bool) {
	if p.showRight == right {
		return
	}
	p.showRight = right
	p.Refresh()
}

// LeftWidth returns the width of the left pane in a wide window.
func (p *Panes) LeftWidth() float32 { return p.leftWidth }

// SetLeftWidth changes the width, within [PanesMin] and [PanesMax].
func (p *Panes) SetLeftWidth(w float32) {
	w = draw.SnapPx(min(max(w, PanesMin), PanesMax))
	if p.leftWidth == w {
		return
	}
	p.leftWidth = w
	p.Refresh()
}

// MinSize implements fyne.CanvasObject. It has room for one pane, so that the window can be narrow.
func (p *Panes) MinSize() fyne.Size {
	l, r := p.left.MinSize(), p.right.MinSize()
	return fyne.NewSize(max(l.Width, r.Width), max(l.Height, r.Height))
}

// CreateRenderer implements fyne.Widget.
func (p *Panes) CreateRenderer() fyne.WidgetRenderer {
	line := &canvas.Rectangle{}
	objects := []fyne.CanvasObject{line, p.left, p.right, p.grip}
	return draw.NewRenderer(objects, p.MinSize, func(size fyne.Size) { p.place(size, line) })
}

func (p *Panes) place(size fyne.Size, line *canvas.Rectangle) {
	if size.IsZero() {
		return
	}
	mode := panesMode(size.Width, p.showRight)
	draw.SetVisible(p.left, mode != PanesOnlyRight)
	draw.SetVisible(p.right, mode != PanesOnlyLeft)
	draw.SetVisible(line, mode == PanesBoth)
	draw.SetVisible(p.grip, mode == PanesBoth)
	draw.SetFill(line, draw.ThemeColor(ColorHairline))
	switch mode {
	case PanesOnlyLeft:
		draw.Place(p.left, 0, 0, size.Width, size.Height)
	case PanesOnlyRight:
		draw.Place(p.right, 0, 0, size.Width, size.Height)
	case PanesBoth:
		draw.Place(p.left, 0, 0, p.leftWidth, size.Height)
		draw.Place(line, p.leftWidth, 0, 1, size.Height)
		draw.Place(p.right, p.leftWidth+1, 0, size.Width-p.leftWidth-1, size.Height)
		draw.Place(p.grip, p.leftWidth-3, 0, 7, size.Height)
	}
	if mode != p.mode {
		p.mode = mode
		if p.OnMode != nil {
			p.OnMode(mode)
		}
	}
}

func panesMode(width float32, right bool) PanesMode {
	switch {
	case width >= PanesNarrow:
		return PanesBoth
	case right:
		return PanesOnlyRight
	default:
		return PanesOnlyLeft
	}
}

// panesGrip is the invisible strip around the border that can be dragged.
type panesGrip struct {
	widget.BaseWidget

	panes *Panes
	moved bool
}

var (
	_ fyne.Draggable     = (*panesGrip)(nil)
	_ desktop.Cursorable = (*panesGrip)(nil)
)

// Dragged implements fyne.Draggable.
func (g *panesGrip) Dragged(e *fyne.DragEvent) {
	g.moved = true
	g.panes.SetLeftWidth(draw.FlipPoint(g.Position().Add(e.Position), g.panes.Size().Width).X)
}

// DragEnd implements fyne.Draggable.
func (g *panesGrip) DragEnd() {
	if g.moved && g.panes.OnLeftWidth != nil {
		g.panes.OnLeftWidth(g.panes.leftWidth)
	}
	g.moved = false
}

// Cursor implements desktop.Cursorable.
func (g *panesGrip) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// CreateRenderer implements fyne.Widget.
func (g *panesGrip) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
