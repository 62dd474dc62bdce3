package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// ComposerLimit is the maximum length in characters (runes) of a message in a [Composer], because Fyne's entry is slow
// with more. Typing stops there, a paste that would exceed it is refused as a whole, and a notice says so.
const ComposerLimit = 4096

const (
	composerMin    = float32(52)
	composerRows   = 8
	composerPad    = float32(8)
	composerMargin = float32(12)
	counterFrom    = 300 // characters left when the counter appears
	noticeHeight   = float32(20)
	narrowest      = float32(80) // a field below this width was not laid out yet
	unknownWidth   = float32(1e6)
)

// Composer is the field for writing a message, which grows with its text up to eight lines. Enter sends, Shift+Enter
// breaks the line.
type Composer struct {
	widget.BaseWidget

	// OnSend is called with the trimmed text, which is not empty. The text stays until the screen clears it with
	// SetText.
	OnSend func(text string)
	// OnSendMenu is called for a right click on the send button, with a position in the window above it.
	OnSendMenu func(at fyne.Position)
	// OnChanged is called with the text after each change by the user.
	OnChanged func(text string)
	// OnTyping is called when the user types, but not for deleting or for an empty text.
	OnTyping func()
	// OnStripClose is called for the strip's cross and, while there is a strip, for the Escape key. The strip stays
	// until the screen removes it with SetStrip.
	OnStripClose func()
	// OnPreviewClose is called for the cross of the strip with a page. That stays until the screen removes it with
	// SetPreview.
	OnPreviewClose func()
	// OnEmoji is called for the button with the face, with a position in the window for a popup. If it is nil there is
	// no button.
	OnEmoji func(pos fyne.Position)
	// OnAttach is called for the paper clip. If it is nil there is none.
	OnAttach func()
	// OnResized is called when the composer wants another height.
	OnResized func()
	// OnPaste is called for a paste before the entry, and reports whether it handled it.
	OnPaste func(*fyne.ShortcutPaste) bool
	// OnTooLong is called with a pasted text that does not fit.
	OnTooLong func(text string)
	// OnEscape is called for the Escape key while there is no strip.
	OnEscape func()
	// OnUpInEmpty is called for the Up key while there is no text.
	OnUpInEmpty func()
	// OnRecord is called for the microphone, which replaces the send button while there is no text. If it is nil there
	// is none.
	OnRecord func()
	// OnRecordEnd is called when the recording should be sent or, with false, discarded.
	OnRecordEnd func(send bool)
	// OnCompletionKey is called for the keys Up, Down and Tab while SetCompleting is on, and reports whether it handled
	// them.
	OnCompletionKey func(fyne.KeyName) bool
	// OnPage is called for Page up (-1) and Page down (1), to scroll the messages.
	OnPage func(direction int)
	// OnEnd is called for Home (-1) and End (1) while there is no text, to show the oldest or newest message.
	OnEnd func(direction int)
	// OnShortcut is called for custom shortcuts such as Ctrl+K before the entry, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses a part of the composer.
	OnFocus Focuser

	entry      *composerEntry
	button     *IconButton
	attach     *IconButton
	emoji      *IconButton
	strip      *composerStrip
	preview    *composerStrip
	record     *recordStrip
	set        *text.Typesetter
	fields     *text.Typesetter // of the field
	rows       int
	length     int // characters of the text
	notice     string
	completing bool   // a word is offered
	refused    string // shown instead of the field: why the user cannot write
	quiet      bool   // during SetText
}

var _ fyne.Widget = (*Composer)(nil)

// NewComposer returns an empty composer with a placeholder such as "Message Alice…".
func NewComposer(placeholder string) *Composer {
	c := &Composer{set: text.NewTypesetter(), fields: text.NewFieldTypesetter(), rows: 1}
	c.entry = newComposerEntry(c)
	c.SetPlaceholder(placeholder)
	c.entry.OnChanged = c.changed
	c.button = NewIconButton(assets.IconSend, tr.L("Send"), c.press)
	c.button.OnSecondary = func() {
		if !c.button.Disabled() && strings.TrimSpace(c.entry.Text) != "" {
			c.ShowSendMenu()
		}
	}
	c.button.Disable()
	c.attach = NewIconButton(assets.IconAttach, tr.L("Send a file"), func() { draw.Invoke(c.OnAttach) })
	c.emoji = NewIconButton(assets.IconSmile, tr.L("Emoji"), c.ChooseEmoji)
	c.strip = newComposerStrip(c, tr.L("Cancel"), func() { draw.Invoke(c.OnStripClose) })
	c.preview = newComposerStrip(c, tr.L("Send without the preview"), func() { draw.Invoke(c.OnPreviewClose) })
	c.record = newRecordStrip(c)
	c.record.Hide()
	c.ExtendBaseWidget(c)
	return c
}

