package widgets

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// ComposerLimit is how many characters (runes) a message written in a [Composer] may have. Fyne's entry becomes slow
// beyond it. Typing stops there, a paste that would go over it is refused whole, and both are said.
const ComposerLimit = 4096

const (
	composerMin    = float32(52)
	composerRows   = 8
	composerPad    = float32(8)
	composerMargin = float32(12)
	counterFrom    = 300 // characters left when the counter appears
	noticeHeight   = float32(20)
	narrowest      = float32(80) // a field under this width has no size yet
	unknownWidth   = float32(1e6)
)

// Composer is where a message is written: it grows with its text up to eight lines. Enter sends, Shift and Enter
// break the line.
type Composer struct {
	widget.BaseWidget

	// OnSend is called with the text, trimmed and not empty. The text stays until the screen clears it by SetText.
	OnSend func(text string)
	// OnChanged is called with the text after each change by the user.
	OnChanged func(text string)
	// OnTyping is called when the user wrote something: not for deleting, not for an empty text.
	OnTyping func()
	// OnStripClose is called for the strip's cross, and for the Escape key while there is a strip. The strip stays
	// until the screen takes it away by SetStrip.
	OnStripClose func()
	// OnEmoji is called for the button with the face, with a position in the window for what is shown to choose from.
	// Without it there is no button.
	OnEmoji func(pos fyne.Position)
	// OnAttach is called for the paper clip. Without it there is none.
	OnAttach func()
	// OnResized is called when the composer wants another height.
	OnResized func()
	// OnPaste is asked about what is pasted, before the entry; true means that it was handled.
	OnPaste func(*fyne.ShortcutPaste) bool
	// OnTooLong is called with a pasted text that does not fit.
	OnTooLong func(text string)
	// OnEscape is called for the Escape key while there is no strip.
	OnEscape func()
	// OnUpInEmpty is called for the Up key while nothing is written.
	OnUpInEmpty func()
	// OnRecord is called for the microphone, which is in the place of the button that sends while nothing is written. Without it
	// there is none.
	OnRecord func()
	// OnRecordEnd is called when the recording shown should be sent, or else thrown away.
	OnRecordEnd func(send bool)
	// OnPage is called for Page up (-1) and Page down (1): the messages should move.
	OnPage func(direction int)
	// OnShortcut is asked about shortcuts with keys of their own, such as Ctrl+K, before the entry; true means that
	// it was handled.
	OnShortcut func(fyne.Shortcut) bool

	entry   *composerEntry
	button  *IconButton
	attach  *IconButton
	emoji   *IconButton
	strip   *composerStrip
	record  *recordStrip
	set     *typesetter
	rows    int
	length  int // characters written
	notice  string
	refused string // instead of the field: why nothing can be written
	quiet   bool   // SetText is at work
}

var _ fyne.Widget = (*Composer)(nil)

// NewComposer returns an empty composer with a placeholder such as "Message Alice…".
func NewComposer(placeholder string) *Composer {
	c := &Composer{set: newTypesetter(), rows: 1}
	c.entry = newComposerEntry(c)
	c.entry.SetPlaceHolder(placeholder)
	c.entry.OnChanged = c.changed
	c.button = NewIconButton(assets.IconSend, c.press)
	c.button.Disable()
	c.attach = NewIconButton(assets.IconAttach, func() { call(c.OnAttach) })
	c.emoji = NewIconButton(assets.IconSmile, c.chooseEmoji)
	c.strip = newComposerStrip(c)
	c.record = newRecordStrip(c)
	c.record.Hide()
	c.ExtendBaseWidget(c)
	return c
}

// SetPlaceholder changes what an empty composer says.
func (c *Composer) SetPlaceholder(s string) { c.entry.SetPlaceHolder(s) }

// Text returns what is written.
func (c *Composer) Text() string { return c.entry.Text }

// SetText replaces what is written and puts the caret at its end. It does not call OnChanged. A text over
// [ComposerLimit] is kept, and cannot be sent before it was shortened.
func (c *Composer) SetText(text string) {
	text = clean(text)
	c.notice = ""
	if c.entry.Text == text {
		c.follow()
		return
	}
	c.quiet = true
	c.entry.SetText(text)
	c.quiet = false
	c.length = utf8.RuneCountInString(text)
	lines := strings.Split(text, "\n")
	c.entry.CursorRow, c.entry.CursorColumn = len(lines)-1, utf8.RuneCountInString(lines[len(lines)-1])
	c.entry.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	c.follow()
}

// Focus puts the caret into the composer, once it has been painted.
func (c *Composer) Focus() {
	if v := fyne.CurrentApp().Driver().CanvasForObject(c.entry); v != nil {
		c.FocusIn(v)
	}
}

// FocusIn puts the caret into the composer, which is part of the canvas's content but need not be painted yet.
func (c *Composer) FocusIn(v fyne.Canvas) { v.Focus(c.entry) }

// TypeRune writes a character at the caret, for a key that was pressed elsewhere.
func (c *Composer) TypeRune(r rune) { c.entry.TypedRune(r) }

// SetRefused shows a sentence instead of the field, such as "You are no longer in this group"; an empty one brings the
// field back.
func (c *Composer) SetRefused(reason string) {
	before := c.MinSize().Height
	c.refused = reason
	show(c.entry, reason == "" && c.record.data == nil)
	show(c.button, reason == "")
	c.Refresh()
	if c.MinSize().Height != before {
		call(c.OnResized)
	}
}

