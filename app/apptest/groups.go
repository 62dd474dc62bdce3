package apptest

import (
	"slices"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// Group is a group of a Backend.
type Group struct {
	Settings mesibo.GroupSettings
	Members  []mesibo.Member
	Left     bool // this user is no longer a member
}

// AddGroup makes a group of this user, its owner, and others.
func (b *Backend) AddGroup(groupID uint32, name string, others ...string) {
	g := &Group{Settings: mesibo.GroupSettings{Name: name, Members: 1 + len(others)}}
	owner := mesibo.MemberPermissions{AdminFlags: mesibo.AdminFlagOwnerAll}
	g.Members = append(g.Members, mesibo.Member{Address: Self, Permissions: owner})
	for _, address := range others {
		g.Members = append(g.Members, mesibo.Member{Address: address})
	}
	b.Groups[groupID] = g
	p := b.profile(Key("", groupID))
	p.Name = name
	b.Profiles[Key("", groupID)] = p
}

// Notice adds a notice about a group.
func (b *Backend) Notice(groupID uint32, by string, c mesibo.GroupChange) chat.Message {
	b.id++
	m := chat.Message{
		Mid: 1<<60 | uint64(b.id)<<32 | uint64(b.id), Sender: by, At: b.now(),
		Status: mesibo.MsgStatusCustom, Change: &c,
	}
	key := Key("", groupID)
	b.Chats[key] = append(b.Chats[key], m)
	return m
}

func (b *Backend) group(groupID uint32) Group {
	if g := b.Groups[groupID]; g != nil {
		return *g
	}
	return Group{Left: true}
}

func (b *Backend) own(groupID uint32) mesibo.MemberPermissions {
	for _, m := range b.group(groupID).Members {
		if m.Address == Self {
			return m.Permissions
		}
	}
	return mesibo.MemberPermissions{}
}

// Group looks in Groups.
func (b *Backend) Group(groupID uint32) chat.Group {
	g := b.group(groupID)
	paused := g.Settings.Flags&mesibo.GroupFlagPause != 0
	return chat.Group{
		Members: g.Members, Count: g.Settings.Members, Member: !g.Left, CanSend: !g.Left && !paused, Paused: paused,
		Admin: b.own(groupID).AdminFlags&mesibo.AdminFlagModify != 0,
	}
}

// IsMember looks in Groups.
func (b *Backend) IsMember(groupID uint32) bool { return !b.group(groupID).Left }

// Rights looks at the own flags in Groups.
func (b *Backend) Rights(groupID uint32) info.Rights {
	has := func(flag mesibo.AdminFlag) bool { return b.own(groupID).AdminFlags&flag != 0 && !b.group(groupID).Left }
	return info.Rights{
		Member: !b.group(groupID).Left, Owner: has(mesibo.AdminFlagOwner), Modify: has(mesibo.AdminFlagModify),
		Delete:     has(mesibo.AdminFlagRemGroup),
		AddMembers: has(mesibo.AdminFlagAddUser), RemoveMembers: has(mesibo.AdminFlagRemUser),
		AddAdmins: has(mesibo.AdminFlagAddAdmin), RemoveAdmins: has(mesibo.AdminFlagRemAdmin),
		Pins: has(mesibo.AdminFlagAddPin),
	}
}

// GroupSettings looks in Groups.
func (b *Backend) GroupSettings(groupID uint32) (mesibo.GroupSettings, mesibo.MemberPermissions, bool) {
	return b.group(groupID).Settings, b.own(groupID), b.Groups[groupID] != nil
}

// GroupMembers looks in Groups.
func (b *Backend) GroupMembers(groupID uint32) []mesibo.Member { return b.group(groupID).Members }

// AskGroup records it.
func (b *Backend) AskGroup(groupID uint32) error { return b.did("ask group %d", groupID) }

func (b *Backend) did(format string, args ...any) error {
	if b.Err == nil {
		b.called(format, args...)
	}
	return b.Err
}

// SetGroup changes the settings.
func (b *Backend) SetGroup(groupID uint32, p mesibo.GroupProperties) error {
	if b.Err != nil {
		return b.Err
	}
	g, key := b.Groups[groupID], Key("", groupID)
	profile := b.profile(key)
	if p.Name != nil {
		g.Settings.Name, profile.Name = *p.Name, *p.Name
	}
	if p.Status != nil {
		g.Settings.Status = *p.Status
	}
	if p.PicturePath != nil {
		b.called("picture of group %d: %s", groupID, *p.PicturePath)
	}
	b.Profiles[key] = profile
	return nil
}

// AddMembers adds members or changes their permissions.
func (b *Backend) AddMembers(groupID uint32, addresses []string, p mesibo.MemberPermissions) error {
	if b.Err != nil {
		return b.Err
	}
	g := b.Groups[groupID]
	for _, address := range addresses {
		b.called("add %s to group %d", address, groupID)
		g.Members = slices.DeleteFunc(g.Members, func(m mesibo.Member) bool { return m.Address == address })
		g.Members = append(g.Members, mesibo.Member{Address: address, Permissions: p})
	}
	g.Settings.Members = len(g.Members)
	return nil
}

// RemoveMembers removes members.
func (b *Backend) RemoveMembers(groupID uint32, addresses []string) error {
	if b.Err != nil {
		return b.Err
	}
	g := b.Groups[groupID]
	g.Members = slices.DeleteFunc(g.Members, func(m mesibo.Member) bool { return slices.Contains(addresses, m.Address) })
	g.Settings.Members = len(g.Members)
	return nil
}

// LeaveGroup ends the membership.
func (b *Backend) LeaveGroup(groupID uint32) error {
	if b.Err == nil {
		b.Groups[groupID].Left = true
	}
	return b.Err
}

// DeleteGroup ends the group.
func (b *Backend) DeleteGroup(groupID uint32) error { return b.LeaveGroup(groupID) }

// AddPin records it.
func (b *Backend) AddPin(groupID uint32, _ mesibo.GroupPin) error {
	return b.did("make a code for group %d", groupID)
}

// RemovePin records it.
func (b *Backend) RemovePin(groupID uint32, code string) error {
	return b.did("remove code %s of group %d", code, groupID)
}

// CreateGroup records it; the test says when it is made.
func (b *Backend) CreateGroup(s mesibo.GroupSettings, members []string, _ uint32) error {
	return b.did("create %q with %v", s.Name, members)
}

// JoinGroup records it.
func (b *Backend) JoinGroup(code string) error { return b.did("join by %s", code) }

// SetUIThread is not needed by the fake, which has no goroutine of its own.
func (b *Backend) SetUIThread(func() bool) {}

// SetGroupCallEngine is not needed by the fake, which has no calls of groups.
func (b *Backend) SetGroupCallEngine(call.GroupEngine) {}

// SetAppInForeground keeps it.
func (b *Backend) SetAppInForeground(_ int, foreground bool) { b.Foreground = foreground }

// GetSelfProfile is Own.
func (b *Backend) GetSelfProfile() *mesibo.UserProfile {
	p := b.Own
	return &p
}

// SetSelfProfile changes Own.
func (b *Backend) SetSelfProfile(p *mesibo.UserProfile) error {
	if b.Err == nil {
		b.Own = *p
	}
	return b.Err
}

// GetOnlineStatusPrivacy is Visible.
func (b *Backend) GetOnlineStatusPrivacy() mesibo.Visibility { return b.Visible }

// SetOnlineStatusPrivacy changes Visible.
func (b *Backend) SetOnlineStatusPrivacy(v mesibo.Visibility) error {
	if b.Err == nil {
		b.Visible = v
	}
	return b.Err
}

// GetGroupInvitations is Invitations.
func (b *Backend) GetGroupInvitations() []mesibo.GroupInvitation { return b.Invitations }

// AnswerInvitation removes an invitation.
func (b *Backend) AnswerInvitation(groupID uint32, accept bool) error {
	b.Invitations = slices.DeleteFunc(b.Invitations, func(v mesibo.GroupInvitation) bool { return v.GroupID == groupID })
	return b.did("answer invitation to %d: %v", groupID, accept)
}

// GetGroupPrivacy is Adds.
func (b *Backend) GetGroupPrivacy() mesibo.Visibility { return b.Adds }

// SetGroupPrivacy changes Adds.
func (b *Backend) SetGroupPrivacy(v mesibo.Visibility) error {
	if b.Err == nil {
		b.Adds = v
	}
	return b.Err
}

// AcceptMessageRequest takes the flag from the profile.
func (b *Backend) AcceptMessageRequest(address string) error {
	p := b.profile(address)
	p.Flag &^= mesibo.UserFlagRequest
	b.Profiles[address] = p
	return b.did("accept %s", address)
}
