package widgets

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// rowKind is the kind of a row of a [rowList].
type rowKind int

const (
	rowPerson rowKind = iota // an avatar and two lines
	rowTitle                 // the title of a section
	rowMore                  // a label that can be pressed
)

// listRow is one row of a [rowList].
type listRow struct {
	kind   rowKind
	face   Face
	side   float32      // of the avatar
	title  string       // the first or only line
	words  string       // the second line; may be empty
	found  []text.Range // the marked ranges of words
	active bool         // the second line in the accent colour
	alarm  bool         // the second line in the error colour
	arrow  CallArrow    // before the second line
	note   string       // small, at the right of the first line: a time
	role   string       // at the right, as a badge
	check  rowCheck
	dead   bool // cannot be pressed
}

// rowCheck is the check mark of a row.
type rowCheck int

const (
	checkNone rowCheck = iota // no check mark
	checkOff
	checkOn
	checkFixed
)

const (
	titleHeight = float32(36)
	moreHigh    = float32(44)
	personPad   = float32(8) // above and below the avatar
)

func (r *listRow) height() float32 {
	switch r.kind {
	case rowTitle:
		return titleHeight
	case rowMore:
		return moreHigh
	case rowPerson:
		return r.side + 2*personPad
	default:
		return r.side + 2*personPad
	}
}

func (r *listRow) pressable() bool { return r.kind != rowTitle && !r.dead }

// rowList is a column of rows of several kinds, of which only visible ones have objects. It scrolls as [scrollingRows];
// a tall one is part of a column that scrolls and calls setVisible.
type rowList struct {
	widget.BaseWidget

	onTapped   func(i int)
	onMenu     func(i int, pos fyne.Position)
	onShortcut func(fyne.Shortcut) bool
	onEscape   func()
	ground     fyne.ThemeColorName
	tall       bool
	marked     bool // the current row is marked even without the focus

	rows     []listRow
	tops     []float32 // top of each row, and the end of the last
	current  int
	offset   float32
	from, to float32 // the visible part of a tall list
	pointer  fyne.Position
	inside   bool
	focused  bool

	set   *text.Typesetter
	bar   *draw.ScrollBar
	back  *canvas.Rectangle
	views []*listRowView
	objs  []fyne.CanvasObject
}

var (
	_ fyne.Widget            = (*rowList)(nil)
	_ fyne.Tappable          = (*rowList)(nil)
	_ fyne.SecondaryTappable = (*rowList)(nil)
	_ fyne.Focusable         = (*rowList)(nil)
	_ fyne.Shortcutable      = (*rowList)(nil)
	_ desktop.Hoverable      = (*rowList)(nil)
	_ desktop.Cursorable     = (*rowList)(nil)
)

// newTallRows returns a list that is part of a column that scrolls.
func newTallRows(ground fyne.ThemeColorName) *rowList {
	l := &rowList{tall: true}
	l.init(ground)
	l.ExtendBaseWidget(l)
	return l
}

func (l *rowList) init(ground fyne.ThemeColorName) {
	l.ground, l.current, l.tops = ground, -1, []float32{0}
	l.set, l.back = text.NewTypesetter(), &canvas.Rectangle{}
	l.bar = draw.NewScrollBar(func(p float64) {
		l.offset = float32(p) * l.reach()
		l.update()
	})
}

// scrollingRows is a rowList that scrolls.
type scrollingRows struct{ rowList }

var _ fyne.Scrollable = (*scrollingRows)(nil)

func newScrollingRows(ground fyne.ThemeColorName) *scrollingRows {
	l := &scrollingRows{}
	l.init(ground)
	l.ExtendBaseWidget(l)
	return l
}

// Scrolled implements fyne.Scrollable.
func (l *scrollingRows) Scrolled(e *fyne.ScrollEvent) {
	l.offset -= e.Scrolled.DY * draw.WheelFactor
	l.update()
}

// setRows shows these rows; current is the index of the current one, or -1.
func (l *rowList) setRows(rows []listRow, current int) {
	l.rows, l.current = rows, current
	l.tops = l.tops[:0]
	y := float32(0)
	for i := range rows {
		l.tops = append(l.tops, y)
		y += rows[i].height()
	}
	l.tops = append(l.tops, y)
	l.update()
}

func (l *rowList) total() float32 { return l.tops[len(l.tops)-1] }

func (l *rowList) reach() float32 { return max(0, l.total()-l.Size().Height) }

