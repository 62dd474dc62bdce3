package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
)

// PastCall is one row of a [CallList].
type PastCall struct {
	Face  Face
	Name  string
	Words string    // such as "Outgoing call, 3:12"
	Time  string    // as shown, such as 14:02
	Arrow CallArrow // before Words, which have the colour of a missed call
}

// CallList lists calls that there were.
type CallList struct {
	widget.BaseWidget

	// OnTapped is called for a row, OnMenu for a right click on it, with a position in the window.
	OnTapped func(i int)
	OnMenu   func(i int, pos fyne.Position)
	// OnShortcut is called for shortcuts while the list has the focus, and reports whether it handled them.
	OnShortcut func(fyne.Shortcut) bool
	// OnEscape is called for the Escape key.
	OnEscape func()

	list *scrollingRows
}

var _ fyne.Widget = (*CallList)(nil)

const (
	callListWidth = float32(300)
	callListHigh  = float32(440)
)

// NewCallList returns a list of these calls.
func NewCallList(calls []PastCall) *CallList {
	l := &CallList{list: newScrollingRows(ColorChatPane)}
	rows := make([]listRow, len(calls))
	for i, c := range calls {
		rows[i] = listRow{
			face: c.Face, side: AvatarMember, title: c.Name, words: c.Words, note: c.Time, arrow: c.Arrow,
			alarm: c.Arrow == CallMissed,
		}
	}
	l.list.setRows(rows, -1)
	l.list.onTapped = func(i int) {
		if l.OnTapped != nil {
			l.OnTapped(i)
		}
	}
	l.list.onMenu = func(i int, pos fyne.Position) {
		if l.OnMenu != nil {
			l.OnMenu(i, pos)
		}
	}
	l.list.onShortcut = func(s fyne.Shortcut) bool { return l.OnShortcut != nil && l.OnShortcut(s) }
	l.list.onEscape = func() { draw.Invoke(l.OnEscape) }
	l.ExtendBaseWidget(l)
	return l
}

// Keyboard returns what has to have the focus for the keys of the list.
func (l *CallList) Keyboard() fyne.Focusable { return l.list }

// MinSize implements fyne.CanvasObject.
func (l *CallList) MinSize() fyne.Size {
	return fyne.NewSize(callListWidth, min(l.list.total(), callListHigh))
}

// CreateRenderer implements fyne.Widget.
func (l *CallList) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewRenderer([]fyne.CanvasObject{l.list}, l.MinSize, func(size fyne.Size) {
		draw.Place(l.list, 0, 0, size.Width, size.Height)
	})
}
