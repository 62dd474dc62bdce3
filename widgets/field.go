package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// Field is an entry of one line that tells its screen about Escape, the arrow keys and shortcuts it does not know.
type Field struct {
	widget.Entry

	// OnChanged is called with the text after each change. (It stands before the entry's own, which the field uses.)
	OnChanged func(string)
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnArrow is called for Up (-1) and Down (1), to move in a list below while typing.
	OnArrow func(step int)
	// OnShortcut is asked before the entry; true means that it was handled.
	OnShortcut func(fyne.Shortcut) bool
}

var (
	_ fyne.Focusable    = (*Field)(nil)
	_ fyne.Shortcutable = (*Field)(nil)
	_ fyne.CanvasObject = (*Field)(nil)
)

// NewField returns a field with a placeholder.
func NewField(placeholder string) *Field {
	f := &Field{}
	f.PlaceHolder = placeholder
	f.Entry.OnChanged = f.changed
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.ExtendBaseWidget(f)
	return f
}

// NewSearchField returns a field with a magnifying glass, and a cross to empty it while there is something in it.
func NewSearchField(placeholder string) *Field {
	f := NewField(placeholder)
	f.Icon = assets.IconSearch.Themed(ColorSecondary)
	return f
}

func (f *Field) changed(text string) {
	if f.OnChanged != nil {
		f.OnChanged(text)
	}
}

// TypedKey implements fyne.Focusable.
func (f *Field) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && f.OnEscape != nil:
		f.OnEscape()
	case e.Name == fyne.KeyUp && f.OnArrow != nil:
		f.OnArrow(-1)
	case e.Name == fyne.KeyDown && f.OnArrow != nil:
		f.OnArrow(1)
	default:
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if f.OnShortcut != nil && f.OnShortcut(s) {
		return
	}
	f.Entry.TypedShortcut(s)
}
