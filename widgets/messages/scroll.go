package messages

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

const (
	topPad   = float32(12) // above the first message
	endPad   = float32(12) // below the last
	lineStep = float32(60) // of the arrow keys
	nearRows = 25          // OnNearTop and OnNearEnd are called this many rows before the edge
	maxCache = 800         // measured rows that are kept
)

// ScrollToEnd shows the last item.
func (l *List) ScrollToEnd() {
	l.pending = nil
	if l.Size().IsZero() {
		l.pending = &target{end: true}
	}
	l.anchor, l.gap = max(0, len(l.items)-1), endPad
	l.moved()
}

// moved shows the view at its new position, and decides whether it follows the end from now on. It does so before any
// callback, because a callback may change the items.
func (l *List) moved() {
	if !l.Size().IsZero() {
		l.aimPending()
		l.arrange()
	}
	l.following = l.AtEnd()
	l.update(false)
}

// ScrollToStart shows the first item.
func (l *List) ScrollToStart() {
	if len(l.items) > 0 {
		l.ScrollToKey(l.items[0].Key, AlignTop)
	}
}

// ScrollToKey scrolls to a message, with the date and the unread line above it. It reports whether there is such an
// item.
func (l *List) ScrollToKey(key int64, align Align) bool {
	i := findKey(l.items, key)
	if i < 0 {
		return false
	}
	l.pending = nil
	if l.Size().IsZero() {
		l.pending = &target{key: key, align: align}
		l.following = false
		return true
	}
	l.aim(i, align)
	l.moved()
	return true
}

func (l *List) aim(i int, align Align) {
	height := l.Size().Height
	h := l.layoutOf(i).height
	var top float32
	switch align {
	case AlignTop:
		top = topPad
	case AlignThird:
		top = draw.SnapPx(height / 3)
	case AlignCenter:
		top = max(topPad, draw.SnapPx((height-h)/2))
	}
	l.anchor, l.gap = i, height-top-h
}

// ScrollBy moves the view down by this many units; negative is up.
func (l *List) ScrollBy(dy float32) {
	if len(l.items) == 0 {
		return
	}
	l.pending = nil
	l.gap += dy
	l.moved()
}

// PageUp moves the view up by its height, less one line of context.
func (l *List) PageUp() { l.ScrollBy(-l.page()) }

// PageDown moves the view down by its height, less one line of context.
func (l *List) PageDown() { l.ScrollBy(l.page()) }

func (l *List) page() float32 { return max(lineStep, l.Size().Height-lineStep) }

// End goes to the newest message: with OnJumpEnd, or within the items.
func (l *List) End() {
	if l.OnJumpEnd != nil {
		l.OnJumpEnd()
		return
	}
	l.ScrollToEnd()
}

// context returns what row i depends on besides its item.
func (l *List) context(i int) rowContext {
	it := &l.items[i]
	c := rowContext{
		first: true, last: true, top: i == 0, open: l.open[it.Key], width: l.Size().Width, marking: l.marking(),
		mirrored: tr.RightToLeft(),
	}
	c.day = it.Day != ""
	if i > 0 {
		prev := &l.items[i-1]
		c.first = !joins(prev, it)
		c.day = it.Day != "" && it.Day != prev.Day
	}
	if i+1 < len(l.items) {
		c.last = !joins(it, &l.items[i+1])
	}
	return c
}

// layoutOf returns the layout of row i, and measures it only if it has changed.
func (l *List) layoutOf(i int) *rowLayout {
	it, ctx := &l.items[i], l.context(i)
	if m := l.layouts[it.Key]; m != nil && m.ctx == ctx && m.item.same(it) {
		return m
	}
	if len(l.layouts) >= maxCache {
		clear(l.layouts)
	}
	m := measureRow(l.set, it, ctx)
	l.layouts[it.Key] = m
	return m
}

// clampAnchor moves the anchor to the lowest visible row and keeps the view between the first and the last row.
func (l *List) clampAnchor() {
	n := len(l.items)
	l.anchor = min(max(l.anchor, 0), n-1)
	l.clampDown()
	for l.anchor > 0 {
		h := l.layoutOf(l.anchor).height
		if -l.gap < h {
			break
		}
		l.gap += h
		l.anchor--
	}
}

func (l *List) clampDown() {
	n := len(l.items)
	for l.gap > 0 && l.anchor < n-1 {
		l.anchor++
		l.gap -= l.layoutOf(l.anchor).height
	}
	if l.anchor == n-1 && l.gap > endPad {
		l.gap = endPad
	}
}

