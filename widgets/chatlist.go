package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// RowHeight is the height of a row of a [ChatList] that is not compact.
const RowHeight = float32(64)

// rowMetrics are the measures of the rows.
type rowMetrics struct {
	height, face float32
	line1, line2 float32 // top of the name and of the preview
}

// textX is where texts begin.
func (m rowMetrics) textX() float32 { return rowFaceX + m.face + 12 }

func measuresOf(compact bool) rowMetrics {
	if compact {
		return rowMetrics{height: 48, face: 36, line1: 4, line2: 24}
	}
	return rowMetrics{height: RowHeight, face: AvatarRow, line1: 11, line2: 34}
}

// ChatList is the list of chats. Its rows have the same height; only visible ones have objects.
type ChatList struct {
	widget.BaseWidget

	// OnSelected is called when a row was chosen with the mouse or the arrow keys, even if it was selected before.
	OnSelected func(key string)
	// OnActivated is called for Enter on the selected row: the user wants to write.
	OnActivated func(key string)
	// OnMenu is called for a right click or the menu key, with a position in the window.
	OnMenu func(key string, pos fyne.Position)
	// OnHover is called when the pointer entered or left. While it is inside, rows should not change their order.
	OnHover func(inside bool)
	// OnShortcut is called for shortcuts while the list has the focus, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnEscape is called for the Escape key.
	OnEscape func()

	rows     []ChatRow
	selected string
	offset   float64 // of the top of the view from that of the first row
	pointer  fyne.Position
	inside   bool
	focused  bool
	rowSize  rowMetrics

	set  *text.Typesetter
	bar  *draw.ScrollBar
	back *canvas.Rectangle
	live map[string]*chatRowView
	free []*chatRowView
	objs []fyne.CanvasObject
}

var (
	_ fyne.Widget            = (*ChatList)(nil)
	_ fyne.Scrollable        = (*ChatList)(nil)
	_ fyne.Tappable          = (*ChatList)(nil)
	_ fyne.SecondaryTappable = (*ChatList)(nil)
	_ fyne.Focusable         = (*ChatList)(nil)
	_ fyne.Shortcutable      = (*ChatList)(nil)
	_ desktop.Hoverable      = (*ChatList)(nil)
	_ desktop.Cursorable     = (*ChatList)(nil)
)

// NewChatList returns an empty list.
func NewChatList() *ChatList {
	l := &ChatList{
		rowSize: measuresOf(false), set: text.NewTypesetter(), back: &canvas.Rectangle{}, live: make(map[string]*chatRowView),
	}
	l.bar = draw.NewScrollBar(func(p float64) {
		l.offset = p * l.reach()
		l.update(false)
	})
	l.ExtendBaseWidget(l)
	return l
}

// SetRows shows these rows. The list keeps the slice; do not change it afterwards.
func (l *ChatList) SetRows(rows []ChatRow) {
	l.rows = rows
	l.update(false)
}

// SetCompact makes the rows low, or high again.
func (l *ChatList) SetCompact(compact bool) {
	row := l.offset / float64(l.rowSize.height)
	l.rowSize = measuresOf(compact)
	l.offset = row * float64(l.rowSize.height)
	l.update(true)
}

// SetSelected selects a row and scrolls to it; the empty key selects none.
func (l *ChatList) SetSelected(key string) {
	if l.selected == key {
		return
	}
	l.selected = key
	l.reveal(l.index(key))
	l.update(false)
}

// Selected returns the key of the selected row.
func (l *ChatList) Selected() string { return l.selected }

// Hovered reports whether the pointer is over the list.
func (l *ChatList) Hovered() bool { return l.inside }

func (l *ChatList) index(key string) int {
	for i := range l.rows {
		if l.rows[i].Key == key {
			return i
		}
	}
	return -1
}

// reach returns how far the list can be scrolled.
func (l *ChatList) reach() float64 {
	return max(0, float64(len(l.rows))*float64(l.rowSize.height)-float64(l.Size().Height))
}

func (l *ChatList) reveal(i int) {
	if i < 0 || l.Size().Height < l.rowSize.height {
		return
	}
	top := float64(i) * float64(l.rowSize.height)
	l.offset = min(l.offset, top)
	l.offset = max(l.offset, top+float64(l.rowSize.height)-float64(l.Size().Height))
}

