package eventlog

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ErrNonce refuses a request without a valid nonce.
var ErrNonce = refusal.Bad("the nonce is not %d bytes long", wire.NonceSize)

// ErrManyMembers refuses a request with more members than wire.MaxGroupEdit.
var ErrManyMembers = refusal.Bad("more than %d members in one request", wire.MaxGroupEdit)

// CreateGroup creates a group.
type CreateGroup struct {
	Nonce       []byte
	Fields      GroupFields
	Members     []accounts.UserRef // without the creator
	Refused     []string           // addresses of no active user
	Permissions *wire.Permissions
}

func (a *CreateGroup) run(b *batch, op *GroupOp) error {
	op.Reply.Refused = slices.Clone(a.Refused)
	gid, err := b.createdGroup(op.Actor.UID, a.Nonce)
	if err != nil {
		return err
	}
	if gid != 0 { // a repeated request
		g, err := b.group(gid)
		if err != nil {
			return err
		}
		op.accept(g)
		if op.Actor.UID == 0 { // the backend gets the same answer again; members may have left a user's group since
			a.reportMissing(op, g)
		}
		return nil
	}
	g := &group{creator: op.Actor.UID, nonce: a.Nonce, expiry: -1, created: b.now.UnixMilli()}
	if g.gid, err = b.freeGroup(); err != nil {
		return err
	}
	a.Fields.set(op, g)
	g.reindex()
	if err := op.pictureOf(b, g); err != nil {
		return err
	}
	if op.Actor.UID != 0 {
		g.add(op.Actor, permissions{wire.MemberAll, wire.AdminOwnerAll}, g.created)
	}
	perms := permissions{flags: wire.MemberAll}
	if p := permissionsOf(a.Permissions); p != nil {
		perms = p.kept(op, permissions{})
	}
	asked, err := a.addMembers(b, op, g, perms)
	if err != nil {
		return err
	}
	b.save(g, g.members, nil)
	op.accept(g)
	if err := b.invite(op, g, asked, perms); err != nil {
		return err
	}
	return b.announce(g, op.Actor, &wire.GroupChange{Kind: wire.GroupChange_CREATED, Members: wireMembers(g.members)},
		g.memberUIDs())
}

// addMembers adds the members, or to the reply those who are not added. asked are the users to be invited instead.
func (a *CreateGroup) addMembers(
	b *batch, op *GroupOp, g *group, perms permissions,
) (asked []accounts.UserRef, err error) {
	for _, p := range a.Members {
		if g.find(p.UID) != nil || slices.Contains(asked, p) {
			continue
		}
		how, err := b.admission(op.Actor.UID, p.UID)
		switch {
		case err != nil:
			return nil, err
		case how == invited:
			asked = append(asked, p)
		case how == turnedAway || len(g.members) >= wire.MaxGroup:
			op.Reply.Refused = append(op.Reply.Refused, p.Address)
		default:
			g.add(p, perms, g.created)
		}
	}
	return asked, nil
}

// reportMissing adds the users who are not in the group to the reply, so that a repeated request gets the same answer.
func (a *CreateGroup) reportMissing(op *GroupOp, g *group) {
	for _, p := range a.Members {
		if g.find(p.UID) == nil {
			op.Reply.Refused = append(op.Reply.Refused, p.Address)
		}
	}
}

func wireMembers(list []groupMember) []*wire.Member {
	members := make([]*wire.Member, len(list))
	for i := range list {
		members[i] = list[i].wire()
	}
	return members
}

// createdGroup returns the group created by an earlier request with this nonce, or 0.
func (b *batch) createdGroup(creator uint32, nonce []byte) (uint32, error) {
	for _, g := range b.groups {
		if g.creator == creator && bytes.Equal(g.nonce, nonce) {
			return g.gid, nil
		}
	}
	var gid uint32
	err := b.tx.Query(`SELECT gid FROM groups WHERE creator = ? AND nonce = ?`, []any{int64(creator), nonce},
		func(row record.Row) error {
			if err := row.Scan(&gid); err != nil {
				return fmt.Errorf("look up group: %w", err)
			}
			return nil
		})
	return gid, err
}

