package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
)

// Member is one row of a [MemberList].
type Member struct {
	Key    string // unique in the list
	Face   Face
	Name   string
	Role   string // owner, admin; may be empty
	Status string // a second line: online, last seen; may be empty
	Active bool   // the second line in the accent colour
}

// memberFold is the number of members shown at first. At most memberSlack more are shown as well.
const (
	memberFold  = 8
	memberSlack = 2
)

// MemberList shows the members of a group, at first only a few, until its last row is pressed. It is as high as its
// rows; an [InfoPanel] scrolls it.
type MemberList struct {
	widget.BaseWidget

	// OnTapped is called for a row.
	OnTapped func(key string)
	// OnMenu is called for a right click on a row, with a position in the window.
	OnMenu func(key string, pos fyne.Position)

	members []Member
	open    bool
	resized func()
	list    *rowList
}

var _ fyne.Widget = (*MemberList)(nil)

// NewMemberList returns an empty list.
func NewMemberList() *MemberList {
	l := &MemberList{list: newTallRows(ColorChatPane)}
	l.list.onTapped = l.tapped
	l.list.onMenu = func(i int, pos fyne.Position) {
		if l.OnMenu != nil {
			l.OnMenu(l.members[i].Key, pos)
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

func (l *MemberList) setResized(f func()) { l.resized = f }

// SetOnEscape sets what is called for the Escape key.
func (l *MemberList) SetOnEscape(f func()) { l.list.onEscape = f }

// SetMembers shows these members. The list keeps the slice; do not change it afterwards.
func (l *MemberList) SetMembers(members []Member) {
	key := ""
	if i := l.list.current; i >= 0 && i < l.shown() {
		key = l.members[i].Key
	}
	l.members = members
	l.fill(key)
}

// SetOpen unfolds the list, or folds it.
func (l *MemberList) SetOpen(open bool) {
	l.open = open
	l.fill("")
}

// shown returns the number of members that have rows.
func (l *MemberList) shown() int {
	if n := len(l.members); l.open || n <= memberFold+memberSlack {
		return n
	}
	return memberFold
}

func (l *MemberList) fill(key string) {
	n, current := l.shown(), -1
	rows := make([]listRow, n, n+1)
	for i, m := range l.members[:n] {
		rows[i] = listRow{
			face: m.Face, side: AvatarMember, title: m.Name, words: m.Status, active: m.Active, role: m.Role,
		}
		if key != "" && m.Key == key {
			current = i
		}
	}
	if n < len(l.members) {
		rows = append(rows, listRow{kind: rowMore, title: tr.N("Show {{.N}} member", "Show all {{.N}} members", len(l.members))})
	}
	before := l.list.total()
	l.list.setRows(rows, current)
	l.Refresh()
	if l.list.total() != before {
		draw.Invoke(l.resized)
	}
}

func (l *MemberList) tapped(i int) {
	switch {
	case i >= l.shown():
		l.SetOpen(true)
	case l.OnTapped != nil:
		l.OnTapped(l.members[i].Key)
	}
}

// MinSize implements fyne.CanvasObject.
func (l *MemberList) MinSize() fyne.Size { return l.list.MinSize() }

// CreateRenderer implements fyne.Widget.
func (l *MemberList) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.list) }