// at returns the index of the row at y of the widget, or -1.
func (l *ChatList) at(y float32) int {
	i := int((l.offset + float64(y)) / float64(l.rowSize.height))
	if y < 0 || i < 0 || i >= len(l.rows) {
		return -1
	}
	return i
}

// MinSize implements fyne.CanvasObject.
func (l *ChatList) MinSize() fyne.Size { return fyne.NewSize(200, 2*l.rowSize.height) }

// Scrolled implements fyne.Scrollable.
func (l *ChatList) Scrolled(e *fyne.ScrollEvent) {
	l.offset -= float64(e.Scrolled.DY) * draw.WheelFactor
	l.update(false)
}

// Tapped implements fyne.Tappable.
func (l *ChatList) Tapped(e *fyne.PointEvent) { l.choose(l.at(e.Position.Y)) }

// TappedSecondary implements fyne.SecondaryTappable.
func (l *ChatList) TappedSecondary(e *fyne.PointEvent) {
	if i := l.at(e.Position.Y); i >= 0 && l.OnMenu != nil {
		l.OnMenu(l.rows[i].Key, e.AbsolutePosition)
	}
}

func (l *ChatList) choose(i int) {
	if i < 0 || i >= len(l.rows) {
		return
	}
	l.selected = l.rows[i].Key
	l.reveal(i)
	l.update(false)
	if l.OnSelected != nil {
		l.OnSelected(l.selected)
	}
}

// MouseIn implements desktop.Hoverable.
func (l *ChatList) MouseIn(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.update(false)
	if l.OnHover != nil {
		l.OnHover(true)
	}
}

// MouseMoved implements desktop.Hoverable.
func (l *ChatList) MouseMoved(e *desktop.MouseEvent) {
	before := l.at(l.pointer.Y)
	l.pointer = e.Position
	if l.at(l.pointer.Y) != before {
		l.update(false)
	}
}

// MouseOut implements desktop.Hoverable.
func (l *ChatList) MouseOut() {
	l.inside = false
	l.update(false)
	if l.OnHover != nil {
		l.OnHover(false)
	}
}

// Cursor implements desktop.Cursorable.
func (l *ChatList) Cursor() desktop.Cursor {
	if l.at(l.pointer.Y) >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (l *ChatList) FocusGained() {
	l.focused = true
	l.update(false)
}

// FocusLost implements fyne.Focusable.
func (l *ChatList) FocusLost() {
	l.focused = false
	l.update(false)
}

// TypedRune implements fyne.Focusable.
func (l *ChatList) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *ChatList) TypedKey(e *fyne.KeyEvent) {
	page := max(1, int(l.Size().Height/l.rowSize.height)-1)
	switch e.Name {
	case fyne.KeyUp:
		l.Step(-1)
	case fyne.KeyDown:
		l.Step(1)
	case fyne.KeyPageUp:
		l.Step(-page)
	case fyne.KeyPageDown:
		l.Step(page)
	case fyne.KeyHome:
		l.choose(0)
	case fyne.KeyEnd:
		l.choose(len(l.rows) - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.OnActivated != nil && l.index(l.selected) >= 0 {
			l.OnActivated(l.selected)
		}
	case desktop.KeyMenu:
		l.menuOfSelected()
	case fyne.KeyEscape:
		draw.Invoke(l.OnEscape)
	}
}

// Step selects the row this many places below the selected one, as the arrow keys do; negative is above.
func (l *ChatList) Step(by int) {
	if len(l.rows) == 0 {
		return
	}
	i := l.index(l.selected)
	if i < 0 && by < 0 {
		i = len(l.rows)
	}
	if next := min(max(i+by, 0), len(l.rows)-1); next != i {
		l.choose(next)
	}
}

func (l *ChatList) menuOfSelected() {
	i := l.index(l.selected)
	if i < 0 || l.OnMenu == nil {
		return
	}
	l.reveal(i)
	l.update(false)
	high := l.rowSize.height
	l.OnMenu(l.selected, draw.PointOf(l, high, float32(float64(i)*float64(high)-l.offset)+high/2))
}

// TypedShortcut implements fyne.Shortcutable.
func (l *ChatList) TypedShortcut(s fyne.Shortcut) {
	if l.OnShortcut != nil {
		l.OnShortcut(s)
	}
}
