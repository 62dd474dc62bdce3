package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
)

// FindBarHeight is the height of a [FindBar].
const FindBarHeight = float32(48)

// FindBar is the bar to search in a chat: a field, "2 of 7", previous, next and close. Enter goes to the older find,
// Shift and Enter to the newer one.
type FindBar struct {
	widget.BaseWidget

	// OnChanged is called with the query after each change by the user.
	OnChanged func(query string)
	// OnStep is called for previous, which is older (-1), and next (1).
	OnStep func(direction int)
	// OnClose is called for the cross and the Escape key.
	OnClose func()
	// OnShortcut is asked about shortcuts before the field; true means that it was handled.
	OnShortcut func(fyne.Shortcut) bool

	field     *Field
	older     *IconButton
	newer     *IconButton
	close     *IconButton
	at, total int
	set       *typesetter
}

var _ fyne.Widget = (*FindBar)(nil)

// NewFindBar returns an empty bar.
func NewFindBar() *FindBar {
	b := &FindBar{field: NewSearchField("Search"), set: newTypesetter()}
	b.older = NewIconButton(assets.IconChevronUp, func() { b.step(-1) })
	b.newer = NewIconButton(assets.IconChevronDown, func() { b.step(1) })
	b.close = NewIconButton(assets.IconClose, func() { call(b.OnClose) })
	b.field.OnEscape = func() { call(b.OnClose) }
	b.field.OnArrow = b.step
	b.field.OnEnter = func(shift bool) {
		if shift {
			b.step(1)
		} else {
			b.step(-1)
		}
	}
	b.field.OnShortcut = func(s fyne.Shortcut) bool { return b.OnShortcut != nil && b.OnShortcut(s) }
	b.field.OnChanged = func(query string) {
		b.Refresh()
		if b.OnChanged != nil {
			b.OnChanged(query)
		}
	}
	b.SetCount(0, 0)
	b.ExtendBaseWidget(b)
	return b
}

func (b *FindBar) step(direction int) {
	if b.total > 0 && b.OnStep != nil {
		b.OnStep(direction)
	}
}

// Query returns what is searched.
func (b *FindBar) Query() string { return b.field.Text }

// SetQuery replaces the query without a call of OnChanged.
func (b *FindBar) SetQuery(query string) {
	b.field.SetQuietly(query)
	b.Refresh()
}

// SetCount says which find of how many is shown, from 1; nothing was found when total is 0.
func (b *FindBar) SetCount(at, total int) {
	b.at, b.total = at, total
	b.older.setDisabled(total == 0)
	b.newer.setDisabled(total == 0)
	b.Refresh()
}

// Focus puts the caret into the field and selects what is in it.
func (b *FindBar) Focus() {
	if v := fyne.CurrentApp().Driver().CanvasForObject(b.field); v != nil {
		v.Focus(b.field)
		b.field.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

const noMatches = "No matches"

// words is what is said beside the field.
func (b *FindBar) words() string {
	switch {
	case b.field.Text == "":
		return ""
	case b.total == 0:
		return noMatches
	default:
		return strconv.Itoa(b.at) + " of " + strconv.Itoa(b.total)
	}
}

// MinSize implements fyne.CanvasObject.
func (b *FindBar) MinSize() fyne.Size { return fyne.NewSize(240, FindBarHeight) }

// CreateRenderer implements fyne.Widget.
func (b *FindBar) CreateRenderer() fyne.WidgetRenderer {
	back, line, words := &canvas.Rectangle{}, &canvas.Rectangle{}, newText()
	objects := []fyne.CanvasObject{back, line, b.field, words, b.older, b.newer, b.close}
	return newDrawn(objects, b.MinSize, func(size fyne.Size) {
		setFill(back, tone(ColorChatPane))
		setFill(line, tone(ColorHairline))
		put(back, 0, 0, size.Width, size.Height)
		put(line, 0, size.Height-1, size.Width, 1)
		x := size.Width - 8
		top := whole((size.Height - 1 - hitSide) / 2)
		for _, button := range []*IconButton{b.close, b.newer, b.older} {
			x -= hitSide
			put(button, x, top, hitSide, hitSide)
		}
		f := font{size: TextSmall}
		room := up(b.set.lineWidth("No matches", f))
		if size.Width < 360 {
			room = up(b.set.lineWidth("999 of 999", f))
		}
		text := b.set.fit(b.words(), f, room)
		setText(words, text, f, tone(ColorSecondary))
		putText(words, x-8-b.set.lineWidth(text, f), (size.Height-1-textHeight(f))/2)
		put(b.field, 12, top, max(0, x-12-room-20), hitSide)
	})
}
