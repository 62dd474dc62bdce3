package messages

import (
	"maps"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Geometry of the discs that show which messages are marked.
const (
	markSide = float32(20)
	markRoom = float32(32) // by which the messages of others make way
	markIcon = float32(14)
	markDrop = (draw.LineHeight + padTop + padBottom + markSide) / 2 // its top is this far above the bubble's bottom
)

// markState is whether a message is marked, while messages are.
type markState uint8

const (
	markHidden markState = iota
	markOff
	markOn
)

// SetMarks marks several messages. As long as there are any, each message has a disc, and a press on it calls
// [List.OnMark] whatever is at that place.
func (l *List) SetMarks(keys map[int64]bool) {
	if maps.Equal(l.marks, keys) {
		return
	}
	l.marks = maps.Clone(keys)
	l.update(false)
}

// marking reports whether messages are being marked.
func (l *List) marking() bool { return len(l.marks) > 0 }

// markOf returns whether an item is marked.
func (l *List) markOf(m *Item) markState {
	switch {
	case !l.marking() || m.Kind != KindText:
		return markHidden
	case l.marks[m.Key]:
		return markOn
	default:
		return markOff
	}
}

// tapMark handles a press that marks a message: any while messages are marked, otherwise one with Ctrl or Shift. It
// reports whether it was such a press.
func (l *List) tapMark(pos fyne.Position) bool {
	const with = fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift
	if l.OnMark == nil || !l.marking() && l.held&with == 0 {
		return false
	}
	if m, _, _ := l.rowAt(pos); m != nil && m.item.Kind == KindText {
		l.OnMark(m.item.Key, l.held&fyne.KeyModifierShift != 0)
	}
	return true
}

// markParts draws the disc of a message.
type markParts struct {
	disc *canvas.Rectangle
	icon *canvas.Image
}

func (v *rowView) drawMark(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if v.marked.mark == markHidden {
		return objects
	}
	if v.check == nil {
		v.check = &markParts{disc: &canvas.Rectangle{CornerRadius: markSide / 2, StrokeWidth: 2}, icon: draw.NewIcon()}
	}
	l, p := v.layout, v.check
	fill, line := widgets.ColorChatPane, widgets.ColorSecondary
	if v.marked.mark == markOn {
		fill, line = widgets.ColorAccent, widgets.ColorAccent
	}
	draw.SetFill(p.disc, draw.ThemeColor(fill))
	draw.SetStroke(p.disc, draw.ThemeColor(line))
	x, _ := widgets.ChatColumn(l.ctx.width)
	x, y := draw.SnapPx(x+sideGap-2), draw.SnapPx(l.bubble.Y+l.bubble.H-markDrop)
	draw.Place(p.disc, x, y, markSide, markSide)
	objects = append(objects, p.disc)
	if v.marked.mark != markOn {
		return objects
	}
	const gap = (markSide - markIcon) / 2
	draw.SetIcon(p.icon, assets.IconCheck, widgets.ColorOnAccent)
	draw.Place(p.icon, x+gap, y+gap, markIcon, markIcon)
	return append(objects, p.icon)
}
