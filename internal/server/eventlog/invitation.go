package eventlog

import (
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxInvitations and maxInviter are how many invitations of one user may be open: of all, and of one other user.
	maxInvitations, maxInviter = 100, 10
	// askAgain is how long after a user has declined the same group may invite again.
	askAgain = 24 * time.Hour
)

// invitation asks a user who may not simply be added to become a member of a group.
type invitation struct {
	inviter  uint32
	perms    permissions
	ts       int64 // ms, when the user was invited or has declined
	declined bool
}

func (v *invitation) open() bool { return v != nil && !v.declined }

// invitation returns nil if there is none.
func (b *batch) invitation(k groupUser) (*invitation, error) {
	if v, ok := b.invitations[k]; ok {
		return v, nil
	}
	var v *invitation
	const query = `SELECT inviter, flags, admin, ts, declined FROM invitations WHERE gid = ? AND uid = ?`
	err := b.tx.Query(query, []any{int64(k.gid), int64(k.uid)}, func(row record.Row) error {
		v = &invitation{}
		if err := row.Scan(&v.inviter, &v.perms.flags, &v.perms.admin, &v.ts, &v.declined); err != nil {
			return fmt.Errorf("read invitation: %w", err)
		}
		return nil
	})
	return v, err
}

// setInvitation stores an invitation, or removes it if it is nil.
func (b *batch) setInvitation(k groupUser, v *invitation) {
	b.invitations[k] = v
	b.update(`DELETE FROM invitations WHERE gid = ? AND uid = ?`, int64(k.gid), int64(k.uid))
	if v != nil {
		b.update(`INSERT INTO invitations(gid, uid, inviter, flags, admin, ts, declined) VALUES(?, ?, ?, ?, ?, ?, ?)`,
			int64(k.gid), int64(k.uid), int64(v.inviter), int64(v.perms.flags), int64(v.perms.admin), v.ts, v.declined)
	}
}

// admission is whether a user becomes a member when another one wants it.
type admission int

const (
	admitted   admission = iota
	invited              // the user is asked
	turnedAway           // the user has blocked the other one
)

// admission returns whether an actor may add a user to groups. The application's backend may.
func (b *batch) admission(actor, uid uint32) (admission, error) {
	if actor == 0 {
		return admitted, nil
	}
	if b.isBlocked(uid, actor) {
		return turnedAway, nil
	}
	p, err := b.log.privacy.of(b.tx, uid)
	if err != nil {
		return turnedAway, err
	}
	switch p.adders {
	case wire.VisibilityPublic:
		return admitted, nil
	case wire.VisibilityContact:
		known, err := b.isContact(pair{uid, actor})
		if known || err != nil {
			return admitted, err
		}
	}
	return invited, nil
}

// mayInvite reports whether a user has few enough open invitations for another one of the inviter.
func (b *batch) mayInvite(inviter, uid uint32) (bool, error) {
	all, own := 0, 0
	count := func(v *invitation) {
		if v.open() {
			all++
			if v.inviter == inviter {
				own++
			}
		}
	}
	const query = `SELECT gid, inviter, declined FROM invitations WHERE uid = ?`
	err := b.tx.Query(query, []any{int64(uid)}, func(row record.Row) error {
		var (
			gid uint32
			v   invitation
		)
		if err := row.Scan(&gid, &v.inviter, &v.declined); err != nil {
			return fmt.Errorf("count invitations: %w", err)
		}
		if _, changed := b.invitations[groupUser{gid, uid}]; !changed {
			count(&v)
		}
		return nil
	})
	for k, v := range b.invitations {
		if k.uid == uid {
			count(v)
		}
	}
	return all < maxInvitations && own < maxInviter, err
}

// invite invites users to a group and adds their addresses to the reply: those who cannot be invited now are refused.
func (b *batch) invite(op *GroupOp, g *group, users []accounts.UserRef, perms permissions) error {
	for _, u := range users {
		ok, err := b.inviteOne(op, g, u, perms)
		if err != nil {
			return err
		}
		if ok {
			op.Reply.Invited = append(op.Reply.Invited, u.Address)
		} else {
			op.Reply.Refused = append(op.Reply.Refused, u.Address)
		}
	}
	return nil
}

