package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
)

// tool is one button beside the message the pointer is over.
type tool int

const (
	toolReact tool = iota
	toolReply
	toolMenu
	tools // how many there are
)

func (t tool) icon() assets.Icon {
	return [tools]assets.Icon{assets.IconSmile, assets.IconReply, assets.IconMore}[t]
}

// messageTools are the buttons at the free side of a message. They lie over the rows, so nothing moves when they come.
type messageTools struct {
	key   int64 // of the message; 0 when they are not shown
	at    box   // in the list
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

func newMessageTools() *messageTools {
	t := &messageTools{
		over: -1, back: &canvas.Rectangle{CornerRadius: RadiusField + toolPad, StrokeWidth: 1},
		discs: &canvas.Rectangle{CornerRadius: RadiusField},
	}
	for i := range t.icons {
		t.icons[i] = newIcon()
	}
	return t
}

// toolAt returns the index of the button at a point of the list, or -1.
func (t *messageTools) toolAt(pos fyne.Position) int {
	if t.key == 0 || !t.at.has(pos.X, pos.Y) {
		return -1
	}
	return min(int((pos.X-t.at.x)/toolSide), len(t.which)-1)
}

// toolsFor lists the buttons a message has. One that is not on the server cannot be answered.
func (l *MessageList) toolsFor(m *MessageItem, to []tool) []tool {
	to = to[:0]
	if m.Kind != MessageText {
		return to
	}
	sent := !m.Deleted && m.State != StateWaiting && m.State != StateFailed
	if sent && l.OnReact != nil {
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

// pointed returns the row the pointer is over. On the buttons it is still their row.
func (l *MessageList) pointed() *placed {
	if !l.inside || l.selecting {
		return nil
	}
	onTools := l.tools.toolAt(l.pointer) >= 0
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

// placeTools puts the buttons beside the row the pointer is over.
func (l *MessageList) placeTools(size fyne.Size) {
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
	x := b.x + b.w + toolGap
	if p.layout.item.Own {
		x = b.x - toolGap - w
	}
	y := p.y + b.y + min(0, (b.h-toolsHigh)/2)
	t.at = box{
		x: whole(max(toolEdge, min(x, size.Width-barWidth-w))), w: w,
		y: whole(max(toolEdge, min(y, size.Height-toolsHigh-toolEdge))), h: toolsHigh,
	}
	t.over = t.toolAt(l.pointer)
	l.objs = t.draw(l.objs)
}

func (t *messageTools) draw(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if c := tone(ColorHairline); t.back.StrokeColor != c {
		t.back.StrokeColor = c
		t.back.Refresh()
	}
	setFill(t.back, tone(ColorChatPane))
	put(t.back, t.at.x, t.at.y, t.at.w, t.at.h)
	objects = append(objects, t.back)
	x, y := t.at.x+toolPad, t.at.y+toolPad
	if t.over >= 0 {
		setFill(t.discs, tone(ColorIconHover))
		put(t.discs, x+float32(t.over)*toolSide, y, toolSide, toolSide)
		objects = append(objects, t.discs)
	}
	const gap = (toolSide - iconSide) / 2
	for i, k := range t.which {
		ink := ColorSecondary
		if i == t.over {
			ink = ColorText
		}
		setIcon(t.icons[k], k.icon(), ink)
		put(t.icons[k], x+float32(i)*toolSide+gap, y+gap, iconSide, iconSide)
		objects = append(objects, t.icons[k])
	}
	return objects
}

// tapTool does what the button at a point means, and reports false if there is none.
func (l *MessageList) tapTool(e *fyne.PointEvent) bool {
	i := l.tools.toolAt(e.Position)
	if i < 0 {
		return false
	}
	key, kind := l.tools.key, l.tools.which[i]
	origin := e.AbsolutePosition.Subtract(e.Position)
	pos := origin.AddXY(l.tools.at.x+toolPad+float32(i)*toolSide, l.tools.at.y+toolsHigh)
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
