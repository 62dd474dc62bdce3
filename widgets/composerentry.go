package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// composerEntry is the text field of a [Composer]. It gives Enter and the keys that mean nothing in it to its owner.
type composerEntry struct {
	widget.Entry

	owner *Composer
	shift bool
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
	e.SetMinRowsVisible(1)
	return e
}

// AcceptsTab implements fyne.Tabbable: Tab leaves the field.
func (e *composerEntry) AcceptsTab() bool { return false }

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
	e.Entry.FocusLost()
}

// TypedKey implements fyne.Focusable.
func (e *composerEntry) TypedKey(k *fyne.KeyEvent) {
	o := e.owner
	switch {
	case isEnter(k.Name) && !e.shift:
		o.send()
	case isEnter(k.Name) && o.left() <= 0:
		// No room for the line break: the counter says so.
	case k.Name == fyne.KeyEscape:
		call(o.OnEscape)
	case k.Name == fyne.KeyUp && e.Text == "" && o.OnUpInEmpty != nil:
		o.OnUpInEmpty()
	case k.Name == fyne.KeyPageUp && !e.shift && o.OnPage != nil:
		o.OnPage(-1)
	case k.Name == fyne.KeyPageDown && !e.shift && o.OnPage != nil:
		o.OnPage(1)
	default:
		e.Entry.TypedKey(k)
	}
}

func isEnter(k fyne.KeyName) bool { return k == fyne.KeyReturn || k == fyne.KeyEnter }

// TypedRune implements fyne.Focusable.
func (e *composerEntry) TypedRune(r rune) {
	if e.owner.left() <= 0 && e.SelectedText() == "" {
		return
	}
	e.Entry.TypedRune(r)
}

// TypedShortcut implements fyne.Shortcutable.
func (e *composerEntry) TypedShortcut(s fyne.Shortcut) {
	if p, ok := s.(*fyne.ShortcutPaste); ok && !e.owner.roomToPaste(p) {
		return
	}
	if own, ok := s.(*desktop.CustomShortcut); ok && e.owner.OnShortcut != nil && e.owner.OnShortcut(own) {
		return
	}
	e.Entry.TypedShortcut(s)
}