// setVisible sets the visible part of a tall list, the only one that gets objects.
func (l *rowList) setVisible(from, to float32) {
	if l.from == from && l.to == to {
		return
	}
	l.from, l.to = from, to
	l.update()
}

// at returns the index of the row at y of the widget, or -1.
func (l *rowList) at(y float32) int {
	y += l.offset
	if y < 0 || y >= l.total() {
		return -1
	}
	return sort.Search(len(l.rows), func(i int) bool { return l.tops[i+1] > y })
}

// step moves the current row by this many rows that can be pressed.
func (l *rowList) step(by int) {
	i, last := l.current, l.current
	for by != 0 {
		d := 1
		if by < 0 {
			d = -1
		}
		if i < 0 && d < 0 {
			i = len(l.rows)
		}
		i += d
		if i < 0 || i >= len(l.rows) {
			break
		}
		if l.rows[i].pressable() {
			last = i
			by -= d
		}
	}
	if last >= 0 && last != l.current {
		l.current = last
		l.reveal(last)
		l.update()
	}
}

// reveal scrolls to a row, with the title above it.
func (l *rowList) reveal(i int) {
	if l.tall || l.Size().Height < titleHeight {
		return
	}
	top := l.tops[i]
	if i > 0 && l.rows[i-1].kind == rowTitle {
		top = l.tops[i-1]
	}
	l.offset = max(min(l.offset, top), l.tops[i+1]-l.Size().Height)
}

// press presses a row, and reports whether it can be pressed.
func (l *rowList) press(i int) bool {
	if i < 0 || i >= len(l.rows) || !l.rows[i].pressable() || l.onTapped == nil {
		return false
	}
	l.onTapped(i)
	return true
}

// MinSize implements fyne.CanvasObject.
func (l *rowList) MinSize() fyne.Size {
	if l.tall {
		return fyne.NewSize(200, l.total())
	}
	return fyne.NewSize(200, 80)
}

// Tapped implements fyne.Tappable.
func (l *rowList) Tapped(e *fyne.PointEvent) { l.press(l.at(e.Position.Y)) }

// TappedSecondary implements fyne.SecondaryTappable.
func (l *rowList) TappedSecondary(e *fyne.PointEvent) {
	if i := l.at(e.Position.Y); i >= 0 && l.rows[i].kind == rowPerson && l.onMenu != nil {
		l.onMenu(i, e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (l *rowList) MouseIn(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.update()
}

// MouseMoved implements desktop.Hoverable.
func (l *rowList) MouseMoved(e *desktop.MouseEvent) {
	before := l.at(l.pointer.Y)
	l.pointer = e.Position
	if l.at(l.pointer.Y) != before {
		l.update()
	}
}

// MouseOut implements desktop.Hoverable.
func (l *rowList) MouseOut() {
	l.inside = false
	l.update()
}

// Cursor implements desktop.Cursorable.
func (l *rowList) Cursor() desktop.Cursor {
	if i := l.at(l.pointer.Y); i >= 0 && l.rows[i].pressable() && l.onTapped != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (l *rowList) FocusGained() {
	l.focused = true
	if l.current < 0 {
		l.step(1)
	}
	l.update()
}

// FocusLost implements fyne.Focusable.
func (l *rowList) FocusLost() {
	l.focused = false
	l.update()
}

// TypedRune implements fyne.Focusable.
func (l *rowList) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *rowList) TypedKey(e *fyne.KeyEvent) {
	const page = 8
	switch e.Name {
	case fyne.KeyUp:
		l.step(-1)
	case fyne.KeyDown:
		l.step(1)
	case fyne.KeyPageUp:
		l.step(-page)
	case fyne.KeyPageDown:
		l.step(page)
	case fyne.KeyHome:
		l.step(-len(l.rows))
	case fyne.KeyEnd:
		l.step(len(l.rows))
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.press(l.current)
	case fyne.KeyEscape:
		draw.Invoke(l.onEscape)
	case desktop.KeyMenu:
		if i := l.current; i >= 0 && l.rows[i].kind == rowPerson && l.onMenu != nil {
			l.onMenu(i, draw.PointOf(l, titleHeight, (l.tops[i]+l.tops[i+1])/2-l.offset))
		}
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *rowList) TypedShortcut(s fyne.Shortcut) {
	if l.onShortcut != nil {
		l.onShortcut(s)
	}
}
