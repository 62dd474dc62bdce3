package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/emoji"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// EmojiPicker is the content of a popup: all emoji in categories, with a search field, which has the keyboard. The
// arrow keys move among the emoji; a right click, or Shift+Enter, offers skin tones. Stickers, if there are any, are in a row
// above.
type EmojiPicker struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed.
	OnChosen func(emoji string)
	// OnSticker is called with the index of the sticker that was pressed.
	OnSticker func(i int)
	// OnEscape is called for the Escape key, unless it clears the search.
	OnEscape func()
	// OnFocus focuses the search field.
	OnFocus Focuser

	field    *emojiField
	tabs     *emojiTabs
	grid     *emojiGrid
	row      *stickerRow
	recent   []emoji.Emoji
	language string
	set      *text.Typesetter
}

var _ fyne.Widget = (*EmojiPicker)(nil)

const (
	emojiColumns  = 8
	emojiCell     = float32(44)
	emojiPicture  = float32(36)
	emojiTitle    = float32(28) // height of a category's title
	emojiPad      = float32(8)
	emojiFieldTop = float32(4)
	emojiTabsHigh = float32(36)
	emojiName     = float32(26)  // height of the line with the name
	emojiRows     = float32(6.5) // visible at once
)

// NewEmojiPicker returns a picker that offers the emoji used last first, and also finds emoji by their names in a
// language such as de.
func NewEmojiPicker(recent []string, language string) *EmojiPicker {
	p := &EmojiPicker{language: language, set: text.NewTypesetter()}
	for _, s := range recent {
		if emoji.Is(s) {
			p.recent = append(p.recent, emoji.Find(s))
		}
	}
	p.row = newStickerRow()
	p.row.onChosen = p.stickerChosen
	p.row.onCurrent = func() { p.enterRow(p.row.current) }
	p.grid = newEmojiGrid(language, p.chosen)
	p.grid.onCurrent = p.leaveRow
	p.tabs = newEmojiTabs(len(p.recent) > 0, func(section int) {
		p.field.SetText("")
		p.grid.showSection(section)
	})
	p.grid.onSection = p.tabs.choose
	p.field = newEmojiField(p)
	p.grid.setRows(p.sections())
	p.ExtendBaseWidget(p)
	return p
}

// PrepareEmoji returns work, for another goroutine, that draws what a picker shows first: it opens at once then.
func PrepareEmoji(recent []string) (work func()) {
	side := draw.EmojiPixels(emojiPicture)
	return func() {
		const first = 8 * emojiColumns // as many rows are seen
		list := recent
		for _, e := range emoji.All()[:min(first, len(emoji.All()))] {
			list = append(slices.Clip(list), e.Text)
		}
		for _, s := range list {
			emoji.Picture(s, side)
		}
	}
}

// SetStickers shows stickers in a row, the first on the left; of none there is no row.
func (p *EmojiPicker) SetStickers(photos []*Photo) {
	p.row.set(photos)
	p.grid.idle = p.row.current >= 0
	p.grid.update()
	p.Refresh()
}

func (p *EmojiPicker) stickerChosen(i int) {
	if p.OnSticker != nil {
		p.OnSticker(i)
	}
}

// enterRow makes a sticker the current one, in place of an emoji.
func (p *EmojiPicker) enterRow(i int) {
	p.row.point(i)
	p.grid.idle = true
	p.grid.update()
	p.Refresh()
}

// leaveRow makes the emoji of the grid the current one again.
func (p *EmojiPicker) leaveRow() {
	if p.grid.idle {
		p.row.point(-1)
		p.grid.idle = false
		p.grid.update()
	}
	p.Refresh()
}

// inRow handles the keys that move among stickers, to them and from them; it reports whether it did.
func (p *EmojiPicker) inRow(key fyne.KeyName) bool {
	g := p.grid
	if p.row.current < 0 {
		if key != fyne.KeyUp || len(p.row.photos) == 0 || g.tones >= 0 || !g.inFirstRow() {
			return false
		}
		p.enterRow(0)
		return true
	}
	switch key {
	case fyne.KeyLeft:
		p.row.move(-1)
	case fyne.KeyRight:
		p.row.move(1)
	case fyne.KeyDown:
		p.leaveRow()
	case fyne.KeyReturn, fyne.KeyEnter:
		p.row.choose()
	case fyne.KeyUp:
	default:
		return false
	}
	return true
}

// words describe what is chosen by Enter.
func (p *EmojiPicker) words() string {
	if p.row.current >= 0 {
		return tr.L("Send this sticker")
	}
	return p.grid.words()
}

// Focus focuses the search field.
func (p *EmojiPicker) Focus() { p.OnFocus.Focus(p.field) }

func (p *EmojiPicker) chosen(s string) {
	if p.OnChosen != nil {
		p.OnChosen(s)
	}
}

