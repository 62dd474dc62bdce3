package widgets

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Strip is a line above the field of a [Composer]: of the message that is answered or edited, or of the page that the text
// links to.
type Strip struct {
	Icon  assets.Icon // such as assets.IconReply, assets.IconEdit
	Title string
	Text  string // shown as one line
	Save  bool   // a check mark instead of the send button, for editing
	Photo *Photo // instead of the icon; may be nil
}

const (
	stripHeight = float32(44)
	stripTextX  = float32(52)
	stripBar    = float32(3)
	stripPhoto  = float32(30)
)

// SetStrip shows a strip above the field; nil removes it.
func (c *Composer) SetStrip(s *Strip) { c.setStrip(c.strip, s) }

// SetPreview shows a strip with the page that the text links to, below the other one; nil removes it.
func (c *Composer) SetPreview(s *Strip) { c.setStrip(c.preview, s) }

// Preview returns the strip with the page, or nil.
func (c *Composer) Preview() *Strip { return c.preview.data }

func (c *Composer) setStrip(strip *composerStrip, s *Strip) {
	before := c.MinSize().Height
	strip.data = s
	strip.Refresh()
	c.updateSize()
	if c.MinSize().Height != before {
		draw.Invoke(c.OnResized)
	}
}

// Strip returns the strip, or nil.
func (c *Composer) Strip() *Strip { return c.strip.data }

// Insert replaces the selection with a text such as an emoji. It reports whether the text fits.
func (c *Composer) Insert(s string) bool {
	s = text.Clean(s)
	if c.refused != "" || utf8.RuneCountInString(s) > c.left()+utf8.RuneCountInString(c.entry.SelectedText()) {
		return false
	}
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: onlyText(s)})
	return true
}

// Paste inserts a text as if it was pasted: one that does not fit is refused with a notice.
func (c *Composer) Paste(s string) {
	if p := (&fyne.ShortcutPaste{Clipboard: onlyText(text.Clean(s))}); c.refused == "" && c.roomToPaste(p) {
		c.entry.Entry.TypedShortcut(p)
	}
}

// PasteFrom focuses the composer and pastes, as its shortcut does.
func (c *Composer) PasteFrom(p *fyne.ShortcutPaste) {
	if c.refused == "" {
		c.Focus()
		c.entry.TypedShortcut(p)
	}
}

// onlyText is a clipboard that holds a text, for inserting it into an entry in one piece.
type onlyText string

// Content implements fyne.Clipboard.
func (t onlyText) Content() string { return string(t) }

// SetContent implements fyne.Clipboard.
func (onlyText) SetContent(string) {}

// ChooseEmoji does what the button with the face does.
func (c *Composer) ChooseEmoji() {
	if c.OnEmoji != nil {
		c.OnEmoji(draw.PointOf(c.emoji, 0, 0))
	}
}

// composerStrip draws a [Strip].
type composerStrip struct {
	widget.BaseWidget

	data  *Strip
	owner *Composer
	close *IconButton
}

func newComposerStrip(owner *Composer, tip string, closed func()) *composerStrip {
	s := &composerStrip{owner: owner}
	s.close = NewIconButton(assets.IconClose, tip, closed)
	s.ExtendBaseWidget(s)
	return s
}

// height returns what the strip adds to the height of the composer.
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
	icon, bar := draw.NewIcon(), &canvas.Rectangle{CornerRadius: stripBar / 2}
	title, label := draw.NewText(), draw.NewText()
	photo := draw.NewPhotoImage(RadiusField / 2)
	objects := []fyne.CanvasObject{icon, photo, bar, title, label, s.close}
	return draw.NewRenderer(objects, s.MinSize, func(size fyne.Size) {
		d := s.data
		if d == nil {
			return
		}
		draw.SetVisible(icon, d.Photo == nil)
		draw.SetVisible(photo, d.Photo != nil)
		if d.Photo != nil && photo.Image != d.Photo.Image() {
			photo.Image = d.Photo.Image()
			photo.Refresh()
		}
		draw.Place(photo, stripTextX-14-stripPhoto, (stripHeight-stripPhoto)/2+2, stripPhoto, stripPhoto)
		draw.SetIcon(icon, d.Icon, ColorAccent)
		draw.Place(icon, composerMargin+4, (stripHeight-draw.IconSide)/2+2, draw.IconSide, draw.IconSide)
		draw.SetFill(bar, draw.ThemeColor(ColorAccent))
		draw.Place(bar, stripTextX-10, 8, stripBar, stripHeight-10)
		x, y := size.Width-composerMargin-draw.HitSide+2, (stripHeight-draw.HitSide)/2+2
		draw.Place(s.close, x, y, draw.HitSide, draw.HitSide)
		room := size.Width - composerMargin - draw.HitSide - 4 - stripTextX
		set, bold, plain := s.owner.set, text.Font{Size: TextPreview, Bold: true}, text.Font{Size: TextPreview}
		draw.SetText(title, set.Fit(text.CleanLine(d.Title), bold, room), bold, draw.ThemeColor(ColorAccent))
		draw.PlaceText(title, stripTextX, 6)
		draw.SetText(label, set.Fit(text.CleanLine(d.Text), plain, room), plain, draw.ThemeColor(ColorSecondary))
		draw.PlaceTextIn(label, stripTextX, 23, room)
	})
}
