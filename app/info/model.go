package info

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Limits of names and status lines, in characters.
const (
	NameLimit   = 64
	StatusLimit = 140
)

// Kind is what the panel shows.
type Kind int

// The kinds.
const (
	Nothing Kind = iota
	Self
	Person
	Group
)

// Config is what a Model is made of.
type Config struct {
	Backend Backend
	Clock   Clock
	Name    func(address string) string // the name of a user
}

// Model is the profile or group that the panel shows. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg     Config
	kind    Kind
	address string
	group   uint32
	pins    []mesibo.GroupPin
	members []mesibo.Member // from the server; nil before its answer
	pages   []mesibo.Member // of an answer that is not complete
}

// NewModel makes a Model that shows nothing.
func NewModel(cfg Config) *Model { return &Model{cfg: cfg} }

// Kind is what the panel is about.
func (m *Model) Kind() Kind { return m.kind }

// Address is the user's address.
func (m *Model) Address() string { return m.address }

// GroupID is the group's.
func (m *Model) GroupID() uint32 { return m.group }

// Show shows a user or a group.
func (m *Model) Show(kind Kind, address string, group uint32) {
	*m = Model{cfg: m.cfg, kind: kind, address: address, group: group}
}

// Is reports whether the panel shows this.
func (m *Model) Is(kind Kind, address string, group uint32) bool {
	return m.kind == kind && m.group == group && strings.EqualFold(m.address, address)
}

// Profile is what is known of the user or group.
func (m *Model) Profile() mesibo.UserProfile {
	p := mesibo.UserProfile{Address: m.address, GroupID: m.group}
	if m.kind == Self {
		if self := m.cfg.Backend.GetSelfProfile(); self != nil {
			p = *self
		}
		return p
	}
	if known, ok := m.cfg.Backend.GetProfile(m.address, m.group); ok {
		p = *known
	}
	return p
}

// Title is the name.
func (m *Model) Title() string {
	p := m.Profile()
	if m.kind == Group {
		return cmp.Or(p.Name, tr.L("Group"))
	}
	return cmp.Or(p.Name, p.Address)
}

// Subtitle says whether a user is online, or how many members a group has.
func (m *Model) Subtitle() (words string, active bool) {
	switch m.kind {
	case Person:
		p := m.Profile()
		return PresenceWords(&p, m.cfg.Clock.Now()), p.Online
	case Group:
		if !m.Rights().Member {
			return tr.L("You are no longer a member"), false
		}
		return CountWords(m.memberCount()), false
	case Self, Nothing:
	}
	return "", false
}

func (m *Model) memberCount() int {
	settings, _, _ := m.cfg.Backend.GroupSettings(m.group)
	return max(settings.Members, len(m.Members()))
}

// CountWords is a number of members in words.
func CountWords(n int) string {
	if n == 0 {
		return tr.L("Group")
	}
	return tr.N("{{.N}} member", "{{.N}} members", n)
}

// PresenceWords says whether a user is online, or when they were last.
func PresenceWords(p *mesibo.UserProfile, now time.Time) string {
	switch {
	case p.Online:
		return tr.L("online")
	case p.LastActiveTime == 0:
		return ""
	}
	t := time.UnixMilli(int64(p.LastActiveTime))
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return tr.L("last seen {{.Time}}", "Time", format.Clock(t))
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return tr.L("last seen yesterday, {{.Time}}", "Time", format.Clock(t))
	default:
		return tr.L("last seen {{.Date}}", "Date", format.Day(t))
	}
}

// Rights are what this user may do in the group.
func (m *Model) Rights() Rights { return m.cfg.Backend.Rights(m.group) }

// Members are the group's members: owners first, then admins, then the rest by name.
func (m *Model) Members() []mesibo.Member {
	list := m.members
	if list == nil {
		list = m.cfg.Backend.GroupMembers(m.group)
	}
	list = slices.Clone(list)
	rank := func(x mesibo.Member) int {
		switch {
		case x.IsOwner():
			return 0
		case x.IsAdmin():
			return 1
		default:
			return 2
		}
	}
	slices.SortFunc(list, func(a, b mesibo.Member) int {
		nameA, nameB := strings.ToLower(m.cfg.Name(a.Address)), strings.ToLower(m.cfg.Name(b.Address))
		return cmp.Or(rank(a)-rank(b), cmp.Compare(nameA, nameB))
	})
	return list
}

// Shared are the groups that both users are members of, as far as their members are known here.
func (m *Model) Shared() []mesibo.UserProfile {
	var list []mesibo.UserProfile
	for _, p := range m.cfg.Backend.GetSortedUserProfiles() {
		if p.GroupID == 0 || !m.cfg.Backend.Rights(p.GroupID).Member {
			continue
		}
		if slices.ContainsFunc(m.cfg.Backend.GroupMembers(p.GroupID), func(x mesibo.Member) bool {
			return strings.EqualFold(x.Address, m.address)
		}) {
			list = append(list, p)
		}
	}
	return list
}

// Member returns one of the members.
func (m *Model) Member(address string) (mesibo.Member, bool) {
	list := m.Members()
	i := slices.IndexFunc(list, func(x mesibo.Member) bool { return strings.EqualFold(x.Address, address) })
	if i < 0 {
		return mesibo.Member{}, false
	}
	return list[i], true
}

// RoleWords is the role of a member, empty for an ordinary one.
func RoleWords(x mesibo.Member) string {
	switch {
	case x.IsOwner():
		return tr.L("owner")
	case x.IsAdmin():
		return tr.L("admin")
	default:
		return ""
	}
}

