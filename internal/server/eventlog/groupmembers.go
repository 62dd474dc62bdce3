package eventlog

import (
	"slices"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// EditMembers adds members, changes their permissions, or removes them.
type EditMembers struct {
	GID         uint32
	Users       []accounts.UserRef
	Refused     []string // addresses without a user
	Remove      bool
	Permissions *wire.Permissions
	// Change, if not nil, is used instead of Permissions: it returns the new flags and rights of a member.
	Change func(flags, admin uint32) (newFlags, newAdmin uint32)
}

func (a *EditMembers) run(b *batch, op *GroupOp) error {
	old, err := op.open(b, a.GID, 0)
	if err != nil {
		return err
	}
	op.Reply.Refused = slices.Clone(a.Refused)
	if a.Remove {
		return a.removeUsers(b, op, old)
	}
	g := old.clone()
	joined, edited, asked, err := a.addUsers(b, op, old, g)
	if err == nil {
		err = b.invite(op, g, asked, a.permissionsOf(permissions{flags: wire.MemberAll}).kept(op, permissions{}))
	}
	switch {
	case err != nil:
		return err
	case len(joined)+len(edited) == 0:
		if len(a.Users) == 0 {
			if err := op.may(old, wire.AdminAddUser); err != nil {
				return err
			}
		}
		op.accept(old)
		return nil
	}
	if successor := g.successor(); old.hasOwner() && !g.hasOwner() {
		successor.makeOwner()
		edited = append(edited, successor.UID)
	}
	b.save(g, g.pick(append(joined, edited...)), nil)
	op.accept(g)
	if err := b.announceMembers(op, g, wire.GroupChange_JOINED, g.pick(joined)); err != nil {
		return err
	}
	return b.announceMembers(op, g, wire.GroupChange_PERMISSIONS, g.pick(edited))
}

// addUsers adds members to g and changes the permissions of existing ones. asked are the users to be invited instead.
func (a *EditMembers) addUsers(
	b *batch, op *GroupOp, old, g *group,
) (joined, edited []uint32, asked []accounts.UserRef, err error) {
	for _, p := range a.Users {
		m := g.find(p.UID)
		switch {
		case m == nil && len(g.members) >= wire.MaxGroup:
			op.Reply.Refused = append(op.Reply.Refused, p.Address)
		case m == nil:
			if err := a.mayAdd(op, old); err != nil {
				return nil, nil, nil, err
			}
			how, err := b.admission(op.Actor.UID, p.UID)
			switch {
			case err != nil:
				return nil, nil, nil, err
			case how == invited:
				asked = append(asked, p)
				continue
			case how == turnedAway:
				op.Reply.Refused = append(op.Reply.Refused, p.Address)
				continue
			}
			if err := b.welcome(a.GID, p.UID); err != nil {
				return nil, nil, nil, err
			}
			g.add(p, a.permissionsOf(permissions{flags: wire.MemberAll}).kept(op, permissions{}), b.now.UnixMilli())
			joined = append(joined, p.UID)
		default:
			next := a.permissionsOf(m.permissions).kept(op, m.permissions)
			if next == m.permissions {
				continue
			}
			if err := mayEdit(op, old, m.permissions, next); err != nil {
				return nil, nil, nil, err
			}
			m.permissions = next
			edited = append(edited, p.UID)
		}
	}
	return joined, edited, asked, nil
}

// announceMembers sends a group notice about members to all members. It does nothing for an empty list.
func (b *batch) announceMembers(op *GroupOp, g *group, kind wire.GroupChange_Kind, list []groupMember) error {
	if len(list) == 0 {
		return nil
	}
	return b.announce(g, op.Actor, &wire.GroupChange{Kind: kind, Members: wireMembers(list)}, g.memberUIDs())
}

// permissionsOf returns the new permissions of a member whose current or default permissions are old.
func (a *EditMembers) permissionsOf(old permissions) permissions {
	if a.Change != nil {
		flags, admin := a.Change(old.flags, old.admin)
		return permissions{flags, admin}
	}
	if p := permissionsOf(a.Permissions); p != nil {
		return *p
	}
	return old
}

// mayAdd refuses when the actor may not add members, or grants rights that the actor does not have.
func (a *EditMembers) mayAdd(op *GroupOp, g *group) error {
	if err := op.may(g, wire.AdminAddUser); err != nil {
		return err
	}
	return mayGrant(op, g, 0, a.permissionsOf(permissions{flags: wire.MemberAll}).admin)
}

// mayEdit refuses when the actor may not change a member's permissions in this way: those of an owner are for owners,
// those of an admin for who may make or unmake admins.
func mayEdit(op *GroupOp, g *group, from, to permissions) error {
	needed := uint32(0)
	if from.admin&wire.AdminOwner != 0 && to.admin&wire.AdminOwner != 0 {
		needed |= wire.AdminOwner
	}
	if from.flags != to.flags {
		needed |= wire.AdminAddUser
		if from.admin != 0 && op.rights(g)&(wire.AdminAddAdmin|wire.AdminRemAdmin) == 0 {
			return errPermission
		}
	}
	if err := op.may(g, needed); err != nil {
		return err
	}
	return mayGrant(op, g, from.admin, to.admin)
}

// kept returns new permissions of a member with what only the application's backend changes: whether the member may
// not leave.
func (p permissions) kept(op *GroupOp, old permissions) permissions {
	if op.Actor.UID != 0 {
		p.flags = p.flags&^wire.MemberNoSelfDelete | old.flags&wire.MemberNoSelfDelete
	}
	return p
}

// mayGrant refuses when the actor may not change a member's rights in this way.
func mayGrant(op *GroupOp, g *group, from, to uint32) error {
	needed := uint32(0)
	given, taken := to&^from, from&^to
	if given != 0 {
		needed |= wire.AdminAddAdmin | given
	}
	if taken != 0 {
		needed |= wire.AdminRemAdmin
	}
	if taken&wire.AdminOwner != 0 {
		needed |= wire.AdminRemOwner
	}
	return op.may(g, needed)
}

// removeUsers removes members from the group, and takes invitations back. It ignores other users.
func (a *EditMembers) removeUsers(b *batch, op *GroupOp, old *group) error {
	if err := op.may(old, wire.AdminRemoveUser); err != nil {
		return err
	}
	var (
		uids []uint32
		gone []groupMember
	)
	seen := make(map[uint32]bool)
	for _, p := range a.Users {
		m := old.find(p.UID)
		if m == nil {
			if err := b.endInvitation(groupUser{a.GID, p.UID}, nil); err != nil {
				return err
			}
			continue
		}
		if seen[p.UID] {
			continue
		}
		seen[p.UID] = true
		if err := mayGrant(op, old, m.admin, 0); err != nil {
			return err
		}
		if err := b.setBan(a.GID, p.UID, true); err != nil {
			return err
		}
		uids, gone = append(uids, m.UID), append(gone, *m)
	}
	if len(gone) == 0 {
		op.accept(old)
		return nil
	}
	change := &wire.GroupChange{Kind: wire.GroupChange_REMOVED, Members: wireMembers(gone)}
	return b.removeMembers(op, old, uids, change)
}

// removeMembers removes members, notifies all old members, and promotes another owner if the last one is removed.
func (b *batch) removeMembers(op *GroupOp, old *group, uids []uint32, change *wire.GroupChange) error {
	g := old.clone()
	b.endMembership(g.gid, old.pick(uids))
	g.remove(uids)
	var promoted []groupMember
	if successor := g.successor(); old.hasOwner() && !g.hasOwner() && successor != nil {
		successor.makeOwner()
		promoted = []groupMember{*successor}
	}
	// A group without members is useless, unless the backend created it.
	g.deleted = len(g.members) == 0 && g.creator != 0 && op.Actor.UID != 0
	b.save(g, promoted, uids)
	op.accept(g)
	if err := b.announce(g, op.Actor, change, old.memberUIDs()); err != nil {
		return err
	}
	if g.deleted {
		return b.endInvitations(g.gid)
	}
	return b.announceMembers(op, g, wire.GroupChange_PERMISSIONS, promoted)
}

// LeaveGroup removes the actor from the group.
type LeaveGroup struct{ GID uint32 }

func (a *LeaveGroup) run(b *batch, op *GroupOp) error {
	g, err := op.open(b, a.GID, 0)
	if err != nil {
		return err
	}
	m := g.find(op.Actor.UID)
	if g.holds(m) {
		return refusal.Denied(wire.GroupErrorDenied, "members of this group cannot leave it themselves")
	}
	change := &wire.GroupChange{Kind: wire.GroupChange_LEFT, Members: []*wire.Member{m.wire()}}
	return b.removeMembers(op, g, []uint32{m.UID}, change)
}