// SetPlaceholder changes the text of an empty composer.
func (c *Composer) SetPlaceholder(s string) {
	if c.entry.hint.take(&c.entry.Entry, s) {
		c.entry.Refresh()
	} else {
		c.entry.SetPlaceHolder(s)
	}
}

// Text returns the text.
func (c *Composer) Text() string { return c.entry.Text }

// SetText replaces the text and puts the caret at its end. It does not call OnChanged. A text over [ComposerLimit] is
// kept, and cannot be sent before it is shortened.
func (c *Composer) SetText(s string) {
	s = text.Clean(s)
	c.notice = ""
	if c.entry.Text == s {
		c.updateSize()
		return
	}
	c.quiet = true
	c.entry.SetText(s)
	c.quiet = false
	c.length = utf8.RuneCountInString(s)
	lines := strings.Split(s, "\n")
	c.entry.CursorRow, c.entry.CursorColumn = len(lines)-1, utf8.RuneCountInString(lines[len(lines)-1])
	c.entry.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	c.updateSize()
}

// Focus focuses the field, or the recording in its place. It reports false, and does nothing, when neither is shown.
func (c *Composer) Focus() bool {
	switch {
	case c.refused != "":
		return false
	case c.record.data != nil:
		c.OnFocus.Focus(c.record)
	default:
		c.OnFocus.Focus(c.entry)
	}
	return true
}

// Holds reports whether a widget is the part of the composer that is focused.
func (c *Composer) Holds(w fyne.Focusable) bool {
	return w == fyne.Focusable(c.entry) || w == fyne.Focusable(c.record)
}

// SetCompleting sets whether the keys Up, Down and Tab are those of a completion.
func (c *Composer) SetCompleting(on bool) { c.completing = on }

// TypeRune inserts a character at the caret, for a key that was pressed elsewhere.
func (c *Composer) TypeRune(r rune) {
	if c.entry.Visible() {
		c.entry.TypedRune(r)
	}
}

// SetRefused shows a sentence instead of the field, such as "You are no longer in this group"; an empty one shows the
// field again.
func (c *Composer) SetRefused(reason string) {
	before := c.MinSize().Height
	c.refused = reason
	draw.SetVisible(c.entry, reason == "" && c.record.data == nil)
	draw.SetVisible(c.button, reason == "")
	c.Refresh()
	if c.MinSize().Height != before {
		draw.Invoke(c.OnResized)
	}
}

// left returns the number of characters that still fit; negative if there are too many.
func (c *Composer) left() int { return ComposerLimit - utf8.RuneCountInString(c.entry.Text) }

// ShowSendMenu calls OnSendMenu.
func (c *Composer) ShowSendMenu() {
	if c.OnSendMenu != nil {
		c.OnSendMenu(draw.PointOf(c.button, 0, 0))
	}
}

func (c *Composer) send() {
	text := strings.TrimSpace(c.entry.Text)
	if text == "" || c.left() < 0 || c.refused != "" || c.OnSend == nil {
		return
	}
	c.OnSend(text)
}

// roomToPaste reports whether the clipboard's text fits. If not, it shows a notice.
func (c *Composer) roomToPaste(p *fyne.ShortcutPaste) bool {
	if p.Clipboard == nil {
		return true
	}
	text := p.Clipboard.Content()
	over := utf8.RuneCountInString(text) - c.left() - utf8.RuneCountInString(c.entry.SelectedText())
	if over <= 0 {
		return true
	}
	c.notice = tr.N("The pasted text is {{.N}} character too long for one message.",
		"The pasted text is {{.N}} characters too long for one message.", over)
	c.updateSize()
	if c.OnTooLong != nil {
		c.OnTooLong(text)
	}
	return false
}

func (c *Composer) changed(text string) {
	EnsureEmoji(text, false)
	c.notice = ""
	c.updateSize()
	before := c.length
	c.length = utf8.RuneCountInString(text)
	if c.quiet {
		return
	}
	if c.OnChanged != nil {
		c.OnChanged(text)
	}
	if c.length > before {
		draw.Invoke(c.OnTyping)
	}
}

// updateSize fits the button and the height to the text.
func (c *Composer) updateSize() {
	c.updateButton()
	c.grow()
	c.Refresh()
}

