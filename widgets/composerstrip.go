package widgets

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// Strip is what stands above the field of a [Composer] while an answer is written or a message is edited.
type Strip struct {
	Icon  assets.Icon // such as assets.IconReply, assets.IconEdit
	Title string
	Text  string // made one line
	Save  bool   // the button saves what was there before rather than send something new: a check mark
}

const (
	stripHeight = float32(44)
	stripTextX  = float32(52)
)

// SetStrip shows a strip above the field; nil takes it away.
func (c *Composer) SetStrip(s *Strip) {
	before := c.MinSize().Height
	c.strip.data = s
	c.strip.Refresh()
	c.follow()
	if c.MinSize().Height != before {
		call(c.OnResized)
	}
}

// Strip returns what was given to SetStrip.
func (c *Composer) Strip() *Strip { return c.strip.data }

// Insert writes a text, such as an emoji, at the caret, in the place of what is selected. It reports false for a text
// that does not fit.
func (c *Composer) Insert(text string) bool {
	text = clean(text)
	if c.refused != "" || utf8.RuneCountInString(text) > c.left()+utf8.RuneCountInString(c.entry.SelectedText()) {
		return false
	}
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: onlyText(text)})
	return true
}

// Paste writes a text at the caret as if it was pasted: what does not fit is refused, and that is said.
func (c *Composer) Paste(text string) {
	if p := (&fyne.ShortcutPaste{Clipboard: onlyText(clean(text))}); c.refused == "" && c.roomToPaste(p) {
		c.entry.Entry.TypedShortcut(p)
	}
}

// PasteFrom gives the composer the keyboard and pastes, as its keys do.
func (c *Composer) PasteFrom(p *fyne.ShortcutPaste) {
	if c.refused == "" {
		c.Focus()
		c.entry.TypedShortcut(p)
	}
}

// onlyText is a clipboard that holds a text, which is how to write one into an entry in one piece.
type onlyText string

// Content implements fyne.Clipboard.
func (t onlyText) Content() string { return string(t) }

// SetContent implements fyne.Clipboard.
func (onlyText) SetContent(string) {}

func (c *Composer) chooseEmoji() {
	if c.OnEmoji != nil {
		c.OnEmoji(fyne.CurrentApp().Driver().AbsolutePositionForObject(c.emoji))
	}
}

// composerStrip draws the strip.
type composerStrip struct {
	widget.BaseWidget

	data  *Strip
	owner *Composer
	close *IconButton
}

func newComposerStrip(owner *Composer) *composerStrip {
	s := &composerStrip{owner: owner}
	s.close = NewIconButton(assets.IconClose, func() { call(owner.OnStripClose) })
	s.ExtendBaseWidget(s)
	return s
}

// height is what the strip adds to the composer.
func (s *composerStrip) height() float32 {
	if s.data == nil || s.owner.refused != "" {
		return 0
	}
	return stripHeight
}

// MinSize implements fyne.CanvasObject.
func (s *composerStrip) MinSize() fyne.Size { return fyne.NewSize(120, stripHeight) }

// CreateRenderer implements fyne.Widget.
func (s *composerStrip) CreateRenderer() fyne.WidgetRenderer {
	icon, bar := newIcon(), &canvas.Rectangle{CornerRadius: quoteBar / 2}
	title, text := newText(), newText()
	objects := []fyne.CanvasObject{icon, bar, title, text, s.close}
	return newDrawn(objects, s.MinSize, func(size fyne.Size) {
		d := s.data
		if d == nil {
			return
		}
		setIcon(icon, d.Icon, ColorAccent)
		put(icon, composerMargin+4, (stripHeight-iconSide)/2+2, iconSide, iconSide)
		setFill(bar, tone(ColorAccent))
		put(bar, stripTextX-10, 8, quoteBar, stripHeight-10)
		put(s.close, size.Width-composerMargin-hitSide+2, (stripHeight-hitSide)/2+2, hitSide, hitSide)
		room := size.Width - composerMargin - hitSide - 4 - stripTextX
		set, bold, plain := s.owner.set, font{size: TextPreview, bold: true}, font{size: TextPreview}
		setText(title, set.fit(cleanLine(d.Title), bold, room), bold, tone(ColorAccent))
		putText(title, stripTextX, 6)
		setText(text, set.fit(cleanLine(d.Text), plain, room), plain, tone(ColorSecondary))
		putText(text, stripTextX, 23)
	})
}
