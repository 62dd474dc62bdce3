package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// press is the part of a widget that can be pressed with the mouse, Space or Enter.
type press struct {
	widget.BaseWidget

	onTapped func()
	hovered  bool
	focused  bool
	disabled bool
}

var (
	_ fyne.Tappable      = (*press)(nil)
	_ fyne.Focusable     = (*press)(nil)
	_ desktop.Hoverable  = (*press)(nil)
	_ desktop.Cursorable = (*press)(nil)
)

// Tapped implements fyne.Tappable.
func (p *press) Tapped(*fyne.PointEvent) { p.fire() }

func (p *press) fire() {
	if !p.disabled && p.onTapped != nil {
		p.onTapped()
	}
}

// Enable lets the widget be pressed.
func (p *press) Enable() { p.setDisabled(false) }

// Disable greys the widget out.
func (p *press) Disable() { p.setDisabled(true) }

// Disabled reports whether the widget is greyed out.
func (p *press) Disabled() bool { return p.disabled }

func (p *press) setDisabled(v bool) {
	if p.disabled == v {
		return
	}
	p.disabled = v
	p.Refresh()
}

// MouseIn implements desktop.Hoverable.
func (p *press) MouseIn(*desktop.MouseEvent) {
	p.hovered = true
	p.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (p *press) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *press) MouseOut() {
	p.hovered = false
	p.Refresh()
}

// FocusGained implements fyne.Focusable.
func (p *press) FocusGained() {
	p.focused = true
	p.Refresh()
}

// FocusLost implements fyne.Focusable.
func (p *press) FocusLost() {
	p.focused = false
	p.Refresh()
}

// TypedRune implements fyne.Focusable.
func (p *press) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (p *press) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.fire()
	}
}

// Cursor implements desktop.Cursorable.
func (p *press) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// focusRing is a line of 2 in the accent colour around a focused widget, with a gap of 1.
type focusRing struct{ line *canvas.Rectangle }

func newFocusRing() focusRing { return focusRing{line: &canvas.Rectangle{StrokeWidth: 2}} }

// place puts the ring around an inner shape, or hides it.
func (r focusRing) place(focused bool, x, y, w, h, radius float32) {
	show(r.line, focused)
	if !focused {
		return
	}
	if c := tone(ColorAccent); r.line.StrokeColor != c || r.line.CornerRadius != radius {
		r.line.StrokeColor, r.line.CornerRadius = c, radius
		r.line.Refresh()
	}
	put(r.line, x, y, w, h)
}
