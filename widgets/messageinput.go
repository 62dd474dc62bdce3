package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

var (
	_ fyne.Tappable          = (*MessageList)(nil)
	_ fyne.SecondaryTappable = (*MessageList)(nil)
	_ fyne.Draggable         = (*MessageList)(nil)
	_ fyne.Focusable         = (*MessageList)(nil)
	_ fyne.Shortcutable      = (*MessageList)(nil)
	_ desktop.Mouseable      = (*MessageList)(nil)
	_ desktop.Hoverable      = (*MessageList)(nil)
	_ desktop.Cursorable     = (*MessageList)(nil)
)

// rowAt returns the row at a point of the list, and the point in it.
func (l *MessageList) rowAt(pos fyne.Position) (m *rowLayout, x, y float32) {
	for _, p := range l.visible {
		if pos.Y >= p.y && pos.Y < p.y+p.layout.height {
			return p.layout, pos.X, pos.Y - p.y
		}
	}
	return nil, 0, 0
}

// textAt returns the row whose text is at a point of the list.
func (l *MessageList) textAt(pos fyne.Position) (m *rowLayout, x, y float32) {
	m, x, y = l.rowAt(pos)
	if m == nil || m.item.Kind != MessageText || !m.bubble.has(x, y) {
		return nil, 0, 0
	}
	return m, x, y
}

// TappedSecondary implements fyne.SecondaryTappable.
func (l *MessageList) TappedSecondary(e *fyne.PointEvent) {
	m, x, y := l.rowAt(e.Position)
	if m != nil && m.bubble.has(x, y) && l.OnMenu != nil {
		l.OnMenu(m.item.Key, e.AbsolutePosition)
	}
}

// MouseDown implements desktop.Mouseable: a press is where a selection may begin.
func (l *MessageList) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	l.press, l.selecting = e.Position, false
	if l.tools.toolAt(e.Position) >= 0 {
		l.press = nowhere
	}
	l.selectRange(selection{})
}

// nowhere is a point outside of every list.
var nowhere = fyne.NewPos(-1e6, -1e6)

// MouseUp implements desktop.Mouseable.
func (l *MessageList) MouseUp(*desktop.MouseEvent) {}

// Dragged implements fyne.Draggable: it marks text of the message the drag began in.
func (l *MessageList) Dragged(e *fyne.DragEvent) {
	if !l.selecting {
		m, x, y := l.textAt(l.press)
		if m == nil {
			return
		}
		at := m.byteAt(x, y, l.set)
		l.selecting = true
		l.sel = selection{key: m.item.Key, from: at, to: at}
		l.focus()
	}
	for _, p := range l.visible {
		if p.layout.item.Key == l.sel.key {
			s := l.sel
			s.to = p.layout.byteAt(e.Position.X, e.Position.Y-p.y, l.set)
			l.selectRange(s)
		}
	}
}

// DragEnd implements fyne.Draggable.
func (l *MessageList) DragEnd() {
	l.selecting = false
	l.hover()
}

func (l *MessageList) selectRange(s selection) {
	if l.sel == s {
		return
	}
	l.sel = s
	l.update(false)
}

// MouseIn implements desktop.Hoverable.
func (l *MessageList) MouseIn(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.hover()
}

// MouseMoved implements desktop.Hoverable.
func (l *MessageList) MouseMoved(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.hover()
}

// MouseOut implements desktop.Hoverable.
func (l *MessageList) MouseOut() {
	l.inside = false
	l.hover()
}

// hover shows the buttons of the row the pointer is over, if it is another one than before.
func (l *MessageList) hover() {
	key := int64(0)
	if p := l.pointed(); p != nil {
		key = p.layout.item.Key
	}
	if key != l.hovered || l.tools.toolAt(l.pointer) != l.tools.over {
		l.hovered = key
		l.update(false)
	}
}

// Cursor implements desktop.Cursorable.
func (l *MessageList) Cursor() desktop.Cursor {
	if l.tools.toolAt(l.pointer) >= 0 {
		return desktop.PointerCursor
	}
	m, x, y := l.rowAt(l.pointer)
	if m == nil || m.item.Kind != MessageText {
		return desktop.DefaultCursor
	}
	if l.answered(m.hitAt(x, y, l.set).kind) {
		return desktop.PointerCursor
	}
	if m.bubble.has(x, y) && y >= m.lineAt && y < m.lineAt+float32(len(m.lines))*m.lineH {
		return desktop.TextCursor
	}
	return desktop.DefaultCursor
}

// focus takes the focus for a selection, so that it can be copied. The ring is for those who came by the keyboard.
// A mere click leaves the focus where it is: whoever was writing goes on writing.
func (l *MessageList) focus() {
	l.ringless = true
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil && c.Focused() != fyne.Focusable(l) {
		c.Focus(l)
	}
}

// FocusGained implements fyne.Focusable.
func (l *MessageList) FocusGained() {
	l.focused = true
	l.update(false)
}

// FocusLost implements fyne.Focusable.
func (l *MessageList) FocusLost() {
	l.focused, l.ringless = false, false
	l.update(false)
}

// TypedRune implements fyne.Focusable.
func (l *MessageList) TypedRune(r rune) {
	if l.OnTyped != nil {
		l.OnTyped(r)
	}
}

// TypedKey implements fyne.Focusable.
func (l *MessageList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		l.ScrollBy(-lineStep)
	case fyne.KeyDown:
		l.ScrollBy(lineStep)
	case fyne.KeyPageUp:
		l.PageUp()
	case fyne.KeyPageDown:
		l.PageDown()
	case fyne.KeyHome:
		l.ScrollToStart()
	case fyne.KeyEnd:
		l.End()
	case fyne.KeyEscape:
		if !l.sel.empty() {
			l.selectRange(selection{})
		} else {
			call(l.OnEscape)
		}
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *MessageList) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*fyne.ShortcutCopy); ok && !l.sel.empty() {
		board := c.Clipboard
		if board == nil {
			board = fyne.CurrentApp().Clipboard()
		}
		board.SetContent(l.Selected())
		call(l.OnCopied)
		return
	}
	if l.OnShortcut != nil {
		l.OnShortcut(s)
	}
}
