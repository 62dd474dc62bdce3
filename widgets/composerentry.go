package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// composerEntry is the text field of a [Composer]. It passes Enter and keys it has no use for to its owner.
type composerEntry struct {
	widget.Entry

	owner *Composer
	shift bool
	blinker
}

var (
	_ desktop.Keyable   = (*composerEntry)(nil)
	_ fyne.Shortcutable = (*composerEntry)(nil)
	_ fyne.Tabbable     = (*composerEntry)(nil)
)

func newComposerEntry(owner *Composer) *composerEntry {
	e := &composerEntry{owner: owner}
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapWord
	e.ExtendBaseWidget(e)
	e.OnCursorChanged = e.moved
	e.SetMinRowsVisible(1)
	return e
}

// CreateRenderer implements fyne.Widget.
func (e *composerEntry) CreateRenderer() fyne.WidgetRenderer {
	return e.renderer(e.Entry.CreateRenderer())
}

// AcceptsTab implements fyne.Tabbable. Tab leaves the field, unless it completes a word.
func (e *composerEntry) AcceptsTab() bool { return e.owner.completing }

// KeyDown implements desktop.Keyable.
func (e *composerEntry) KeyDown(k *fyne.KeyEvent) {
	if isShift(k.Name) {
		e.shift = true
	}
	e.Entry.KeyDown(k)
}

// KeyUp implements desktop.Keyable.
func (e *composerEntry) KeyUp(k *fyne.KeyEvent) {
	if isShift(k.Name) {
		e.shift = false
	}
	e.Entry.KeyUp(k)
}

func isShift(k fyne.KeyName) bool { return k == desktop.KeyShiftLeft || k == desktop.KeyShiftRight }

// FocusLost implements fyne.Focusable.
func (e *composerEntry) FocusLost() {
	e.shift = false
	e.lost()
	e.Entry.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (e *composerEntry) TypedKey(k *fyne.KeyEvent) {
	if !e.owner.handleKey(k.Name, e.shift) {
		e.Entry.TypedKey(k)
	}
}

// handleKey handles keys of the composer, and reports false for those of the text.
func (c *Composer) handleKey(k fyne.KeyName, shift bool) bool { //nolint:cyclop // a table of keys
	if c.completing && !shift && (k == fyne.KeyUp || k == fyne.KeyDown || k == fyne.KeyTab) && c.OnCompletionKey(k) {
		return true
	}
	switch k {
	case fyne.KeyReturn, fyne.KeyEnter:
		if !shift {
			c.send()
			return true
		}
		return c.left() <= 0 // if there is no room for the line break the counter says so
	case fyne.KeyEscape:
		if c.Strip() != nil {
			draw.Invoke(c.OnStripClose)
		} else {
			draw.Invoke(c.OnEscape)
		}
		return true
	case fyne.KeyUp:
		if c.Text() == "" && c.OnUpInEmpty != nil {
			c.OnUpInEmpty()
			return true
		}
	case fyne.KeyHome:
		return c.end(-1, shift)
	case fyne.KeyEnd:
		return c.end(1, shift)
	case fyne.KeyPageUp:
		return c.page(-1, shift)
	case fyne.KeyPageDown:
		return c.page(1, shift)
	}
	return false
}

func (c *Composer) page(direction int, shift bool) bool {
	if shift || c.OnPage == nil {
		return false
	}
	c.OnPage(direction)
	return true
}

func (c *Composer) end(direction int, shift bool) bool {
	if shift || c.Text() != "" || c.OnEnd == nil {
		return false
	}
	c.OnEnd(direction)
	return true
}

// TypedRune implements fyne.Focusable.
func (e *composerEntry) TypedRune(r rune) {
	if e.owner.left() <= 0 && e.SelectedText() == "" {
		return
	}
	e.Entry.TypedRune(r)
}

// TypedShortcut implements fyne.Shortcutable.
func (e *composerEntry) TypedShortcut(s fyne.Shortcut) {
	if p, ok := s.(*fyne.ShortcutPaste); ok {
		if e.owner.OnPaste != nil && e.owner.OnPaste(p) || !e.owner.roomToPaste(p) {
			return
		}
	}
	if mark := formatMark(s); mark != "" && (mark != markItalic || e.SelectedText() != "") { // or it is another key
		e.owner.format(mark)
		return
	}
	if own, ok := s.(*desktop.CustomShortcut); ok && e.owner.OnShortcut != nil && e.owner.OnShortcut(own) {
		return
	}
	e.Entry.TypedShortcut(s)
}
