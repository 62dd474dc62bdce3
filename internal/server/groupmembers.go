package server

import (
	"context"

	"github.com/parley-chat/parley/internal/wire"
)

// editMembers adds members, changes their permissions, or removes them.
type editMembers struct {
	gid     uint32
	users   []party
	refused []string // addresses that nobody has
	remove  bool
	perms   *permissions
	change  func(permissions) permissions // not nil: instead of perms
}

func (a *editMembers) run(ctx context.Context, b *batch, op *groupOp) error {
	old, err := op.open(ctx, b, a.gid, 0)
	if err != nil || old == nil {
		return err
	}
	if a.remove {
		return a.removeUsers(ctx, b, op, old)
	}
	op.reply.Refused = a.refused
	g := old.clone()
	joined, edited, ok := a.addUsers(b, op, old, g)
	switch {
	case !ok:
		return nil
	case len(joined)+len(edited) == 0:
		if len(a.users) > 0 || op.may(old, wire.AdminAddUser) {
			op.accept(old)
		}
		return nil
	}
	if heir := g.heir(); old.hasOwner() && !g.hasOwner() {
		heir.inherit()
		edited = append(edited, heir.uid)
	}
	b.save(g, g.pick(append(joined, edited...)), nil)
	op.accept(g)
	if err := b.announceMembers(ctx, op, g, wire.GroupChange_JOINED, g.pick(joined)); err != nil {
		return err
	}
	return b.announceMembers(ctx, op, g, wire.GroupChange_PERMISSIONS, g.pick(edited))
}

// addUsers adds members to g and changes those that are in old; ok is false when the request is refused.
func (a *editMembers) addUsers(b *batch, op *groupOp, old, g *group) (joined, edited []uint32, ok bool) {
	for _, p := range a.users {
		m := g.find(p.uid)
		switch {
		case m == nil && len(g.members) >= wire.MaxGroup:
			op.reply.Refused = append(op.reply.Refused, p.address)
		case m == nil:
			if !a.mayAdd(op, old) {
				return nil, nil, false
			}
			g.add(p, a.permissionsOfNew(), b.now.UnixMilli())
			joined = append(joined, p.uid)
		default:
			next := a.permissionsOf(m)
			if next == m.permissions {
				continue
			}
			if !mayEdit(op, old, m.permissions, next) {
				return nil, nil, false
			}
			m.permissions = next
			edited = append(edited, p.uid)
		}
	}
	return joined, edited, true
}

// announceMembers tells everybody in the group of some of the members, if there are any.
func (b *batch) announceMembers(ctx context.Context, op *groupOp, g *group, kind wire.GroupChange_Kind, list []groupMember) error {
	if len(list) == 0 {
		return nil
	}
	return b.announce(ctx, g, op.actor, &wire.GroupChange{Kind: kind, Members: wireMembers(list)}, g.everybody())
}

func (a *editMembers) permissionsOfNew() permissions {
	switch all := (permissions{flags: wire.MemberAll}); {
	case a.change != nil:
		return a.change(all)
	case a.perms != nil:
		return *a.perms
	default:
		return all
	}
}

// permissionsOf are those that a member is to have.
func (a *editMembers) permissionsOf(m *groupMember) permissions {
	switch {
	case a.change != nil:
		return a.change(m.permissions)
	case a.perms != nil:
		return *a.perms
	default:
		return m.permissions
	}
}

// mayAdd refuses the request when the actor may not add a member with these permissions. Nobody gives rights that he
// does not have.
func (a *editMembers) mayAdd(op *groupOp, g *group) bool {
	return op.may(g, wire.AdminAddUser) && mayGive(op, g, 0, a.permissionsOfNew().admin)
}

// mayEdit refuses the request when the actor may not change a member's permissions like this.
func mayEdit(op *groupOp, g *group, from, to permissions) bool {
	if from.flags != to.flags && !op.may(g, wire.AdminAddUser) {
		return false
	}
	return mayGive(op, g, from.admin, to.admin)
}

// mayGive refuses the request when the actor may not change somebody's rights like this.
func mayGive(op *groupOp, g *group, from, to uint32) bool {
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

// removeUsers takes members out of the group. Who is no member already needs nothing.
func (a *editMembers) removeUsers(ctx context.Context, b *batch, op *groupOp, old *group) error {
	if !op.may(old, wire.AdminRemoveUser) {
		return nil
	}
	op.reply.Refused = a.refused
	var (
		uids []uint32
		gone []groupMember
	)
	seen := make(map[uint32]bool)
	for _, p := range a.users {
		m := old.find(p.uid)
		if m == nil || seen[p.uid] {
			continue
		}
		seen[p.uid] = true
		if !mayGive(op, old, m.admin, 0) {
			return nil
		}
		uids, gone = append(uids, m.uid), append(gone, *m)
	}
	if len(gone) == 0 {
		op.accept(old)
		return nil
	}
	change := &wire.GroupChange{Kind: wire.GroupChange_REMOVED, Members: wireMembers(gone)}
	return b.depart(ctx, op, old, uids, change)
}

// depart takes members out of a group, tells them and everybody else, and finds another owner if that one is gone.
func (b *batch) depart(ctx context.Context, op *groupOp, old *group, uids []uint32, change *wire.GroupChange) error {
	g := old.clone()
	g.remove(uids)
	var promoted []groupMember
	if heir := g.heir(); old.hasOwner() && !g.hasOwner() && heir != nil {
		heir.inherit()
		promoted = []groupMember{*heir}
	}
	// A group without members is of no use to anybody but the backend that has made it.
	g.deleted = len(g.members) == 0 && g.creator != 0 && op.actor.uid != 0
	b.save(g, promoted, uids)
	op.accept(g)
	if err := b.announce(ctx, g, op.actor, change, old.everybody()); err != nil {
		return err
	}
	return b.announceMembers(ctx, op, g, wire.GroupChange_PERMISSIONS, promoted)
}

// leaveGroup takes the actor out of the group.
type leaveGroup struct{ gid uint32 }

func (a *leaveGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	g, err := op.open(ctx, b, a.gid, 0)
	if err != nil || g == nil {
		return err
	}
	m := g.find(op.actor.uid)
	if g.flags&wire.GroupNoSelfDelete != 0 || m.flags&wire.MemberNoSelfDelete != 0 {
		op.refuse(wire.ResultDenied, wire.GroupErrorDenied, "members of this group cannot leave by themselves")
		return nil
	}
	change := &wire.GroupChange{Kind: wire.GroupChange_LEFT, Members: []*wire.Member{m.wire()}}
	return b.depart(ctx, op, g, []uint32{m.uid}, change)
}
