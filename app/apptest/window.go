package apptest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/widgets"
)

// Window is a window without a display, with one object in it, used by a test as a person would.
type Window struct {
	fyne.Window

	t     testing.TB
	queue *Queue
}

// NewApp makes an app without a display, with the light theme of the program.
func NewApp(t testing.TB) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(widgets.NewTheme(widgets.VariantLight))
	return a
}

// NewWindow puts an object into a window of this size. Each step drains the queue.
func NewWindow(t testing.TB, q *Queue, o fyne.CanvasObject, width, height float32) *Window {
	t.Helper()
	w := test.NewTempWindow(t, o)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	q.Drain()
	return &Window{Window: w, t: t, queue: q}
}

// Use makes a Window of one that exists.
func Use(t testing.TB, q *Queue, w fyne.Window) *Window {
	t.Helper()
	q.Drain()
	return &Window{Window: w, t: t, queue: q}
}

// Wants fails the test for each of the words that cannot be read.
func (w *Window) Wants(words ...string) {
	w.t.Helper()
	w.queue.Drain()
	for _, text := range words {
		if !Says(w.Canvas(), text) {
			w.t.Errorf("window says %q: got false, want true", text)
		}
	}
}

// WantsNot fails the test for each of the words that can be read.
func (w *Window) WantsNot(words ...string) {
	w.t.Helper()
	w.queue.Drain()
	for _, text := range words {
		if Says(w.Canvas(), text) {
			w.t.Errorf("window says %q: got true, want false", text)
		}
	}
}

// WantsMark fails the test when the own message has another mark.
func (w *Window) WantsMark(text string, want Mark) {
	w.t.Helper()
	w.queue.Drain()
	if got := MarkOf(w.Canvas(), text); got != want {
		w.t.Errorf("mark of %q: got %q, want %q", text, got, want)
	}
}

// Press taps on words; the test ends when they are not there.
func (w *Window) Press(words string) {
	w.t.Helper()
	w.queue.Drain()
	if !Press(w.Canvas(), words) {
		w.t.Fatalf("press %q: not in the window", words)
	}
	w.queue.Drain()
}

// PressRight taps with the other button on the lowest line that is exactly words.
func (w *Window) PressRight(words string) {
	w.t.Helper()
	w.queue.Drain()
	if !PressRight(w.Canvas(), words) {
		w.t.Fatalf("press %q: not in the window, or nothing there takes the other button", words)
	}
	w.queue.Drain()
}

// Type writes into whatever has the keyboard.
func (w *Window) Type(text string) {
	w.t.Helper()
	if w.Canvas().Focused() == nil {
		w.t.Fatal("type: nothing has the keyboard")
	}
	test.Type(w.Canvas().Focused(), text)
	w.queue.Drain()
}

// Key presses one key.
func (w *Window) Key(name fyne.KeyName) {
	w.t.Helper()
	if f := w.Canvas().Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: name})
	} else if f := w.Canvas().OnTypedKey(); f != nil {
		f(&fyne.KeyEvent{Name: name})
	}
	w.queue.Drain()
}

// Keys presses a key together with a modifier.
func (w *Window) Keys(modifier fyne.KeyModifier, name fyne.KeyName) {
	w.t.Helper()
	s := &desktop.CustomShortcut{KeyName: name, Modifier: modifier}
	if f, ok := w.Canvas().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(s)
	} else if c, ok := w.Canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
	w.queue.Drain()
}
