package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// update arranges the rows in view and puts a view on each: its cost depends on what is seen only. With all, rows that
// are shown already are drawn anew too, for another theme.
func (l *MessageList) update(all bool) {
	size := l.Size()
	if size.IsZero() {
		return
	}
	l.aimPending()
	l.arrange()
	l.recycle()
	setFill(l.back, tone(ColorChatBackground))
	put(l.back, 0, 0, size.Width, size.Height)
	l.objs = append(l.objs[:0], l.back)
	for _, p := range slices.Backward(l.visible) {
		v := l.live[p.layout.item.Key]
		if v == nil {
			v = l.view()
			l.live[p.layout.item.Key] = v
		}
		marks := rowMarks{sel: l.sel, find: l.find, flash: l.flash != 0 && l.flash == p.layout.item.Key}
		v.show(p.layout, marks, l.set, p.y, size.Height, all)
		v.box.Move(fyne.NewPos(0, p.y))
		l.objs = append(l.objs, v.box)
	}
	l.placeTools(size)
	l.placeSticky(size)
	l.placeOver(size)
	canvas.Refresh(l.bar.thumb) // the cheapest object that makes the window paint
	l.tell()
}

// recycle frees the views of rows that are no longer seen.
func (l *MessageList) recycle() {
	for key, v := range l.live {
		if !l.inView(key) {
			delete(l.live, key)
			l.free = append(l.free, v)
		}
	}
}

func (l *MessageList) inView(key int64) bool {
	for i := range l.visible {
		if l.visible[i].layout.item.Key == key {
			return true
		}
	}
	return false
}

func (l *MessageList) view() *messageView {
	if n := len(l.free); n > 0 {
		v := l.free[n-1]
		l.free = l.free[:n-1]
		return v
	}
	return newMessageView()
}

// stickyTop is where the date stays while its day scrolls by.
const stickyTop = float32(8)

// placeSticky keeps the date of the highest message in view at the upper edge. The next day's own pill pushes it out.
// At the end of the chat nothing lies over the messages.
func (l *MessageList) placeSticky(size fyne.Size) {
	day, y, visible := l.stickyDay()
	if !visible {
		return
	}
	x, w := column(size.Width)
	pw := pillWidth(l.set, day)
	l.sticky.show(day, ColorPill, ColorPillText, l.set)
	l.sticky.place(box{whole(x + (w-pw)/2), y, pw, pillHeight})
	l.objs = append(l.objs, l.sticky.box)
}

func (l *MessageList) stickyDay() (day string, y float32, visible bool) {
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
		if p.layout.day.h == 0 {
			continue
		}
		own := p.y + p.layout.day.y
		switch {
		case own <= stickyTop:
			day = p.layout.item.Day
		case i == n-1:
			return "", 0, false // the highest row shows its date itself
		default:
			return day, min(y, own-pillHeight-4), day != ""
		}
	}
	return day, y, day != ""
}

// placeOver puts the bar, the button and the ring above the rows.
func (l *MessageList) placeOver(size fyne.Size) {
	put(l.bar, size.Width-barWidth, 0, barWidth, size.Height)
	l.bar.set(l.span())
	l.objs = append(l.objs, l.bar)
	if len(l.items) > 0 && !l.AtEnd() {
		l.jump.setCount(l.newCount)
		put(l.jump, size.Width-jumpRoom-16+jumpOver, size.Height-jumpRoom-16, jumpRoom, jumpRoom)
		l.objs = append(l.objs, l.jump)
	}
	l.ring.place(l.focused && !l.ringless, 1, 1, size.Width-2, size.Height-2, 0)
	l.objs = append(l.objs, l.ring.line)
}