// freeGroup returns a random number that no group has had.
func (b *batch) freeGroup() (uint32, error) {
	for {
		gid := RandomID()
		g, err := b.group(gid)
		if err != nil {
			return 0, err
		}
		if g == nil {
			return gid, nil
		}
	}
}

// GroupFields are the fields of a group in a request; nil leaves a field unchanged.
type GroupFields struct {
	Name, Status, PictureURL *string
	Flags                    *uint32
	Expiry                   *int32
	Picture                  []byte // empty but not nil removes it
}

// maxExpiry is the longest default expiry of a group's messages.
const maxExpiry = 366 * 24 * time.Hour

// Check refuses invalid fields. It is called before the request is submitted.
func (f *GroupFields) Check() error {
	if f.Name != nil {
		if err := accounts.ValidName(*f.Name); err != nil {
			return err
		}
	}
	if f.Status != nil {
		if err := accounts.ValidStatus(*f.Status); err != nil {
			return err
		}
	}
	if f.PictureURL != nil {
		if err := accounts.ValidURL(*f.PictureURL); err != nil {
			return err
		}
	}
	if f.Expiry != nil && *f.Expiry > int32(maxExpiry.Seconds()) {
		return refusal.Bad("the default expiry is longer than a year")
	}
	return accounts.ValidPicture(f.Picture)
}

// set changes a group and reports whether anything is different. An expiry of 0 means the server's default, too: a
// group whose messages only reach online users has the flag NOSTORAGE.
func (f *GroupFields) set(op *GroupOp, g *group) (changed bool) {
	if f.Name != nil {
		changed = assign(&g.name, *f.Name) || changed
	}
	if f.Status != nil {
		changed = assign(&g.status, *f.Status) || changed
	}
	if f.PictureURL != nil {
		changed = assign(&g.pictureURL, *f.PictureURL) || changed
	}
	if f.Flags != nil {
		flags := *f.Flags
		if op.Actor.UID != 0 { // only the backend keeps members from leaving
			flags = flags&^wire.GroupNoSelfDelete | g.flags&wire.GroupNoSelfDelete
		}
		changed = assign(&g.flags, flags) || changed
	}
	if f.Expiry != nil {
		expiry := *f.Expiry
		if expiry <= 0 {
			expiry = -1
		}
		changed = assign(&g.expiry, expiry) || changed
	}
	if f.Picture != nil && !bytes.Equal(f.Picture, g.picture) {
		g.picture = f.Picture
		changed = true
	}
	return changed
}

func assign[T comparable](to *T, v T) (changed bool) {
	changed = *to != v
	*to = v
	return changed
}

// SetGroup changes fields of a group.
type SetGroup struct {
	GID    uint32
	Fields GroupFields
}

func (a *SetGroup) run(b *batch, op *GroupOp) error {
	old, err := op.open(b, a.GID, wire.AdminModify)
	if err != nil {
		return err
	}
	g := old.clone()
	if !a.Fields.set(op, g) {
		op.accept(old)
		return nil
	}
	if g.pictureURL != old.pictureURL {
		if err := op.pictureOf(b, g); err != nil {
			return err
		}
	}
	b.save(g, nil, nil)
	op.accept(g)
	return b.announce(g, op.Actor, &wire.GroupChange{Kind: wire.GroupChange_SETTINGS}, g.memberUIDs())
}

// DeleteGroup deletes a group; the members keep its messages.
type DeleteGroup struct{ GID uint32 }

func (a *DeleteGroup) run(b *batch, op *GroupOp) error {
	old, err := op.open(b, a.GID, wire.AdminRemGroup)
	if err != nil {
		return err
	}
	g := old.clone()
	g.deleted = true
	b.save(g, nil, nil)
	b.update(`DELETE FROM pins WHERE gid = ?`, int64(g.gid))
	op.accept(g)
	if err := b.announce(g, op.Actor, &wire.GroupChange{Kind: wire.GroupChange_DELETED}, g.memberUIDs()); err != nil {
		return err
	}
	return b.endInvitations(g.gid)
}
