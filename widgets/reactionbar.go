package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// QuickReactions returns the emoji a [ReactionBar] offers if the screen has no better ones.
func QuickReactions() []string { return []string{"👍", "❤️", "😂", "😮", "😢", "🎉"} }

// commonEmoji are those of an [EmojiGrid], all of them in the font that comes with Fyne.
func commonEmoji() []string {
	return []string{
		"😀", "😃", "😄", "😁", "😅", "😂", "🙂", "😉",
		"😊", "😍", "😘", "😋", "😎", "🤔", "😐", "🙄",
		"😏", "😴", "😮", "😢", "😭", "😡", "😱", "🤗",
		"👍", "👎", "👌", "✌️", "🤞", "👏", "🙌", "🙏",
		"💪", "👋", "🤝", "👀", "❤️", "💔", "💯", "🔥",
		"🎉", "🎁", "🎂", "🏆", "⭐", "✨", "☀️", "🌈",
		"☕", "🍺", "🍕", "🍎", "🌹", "🐶", "🐱", "🚀",
		"✅", "❌", "🎯", "🙈", "💡", "📌", "⏰", "⚽",
	}
}

const gridColumns = 8

// ReactionBar is the content of a popup: a few emoji to react with, and a button for more.
type ReactionBar struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed, also with the one chosen already.
	OnChosen func(emoji string)
	// OnMore is called for the button at the end. Without it there is none.
	OnMore func()

	cells *emojiCells
	more  *IconButton
}

var _ fyne.Widget = (*ReactionBar)(nil)

// NewReactionBar returns a bar with these emoji, of which those the user has chosen already are marked.
func NewReactionBar(emoji []string, chosen ...string) *ReactionBar {
	b := &ReactionBar{}
	b.cells = newEmojiCells(emoji, len(emoji), func(s string) {
		if b.OnChosen != nil {
			b.OnChosen(s)
		}
	})
	b.cells.chosen = chosen
	b.more = NewIconButton(assets.IconChevronDown, func() { call(b.OnMore) })
	b.ExtendBaseWidget(b)
	return b
}

// MinSize implements fyne.CanvasObject.
func (b *ReactionBar) MinSize() fyne.Size {
	m := b.cells.MinSize()
	if b.OnMore != nil {
		m.Width += hitSide
	}
	return m
}

// CreateRenderer implements fyne.Widget.
func (b *ReactionBar) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn([]fyne.CanvasObject{b.cells, b.more}, b.MinSize, func(fyne.Size) {
		m := b.cells.MinSize()
		put(b.cells, 0, 0, m.Width, m.Height)
		show(b.more, b.OnMore != nil)
		put(b.more, m.Width, 0, hitSide, hitSide)
	})
}

// EmojiGrid is the content of a popup: common emoji to choose from, with the mouse or the arrow keys.
type EmojiGrid struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed.
	OnChosen func(emoji string)

	cells *emojiCells
}

var _ fyne.Widget = (*EmojiGrid)(nil)

// NewEmojiGrid returns a grid.
func NewEmojiGrid() *EmojiGrid {
	g := &EmojiGrid{}
	g.cells = newEmojiCells(commonEmoji(), gridColumns, func(s string) {
		if g.OnChosen != nil {
			g.OnChosen(s)
		}
	})
	g.ExtendBaseWidget(g)
	return g
}

// Focus gives the arrow keys to the grid.
func (g *EmojiGrid) Focus() {
	if v := fyne.CurrentApp().Driver().CanvasForObject(g.cells); v != nil {
		v.Focus(g.cells)
	}
}

// CreateRenderer implements fyne.Widget.
func (g *EmojiGrid) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(g.cells) }

// emojiCells draws emoji in squares of 36.
type emojiCells struct {
	press

	emoji   []string
	chosen  []string
	columns int
	current int // under the pointer, or where the keys have led
	set     *typesetter
}

func newEmojiCells(emoji []string, columns int, chosen func(string)) *emojiCells {
	c := &emojiCells{emoji: emoji, columns: max(1, columns), set: newTypesetter()}
	c.onTapped = func() {
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
	return fyne.NewSize(float32(c.columns)*hitSide, float32(rows)*hitSide)
}

func (c *emojiCells) place(i int) box {
	return box{float32(i%c.columns) * hitSide, float32(i/c.columns) * hitSide, hitSide, hitSide}
}

// CreateRenderer implements fyne.Widget.
func (c *emojiCells) CreateRenderer() fyne.WidgetRenderer {
	under, ring := &canvas.Rectangle{CornerRadius: RadiusField}, newFocusRing()
	objects := []fyne.CanvasObject{under, ring.line}
	grounds, texts := make([]*canvas.Rectangle, len(c.emoji)), make([]*canvas.Text, len(c.emoji))
	for i := range c.emoji {
		grounds[i], texts[i] = &canvas.Rectangle{CornerRadius: RadiusField}, newText()
		objects = append(objects, grounds[i], texts[i])
	}
	f := font{size: 20}
	return newDrawn(objects, c.MinSize, func(fyne.Size) {
		at := c.place(c.current)
		show(under, c.hovered)
		setFill(under, tone(ColorIconHover))
		put(under, at.x, at.y, at.w, at.h)
		ring.place(c.focused, at.x+1, at.y+1, at.w-2, at.h-2, RadiusField)
		for i, s := range c.emoji {
			b := c.place(i)
			show(grounds[i], slices.Contains(c.chosen, s))
			setFill(grounds[i], tone(ColorRowSelected))
			put(grounds[i], b.x+1, b.y+1, b.w-2, b.h-2)
			s = c.set.fit(cleanLine(s), f, hitSide)
			setText(texts[i], s, f, tone(ColorText))
			putText(texts[i], b.x+(b.w-c.set.lineWidth(s, f))/2, b.y+(b.h-textHeight(f))/2)
		}
	})
}

func (c *emojiCells) point(pos fyne.Position) {
	i := int(pos.Y/hitSide)*c.columns + min(int(pos.X/hitSide), c.columns-1)
	if i = min(max(i, 0), len(c.emoji)-1); i != c.current {
		c.current = i
		c.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (c *emojiCells) Tapped(e *fyne.PointEvent) {
	c.point(e.Position)
	c.fire()
}

// MouseIn implements desktop.Hoverable.
func (c *emojiCells) MouseIn(e *desktop.MouseEvent) {
	c.point(e.Position)
	c.press.MouseIn(e)
}

// MouseMoved implements desktop.Hoverable.
func (c *emojiCells) MouseMoved(e *desktop.MouseEvent) { c.point(e.Position) }

// TypedKey implements fyne.Focusable.
func (c *emojiCells) TypedKey(e *fyne.KeyEvent) {
	step := map[fyne.KeyName]int{
		fyne.KeyLeft: -1, fyne.KeyRight: 1, fyne.KeyUp: -c.columns, fyne.KeyDown: c.columns,
	}[e.Name]
	if step == 0 {
		c.press.TypedKey(e)
		return
	}
	if i := c.current + step; i >= 0 && i < len(c.emoji) {
		c.current = i
		c.Refresh()
	}
}
