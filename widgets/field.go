package widgets

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// fieldLimit is how many characters can be typed or pasted into a [Field]: the window draws its line as one picture, and
// a graphics card refuses those that are wider than some ten thousand pixels.
const fieldLimit = 1000

// Field is an entry of one line with callbacks for Escape, the arrow keys and shortcuts. It takes at most 1,000
// characters; of a longer text that is pasted, the first.
type Field struct {
	widget.Entry

	// OnChanged is called with the text after each change. (It hides the entry's own, which the field uses.)
	OnChanged func(string)
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnEnter is called for the Enter key, with or without Shift, before the entry's own OnSubmitted.
	OnEnter func(shift bool)
	// OnArrow is called for Up (-1) and Down (1), to move in a list while typing.
	OnArrow func(step int)
	// OnShortcut is called before the entry, and reports whether it handled the shortcut.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses the field after it was cleared.
	OnFocus Focuser

	empty *fieldButton // of a search field
	quiet bool         // during SetQuietly
	shift bool
	blinker
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
	if !f.hint.take(&f.Entry, placeholder) {
		f.PlaceHolder = placeholder
	}
	f.Entry.OnChanged = f.changed
	f.OnCursorChanged = f.moved
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
}

// NewSearchField returns a field with a magnifying glass and, unless it is empty, a cross to clear it.
func NewSearchField(placeholder string) *Field {
	f := &Field{}
	f.initSearch(placeholder, f)
	f.ExtendBaseWidget(f)
	return f
}

// initSearch makes a search field of the Field that self is or embeds.
func (f *Field) initSearch(placeholder string, self fyne.Focusable) {
	f.init(placeholder)
	f.Icon = assets.IconSearch.Themed(ColorSecondary)
	f.empty = newFieldButton(assets.IconClose, tr.L("Clear"), func() {
		f.SetText("")
		f.OnFocus.Focus(self)
	})
	f.ActionItem = f.empty
}

// SetText replaces the text and puts the caret at its end. Fyne would keep what was selected, also over an empty text, and
// let the second letter that is typed replace the first.
func (f *Field) SetText(text string) {
	f.Entry.SetText(text)
	f.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
}

// SetQuietly replaces the text without calling OnChanged.
func (f *Field) SetQuietly(text string) {
	f.quiet = true
	f.SetText(text)
	f.quiet = false
}

func (f *Field) changed(text string) {
	EnsureEmoji(text, false)
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
	f.lost()
	f.Entry.FocusLost()
}

// CreateRenderer implements fyne.Widget.
func (f *Field) CreateRenderer() fyne.WidgetRenderer { return f.renderer(f.Entry.CreateRenderer()) }

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

// TypedRune implements fyne.Focusable.
func (f *Field) TypedRune(r rune) {
	if f.room() > 0 {
		f.Entry.TypedRune(r)
	}
}

// room returns how many characters fit in place of the selected ones.
func (f *Field) room() int {
	return fieldLimit - utf8.RuneCountInString(f.Text) + utf8.RuneCountInString(f.SelectedText())
}

// TypedShortcut implements fyne.Shortcutable.
func (f *Field) TypedShortcut(s fyne.Shortcut) {
	if f.OnShortcut != nil && f.OnShortcut(s) {
		return
	}
	if p, ok := s.(*fyne.ShortcutPaste); ok && p.Clipboard != nil {
		pasted := []rune(p.Clipboard.Content())
		s = &fyne.ShortcutPaste{Clipboard: onlyText(pasted[:max(0, min(len(pasted), f.room()))])}
	}
	f.Entry.TypedShortcut(s)
}

// fieldButton is an icon at the end of a field. It always has room, so nothing moves when it is enabled and appears.
type fieldButton struct {
	draw.Pressable

	icon assets.Icon
}

func newFieldButton(icon assets.Icon, words string, tapped func()) *fieldButton {
	b := &fieldButton{icon: icon}
	b.SetTip(words)
	b.Disable()
	b.OnTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize implements fyne.CanvasObject.
func (b *fieldButton) MinSize() fyne.Size { return fyne.NewSquareSize(draw.IconSide) }

// CreateRenderer implements fyne.Widget.
func (b *fieldButton) CreateRenderer() fyne.WidgetRenderer {
	icon := draw.NewIcon()
	return draw.NewRenderer([]fyne.CanvasObject{icon}, b.MinSize, func(size fyne.Size) {
		draw.SetVisible(icon, !b.Disabled())
		ink := ColorSecondary
		if b.Hovered() || b.Focused() {
			ink = ColorText
		}
		draw.SetIcon(icon, b.icon, ink)
		const side = float32(14)
		draw.Place(icon, draw.SnapPx((size.Width-side)/2), draw.SnapPx((size.Height-side)/2), side, side)
	})
}