// grow makes the entry one to eight rows high, as its text needs.
func (c *Composer) grow() {
	before := c.MinSize().Height
	w := c.entry.Size().Width - 2*theme.InnerPadding() - 2
	if w < narrowest {
		w = unknownWidth // not laid out yet: only line breaks count
	}
	rows := len(c.fields.Wrap(text.Clean(c.entry.Text), text.Font{Size: theme.TextSize()}, w, composerRows))
	if rows != c.rows {
		c.rows = rows
		c.entry.SetMinRowsVisible(rows)
	}
	if c.MinSize().Height != before {
		draw.Invoke(c.OnResized)
	}
}

// status returns the line above the field: the notice, or the counter near the limit.
func (c *Composer) status() (words string, alarm bool) {
	left := c.left()
	switch {
	case c.notice != "":
		return c.notice, true
	case left < 0:
		return tr.N("{{.N}} character too many", "{{.N}} characters too many", -left), true
	case left == 0:
		return tr.N("The message is full: {{.N}} character", "The message is full: {{.N}} characters", ComposerLimit), true
	case left <= counterFrom:
		return tr.N("{{.N}} character left", "{{.N}} characters left", left), false
	default:
		return "", false
	}
}

// strips returns the height of the strips.
func (c *Composer) strips() float32 { return c.strip.height() + c.preview.height() }

// MinSize implements fyne.CanvasObject.
func (c *Composer) MinSize() fyne.Size {
	if c.refused != "" {
		return fyne.NewSize(180, composerMin)
	}
	h := draw.CeilPx(c.entry.MinSize().Height) + 2*composerPad + c.strips()
	if words, _ := c.status(); words != "" {
		h += noticeHeight
	}
	return fyne.NewSize(180, max(composerMin+c.strips(), h))
}

// CreateRenderer implements fyne.Widget.
func (c *Composer) CreateRenderer() fyne.WidgetRenderer {
	back, line, notice := &canvas.Rectangle{}, &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, line, c.strip, c.preview, c.attach, c.entry, c.emoji, c.record, c.button, notice}
	return draw.NewRenderer(objects, c.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, 0, size.Width, 1)
		draw.SetVisible(c.strip, c.strip.height() > 0)
		x, w := ChatColumn(size.Width)
		draw.Place(c.strip, x, 1, w, stripHeight)
		draw.SetVisible(c.preview, c.preview.height() > 0)
		draw.Place(c.preview, x, 1+c.strip.height(), w, stripHeight)
		c.placeField(x, w, size.Height)
		c.placeWords(notice, x, w, size.Height)
	})
}

// placeField places the field and its buttons in the column that starts at x and is so wide.
func (c *Composer) placeField(x, w, height float32) {
	right := x + w - composerMargin - draw.HitSide + 2
	x += composerMargin
	top := composerPad + c.strips()
	if words, _ := c.status(); words != "" {
		top += noticeHeight
	}
	bottom := height - composerPad
	writes := c.refused == "" && c.record.data == nil
	draw.SetVisible(c.attach, c.OnAttach != nil && writes)
	if c.attach.Visible() {
		draw.Place(c.attach, x-4, bottom-draw.HitSide, draw.HitSide, draw.HitSide)
		x += draw.HitSide
	}
	c.updateButton()
	draw.Place(c.button, right, bottom-draw.HitSide, draw.HitSide, draw.HitSide)
	draw.SetVisible(c.record, c.record.data != nil && c.refused == "")
	draw.Place(c.record, x, bottom-draw.HitSide, max(0, right-8-x), draw.HitSide)
	draw.SetVisible(c.emoji, c.OnEmoji != nil && writes)
	if c.emoji.Visible() {
		right -= draw.HitSide + 4
		draw.Place(c.emoji, right, bottom-draw.HitSide, draw.HitSide, draw.HitSide)
		right += 4
	}
	width := c.entry.Size().Width
	draw.Place(c.entry, x, top, max(0, right-8-x), max(0, bottom-top))
	if c.entry.Size().Width != width {
		c.grow()
	}
}

func (c *Composer) placeWords(t *draw.Text, x, w, height float32) {
	words, alarm := c.status()
	f, ink := text.Font{Size: TextSmall}, ColorSecondary
	if alarm {
		ink = ColorError
	}
	if c.refused != "" {
		words, ink, f = c.refused, ColorSecondary, text.Font{Size: TextPreview}
	}
	words = c.set.Fit(text.CleanLine(words), f, w-2*composerMargin)
	draw.SetVisible(t, words != "")
	draw.SetText(t, words, f, draw.ThemeColor(ink))
	if c.refused != "" {
		draw.PlaceText(t, x+(w-c.set.LineWidth(words, f))/2, (height-text.Height(f))/2)
		return
	}
	draw.PlaceText(t, x+composerMargin+2, c.strips()+6)
}