// arrange clamps the view and lists the visible rows, from the lowest upwards.
func (l *List) arrange() {
	l.visible = l.visible[:0]
	if len(l.items) == 0 {
		return
	}
	l.clampAnchor()
	l.collect()
	top := l.visible[len(l.visible)-1]
	if top.index > 0 || top.y <= topPad {
		return
	}
	// The first message is below the top edge. Pull it up as far as the last one allows: a short chat is at the bottom.
	l.gap += top.y - topPad
	l.clampDown()
	l.visible = l.visible[:0]
	l.collect()
}

func (l *List) collect() {
	y := draw.SnapPx(l.Size().Height - l.gap)
	for i := l.anchor; i >= 0 && (y > 0 || i == l.anchor); i-- {
		m := l.layoutOf(i)
		y -= m.height
		l.visible = append(l.visible, placed{index: i, y: y, layout: m})
	}
}

// aimPending scrolls to the target that was set before the list had a size. Windows grow in steps, so this is done at
// every size until the view is moved.
func (l *List) aimPending() {
	p := l.pending
	if p == nil || p.at == l.Size() {
		return
	}
	p.at = l.Size()
	if p.end {
		l.anchor, l.gap = max(0, len(l.items)-1), endPad
	} else if i := findKey(l.items, p.key); i >= 0 {
		l.aim(i, p.align)
	}
}

// span returns the position of the view within the items, from 0 to 1, and the visible share of them.
func (l *List) span() (position, part float64) {
	if l.barFixed {
		return l.barPos, l.barPart
	}
	n := len(l.visible)
	if n == 0 {
		return 0, 1
	}
	low, high := l.visible[0], l.visible[n-1]
	height := l.Size().Height
	bottom := float64(low.index) + 1
	if cut := low.y + low.layout.height - height; cut > 0 {
		bottom -= float64(cut / low.layout.height)
	}
	top := float64(high.index)
	if high.y < 0 {
		top += float64(-high.y / max(high.layout.height, 1))
	}
	total := float64(len(l.items))
	part = (bottom - top) / total
	if part >= 1 {
		return 0, 1
	}
	return top / (total - (bottom - top)), part
}

// barMoved scrolls to where the bar was dragged.
func (l *List) barMoved(position float64) {
	l.pending = nil
	switch {
	case l.barFixed && l.OnBarDrag != nil:
		l.OnBarDrag(position)
	case len(l.items) == 0:
	case position >= 1:
		l.ScrollToEnd()
	default:
		_, part := l.span()
		at := position * float64(len(l.items)) * (1 - part)
		i := min(int(at), len(l.items)-1)
		h := l.layoutOf(i).height
		l.anchor, l.gap = i, l.Size().Height-h+float32(at-float64(i))*h
		if i == 0 && at == 0 {
			l.gap -= topPad
		}
		l.moved()
	}
}

// maxRounds bounds how often callbacks that change the list cause further ones.
const maxRounds = 16

// notify calls the callbacks about what is visible. They may change the list, so it checks again until nothing is new:
// a short first page asks for the next one at once.
func (l *List) notify() {
	if l.notifying {
		return
	}
	l.notifying = true
	defer func() { l.notifying = false }()
	for range maxRounds {
		if !l.notifyView() && !l.notifyEdges() {
			return
		}
	}
}

func (l *List) notifyView() bool {
	now := viewState{atEnd: l.AtEnd()}
	now.first, now.last = l.VisibleRange()
	if now == l.seen || len(l.visible) == 0 {
		return false
	}
	l.seen = now
	draw.Invoke(l.OnViewChanged)
	return true
}

func (l *List) notifyEdges() bool {
	n := len(l.visible)
	if n == 0 {
		return false
	}
	low, high, last := l.visible[0].index, l.visible[n-1].index, len(l.items)-1
	switch {
	case high < nearRows && l.nearTop.enter(l.items[0].Key):
		draw.Invoke(l.OnNearTop)
	case l.hasNewer && low > last-nearRows && l.nearEnd.enter(l.items[last].Key):
		draw.Invoke(l.OnNearEnd)
	default:
		return false
	}
	return true
}

// enter reports whether the item at the edge has changed since the last call.
func (e *edge) enter(key int64) bool {
	if e.fired && e.key == key {
		return false
	}
	e.key, e.fired = key, true
	return true
}

var _ fyne.Scrollable = (*List)(nil)

// Scrolled implements fyne.Scrollable. Fyne multiplies fast turns of the wheel by 125; more than two pages at once
// would make the user lose the place.
func (l *List) Scrolled(e *fyne.ScrollEvent) {
	most := 2 * l.page()
	l.ScrollBy(min(max(-e.Scrolled.DY*draw.WheelFactor, -most), most))
}
