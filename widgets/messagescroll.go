package widgets

import "fyne.io/fyne/v2"

const (
	topPad   = float32(12) // above the first message
	endPad   = float32(12) // below the last
	lineStep = float32(60) // of the arrow keys
	nearRows = 25          // this near to the window's edge more is asked for
	maxCache = 800         // measured rows remembered
)

// ScrollToEnd shows the last item.
func (l *MessageList) ScrollToEnd() {
	l.pending = nil
	if l.Size().IsZero() {
		l.pending = &target{end: true}
	}
	l.anchor, l.gap = max(0, len(l.items)-1), endPad
	l.moved()
}

// moved shows the view at its new place, and decides whether it follows the end from now on. This comes before any
// callback, which may give the list other items.
func (l *MessageList) moved() {
	if !l.Size().IsZero() {
		l.aimPending()
		l.arrange()
	}
	l.following = l.AtEnd()
	l.update(false)
}

// ScrollToStart shows the first item.
func (l *MessageList) ScrollToStart() {
	if len(l.items) > 0 {
		l.ScrollToKey(l.items[0].Key, AlignTop)
	}
}

// ScrollToKey brings a message, with the date and the unread line above it, to a place of the view. It reports false
// if there is no such item.
func (l *MessageList) ScrollToKey(key int64, align Align) bool {
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

func (l *MessageList) aim(i int, align Align) {
	height := l.Size().Height
	h := l.layoutOf(i).height
	var top float32
	switch align {
	case AlignTop:
		top = topPad
	case AlignThird:
		top = whole(height / 3)
	case AlignCenter:
		top = max(topPad, whole((height-h)/2))
	}
	l.anchor, l.gap = i, height-top-h
}

// ScrollBy moves the view down by so many units, or up.
func (l *MessageList) ScrollBy(dy float32) {
	if len(l.items) == 0 {
		return
	}
	l.pending = nil
	l.gap += dy
	l.moved()
}

// PageUp and PageDown move by what is seen, less one line of context.
func (l *MessageList) PageUp() { l.ScrollBy(-l.page()) }

// PageDown moves the view down.
func (l *MessageList) PageDown() { l.ScrollBy(l.page()) }

func (l *MessageList) page() float32 { return max(lineStep, l.Size().Height-lineStep) }

// End goes to the newest message: by OnJumpEnd, or within the items.
func (l *MessageList) End() {
	if l.OnJumpEnd != nil {
		l.OnJumpEnd()
		return
	}
	l.ScrollToEnd()
}

// context returns what row i depends on beside its item.
func (l *MessageList) context(i int) rowContext {
	it := &l.items[i]
	c := rowContext{first: true, last: true, top: i == 0, open: l.open[it.Key], width: l.Size().Width}
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

// layoutOf measures row i, or takes what was measured if nothing it depends on has changed.
func (l *MessageList) layoutOf(i int) *rowLayout {
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

// settle moves the anchor to the lowest visible row and keeps the view between the first and the last.
func (l *MessageList) settle() {
	n := len(l.items)
	l.anchor = min(max(l.anchor, 0), n-1)
	l.settleDown()
	for l.anchor > 0 {
		h := l.layoutOf(l.anchor).height
		if -l.gap < h {
			break
		}
		l.gap += h
		l.anchor--
	}
}

func (l *MessageList) settleDown() {
	n := len(l.items)
	for l.gap > 0 && l.anchor < n-1 {
		l.anchor++
		l.gap -= l.layoutOf(l.anchor).height
	}
	if l.anchor == n-1 && l.gap > endPad {
		l.gap = endPad
	}
}

// arrange settles the view and lists the rows in it, from the lowest upwards.
func (l *MessageList) arrange() {
	l.visible = l.visible[:0]
	if len(l.items) == 0 {
		return
	}
	l.settle()
	l.collect()
	top := l.visible[len(l.visible)-1]
	if top.index > 0 || top.y <= topPad {
		return
	}
	// The first message hangs below the upper edge. Pull it up as far as the last allows: a short chat stands at the
	// bottom.
	l.gap += top.y - topPad
	l.settleDown()
	l.visible = l.visible[:0]
	l.collect()
}

func (l *MessageList) collect() {
	y := whole(l.Size().Height - l.gap)
	for i := l.anchor; i >= 0 && (y > 0 || i == l.anchor); i-- {
		m := l.layoutOf(i)
		y -= m.height
		l.visible = append(l.visible, placed{index: i, y: y, layout: m})
	}
}

// aimPending goes where the screen wanted before the list had a size. Windows grow to their size in steps, so this is
// done at every size until the view is moved.
func (l *MessageList) aimPending() {
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

// place of the view within the items, for the bar: 0 at the first, 1 at the last.
func (l *MessageList) span() (position, part float64) {
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

// barMoved follows the dragged bar.
func (l *MessageList) barMoved(position float64) {
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

// maxTells bounds how often callbacks that change the list are answered by further ones.
const maxTells = 16

// tell makes the callbacks about what is in view. They may change the list, which comes back here, so it looks again
// until nothing is new: a short first page asks for the next at once.
func (l *MessageList) tell() {
	if l.telling {
		return
	}
	l.telling = true
	defer func() { l.telling = false }()
	for range maxTells {
		if !l.tellView() && !l.tellEdges() {
			return
		}
	}
}

func (l *MessageList) tellView() bool {
	now := viewState{atEnd: l.AtEnd()}
	now.first, now.last = l.VisibleRange()
	if now == l.seen || len(l.visible) == 0 {
		return false
	}
	l.seen = now
	call(l.OnViewChanged)
	return true
}

func (l *MessageList) tellEdges() bool {
	n := len(l.visible)
	if n == 0 {
		return false
	}
	low, high, last := l.visible[0].index, l.visible[n-1].index, len(l.items)-1
	switch {
	case high < nearRows && l.nearTop.enter(l.items[0].Key):
		call(l.OnNearTop)
	case l.hasNewer && low > last-nearRows && l.nearEnd.enter(l.items[last].Key):
		call(l.OnNearEnd)
	default:
		return false
	}
	return true
}

// enter reports whether this item at the edge is another one than last time.
func (e *edge) enter(key int64) bool {
	if e.fired && e.key == key {
		return false
	}
	e.key, e.fired = key, true
	return true
}

func call(f func()) {
	if f != nil {
		f()
	}
}

var _ fyne.Scrollable = (*MessageList)(nil)

// Scrolled implements fyne.Scrollable. Fyne multiplies strong turns of the wheel by 125; two pages at once are enough
// not to lose one's place.
func (l *MessageList) Scrolled(e *fyne.ScrollEvent) {
	most := 2 * l.page()
	l.ScrollBy(min(max(-e.Scrolled.DY*wheelFactor, -most), most))
}
