package server

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/wire"
)

// errNoNonce is what is wrong with a request that has to be done only once.
var errNoNonce = fmt.Errorf("the nonce is not %d bytes long", wire.NonceSize)

// createGroup makes a group.
type createGroup struct {
	nonce   []byte
	fields  groupFields
	members []party // without the creator
	perms   *permissions
}

func (a *createGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	gid, err := b.createdGroup(ctx, op.actor.uid, a.nonce)
	if err != nil {
		return err
	}
	if gid != 0 {
		g, err := b.group(ctx, gid)
		if err == nil {
			op.accept(g)
		}
		return err
	}
	g := &group{creator: op.actor.uid, nonce: a.nonce, expiry: -1, created: b.now.UnixMilli()}
	if g.gid, err = b.freeGroup(ctx); err != nil {
		return err
	}
	a.fields.set(g)
	g.reindex()
	if ok, err := op.pictureOf(ctx, b, g); !ok {
		return err
	}
	if op.actor.uid != 0 {
		g.add(op.actor, permissions{wire.MemberAll, wire.AdminOwnerAll}, g.created)
	}
	perms := permissions{flags: wire.MemberAll}
	if a.perms != nil {
		perms = *a.perms
	}
	for _, p := range a.members {
		switch {
		case g.find(p.uid) != nil:
		case len(g.members) >= wire.MaxGroup:
			op.reply.Refused = append(op.reply.Refused, p.address)
		default:
			g.add(p, perms, g.created)
		}
	}
	b.save(g, g.members, nil)
	op.accept(g)
	return b.announce(ctx, g, op.actor, &wire.GroupChange{Kind: wire.GroupChange_CREATED, Members: wireMembers(g.members)},
		g.everybody())
}

func wireMembers(list []groupMember) []*wire.Member {
	members := make([]*wire.Member, len(list))
	for i := range list {
		members[i] = list[i].wire()
	}
	return members
}

// createdGroup finds the group that a request has made when it came before; 0 when there is none.
func (b *batch) createdGroup(ctx context.Context, creator uint32, nonce []byte) (uint32, error) {
	for _, g := range b.groups {
		if g.creator == creator && bytes.Equal(g.nonce, nonce) {
			return g.gid, nil
		}
	}
	var gid uint32
	err := b.query(ctx, `SELECT gid FROM groups WHERE creator = ? AND nonce = ?`, []any{int64(creator), nonce},
		func(rows *sql.Rows) error {
			if err := rows.Scan(&gid); err != nil {
				return fmt.Errorf("look up group: %w", err)
			}
			return nil
		})
	return gid, err
}

// freeGroup picks a number that no group has had.
func (b *batch) freeGroup(ctx context.Context) (uint32, error) {
	for {
		gid := random32()
		g, err := b.group(ctx, gid)
		if err != nil {
			return 0, err
		}
		if g == nil {
			return gid, nil
		}
	}
}

// groupFields are what GroupCreate and GroupSet say of a group; nil stays as it is.
type groupFields struct {
	name, status, pictureURL *string
	flags                    *uint32
	expiry                   *int32
	picture                  []byte // nil stays, empty removes it
}

// check is called before the writer has the request.
func (f *groupFields) check() error {
	if f.name != nil {
		if err := validName(*f.name); err != nil {
			return err
		}
	}
	if f.status != nil {
		if err := validStatus(*f.status); err != nil {
			return err
		}
	}
	if f.pictureURL != nil && len(*f.pictureURL) > wire.MaxURL {
		return errLongURL
	}
	if f.expiry != nil && *f.expiry > int32(maxExpiry.Seconds()) {
		return errors.New("the default expiry is longer than a year")
	}
	return validPicture(f.picture)
}

// set tells whether anything has changed. An expiry of 0 is the server's default as well: a group whose messages only
// reach who is online has the flag NOSTORAGE.
func (f *groupFields) set(g *group) (changed bool) {
	if f.name != nil {
		changed = assign(&g.name, *f.name) || changed
	}
	if f.status != nil {
		changed = assign(&g.status, *f.status) || changed
	}
	if f.pictureURL != nil {
		changed = assign(&g.pictureURL, *f.pictureURL) || changed
	}
	if f.flags != nil {
		changed = assign(&g.flags, *f.flags) || changed
	}
	if f.expiry != nil {
		expiry := *f.expiry
		if expiry <= 0 {
			expiry = -1
		}
		changed = assign(&g.expiry, expiry) || changed
	}
	if f.picture != nil && !bytes.Equal(f.picture, g.picture) {
		g.picture = f.picture
		changed = true
	}
	return changed
}

func assign[T comparable](to *T, v T) (changed bool) {
	changed = *to != v
	*to = v
	return changed
}

// setGroup changes a group.
type setGroup struct {
	gid    uint32
	fields groupFields
}

func (a *setGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	old, err := op.open(ctx, b, a.gid, wire.AdminModify)
	if err != nil || old == nil {
		return err
	}
	g := old.clone()
	if !a.fields.set(g) {
		op.accept(old)
		return nil
	}
	if g.pictureURL != old.pictureURL {
		if ok, err := op.pictureOf(ctx, b, g); !ok {
			return err
		}
	}
	b.save(g, nil, nil)
	op.accept(g)
	return b.announce(ctx, g, op.actor, &wire.GroupChange{Kind: wire.GroupChange_SETTINGS}, g.everybody())
}

// deleteGroup ends a group; its members' messages stay.
type deleteGroup struct{ gid uint32 }

func (a *deleteGroup) run(ctx context.Context, b *batch, op *groupOp) error {
	old, err := op.open(ctx, b, a.gid, wire.AdminRemGroup)
	if err != nil || old == nil {
		return err
	}
	g := old.clone()
	g.deleted = true
	b.save(g, nil, nil)
	b.update(`DELETE FROM pins WHERE gid = ?`, int64(g.gid))
	op.accept(g)
	return b.announce(ctx, g, op.actor, &wire.GroupChange{Kind: wire.GroupChange_DELETED}, g.everybody())
}
