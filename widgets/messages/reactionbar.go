package messages

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// QuickReactions returns the emoji for a [ReactionBar] if the screen has no better ones.
func QuickReactions() []string { return []string{"👍", "❤️", "😂", "😮", "😢", "🎉"} }

// ReactionBar is the content of a popup: a few emoji to react with, and a button for more. The arrow keys move among
// the emoji, Down is the button.
type ReactionBar struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed, even if it is chosen already.
	OnChosen func(emoji string)
	// OnMore is called for the button at the end. If it is nil there is no button.
	OnMore func()
	// OnEscape is called for the Escape key.
	OnEscape func()
	// OnFocus focuses a part of the bar.
	OnFocus widgets.Focuser

	cells *emojiCells
	more  *widgets.IconButton
}

var _ fyne.Widget = (*ReactionBar)(nil)

// NewReactionBar returns a bar with these emoji; those the user has chosen are marked.
func NewReactionBar(emoji []string, chosen ...string) *ReactionBar {
	b := &ReactionBar{}
	b.cells = newEmojiCells(emoji, len(emoji), func(s string) {
		if b.OnChosen != nil {
			b.OnChosen(s)
		}
	})
	b.cells.chosen = chosen
	b.cells.below = func() { draw.Invoke(b.OnMore) }
	b.more = widgets.NewIconButton(assets.IconChevronDown, tr.L("All emoji"), func() { draw.Invoke(b.OnMore) })
	escape := func() { draw.Invoke(b.OnEscape) }
	b.cells.OnEscape, b.more.OnEscape = escape, escape
	b.ExtendBaseWidget(b)
	return b
}

// Focus focuses the first of the emoji.
func (b *ReactionBar) Focus() { b.OnFocus.Focus(b.cells) }

// MinSize implements fyne.CanvasObject.
func (b *ReactionBar) MinSize() fyne.Size {
	m := b.cells.MinSize()
	if b.OnMore != nil {
		m.Width += draw.HitSide
	}
	return m
}

// CreateRenderer implements fyne.Widget.
func (b *ReactionBar) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewRenderer([]fyne.CanvasObject{b.cells, b.more}, b.MinSize, func(fyne.Size) {
		m := b.cells.MinSize()
		draw.Place(b.cells, 0, 0, m.Width, m.Height)
		draw.SetVisible(b.more, b.OnMore != nil)
		draw.Place(b.more, m.Width, 0, draw.HitSide, draw.HitSide)
	})
}

// emojiCells draws emoji in squares.
type emojiCells struct {
	draw.Pressable

	emoji   []string
	chosen  []string
	columns int
	current int    // under the pointer, or moved to with the keys
	below   func() // the Down key in the last row; nil for nothing
	set     *text.Typesetter
}

func newEmojiCells(emoji []string, columns int, chosen func(string)) *emojiCells {
	c := &emojiCells{emoji: emoji, columns: max(1, columns), set: text.NewTypesetter()}
	c.OnTapped = func() {
		if c.current >= 0 && c.current < len(c.emoji) {
			chosen(c.emoji[c.current])
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// MinSize implements fyne.CanvasObject.
func (c *emojiCells) MinSize() fyne.Size {
	rows := (len(c.emoji) + c.columns - 1) / c.columns
	return fyne.NewSize(float32(c.columns)*draw.HitSide, float32(rows)*draw.HitSide)
}

func (c *emojiCells) place(i int) draw.Box {
	return draw.NewBox(float32(i%c.columns)*draw.HitSide, float32(i/c.columns)*draw.HitSide, draw.HitSide, draw.HitSide)
}

// CreateRenderer implements fyne.Widget.
func (c *emojiCells) CreateRenderer() fyne.WidgetRenderer {
	under, ring := &canvas.Rectangle{CornerRadius: widgets.RadiusField}, draw.NewFocusRing()
	objects := []fyne.CanvasObject{under, ring.Line}
	grounds, texts := make([]*canvas.Rectangle, len(c.emoji)), make([]*draw.Text, len(c.emoji))
	for i := range c.emoji {
		grounds[i], texts[i] = &canvas.Rectangle{CornerRadius: widgets.RadiusField}, draw.NewText()
		objects = append(objects, grounds[i], texts[i])
	}
	f := text.Font{Size: 20}
	return draw.NewRenderer(objects, c.MinSize, func(fyne.Size) {
		at := c.place(c.current)
		draw.SetVisible(under, c.Hovered())
		draw.SetFill(under, draw.ThemeColor(widgets.ColorIconHover))
		draw.Place(under, at.X, at.Y, at.W, at.H)
		ring.Place(c.Focused(), at.X+1, at.Y+1, at.W-2, at.H-2, widgets.RadiusField)
		for i, s := range c.emoji {
			b := c.place(i)
			draw.SetVisible(grounds[i], slices.Contains(c.chosen, s))
			draw.SetFill(grounds[i], draw.ThemeColor(widgets.ColorRowSelected))
			draw.Place(grounds[i], b.X+1, b.Y+1, b.W-2, b.H-2)
			s = c.set.Fit(text.CleanLine(s), f, draw.HitSide)
			draw.SetText(texts[i], s, f, draw.ThemeColor(widgets.ColorText))
			draw.PlaceText(texts[i], b.X+(b.W-c.set.LineWidth(s, f))/2, b.Y+(b.H-text.Height(f))/2)
		}
	})
}

func (c *emojiCells) point(pos fyne.Position) {
	pos = draw.FlipPoint(pos, c.Size().Width)
	i := int(pos.Y/draw.HitSide)*c.columns + min(int(pos.X/draw.HitSide), c.columns-1)
	if i = min(max(i, 0), len(c.emoji)-1); i != c.current {
		c.current = i
		c.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (c *emojiCells) Tapped(e *fyne.PointEvent) {
	c.point(e.Position)
	c.Trigger()
}

// MouseIn implements desktop.Hoverable.
func (c *emojiCells) MouseIn(e *desktop.MouseEvent) {
	c.point(e.Position)
	c.Pressable.MouseIn(e)
}

// MouseMoved implements desktop.Hoverable.
func (c *emojiCells) MouseMoved(e *desktop.MouseEvent) { c.point(e.Position) }

// TypedKey implements fyne.Focusable.
func (c *emojiCells) TypedKey(e *fyne.KeyEvent) {
	step := map[fyne.KeyName]int{
		fyne.KeyLeft: -1, fyne.KeyRight: 1, fyne.KeyUp: -c.columns, fyne.KeyDown: c.columns,
	}[draw.FlipKey(e.Name)]
	if step == 0 {
		c.Pressable.TypedKey(e)
		return
	}
	switch i := c.current + step; {
	case i >= 0 && i < len(c.emoji):
		c.current = i
		c.Refresh()
	case e.Name == fyne.KeyDown:
		draw.Invoke(c.below)
	}
}
