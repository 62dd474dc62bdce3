package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// CreateRenderer implements fyne.Widget.
func (l *ChatList) CreateRenderer() fyne.WidgetRenderer { return &chatListRenderer{list: l} }

type chatListRenderer struct{ list *ChatList }

func (r *chatListRenderer) Layout(fyne.Size) { r.list.update(false) }

func (r *chatListRenderer) MinSize() fyne.Size { return r.list.MinSize() }

func (r *chatListRenderer) Refresh() {
	r.list.update(true)
	canvas.Refresh(r.list.back)
}

func (r *chatListRenderer) Objects() []fyne.CanvasObject { return r.list.objs }

func (r *chatListRenderer) Destroy() {}

// update gives each visible row a view; its cost does not depend on the number of rows. With all, unchanged rows are
// drawn again too, for another theme.
func (l *ChatList) update(all bool) {
	size := l.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	l.offset = min(max(l.offset, 0), l.reach())
	draw.SetFill(l.back, draw.ThemeColor(ColorPane))
	draw.Place(l.back, 0, 0, size.Width, size.Height)
	draw.Place(l.bar, size.Width-draw.ScrollBarWidth, 0, draw.ScrollBarWidth, size.Height)
	first := int(l.offset / float64(l.rowSize.height))
	last := min(len(l.rows), int((l.offset+float64(size.Height))/float64(l.rowSize.height))+1)

	seen := make(map[string]bool, last-first)
	for i := first; i < last; i++ {
		seen[l.rows[i].Key] = true
	}
	for key, v := range l.live {
		if !seen[key] {
			delete(l.live, key)
			l.free = append(l.free, v)
		}
	}
	hover := -1
	if l.inside {
		hover = l.at(l.pointer.Y)
	}
	l.objs = append(l.objs[:0], l.back)
	for i := first; i < last; i++ {
		row := &l.rows[i]
		v := l.live[row.Key]
		if v == nil {
			v = l.view()
			l.live[row.Key] = v
		}
		look := rowLook{
			selected: row.Key == l.selected, hovered: i == hover, focused: l.focused && row.Key == l.selected,
			width: size.Width, rowMetrics: l.rowSize,
		}
		v.show(row, look, l.set, all)
		v.box.Move(fyne.NewPos(0, draw.SnapPx(float32(float64(i)*float64(l.rowSize.height)-l.offset))))
		l.objs = append(l.objs, v.box)
	}
	l.objs = append(l.objs, l.bar)
	total := float64(len(l.rows)) * float64(l.rowSize.height)
	if reach := l.reach(); reach > 0 {
		l.bar.Set(l.offset/reach, float64(size.Height)/total)
	} else {
		l.bar.Set(0, 1)
	}
	l.bar.Repaint()
}

func (l *ChatList) view() *chatRowView {
	if n := len(l.free); n > 0 {
		v := l.free[n-1]
		l.free = l.free[:n-1]
		return v
	}
	return newChatRowView(l.set)
}