// Status is the line about the group or user.
func (m *Model) Status() string {
	if m.kind == Group {
		if settings, _, ok := m.cfg.Backend.GroupSettings(m.group); ok {
			return settings.Status
		}
	}
	return m.Profile().Status
}

// MembersReceived applies a page of members from the server.
func (m *Model) MembersReceived(group uint32, page []mesibo.Member, more bool) {
	if m.kind != Group || m.group != group {
		return
	}
	if m.pages = append(m.pages, page...); !more {
		m.members, m.pages = m.pages, nil
	}
}

// MembersChanged drops the server's list of members and requests it again.
func (m *Model) MembersChanged(group uint32) error {
	if m.kind != Group || m.group != group {
		return nil
	}
	m.members, m.pages = nil, nil
	if !m.Rights().Member {
		return nil
	}
	return m.cfg.Backend.AskGroup(group)
}

// PinsReceived applies the join codes; an empty list says nothing about them.
func (m *Model) PinsReceived(group uint32, pins []mesibo.GroupPin) {
	if m.kind == Group && m.group == group && len(pins) > 0 {
		m.pins = pins
	}
}

// Code is the join code, empty without one.
func (m *Model) Code() string {
	if len(m.pins) == 0 {
		return ""
	}
	return m.pins[0].Code
}

// MakeCode requests a join code from the server; users who join with it become ordinary members.
func (m *Model) MakeCode() error {
	ordinary := mesibo.MemberPermissions{Flags: mesibo.MemberFlagAll}
	return m.cfg.Backend.AddPin(m.group, mesibo.GroupPin{Permissions: ordinary})
}

// RemoveCode invalidates the code.
func (m *Model) RemoveCode() error {
	if err := m.cfg.Backend.RemovePin(m.group, m.Code()); err != nil {
		return err
	}
	m.pins = m.pins[1:]
	return nil
}

// ErrNoName is returned for an empty name.
var ErrNoName = errors.New("a name is needed")

// Rename changes the name: for all users when it is this user's or a group's, only here when it is another user's.
func (m *Model) Rename(name string) error {
	switch m.kind {
	case Self:
		if name == "" {
			return ErrNoName
		}
		p := m.Profile()
		p.Name = name
		return m.cfg.Backend.SetSelfProfile(&p)
	case Group:
		if name == "" {
			return ErrNoName
		}
		return m.cfg.Backend.SetGroup(m.group, mesibo.GroupProperties{Name: &name})
	case Person:
		p := m.Profile()
		p.Name = name
		return m.cfg.Backend.SetProfile(&p)
	case Nothing:
	}
	return nil
}

// Describe changes the line about this user or the group.
func (m *Model) Describe(status string) error {
	if m.kind == Group {
		return m.cfg.Backend.SetGroup(m.group, mesibo.GroupProperties{Status: &status})
	}
	p := m.Profile()
	p.Status = status
	return m.cfg.Backend.SetSelfProfile(&p)
}

// SetPicture sets a picture file for this user or the group; empty removes the picture.
func (m *Model) SetPicture(path string) error {
	if m.kind == Group {
		return m.cfg.Backend.SetGroup(m.group, mesibo.GroupProperties{PicturePath: &path})
	}
	p := m.Profile()
	p.PicturePath = path
	if path == "" {
		p.Picture = nil
	}
	return m.cfg.Backend.SetSelfProfile(&p)
}

// Block makes the server refuse the user's messages, or accept them again.
func (m *Model) Block(block bool) error {
	p := m.Profile()
	p.BlockMessages(block)
	return m.cfg.Backend.SetProfile(&p)
}

// Visibility is who can see when this user is online.
func (m *Model) Visibility() mesibo.Visibility { return m.cfg.Backend.GetOnlineStatusPrivacy() }

// SetVisibility changes it.
func (m *Model) SetVisibility(v mesibo.Visibility) error {
	return m.cfg.Backend.SetOnlineStatusPrivacy(v)
}

// VisibilityWords is a choice in words.
func VisibilityWords(v mesibo.Visibility) string {
	switch v {
	case mesibo.VisibilityNone:
		return tr.L("Nobody")
	case mesibo.VisibilityContact:
		return tr.L("People I write to")
	case mesibo.VisibilityPublic:
	}
	return tr.L("Everybody")
}

// Add adds users to the group as ordinary members.
func (m *Model) Add(addresses []string) error {
	return m.cfg.Backend.AddMembers(m.group, addresses, mesibo.MemberPermissions{Flags: mesibo.MemberFlagAll})
}

// SetAdmin makes a member an admin, or an ordinary member again.
func (m *Model) SetAdmin(address string, admin bool) error {
	x, _ := m.Member(address)
	p := mesibo.MemberPermissions{Flags: cmp.Or(x.Permissions.Flags, mesibo.MemberFlagAll)}
	if admin {
		p.AdminFlags = mesibo.AdminFlagAll &^ (mesibo.AdminFlagRemGroup | mesibo.AdminFlagRemOwner)
	}
	return m.cfg.Backend.AddMembers(m.group, []string{address}, p)
}

// Remove removes a member from the group.
func (m *Model) Remove(address string) error {
	return m.cfg.Backend.RemoveMembers(m.group, []string{address})
}

// Leave ends this user's membership of the group.
func (m *Model) Leave() error { return m.cfg.Backend.LeaveGroup(m.group) }

// Delete deletes the group for all.
func (m *Model) Delete() error { return m.cfg.Backend.DeleteGroup(m.group) }
