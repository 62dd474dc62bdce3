package messages

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// update arranges the visible rows and gives each a view; its cost depends only on what is visible. With all, unchanged
// rows are drawn again too, for another theme.
func (l *List) update(all bool) {
	size := l.Size()
	if size.IsZero() {
		return
	}
	defer draw.Within(size.Width)()
	l.aimPending()
	l.arrange()
	l.recycle()
	draw.SetFill(l.back, draw.ThemeColor(widgets.ColorChatBackground))
	draw.Place(l.back, 0, 0, size.Width, size.Height)
	l.objs = append(l.objs[:0], l.back)
	for _, p := range slices.Backward(l.visible) {
		v := l.live[p.layout.item.Key]
		if v == nil {
			v = l.view()
			l.live[p.layout.item.Key] = v
		}
		marks := rowMarks{
			sel: l.sel, find: l.find, flash: l.flash != 0 && l.flash == p.layout.item.Key, mark: l.markOf(&p.layout.item),
			frame: l.frames[p.layout.item.Key],
		}
		v.show(p.layout, marks, l.set, p.y, size.Height, all)
		v.box.Move(fyne.NewPos(0, p.y))
		l.objs = append(l.objs, v.box)
	}
	l.placeTools(size)
	l.placeSticky(size)
	l.placeOver(size)
	l.bar.Repaint()
	l.notify()
}

// recycle frees the views of rows that are no longer visible.
func (l *List) recycle() {
	for key, v := range l.live {
		if !l.inView(key) {
			delete(l.live, key)
			l.free = append(l.free, v)
		}
	}
}

func (l *List) inView(key int64) bool {
	for i := range l.visible {
		if l.visible[i].layout.item.Key == key {
			return true
		}
	}
	return false
}

func (l *List) view() *rowView {
	if n := len(l.free); n > 0 {
		v := l.free[n-1]
		l.free = l.free[:n-1]
		return v
	}
	return newRowView()
}

// stickyTop is the top of the date that stays while its day scrolls by.
const stickyTop = float32(8)

// placeSticky keeps the date of the highest visible message at the top edge, until the next day's own date pushes it
// out. At the end of the chat it is not shown.
func (l *List) placeSticky(size fyne.Size) {
	day, y, visible := l.stickyDay()
	if !visible {
		return
	}
	x, w := widgets.ChatColumn(size.Width)
	pw := pillWidth(l.set, day)
	l.sticky.show(day, widgets.ColorPill, widgets.ColorPillText, l.set)
	l.sticky.place(draw.NewBox(draw.SnapPx(x+(w-pw)/2), y, pw, pillHeight))
	l.objs = append(l.objs, l.sticky.box)
}

func (l *List) stickyDay() (day string, y float32, visible bool) {
	n := len(l.visible)
	if n == 0 || l.AtEnd() {
		return "", 0, false
	}
	y = stickyTop
	for i := n - 1; i >= 0; i-- { // from the highest downwards
		p := l.visible[i]
		if i == n-1 {
			day = p.layout.item.Day
		}
		if p.layout.day.H == 0 {
			continue
		}
		own := p.y + p.layout.day.Y
		switch {
		case own <= stickyTop:
			day = p.layout.item.Day
		case i == n-1:
			return "", 0, false // the highest row shows its own date
		default:
			return day, min(y, own-pillHeight-4), day != ""
		}
	}
	return day, y, day != ""
}

// placeOver puts the bar, the button and the ring over the rows.
func (l *List) placeOver(size fyne.Size) {
	draw.Place(l.bar, size.Width-draw.ScrollBarWidth, 0, draw.ScrollBarWidth, size.Height)
	l.bar.Set(l.span())
	l.objs = append(l.objs, l.bar)
	x, y := size.Width-jumpRoom-16+jumpOver, size.Height-jumpRoom-16
	if len(l.items) > 0 && !l.AtEnd() {
		l.jump.setCount(l.newCount)
		draw.Place(l.jump, x, y, jumpRoom, jumpRoom)
		l.objs = append(l.objs, l.jump)
		y -= jumpRoom + 8
	}
	if l.mentionCount > 0 {
		l.at.setCount(l.mentionCount)
		draw.Place(l.at, x, y, jumpRoom, jumpRoom)
		l.objs = append(l.objs, l.at)
	}
	l.ring.Place(l.focused && !l.ringless, 1, 1, size.Width-2, size.Height-2, 0)
	l.objs = append(l.objs, l.ring.Line)
}
