package widgets

import (
	"image/color"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// clock does what is asked for when its time has come.
type clock struct {
	next  func()
	after time.Duration
}

func (c *clock) later(delay time.Duration, f func()) func() {
	c.next, c.after = f, delay
	return func() { c.next = nil }
}

// tick reports whether something was to be done.
func (c *clock) tick() bool {
	f := c.next
	if c.next = nil; f == nil {
		return false
	}
	f()
	return true
}

// A caret blinks for ten seconds after the last key, in a field that has the keyboard, and can be seen afterwards.
func TestCaret(t *testing.T) {
	app := test.NewTempApp(t)
	SetLook(app, Look{})
	timer := &clock{}
	c := NewCaret(timer.later)
	c.Attach()
	defer c.Detach()
	field, composer := NewField("Name"), NewComposer("Message")
	for name, o := range map[string]struct {
		object fyne.CanvasObject
		field  fyne.Focusable
		line   *blinker
	}{"field": {field, field, &field.blinker}, "composer": {composer, composer.entry, &composer.entry.blinker}} {
		w := test.NewTempWindow(t, o.object)
		w.Resize(fyne.NewSize(300, 80))
		seen := func() bool { return o.line.line.FillColor == theme.Color(theme.ColorNamePrimary) }
		if timer.next != nil {
			t.Fatalf("%s: blinks without the keyboard", name)
		}
		w.Canvas().Focus(o.field)
		if !seen() || timer.after != caretTime {
			t.Fatalf("%s: got seen %t, next after %v", name, seen(), timer.after)
		}
		for i := range caretTimes {
			if !timer.tick() || seen() != (i%2 == 1) {
				t.Fatalf("%s: change %d: got seen %t", name, i, seen())
			}
		}
		if timer.tick() || !seen() {
			t.Fatalf("%s: it blinks on, or is left hidden", name)
		}
		o.field.TypedRune('x')
		if !timer.tick() || o.line.line.FillColor != color.Color(color.Transparent) {
			t.Fatalf("%s: it does not blink after a key", name)
		}
		o.field.TypedRune('y')
		if !seen() {
			t.Fatalf("%s: hidden after a key", name)
		}
		w.Canvas().Unfocus()
		if timer.next != nil {
			t.Fatalf("%s: blinks on without the keyboard", name)
		}
	}
}
