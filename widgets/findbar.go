package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// FindBarHeight is the height of a [FindBar].
const FindBarHeight = float32(48)

// FindBar is the bar to search in a chat: a field, "2 of 7", previous, next and close. Enter goes to the older match,
// Shift+Enter to the newer one.
type FindBar struct {
	widget.BaseWidget

	// OnChanged is called with the query after each change by the user.
	OnChanged func(query string)
	// OnStep is called for the older (-1) and the newer match (1).
	OnStep func(direction int)
	// OnClose is called for the cross and the Escape key.
	OnClose func()
	// OnShortcut is called for shortcuts before the field, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnFocus focuses a part of the bar.
	OnFocus Focuser

	field     *Field
	older     *IconButton
	newer     *IconButton
	close     *IconButton
	at, total int
	set       *text.Typesetter
}

var _ fyne.Widget = (*FindBar)(nil)

// NewFindBar returns an empty bar.
func NewFindBar() *FindBar {
	b := &FindBar{field: NewSearchField(tr.L("Search")), set: text.NewTypesetter()}
	b.older = NewIconButton(assets.IconChevronUp, tr.L("Earlier"), func() { b.step(-1) })
	b.newer = NewIconButton(assets.IconChevronDown, tr.L("Later"), func() { b.step(1) })
	b.close = NewIconButton(assets.IconClose, tr.L("Close"), func() { draw.Invoke(b.OnClose) })
	b.field.OnEscape = func() { draw.Invoke(b.OnClose) }
	b.field.OnArrow = b.step
	b.field.OnEnter = func(shift bool) {
		if shift {
			b.step(1)
		} else {
			b.step(-1)
		}
	}
	b.field.OnShortcut = func(s fyne.Shortcut) bool { return b.OnShortcut != nil && b.OnShortcut(s) }
	b.field.OnFocus = func(w fyne.Focusable) { b.OnFocus.Focus(w) }
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

// Query returns the query.
func (b *FindBar) Query() string { return b.field.Text }

// SetQuery replaces the query without calling OnChanged.
func (b *FindBar) SetQuery(query string) {
	b.field.SetQuietly(query)
	b.Refresh()
}

// SetCount sets the current match, from 1, and the number of matches.
func (b *FindBar) SetCount(at, total int) {
	b.at, b.total = at, total
	b.older.SetDisabled(total == 0)
	b.newer.SetDisabled(total == 0)
	b.Refresh()
}

// Focus focuses the field and selects its text.
func (b *FindBar) Focus() {
	b.OnFocus.Focus(b.field)
	b.field.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// words returns the text beside the field.
func (b *FindBar) words() string {
	switch {
	case b.field.Text == "":
		return ""
	case b.total == 0:
		return tr.L("No matches")
	default:
		return countOf(b.at, b.total)
	}
}

// countOf says which of several something is.
func countOf(n, total int) string { return tr.L("{{.N}} of {{.Total}}", "N", n, "Total", total) }

// MinSize implements fyne.CanvasObject.
func (b *FindBar) MinSize() fyne.Size { return fyne.NewSize(240, FindBarHeight) }

// CreateRenderer implements fyne.Widget.
func (b *FindBar) CreateRenderer() fyne.WidgetRenderer {
	back, line, words := &canvas.Rectangle{}, &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, line, b.field, words, b.older, b.newer, b.close}
	return draw.NewRenderer(objects, b.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, size.Height-1, size.Width, 1)
		x := size.Width - 8
		top := draw.SnapPx((size.Height - 1 - draw.HitSide) / 2)
		for _, button := range []*IconButton{b.close, b.newer, b.older} {
			x -= draw.HitSide
			draw.Place(button, x, top, draw.HitSide, draw.HitSide)
		}
		f := text.Font{Size: TextSmall}
		room := draw.CeilPx(b.set.LineWidth(tr.L("No matches"), f))
		if size.Width < 360 {
			room = draw.CeilPx(b.set.LineWidth(countOf(999, 999), f))
		}
		count := b.set.Fit(b.words(), f, room)
		draw.SetText(words, count, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(words, x-8-b.set.LineWidth(count, f), (size.Height-1-text.Height(f))/2)
		draw.Place(b.field, 12, top, max(0, x-12-room-20), draw.HitSide)
	})
}
