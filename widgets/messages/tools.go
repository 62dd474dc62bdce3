package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// tool is one button beside the message under the pointer.
type tool int

const (
	toolReact tool = iota
	toolReply
	toolMenu
	tools // their number
)

func (t tool) icon() assets.Icon {
	return [tools]assets.Icon{assets.IconSmile, assets.IconReply, assets.IconMore}[t]
}

// rowTools are the buttons at the free side of a message. They lie over the rows, so nothing moves when they appear.
type rowTools struct {
	key   int64    // of the message; 0 while they are hidden
	at    draw.Box // in the list
	which []tool
	over  int // the one under the pointer, or -1

	back  *canvas.Rectangle
	discs *canvas.Rectangle
	icons [tools]*canvas.Image
}

const (
	toolSide  = float32(32)
	toolPad   = float32(2)
	toolGap   = float32(8) // from the bubble
	toolEdge  = float32(4) // from the list's edge
	toolsHigh = toolSide + 2*toolPad
)

func newRowTools() *rowTools {
	t := &rowTools{
		over: -1, back: &canvas.Rectangle{CornerRadius: widgets.RadiusField + toolPad, StrokeWidth: 1},
		discs: &canvas.Rectangle{CornerRadius: widgets.RadiusField},
	}
	for i := range t.icons {
		t.icons[i] = draw.NewIcon()
	}
	return t
}

// toolAt returns the index of the button at a point, measured as in layouts, or -1.
func (t *rowTools) toolAt(pos fyne.Position) int {
	if t.key == 0 || !t.at.Contains(pos.X, pos.Y) {
		return -1
	}
	return min(int((pos.X-t.at.X)/toolSide), len(t.which)-1)
}

// toolsFor returns the buttons of a message. One that is not on the server cannot be answered.
func (l *List) toolsFor(m *Item, to []tool) []tool {
	to = to[:0]
	if m.Kind != KindText {
		return to
	}
	sent := !m.Deleted && !m.Kept && m.State != widgets.StateWaiting && m.State != widgets.StateFailed
	if sent && l.OnReact != nil && len(m.Poll) == 0 {
		to = append(to, toolReact)
	}
	if sent && l.OnReply != nil {
		to = append(to, toolReply)
	}
	if l.OnMenu != nil {
		to = append(to, toolMenu)
	}
	return to
}

// pointed returns the row under the pointer. Over the buttons this is still their row.
func (l *List) pointed() *placed {
	if !l.inside || l.selecting || l.marking() {
		return nil
	}
	onTools := l.tools.toolAt(l.flip(l.pointer)) >= 0
	for i := range l.visible {
		p := &l.visible[i]
		if onTools && p.layout.item.Key == l.tools.key {
			return p
		}
		if !onTools && l.pointer.Y >= p.y && l.pointer.Y < p.y+p.layout.height {
			return p
		}
	}
	return nil
}

// placeTools puts the buttons beside the row under the pointer.
func (l *List) placeTools(size fyne.Size) {
	t := l.tools
	p := l.pointed()
	if p == nil {
		t.key, t.over = 0, -1
		return
	}
	t.which = l.toolsFor(&p.layout.item, t.which)
	if len(t.which) == 0 {
		t.key, t.over = 0, -1
		return
	}
	t.key = p.layout.item.Key
	b := p.layout.bubble
	w := float32(len(t.which))*toolSide + 2*toolPad
	x := b.X + b.W + toolGap
	if p.layout.item.Own {
		x = b.X - toolGap - w
	}
	y := p.y + b.Y + min(0, (b.H-toolsHigh)/2)
	t.at = draw.Box{
		X: draw.SnapPx(max(toolEdge, min(x, size.Width-draw.ScrollBarWidth-w))), W: w,
		Y: draw.SnapPx(max(toolEdge, min(y, size.Height-toolsHigh-toolEdge))), H: toolsHigh,
	}
	t.over = t.toolAt(l.flip(l.pointer))
	l.objs = t.draw(l.objs)
}

func (t *rowTools) draw(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if c := draw.ThemeColor(widgets.ColorHairline); t.back.StrokeColor != c {
		t.back.StrokeColor = c
		t.back.Refresh()
	}
	draw.SetFill(t.back, draw.ThemeColor(widgets.ColorChatPane))
	draw.Place(t.back, t.at.X, t.at.Y, t.at.W, t.at.H)
	objects = append(objects, t.back)
	x, y := t.at.X+toolPad, t.at.Y+toolPad
	if t.over >= 0 {
		draw.SetFill(t.discs, draw.ThemeColor(widgets.ColorIconHover))
		draw.Place(t.discs, x+float32(t.over)*toolSide, y, toolSide, toolSide)
		objects = append(objects, t.discs)
	}
	const gap = (toolSide - draw.IconSide) / 2
	for i, k := range t.which {
		ink := widgets.ColorSecondary
		if i == t.over {
			ink = widgets.ColorText
		}
		draw.SetIcon(t.icons[k], k.icon(), ink)
		draw.Place(t.icons[k], x+float32(i)*toolSide+gap, y+gap, draw.IconSide, draw.IconSide)
		objects = append(objects, t.icons[k])
	}
	return objects
}

// tapTool handles a press on a button, and reports whether there is one at the point.
func (l *List) tapTool(e *fyne.PointEvent) bool {
	i := l.tools.toolAt(l.flip(e.Position))
	if i < 0 {
		return false
	}
	key, kind := l.tools.key, l.tools.which[i]
	origin := e.AbsolutePosition.Subtract(e.Position)
	at := fyne.NewPos(l.tools.at.X+toolPad+float32(i)*toolSide, l.tools.at.Y+toolsHigh)
	pos := origin.Add(l.flip(at))
	switch {
	case kind == toolReact && l.OnReact != nil:
		l.OnReact(key, pos)
	case kind == toolReply && l.OnReply != nil:
		l.OnReply(key)
	case kind == toolMenu && l.OnMenu != nil:
		l.OnMenu(key, pos)
	}
	return true
}
