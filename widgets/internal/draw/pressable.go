package draw

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Pressable is embedded in widgets that can be pressed with the mouse, Space or Enter.
type Pressable struct {
	widget.BaseWidget

	OnTapped func()
	// OnEscape is called for the Escape key while the widget has the keyboard.
	OnEscape func()

	onFocus  func()                 // called when the widget gets the keyboard
	onKey    func(e *fyne.KeyEvent) // called for keys that are not the widget's
	tip      string
	own      *Tips // of its window, nil for those of the main window
	tips     *Tips // which may show the tip now
	hovered  bool
	focused  bool
	disabled bool
}

var (
	_ fyne.Tappable      = (*Pressable)(nil)
	_ fyne.Focusable     = (*Pressable)(nil)
	_ desktop.Hoverable  = (*Pressable)(nil)
	_ desktop.Cursorable = (*Pressable)(nil)
)

// SetOnEscape sets OnEscape.
func (p *Pressable) SetOnEscape(f func()) { p.OnEscape = f }

// SetOnFocusGained sets what is called when the widget gets the keyboard: what scrolls shows it then.
func (p *Pressable) SetOnFocusGained(f func()) { p.onFocus = f }

// SetOnKey sets what is called for keys that are not the widget's.
func (p *Pressable) SetOnKey(f func(e *fyne.KeyEvent)) { p.onKey = f }

// SetTip sets the words that are shown while the pointer rests on the widget.
func (p *Pressable) SetTip(words string) { p.tip = words }

// SetTips sets where the words are shown, in a window that is not the main one.
func (p *Pressable) SetTips(t *Tips) { p.own = t }

// Tip returns the words of SetTip.
func (p *Pressable) Tip() string { return p.tip }

func (p *Pressable) hideTip() {
	if p.tips != nil {
		p.tips.hide()
		p.tips = nil
	}
}

// Tapped implements fyne.Tappable.
func (p *Pressable) Tapped(*fyne.PointEvent) {
	p.hideTip()
	p.Trigger()
}

// Trigger does what a press does.
func (p *Pressable) Trigger() {
	if !p.disabled && p.OnTapped != nil {
		p.OnTapped()
	}
}

// Enable lets the widget be pressed.
func (p *Pressable) Enable() { p.SetDisabled(false) }

// Disable greys the widget out.
func (p *Pressable) Disable() { p.SetDisabled(true) }

// Disabled reports whether the widget is greyed out.
func (p *Pressable) Disabled() bool { return p.disabled }

// SetDisabled enables or disables the widget.
func (p *Pressable) SetDisabled(v bool) {
	if p.disabled == v {
		return
	}
	p.disabled = v
	p.Refresh()
}

// Hovered reports whether the pointer is over the widget.
func (p *Pressable) Hovered() bool { return p.hovered }

// Focused reports whether the widget has the keyboard.
func (p *Pressable) Focused() bool { return p.focused }

// MouseIn implements desktop.Hoverable.
func (p *Pressable) MouseIn(e *desktop.MouseEvent) {
	p.hovered = true
	p.Refresh()
	if p.tip == "" || p.disabled {
		return
	}
	if p.tips = p.own; p.tips == nil {
		p.tips = topmost()
	}
	if p.tips != nil {
		p.tips.rest(e, p.tip, p.Size())
	}
}

// MouseMoved implements desktop.Hoverable.
func (p *Pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *Pressable) MouseOut() {
	p.hideTip()
	p.hovered = false
	p.Refresh()
}

// FocusGained implements fyne.Focusable.
func (p *Pressable) FocusGained() {
	p.focused = true
	p.Refresh()
	Invoke(p.onFocus)
}

// FocusLost implements fyne.Focusable.
func (p *Pressable) FocusLost() {
	p.focused = false
	p.Refresh()
}

// TypedRune implements fyne.Focusable.
func (p *Pressable) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (p *Pressable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.Trigger()
	case fyne.KeyEscape:
		Invoke(p.OnEscape)
	default:
		if p.onKey != nil {
			p.onKey(e)
		}
	}
}

// Cursor implements desktop.Cursorable.
func (p *Pressable) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// FocusRing is a line of 2 units in the accent colour around a focused widget.
type FocusRing struct{ Line *canvas.Rectangle }

// NewFocusRing returns a hidden ring.
func NewFocusRing() FocusRing { return FocusRing{Line: &canvas.Rectangle{StrokeWidth: 2}} }

// Place puts the ring on the edge of a rectangle, or hides it.
func (r FocusRing) Place(focused bool, x, y, w, h, radius float32) {
	SetVisible(r.Line, focused)
	if !focused {
		return
	}
	if c := ThemeColor(ColorAccent); r.Line.StrokeColor != c || r.Line.CornerRadius != radius {
		r.Line.StrokeColor, r.Line.CornerRadius = c, radius
		r.Line.Refresh()
	}
	Place(r.Line, x, y, w, h)
}
