package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Field is an entry of one line with callbacks for Escape, the arrow keys and shortcuts.
type Field struct {
	widget.Entry

	// OnChanged is called with the text after each change. (It hides the entry's own, which the field uses.)
	OnChanged func(string)
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnBlur is called when the field has lost the focus.
	OnBlur func()
	// OnEnter is called for the Enter key, with or without Shift, before the entry's own OnSubmitted.
	OnEnter func(shift bool)
	// OnArrow is called for Up (-1) and Down (1), to move in a list while typing.
	OnArrow func(step int)
	// OnShortcut is called before the entry, and reports whether it handled the shortcut.
	OnShortcut func(fyne.Shortcut) bool

	empty *fieldClear // of a search field
	quiet bool        // during SetQuietly
	shift bool
}

var (
	_ desktop.Keyable   = (*Field)(nil)
	_ fyne.Focusable    = (*Field)(nil)
	_ fyne.Shortcutable = (*Field)(nil)
	_ fyne.CanvasObject = (*Field)(nil)
)

// NewField returns a field with a placeholder.
func NewField(placeholder string) *Field {
	f := &Field{}
	f.init(placeholder)
	f.ExtendBaseWidget(f)
	return f
}

func (f *Field) init(placeholder string) {
	f.PlaceHolder = placeholder
	f.Entry.OnChanged = f.changed
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
}

// NewSearchField returns a field with a magnifying glass and, unless it is empty, a cross to clear it.
func NewSearchField(placeholder string) *Field {
	f := &Field{}
	f.initSearch(placeholder)
	f.ExtendBaseWidget(f)
	return f
}

func (f *Field) initSearch(placeholder string) {
	f.init(placeholder)
	f.Icon = assets.IconSearch.Themed(ColorSecondary)
	f.empty = newFieldClear(f)
	f.ActionItem = f.empty
}

// SetQuietly replaces the text without calling OnChanged.
func (f *Field) SetQuietly(text string) {
	f.quiet = true
	f.SetText(text)
	f.quiet = false
}

func (f *Field) changed(text string) {
	if f.empty != nil {
		f.empty.SetDisabled(text == "")
	}
	if f.OnChanged != nil && !f.quiet {
		f.OnChanged(text)
	}
}

// KeyDown implements desktop.Keyable.
func (f *Field) KeyDown(e *fyne.KeyEvent) {
	if isShift(e.Name) {
		f.shift = true
	}
	f.Entry.KeyDown(e)
}

// KeyUp implements desktop.Keyable.
func (f *Field) KeyUp(e *fyne.KeyEvent) {
	if isShift(e.Name) {
		f.shift = false
	}
	f.Entry.KeyUp(e)
}

// FocusLost implements fyne.Focusable.
func (f *Field) FocusLost() {
	f.shift = false
	f.Entry.FocusLost()
	draw.Invoke(f.OnBlur)
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
	case (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) && f.OnEnter != nil:
		f.OnEnter(f.shift)
		f.Entry.TypedKey(e)
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

// fieldClear is the cross at the end of a search field. It always has room, so nothing moves when it appears.
type fieldClear struct {
	draw.Pressable

	field *Field
}

func newFieldClear(f *Field) *fieldClear {
	c := &fieldClear{field: f}
	c.Disable()
	c.OnTapped = func() {
		f.SetText("")
		if v := fyne.CurrentApp().Driver().CanvasForObject(f); v != nil {
			v.Focus(f)
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// MinSize implements fyne.CanvasObject.
func (c *fieldClear) MinSize() fyne.Size { return fyne.NewSquareSize(draw.IconSide) }

// CreateRenderer implements fyne.Widget.
func (c *fieldClear) CreateRenderer() fyne.WidgetRenderer {
	icon := draw.NewIcon()
	return draw.NewRenderer([]fyne.CanvasObject{icon}, c.MinSize, func(size fyne.Size) {
		draw.SetVisible(icon, !c.Disabled())
		ink := ColorSecondary
		if c.Hovered() || c.Focused() {
			ink = ColorText
		}
		draw.SetIcon(icon, assets.IconClose, ink)
		const side = float32(14)
		draw.Place(icon, draw.SnapPx((size.Width-side)/2), draw.SnapPx((size.Height-side)/2), side, side)
	})
}
