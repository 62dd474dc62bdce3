package eventlog

import (
	"cmp"
	"context"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// GroupLink is an invite into a group, a link: it works as long as who has made it may add members.
type GroupLink struct {
	GID     uint32
	Inviter uint32 // uid 0: the operator
}

// check refuses a link that lets no one into a group any more. g is nil if the group has never existed.
func (k GroupLink) check(g *group) error {
	if g == nil || g.deleted {
		return accounts.ErrInvite
	}
	if k.Inviter == 0 {
		return nil
	}
	if m := g.find(k.Inviter); m == nil || m.disabled || m.admin&wire.AdminAddUser == 0 {
		return accounts.ErrInvite
	}
	return nil
}

// LinkedGroup is what is seen of a group through a link into it.
type LinkedGroup struct {
	Name    string
	Members int
	Joined  bool // the user who looks is a member
}

// LinkedGroup returns what a user sees through a link, uid 0 for who is no user yet. It refuses whom JoinByLink refuses.
func (l *Log) LinkedGroup(ctx context.Context, link GroupLink, uid uint32) (*LinkedGroup, error) {
	g, err := l.groups.find(ctx, link.GID)
	if err == nil {
		err = link.check(g)
	}
	if err != nil {
		return nil, err
	}
	seen := &LinkedGroup{Name: g.name, Members: len(g.members), Joined: uid != 0 && g.find(uid) != nil}
	switch {
	case seen.Joined:
		return seen, nil
	case len(g.members) >= wire.MaxGroup:
		return nil, overCapacity("the group is full")
	}
	var banned bool
	err = l.record.View(ctx, func(read record.Reader) (err error) {
		banned, err = readBan(read, link.GID, uid)
		return err
	})
	if banned || err != nil {
		return nil, cmp.Or[error](err, errBanned)
	}
	return seen, nil
}

// JoinByLink makes the actor a member of a group. Who was removed from it has to be added by a member.
type JoinByLink struct {
	Link GroupLink
	// Joined says that the actor was no member before.
	Joined bool
}

func (a *JoinByLink) run(b *batch, op *GroupOp) error {
	a.Joined = false // a batch may be made again
	old, err := b.group(a.Link.GID)
	if err == nil {
		err = a.Link.check(old)
	}
	switch {
	case err != nil:
		return err
	case old.find(op.Actor.UID) != nil:
		op.accept(old)
		return nil
	case len(old.members) >= wire.MaxGroup:
		return overCapacity("the group is full")
	}
	if banned, err := b.isBanned(a.Link.GID, op.Actor.UID); banned || err != nil {
		return cmp.Or[error](err, errBanned)
	}
	a.Joined = true
	return b.join(op, old, permissions{flags: wire.MemberAll})
}