// emojiSection is a category of the picker.
type emojiSection struct {
	title string
	list  []emoji.Emoji
}

// sections returns all emoji in categories.
func (p *EmojiPicker) sections() []emojiSection {
	var out []emojiSection
	if len(p.recent) > 0 {
		out = append(out, emojiSection{tr.L("Recently used"), p.recent})
	}
	titles := map[emoji.Group]string{
		emoji.Smileys: tr.L("Smileys"), emoji.People: tr.X("People", "emoji"), emoji.Animals: tr.L("Animals and nature"),
		emoji.Food: tr.L("Food and drink"), emoji.Travel: tr.L("Travel and places"), emoji.Activities: tr.L("Activities"),
		emoji.Objects: tr.L("Objects"), emoji.Symbols: tr.L("Symbols"), emoji.Flags: tr.L("Flags"),
	}
	for _, g := range emoji.Groups() {
		s := emojiSection{title: titles[g]}
		for _, e := range emoji.All() {
			if e.Group == g {
				s.list = append(s.list, e)
			}
		}
		out = append(out, s)
	}
	return out
}

// search shows what is found for a query, all emoji without one.
func (p *EmojiPicker) search(query string) {
	if strings.TrimSpace(query) == "" {
		p.grid.setRows(p.sections())
		return
	}
	found := emoji.Search(query, p.language)
	title := tr.L("Results")
	if len(found) == 0 {
		title = tr.L("Nothing found")
	}
	p.grid.setRows([]emojiSection{{title, found}})
}

// MinSize implements fyne.CanvasObject.
func (p *EmojiPicker) MinSize() fyne.Size {
	w := emojiColumns*emojiCell + 2*emojiPad + draw.ScrollBarWidth
	return fyne.NewSize(w, p.gridTop()+emojiRows*emojiCell+emojiName)
}

func (p *EmojiPicker) gridTop() float32 {
	top := emojiFieldTop + draw.CeilPx(p.field.MinSize().Height) + emojiTabsHigh + 4
	if len(p.row.photos) > 0 {
		top += stickerRowHigh
	}
	return top
}

// CreateRenderer implements fyne.Widget.
func (p *EmojiPicker) CreateRenderer() fyne.WidgetRenderer {
	line, name := &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{p.field, p.tabs, p.row, p.grid, line, name}
	return draw.NewRenderer(objects, p.MinSize, func(size fyne.Size) {
		h := draw.CeilPx(p.field.MinSize().Height)
		draw.Place(p.field, emojiPad, emojiFieldTop, size.Width-2*emojiPad, h)
		draw.Place(p.tabs, emojiPad, emojiFieldTop+h+2, size.Width-2*emojiPad, emojiTabsHigh)
		top := p.gridTop()
		draw.SetVisible(p.row, len(p.row.photos) > 0)
		draw.Place(p.row, emojiPad, top-stickerRowHigh, size.Width-2*emojiPad, stickerRowHigh)
		draw.Place(p.grid, emojiPad, top, size.Width-emojiPad, size.Height-top-emojiName)
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(line, 0, size.Height-emojiName, size.Width, 1)
		f := text.Font{Size: TextSmall}
		words := p.set.Fit(p.words(), f, size.Width-2*emojiPad)
		draw.SetText(name, words, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(name, emojiPad, size.Height-emojiName+(emojiName-text.Height(f))/2)
	})
}

// emojiField is the search field, whose arrow keys move among the emoji.
type emojiField struct {
	Field

	picker *EmojiPicker
}

func newEmojiField(p *EmojiPicker) *emojiField {
	f := &emojiField{picker: p}
	f.init(tr.L("Search emoji"))
	f.Icon = assets.IconSearch.Themed(ColorSecondary)
	f.ExtendBaseWidget(f)
	f.OnChanged = p.search
	return f
}

// TypedKey implements fyne.Focusable.
func (f *emojiField) TypedKey(e *fyne.KeyEvent) {
	g := f.picker.grid
	name := draw.FlipKey(e.Name)
	if f.picker.inRow(name) {
		return
	}
	switch name {
	case fyne.KeyEscape:
		switch {
		case g.closeTones():
		case f.Text != "":
			f.SetText("")
		default:
			draw.Invoke(f.picker.OnEscape)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if f.shift {
			g.openTones(g.current)
		} else {
			g.choose()
		}
	case fyne.KeyLeft:
		g.move(-1, 0)
	case fyne.KeyRight:
		g.move(1, 0)
	case fyne.KeyUp:
		g.move(0, -1)
	case fyne.KeyDown:
		g.move(0, 1)
	case fyne.KeyPageUp:
		g.scrollBy(-g.Size().Height)
	case fyne.KeyPageDown:
		g.scrollBy(g.Size().Height)
	default:
		f.Field.TypedKey(e)
	}
}