// left is how many characters there is room for; negative when there are too many.
func (c *Composer) left() int { return ComposerLimit - utf8.RuneCountInString(c.entry.Text) }

func (c *Composer) send() {
	text := strings.TrimSpace(c.entry.Text)
	if text == "" || c.left() < 0 || c.refused != "" || c.OnSend == nil {
		return
	}
	c.OnSend(text)
}

// roomToPaste reports whether the clipboard's text fits. If not, it says how much is too much.
func (c *Composer) roomToPaste(p *fyne.ShortcutPaste) bool {
	if p.Clipboard == nil {
		return true
	}
	text := p.Clipboard.Content()
	over := utf8.RuneCountInString(text) - c.left() - utf8.RuneCountInString(c.entry.SelectedText())
	if over <= 0 {
		return true
	}
	c.notice = "The pasted text is " + characters(over) + " too long for one message."
	c.follow()
	if c.OnTooLong != nil {
		c.OnTooLong(text)
	}
	return false
}

func (c *Composer) changed(text string) {
	c.notice = ""
	c.follow()
	before := c.length
	c.length = utf8.RuneCountInString(text)
	if c.quiet {
		return
	}
	if c.OnChanged != nil {
		c.OnChanged(text)
	}
	if c.length > before {
		call(c.OnTyping)
	}
}

// follow fits the button and the height to the text.
func (c *Composer) follow() {
	c.arm()
	c.grow()
	c.Refresh()
}

// grow gives the entry as many rows as its text takes, from one to eight.
func (c *Composer) grow() {
	before := c.MinSize().Height
	w := c.entry.Size().Width - 2*theme.InnerPadding() - 2
	if w < narrowest {
		w = unknownWidth // not laid out yet: only line breaks count
	}
	rows := len(c.set.wrap(clean(c.entry.Text), font{size: theme.TextSize()}, w, composerRows))
	if rows != c.rows {
		c.rows = rows
		c.entry.SetMinRowsVisible(rows)
	}
	if c.MinSize().Height != before {
		call(c.OnResized)
	}
}

// status returns the words over the field: the notice, or the counter near the limit.
func (c *Composer) status() (words string, alarm bool) {
	left := c.left()
	switch {
	case c.notice != "":
		return c.notice, true
	case left < 0:
		return characters(-left) + " too many", true
	case left == 0:
		return "The message is full: " + characters(ComposerLimit), true
	case left <= counterFrom:
		return characters(left) + " left", false
	default:
		return "", false
	}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return strconv.Itoa(n) + " characters"
}

// MinSize implements fyne.CanvasObject.
func (c *Composer) MinSize() fyne.Size {
	if c.refused != "" {
		return fyne.NewSize(180, composerMin)
	}
	h := up(c.entry.MinSize().Height) + 2*composerPad + c.strip.height()
	if words, _ := c.status(); words != "" {
		h += noticeHeight
	}
	return fyne.NewSize(180, max(composerMin+c.strip.height(), h))
}

// CreateRenderer implements fyne.Widget.
func (c *Composer) CreateRenderer() fyne.WidgetRenderer {
	back, line, notice := &canvas.Rectangle{}, &canvas.Rectangle{}, newText()
	objects := []fyne.CanvasObject{back, line, c.strip, c.attach, c.entry, c.emoji, c.record, c.button, notice}
	return newDrawn(objects, c.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatPane))
		setFill(line, tone(ColorHairline))
		put(back, 0, 0, size.Width, size.Height)
		put(line, 0, 0, size.Width, 1)
		show(c.strip, c.strip.height() > 0)
		put(c.strip, 0, 1, size.Width, stripHeight)
		c.placeField(size)
		c.placeWords(notice, size)
	})
}

func (c *Composer) placeField(size fyne.Size) {
	x, top := composerMargin, composerPad+c.strip.height()
	if words, _ := c.status(); words != "" {
		top += noticeHeight
	}
	bottom := size.Height - composerPad
	writes := c.refused == "" && c.record.data == nil
	show(c.attach, c.OnAttach != nil && writes)
	if c.attach.Visible() {
		put(c.attach, x-4, bottom-hitSide, hitSide, hitSide)
		x += hitSide
	}
	right := size.Width - composerMargin - hitSide + 2
	c.arm()
	put(c.button, right, bottom-hitSide, hitSide, hitSide)
	show(c.record, c.record.data != nil && c.refused == "")
	put(c.record, x, bottom-hitSide, max(0, right-8-x), hitSide)
	show(c.emoji, c.OnEmoji != nil && writes)
	if c.emoji.Visible() {
		right -= hitSide + 4
		put(c.emoji, right, bottom-hitSide, hitSide, hitSide)
		right += 4
	}
	width := c.entry.Size().Width
	put(c.entry, x, top, max(0, right-8-x), max(0, bottom-top))
	if c.entry.Size().Width != width {
		c.grow()
	}
}

func (c *Composer) placeWords(t *canvas.Text, size fyne.Size) {
	words, alarm := c.status()
	f, ink := font{size: TextSmall}, ColorSecondary
	if alarm {
		ink = ColorError
	}
	if c.refused != "" {
		words, ink, f = c.refused, ColorSecondary, font{size: TextPreview}
	}
	words = c.set.fit(cleanLine(words), f, size.Width-2*composerMargin)
	show(t, words != "")
	setText(t, words, f, tone(ink))
	if c.refused != "" {
		putText(t, (size.Width-c.set.lineWidth(words, f))/2, (size.Height-textHeight(f))/2)
		return
	}
	putText(t, composerMargin+2, c.strip.height()+6)
}
