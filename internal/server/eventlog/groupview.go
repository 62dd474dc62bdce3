package eventlog

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var errListing = refusal.Denied(wire.GroupErrorPermission, "you do not have permission to list the members")

// ForgetGroups empties the cache of groups after users have changed.
func (l *Log) ForgetGroups() { l.groups.forget() }

// KnowsGroup reports whether a user is a member of a group, or has something of it in the log.
func (l *Log) KnowsGroup(ctx context.Context, uid, gid uint32) (known bool, err error) {
	g, err := l.groups.find(ctx, gid)
	if err != nil || g.has(uid) {
		return g.has(uid), err
	}
	err = l.record.View(ctx, func(read record.Reader) error {
		const query = `SELECT 1 FROM stretches WHERE uid = ? AND chat = ? LIMIT 1`
		return read.Query(query, []any{int64(uid), record.GroupChat(gid)}, func(record.Row) error {
			known = true
			return nil
		})
	})
	return known, err
}

// GroupSize returns the number of members of a group that a user may write to, 0 for others.
func (l *Log) GroupSize(ctx context.Context, uid, gid uint32) (int, error) {
	g, err := l.groups.find(ctx, gid)
	if err != nil || (!g.has(uid) && !g.open()) || g.deleted {
		return 0, err
	}
	return len(g.members), nil
}

// ModifiesGroup reports whether a user may change a group.
func (l *Log) ModifiesGroup(ctx context.Context, uid, gid uint32) (bool, error) {
	g, err := l.groups.find(ctx, gid)
	return err == nil && g.has(uid) && !g.deleted && g.modifies(uid), err
}

// open reports whether users who are no members can write to a group, and so know that it exists.
func (g *group) open() bool { return g != nil && !g.deleted && g.flags&wire.GroupSendByAnyone != 0 }

// Group returns a group as one of its members sees it.
func (l *Log) Group(ctx context.Context, uid, gid uint32) (*wire.GroupReply, error) {
	g, err := l.groups.find(ctx, gid)
	if err != nil {
		return nil, err
	}
	if err := g.checkAccess(uid); err != nil {
		return nil, err
	}
	m := g.find(uid)
	reply := &wire.GroupReply{Group: g.info(), Own: m.permissions.wire()}
	if m.admin&wire.AdminListPin == 0 {
		return reply, nil
	}
	err = l.record.View(ctx, func(read record.Reader) error {
		pins, err := loadPins(read, `gid = ?`, int64(gid))
		for _, p := range pins {
			reply.Pins = append(reply.Pins, p.wire())
		}
		return err
	})
	return reply, err
}

// Members returns up to count members of a group after an address, sorted by folded address. uid is the requesting
// user, 0 for the application's backend.
func (l *Log) Members(ctx context.Context, uid, gid uint32, after string, count int) (*wire.GroupMembersReply, error) {
	g, err := l.groups.find(ctx, gid)
	if err != nil {
		return nil, err
	}
	asker := uid
	if g != nil && !g.deleted && g.flags&wire.GroupListByAnyone != 0 {
		asker = 0
	}
	if err := g.checkAccess(asker); err != nil {
		return nil, err
	}
	if uid != 0 && !g.mayList(uid) {
		return nil, errListing
	}
	if !record.ValidText(after) {
		return nil, refusal.Bad("the address contains a NUL character or is not valid UTF-8")
	}
	reply := &wire.GroupMembersReply{}
	err = l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT u.address, m.flags, m.admin FROM members m JOIN users u ON u.uid = m.uid
			WHERE m.gid = ? AND u.folded > ? ORDER BY u.folded LIMIT ?`, []any{int64(gid), accounts.Fold(after), count + 1},
			func(row record.Row) error {
				var m groupMember
				if err := row.Scan(&m.Address, &m.flags, &m.admin); err != nil {
					return fmt.Errorf("list members: %w", err)
				}
				if len(reply.Members) == count {
					reply.More = true
					return nil
				}
				reply.Members = append(reply.Members, m.wire())
				return nil
			})
	})
	return reply, err
}

// GroupsOf returns the groups of a user that are not deleted.
func (l *Log) GroupsOf(ctx context.Context, uid uint32) (gids []uint32, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT g.gid FROM members m JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND NOT g.deleted`,
			[]any{int64(uid)}, func(row record.Row) error {
				var gid uint32
				if err := row.Scan(&gid); err != nil {
					return fmt.Errorf("list groups: %w", err)
				}
				gids = append(gids, gid)
				return nil
			})
	})
	return gids, err
}

// GroupSummary is a line of a list of groups.
type GroupSummary struct {
	GID     uint32
	Name    string
	Members int
	Created int64 // ms
}

// Groups returns up to limit groups after a number, in the order of their numbers.
func (l *Log) Groups(ctx context.Context, after uint32, limit int) (list []GroupSummary, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT g.gid, g.name, g.created, (SELECT count(*) FROM members m WHERE m.gid = g.gid)
			FROM groups g WHERE NOT g.deleted AND g.gid > ? ORDER BY g.gid LIMIT ?`,
			[]any{int64(after), limit}, func(row record.Row) error {
				var g GroupSummary
				if err := row.Scan(&g.GID, &g.Name, &g.Created, &g.Members); err != nil {
					return fmt.Errorf("list groups: %w", err)
				}
				list = append(list, g)
				return nil
			})
	})
	return list, err
}

// Usage is what a user has on the server, in bytes.
type Usage struct {
	Messages int64 // as of the last hour
	Files    int64 // announced, also those that are not complete
}

// Usage returns what a user has on the server.
func (l *Log) Usage(ctx context.Context, uid uint32) (Usage, error) {
	u := Usage{Messages: l.usage.of(uid)}
	err := l.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM files WHERE uid = ?`, []any{int64(uid)},
			func(row record.Row) error { return row.Scan(&u.Files) })
	})
	return u, err
}

// Audience returns the recipients of a message that sender, or the application's backend for
// it (trusted), sends to a group, and SENT or the status of the refusal.
func (l *Log) Audience(ctx context.Context, gid, sender uint32, trusted bool) (uids []uint32, status uint32, err error) {
	g, err := l.groups.find(ctx, gid)
	if err != nil {
		return nil, 0, err
	}
	if status := g.sendStatus(sender, trusted); status != wire.StatusSent {
		return nil, status, nil
	}
	return g.receivers(sender), wire.StatusSent, nil
}

// ActivityAudience returns the recipients of a user's activity in a group. A paused group does not refuse it.
func (l *Log) ActivityAudience(ctx context.Context, gid, sender uint32) ([]uint32, error) {
	g, err := l.groups.find(ctx, gid)
	switch {
	case err != nil:
		return nil, err
	case g == nil || g.deleted || !g.maySend(sender):
		return nil, errNoSending
	}
	return g.receivers(sender), nil
}

// receivers returns the members who get the group's messages, except one.
func (g *group) receivers(without uint32) []uint32 {
	var uids []uint32
	for i := range g.members {
		if m := &g.members[i]; m.UID != without && g.receives(m) {
			uids = append(uids, m.UID)
		}
	}
	return uids
}
