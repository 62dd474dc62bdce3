package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/emoji"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Completions lists what a word that is being written may become. The keyboard stays in the composer.
type Completions struct {
	widget.BaseWidget

	// OnChosen is called with the index of the row that was pressed.
	OnChosen func(i int)

	rows    []string
	current int
	set     *text.Typesetter
	objects []fyne.CanvasObject
	texts   []*draw.Text
	back    *canvas.Rectangle
	ground  *canvas.Rectangle
}

var (
	_ fyne.Tappable     = (*Completions)(nil)
	_ desktop.Hoverable = (*Completions)(nil)
)

const completionRow = float32(34)

// NewCompletions returns an empty list.
func NewCompletions() *Completions {
	c := &Completions{set: text.NewTypesetter(), ground: &canvas.Rectangle{}, back: &canvas.Rectangle{CornerRadius: RadiusRow}}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows rows; the first is the current one.
func (c *Completions) Set(rows []string) {
	c.rows, c.current = rows, 0
	c.Refresh()
}

// Step makes the row above or below the current one, from the last to the first and back.
func (c *Completions) Step(by int) {
	if n := len(c.rows); n > 0 {
		c.current = ((c.current+by)%n + n) % n
		c.Refresh()
	}
}

// Current returns the index of the current row, -1 if there are none.
func (c *Completions) Current() int { return min(c.current, len(c.rows)-1) }

// MinSize implements fyne.CanvasObject.
func (c *Completions) MinSize() fyne.Size {
	if len(c.rows) == 0 {
		return fyne.NewSize(100, 0)
	}
	return fyne.NewSize(100, float32(len(c.rows))*completionRow+8)
}

func (c *Completions) point(pos fyne.Position) bool {
	i := int((pos.Y - 4) / completionRow)
	if pos.Y < 4 || i >= len(c.rows) {
		return false
	}
	if i != c.current {
		c.current = i
		c.Refresh()
	}
	return true
}

// Tapped implements fyne.Tappable.
func (c *Completions) Tapped(e *fyne.PointEvent) {
	if c.point(e.Position) && c.OnChosen != nil {
		c.OnChosen(c.current)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *Completions) MouseIn(e *desktop.MouseEvent) { c.point(e.Position) }

// MouseMoved implements desktop.Hoverable.
func (c *Completions) MouseMoved(e *desktop.MouseEvent) { c.point(e.Position) }

// MouseOut implements desktop.Hoverable.
func (c *Completions) MouseOut() {}

// CreateRenderer implements fyne.Widget.
func (c *Completions) CreateRenderer() fyne.WidgetRenderer {
	var r *draw.Renderer
	r = draw.NewRenderer([]fyne.CanvasObject{c.ground}, c.MinSize, func(size fyne.Size) { r.SetObjects(c.draw(size)) })
	return r
}

func (c *Completions) draw(size fyne.Size) []fyne.CanvasObject {
	draw.SetFill(c.ground, draw.ThemeColor(ColorChatPane))
	draw.Place(c.ground, 0, 0, size.Width, size.Height)
	draw.SetFill(c.back, draw.ThemeColor(ColorRowSelected))
	draw.Place(c.back, 6, 4+float32(c.Current())*completionRow, size.Width-12, completionRow)
	draw.SetVisible(c.back, len(c.rows) > 0)
	c.objects = append(c.objects[:0], c.ground, c.back)
	f := text.Font{Size: TextBody}
	for i, row := range c.rows {
		if i == len(c.texts) {
			c.texts = append(c.texts, draw.NewText())
		}
		words := c.set.Fit(text.CleanLine(row), f, size.Width-32)
		draw.SetText(c.texts[i], words, f, draw.ThemeColor(ColorText))
		draw.PlaceText(c.texts[i], 16, 4+float32(i)*completionRow+(completionRow-text.Height(f))/2)
		c.objects = append(c.objects, c.texts[i])
	}
	return c.objects
}

// EmojiOffer is an emoji that a code such as :smi may become.
type EmojiOffer struct{ Emoji, Name string }

// CompleteEmoji returns at most so many emoji for a code that is being written, without its colon, also in a language
// such as de.
func CompleteEmoji(code, language string, most int) []EmojiOffer {
	var out []EmojiOffer
	for _, e := range emoji.Search(code, language) {
		if len(out) == most {
			break
		}
		name := e.Name
		if len(e.Codes) > 0 {
			name = ":" + e.Codes[0] + ":"
		}
		out = append(out, EmojiOffer{e.Text, name})
	}
	return out
}
