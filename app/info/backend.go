package info

import (
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the panel needs of the SDK.
type Backend interface {
	people
	groups
}

// people is the part of Backend about users.
type people interface {
	GetAddress() string
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	SetProfile(p *mesibo.UserProfile) error
	GetSortedUserProfiles() []mesibo.UserProfile
	GetSelfProfile() *mesibo.UserProfile
	SetSelfProfile(p *mesibo.UserProfile) error
	GetOnlineStatusPrivacy() mesibo.Visibility
	SetOnlineStatusPrivacy(v mesibo.Visibility) error
}

// groups is the part of Backend about groups.
type groups interface {
	// Rights returns what this user may do in a group.
	Rights(groupID uint32) Rights
	GroupSettings(groupID uint32) (mesibo.GroupSettings, mesibo.MemberPermissions, bool)
	// GroupMembers are those known here; AskGroup requests all of them, and the join codes, from the server.
	GroupMembers(groupID uint32) []mesibo.Member
	AskGroup(groupID uint32) error
	SetGroup(groupID uint32, p mesibo.GroupProperties) error
	AddMembers(groupID uint32, addresses []string, p mesibo.MemberPermissions) error
	RemoveMembers(groupID uint32, addresses []string) error
	LeaveGroup(groupID uint32) error
	DeleteGroup(groupID uint32) error
	AddPin(groupID uint32, pin mesibo.GroupPin) error
	RemovePin(groupID uint32, code string) error
}

// Rights are what this user may do in a group.
type Rights struct {
	Member, Owner             bool
	Modify, Delete            bool
	AddMembers, RemoveMembers bool
	AddAdmins, RemoveAdmins   bool
	Pins                      bool // make and remove join codes
}

// Clock is the part of the dispatcher that the panel uses.
type Clock interface {
	Now() time.Time
	Post(f func())
}
