package messages

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

var (
	_ fyne.Tappable          = (*List)(nil)
	_ fyne.SecondaryTappable = (*List)(nil)
	_ fyne.Draggable         = (*List)(nil)
	_ fyne.Focusable         = (*List)(nil)
	_ fyne.Shortcutable      = (*List)(nil)
	_ desktop.Mouseable      = (*List)(nil)
	_ desktop.Hoverable      = (*List)(nil)
	_ desktop.Cursorable     = (*List)(nil)
)

// flip returns a point of the list as it is measured in layouts, or the reverse.
func (l *List) flip(pos fyne.Position) fyne.Position { return draw.FlipPoint(pos, l.Size().Width) }

// rowAt returns the row at a point of the list, and the point within the row as it is measured in its layout.
func (l *List) rowAt(pos fyne.Position) (m *rowLayout, x, y float32) {
	pos = l.flip(pos)
	for _, p := range l.visible {
		if pos.Y >= p.y && pos.Y < p.y+p.layout.height {
			return p.layout, pos.X, pos.Y - p.y
		}
	}
	return nil, 0, 0
}

// textAt returns the row whose bubble is at a point of the list.
func (l *List) textAt(pos fyne.Position) (m *rowLayout, x, y float32) {
	m, x, y = l.rowAt(pos)
	if m == nil || m.item.Kind != KindText || !m.bubble.Contains(x, y) {
		return nil, 0, 0
	}
	return m, x, y
}

// Below returns the point of the list below the bubble of a message in view, for a menu about it.
func (l *List) Below(key int64) (pos fyne.Position, visible bool) {
	for _, p := range l.visible {
		if p.layout.item.Key == key {
			b := p.layout.bubble
			at := fyne.NewPos(b.X, min(p.y+b.Y+b.H, l.Size().Height))
			return l.flip(at), true
		}
	}
	return fyne.Position{}, false
}

// TappedSecondary implements fyne.SecondaryTappable.
func (l *List) TappedSecondary(e *fyne.PointEvent) {
	m, x, y := l.rowAt(e.Position)
	if m != nil && m.bubble.Contains(x, y) && l.OnMenu != nil {
		l.OnMenu(m.keyAt(x, y), e.AbsolutePosition)
	}
}

// MouseDown implements desktop.Mouseable: a selection may start here.
func (l *List) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	l.press, l.selecting, l.held = e.Position, false, e.Modifier
	if l.tools.toolAt(l.flip(e.Position)) >= 0 {
		l.press = nowhere
	}
	l.selectRange(selection{})
}

// nowhere is a point outside any list.
var nowhere = fyne.NewPos(-1e6, -1e6)

// MouseUp implements desktop.Mouseable.
func (l *List) MouseUp(*desktop.MouseEvent) {}

// Dragged implements fyne.Draggable: it selects text of the message in which the drag started.
func (l *List) Dragged(e *fyne.DragEvent) {
	if !l.selecting {
		m, x, y := l.textAt(l.press)
		if m == nil || l.marking() {
			return
		}
		at := m.byteAt(x, y, l.set)
		l.selecting = true
		l.sel = selection{key: m.item.Key, from: at, to: at}
		l.focus()
	}
	at := l.flip(e.Position)
	for _, p := range l.visible {
		if p.layout.item.Key == l.sel.key {
			s := l.sel
			s.to = p.layout.byteAt(at.X, at.Y-p.y, l.set)
			l.selectRange(s)
		}
	}
}

// DragEnd implements fyne.Draggable.
func (l *List) DragEnd() {
	l.selecting = false
	l.hover()
}

func (l *List) selectRange(s selection) {
	if l.sel == s {
		return
	}
	l.sel = s
	l.update(false)
}

// MouseIn implements desktop.Hoverable.
func (l *List) MouseIn(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.hover()
}

// MouseMoved implements desktop.Hoverable.
func (l *List) MouseMoved(e *desktop.MouseEvent) {
	l.inside, l.pointer = true, e.Position
	l.hover()
}

// MouseOut implements desktop.Hoverable.
func (l *List) MouseOut() {
	l.inside = false
	l.hover()
}

// hover shows the buttons of the row under the pointer, if it has changed.
func (l *List) hover() {
	key := int64(0)
	if p := l.pointed(); p != nil {
		key = p.layout.item.Key
	}
	if key != l.hovered || l.tools.toolAt(l.flip(l.pointer)) != l.tools.over {
		l.hovered = key
		l.update(false)
	}
}

// Cursor implements desktop.Cursorable.
func (l *List) Cursor() desktop.Cursor {
	if l.tools.toolAt(l.flip(l.pointer)) >= 0 {
		return desktop.PointerCursor
	}
	m, x, y := l.rowAt(l.pointer)
	switch {
	case m == nil || m.item.Kind != KindText:
		return desktop.DefaultCursor
	case l.marking():
		return desktop.PointerCursor
	}
	if l.hasCallback(m.hitAt(x, y, l.set).kind) {
		return desktop.PointerCursor
	}
	if m.bubble.Contains(x, y) && y >= m.lineAt && y < m.lineAt+float32(len(m.lines))*m.lineH {
		return desktop.TextCursor
	}
	return desktop.DefaultCursor
}

// focus takes the focus for a selection, so that it can be copied, without a ring. A click alone leaves the focus in
// the composer.
func (l *List) focus() {
	l.ringless = true
	l.OnFocus.Focus(l)
}

// FocusQuietly focuses the list without a ring around it, when nothing can be written.
func (l *List) FocusQuietly() { l.focus() }

// FocusGained implements fyne.Focusable.
func (l *List) FocusGained() {
	l.focused = true
	l.update(false)
}

// FocusLost implements fyne.Focusable.
func (l *List) FocusLost() {
	l.focused = false
	l.ringless = l.ringless && !l.sel.empty() // another window may have the keyboard for a moment
	l.update(false)
}

// TypedRune implements fyne.Focusable.
func (l *List) TypedRune(r rune) {
	if l.OnTyped != nil {
		l.OnTyped(r)
	}
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(e *fyne.KeyEvent) {
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
			draw.Invoke(l.OnEscape)
		}
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *List) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*fyne.ShortcutCopy); ok && !l.sel.empty() {
		board := c.Clipboard
		if board == nil {
			board = fyne.CurrentApp().Clipboard()
		}
		board.SetContent(l.Selected())
		draw.Invoke(l.OnCopied)
		return
	}
	if l.OnShortcut != nil {
		l.OnShortcut(s)
	}
}
