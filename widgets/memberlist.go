package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
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

// MemberList shows the members of a group, the first few of them until it is unfolded by its last row.
type MemberList struct {
	widget.BaseWidget

	// OnTapped is called for a row.
	OnTapped func(key string)
	// OnMenu is called for a right click on a row with a position in the window.
	OnMenu func(key string, pos fyne.Position)
	// OnResized is called when the list became longer or shorter by itself.
	OnResized func()

	members []Member
	open    bool
}

// NewMemberList returns an empty list.
func NewMemberList() *MemberList {
	l := &MemberList{}
	l.ExtendBaseWidget(l)
	return l
}

// SetMembers shows these members. The list keeps the slice; do not change it afterwards.
func (l *MemberList) SetMembers(members []Member) { l.members = members }

// SetOpen unfolds the list, or folds it.
func (l *MemberList) SetOpen(open bool) { l.open = open }
