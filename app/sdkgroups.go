package app

import (
	"errors"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/info"
	"github.com/parley-chat/parley/mesibo"
)

// Group implements chat.Backend.
func (c client) Group(groupID uint32) chat.Group {
	p := c.GetGroupProfile(groupID)
	settings, _, _ := p.Settings()
	return chat.Group{
		Members: p.Members(),
		Count:   settings.Members,
		Member:  p.IsMember(),
		CanSend: p.CanSend(),
		Paused:  settings.Flags&mesibo.GroupFlagPause != 0,
		Admin:   p.CanModify(),
	}
}

// IsMember implements contacts.Backend.
func (c client) IsMember(groupID uint32) bool { return c.GetGroupProfile(groupID).IsMember() }

// Rights implements info.Backend.
func (c client) Rights(groupID uint32) info.Rights {
	p := c.GetGroupProfile(groupID)
	return info.Rights{
		Member: p.IsMember(), Owner: p.IsOwner(), Modify: p.CanModify(), Delete: p.CanRemoveGroup(),
		AddMembers: p.CanAddMembers(), RemoveMembers: p.CanRemoveMembers(),
		AddAdmins: p.CanAddAdmins(), RemoveAdmins: p.CanRemoveAdmins(),
		Pins: p.CanEditPins(),
	}
}

// GroupSettings implements info.Backend.
func (c client) GroupSettings(groupID uint32) (mesibo.GroupSettings, mesibo.MemberPermissions, bool) {
	return c.GetGroupProfile(groupID).Settings()
}

// GroupMembers implements info.Backend.
func (c client) GroupMembers(groupID uint32) []mesibo.Member {
	return c.GetGroupProfile(groupID).Members()
}

// AskGroup implements info.Backend.
func (c client) AskGroup(groupID uint32) error {
	p := c.GetGroupProfile(groupID)
	return errors.Join(p.GetSettings(), p.GetMembers(0, true))
}

// SetGroup implements info.Backend.
func (c client) SetGroup(groupID uint32, p mesibo.GroupProperties) error {
	return c.GetGroupProfile(groupID).SetProperties(p)
}

// AddMembers implements info.Backend.
func (c client) AddMembers(groupID uint32, addresses []string, p mesibo.MemberPermissions) error {
	return c.GetGroupProfile(groupID).AddMembers(addresses, p)
}

// RemoveMembers implements info.Backend.
func (c client) RemoveMembers(groupID uint32, addresses []string) error {
	return c.GetGroupProfile(groupID).RemoveMembers(addresses)
}

// LeaveGroup implements info.Backend.
func (c client) LeaveGroup(groupID uint32) error { return c.GetGroupProfile(groupID).Leave() }

// DeleteGroup implements info.Backend.
func (c client) DeleteGroup(groupID uint32) error { return c.GetGroupProfile(groupID).DeleteGroup() }

// AddPin implements info.Backend.
func (c client) AddPin(groupID uint32, pin mesibo.GroupPin) error {
	return c.GetGroupProfile(groupID).AddPin(pin)
}

// RemovePin implements info.Backend.
func (c client) RemovePin(groupID uint32, code string) error {
	return c.GetGroupProfile(groupID).RemovePin(code)
}