func (b *batch) inviteOne(op *GroupOp, g *group, u accounts.UserRef, perms permissions) (ok bool, err error) {
	k := groupUser{g.gid, u.UID}
	v, err := b.invitation(k)
	if v.open() || err != nil {
		return true, err
	}
	now := b.now.UnixMilli()
	if v != nil && now-v.ts < askAgain.Milliseconds() {
		return false, nil
	}
	h, err := b.state(u.UID)
	if err != nil {
		return false, err
	}
	if full, err := b.full(u.UID, h, op.Actor.UID, 0); full || err != nil {
		return false, err
	}
	if may, err := b.mayInvite(op.Actor.UID, u.UID); !may || err != nil {
		return false, err
	}
	b.setInvitation(k, &invitation{inviter: op.Actor.UID, perms: perms, ts: now})
	return true, b.appendBody(u.UID, record.KindSetting, &wire.Event{Body: &wire.Event_GroupInvitation{
		GroupInvitation: &wire.GroupInvitation{
			GroupId: g.gid, From: op.Actor.Address, Name: g.name, Picture: g.picture, Members: uint32(len(g.members)),
			Time: uint64(now),
		},
	}})
}

// endInvitation removes an invitation, if there is one, and tells the user's devices so if it was open. What stays, if
// not nil, is stored in its place.
func (b *batch) endInvitation(k groupUser, stays *invitation) error {
	v, err := b.invitation(k)
	if v == nil || err != nil {
		return err
	}
	b.setInvitation(k, stays)
	if !v.open() {
		return nil
	}
	return b.appendBody(k.uid, record.KindSetting, &wire.Event{Body: &wire.Event_GroupInvitation{
		GroupInvitation: &wire.GroupInvitation{GroupId: k.gid, Over: true},
	}})
}

// endInvitations removes all invitations to a group that has been deleted, and all invites into it.
func (b *batch) endInvitations(gid uint32) error {
	b.update(`DELETE FROM invites WHERE gid = ?`, int64(gid))
	var uids []uint32
	err := b.tx.Query(`SELECT uid FROM invitations WHERE gid = ?`, []any{int64(gid)}, func(row record.Row) error {
		var uid uint32
		if err := row.Scan(&uid); err != nil {
			return fmt.Errorf("read invitations: %w", err)
		}
		uids = append(uids, uid)
		return nil
	})
	if err != nil {
		return err
	}
	for k := range b.invitations {
		if k.gid == gid {
			uids = append(uids, k.uid)
		}
	}
	if err := b.lock(uids); err != nil {
		return err
	}
	for _, uid := range uids {
		if err := b.endInvitation(groupUser{gid, uid}, nil); err != nil {
			return err
		}
	}
	return nil
}

var errNoInvitation = refusal.Denied(wire.GroupErrorDenied, "you are not invited to this group any more")

// AnswerInvitation makes the actor a member of a group, or declines its invitation.
type AnswerInvitation struct {
	GID    uint32
	Accept bool
}

func (a *AnswerInvitation) run(b *batch, op *GroupOp) error {
	k := groupUser{a.GID, op.Actor.UID}
	v, err := b.invitation(k)
	if err != nil {
		return err
	}
	if !a.Accept {
		if !v.open() {
			return nil
		}
		return b.endInvitation(k, &invitation{inviter: v.inviter, ts: b.now.UnixMilli(), declined: true})
	}
	old, err := b.group(a.GID)
	switch {
	case err != nil:
		return err
	case old != nil && !old.deleted && old.find(op.Actor.UID) != nil: // a repeated request
		op.accept(old)
		return nil
	case !v.open() || old == nil || old.deleted:
		return errNoInvitation
	case len(old.members) >= wire.MaxGroup:
		return overCapacity("the group is full")
	}
	return b.join(op, old, v.perms)
}

// join makes the actor a member of a group.
func (b *batch) join(op *GroupOp, old *group, perms permissions) error {
	g := old.clone()
	joined := []groupMember{*g.add(op.Actor, perms, b.now.UnixMilli())}
	if err := b.welcome(g.gid, op.Actor.UID); err != nil {
		return err
	}
	b.save(g, joined, nil)
	op.accept(g)
	return b.announceMembers(op, g, wire.GroupChange_JOINED, joined)
}

// welcome removes what is noted about a user who becomes a member: a ban and an invitation.
func (b *batch) welcome(gid, uid uint32) error {
	if err := b.setBan(gid, uid, false); err != nil {
		return err
	}
	return b.endInvitation(groupUser{gid, uid}, nil)
}
