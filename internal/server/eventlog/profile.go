package eventlog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// profilePage is the maximum number of profiles and groups in one reply.
const profilePage = 500

// Changes returns the profiles that user uid sees, and the groups of that user, that changed after a revision. Both are read
// in one view, because clients never request a skipped revision again.
func (l *Log) Changes(ctx context.Context, uid uint32, after uint64) (*wire.ProfileSyncReply, error) {
	var reply *wire.ProfileSyncReply
	err := l.record.View(ctx, func(read record.Reader) (err error) {
		reply, err = readChanges(read, uid, after, l.listing)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return reply, nil
}

// Acquaintances returns the users who have a reason to know of changes of some users' profiles: these users themselves,
// those with whom they have exchanged messages, and the members of their groups.
func (l *Log) Acquaintances(ctx context.Context, uids []uint32) (map[uint32]struct{}, error) {
	known := make(map[uint32]struct{})
	err := l.record.View(ctx, func(read record.Reader) error {
		for _, uid := range uids {
			known[uid] = struct{}{}
			err := read.Query(`SELECT peer FROM contacts WHERE uid = ? UNION SELECT uid FROM contacts WHERE peer = ? UNION
				SELECT o.uid FROM members m JOIN members o ON o.gid = m.gid WHERE m.uid = ?`,
				[]any{int64(uid), int64(uid), int64(uid)}, func(row record.Row) error {
					var other uint32
					if err := row.Scan(&other); err != nil {
						return fmt.Errorf("read acquaintances: %w", err)
					}
					known[other] = struct{}{}
					return nil
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return known, err
}

// changed is a profile or a group that changed at a revision.
type changed struct {
	rev     uint64
	profile *wire.Profile
	group   *wire.GroupInfo
}

func (c *changed) size() int {
	if c.group != nil {
		return proto.Size(c.group)
	}
	return proto.Size(c.profile)
}

// page collects rows of one table up to the limits of a reply.
type page struct {
	rows  []changed
	bytes int
	more  bool
}

func (p *page) add(c changed) error {
	size := c.size() + 16
	if len(p.rows) > 0 && (len(p.rows) >= profilePage || p.bytes+size > MaxEventsBytes) {
		p.more = true
		return errPageFull
	}
	p.bytes += size
	p.rows = append(p.rows, c)
	return nil
}

const profileColumns = `u.address, u.name, u.disabled, coalesce(p.status, ''), p.picture, coalesce(p.picture_url, ''),
	coalesce(p.changed, u.created)`

// scanProfile scans more and then profileColumns.
func scanProfile(row record.Row, more ...any) (*wire.Profile, error) {
	var p wire.Profile
	err := row.Scan(append(more, &p.Address, &p.Name, &p.Deleted, &p.Status, &p.Picture, &p.PictureUrl, &p.Changed)...)
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	p.Deleted = p.Deleted && p.Address != wire.ServerAddress
	return &p, nil
}

// seen is the SQL query for the users whose profiles a user sees, each perhaps several times, with the revision since
// when; the parameters are in args.
func seen(uid uint32, l accounts.Listing) (query string, args []any) {
	query = `SELECT CAST(? AS BIGINT) AS uid, 0 AS rev UNION ALL SELECT uid, 0 FROM users WHERE folded = ?
		UNION ALL SELECT uid, rev FROM contacts WHERE peer = ?
		UNION ALL SELECT o.uid, CASE WHEN o.rev > m.rev THEN o.rev ELSE m.rev END
			FROM members m JOIN members o ON o.gid = m.gid JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND NOT g.deleted`
	args = []any{int64(uid), wire.ServerAddress, int64(uid), int64(uid)}
	if l == accounts.ListExact {
		query += ` UNION ALL SELECT peer, rev FROM contacts WHERE uid = ?`
		args = append(args, int64(uid))
	}
	return query, args
}

// changedUsers is the SQL query for the profiles that changed after a revision, as a user sees them.
func changedUsers(uid uint32, after uint64, l accounts.Listing) (query string, args []any) {
	if l == accounts.ListAll {
		return `SELECT u.rev, ` + profileColumns + ` FROM users u LEFT JOIN profiles p ON p.uid = u.uid
			WHERE u.rev > ? ORDER BY u.rev`, []any{int64(after)}
	}
	list, args := seen(uid, l)
	return `SELECT v.rev, ` + profileColumns + ` FROM (
			SELECT s.uid AS uid, max(CASE WHEN s.rev > u.rev THEN s.rev ELSE u.rev END) AS rev
			FROM (` + list + `) s JOIN users u ON u.uid = s.uid GROUP BY s.uid) v
		JOIN users u ON u.uid = v.uid LEFT JOIN profiles p ON p.uid = u.uid
		WHERE v.rev > ? ORDER BY v.rev`, append(args, int64(after))
}

// Profiles returns the profiles of users whose exact addresses a user knows. Those that the user does not see have only
// the address.
func (l *Log) Profiles(ctx context.Context, viewer uint32, users []accounts.UserRef) (list []*wire.Profile, err error) {
	err = l.record.View(ctx, func(read record.Reader) error {
		sees := make(map[uint32]bool)
		if l.listing == accounts.ListContacts {
			query, args := seen(viewer, l.listing)
			err := read.Query(query, args, func(row record.Row) error {
				var uid, rev uint64
				if err := row.Scan(&uid, &rev); err != nil {
					return fmt.Errorf("read who is seen: %w", err)
				}
				sees[uint32(uid)] = true
				return nil
			})
			if err != nil {
				return err
			}
		}
		for _, u := range users {
			if l.listing == accounts.ListContacts && !sees[u.UID] {
				list = append(list, &wire.Profile{Address: u.Address})
				continue
			}
			err := read.Query(`SELECT `+profileColumns+` FROM users u LEFT JOIN profiles p ON p.uid = u.uid WHERE u.uid = ?`,
				[]any{int64(u.UID)}, func(row record.Row) error {
					p, err := scanProfile(row)
					list = append(list, p)
					return err
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// acquaint notes that a user sees the profile of another one from now on.
func (b *batch) acquaint(p pair) {
	if b.log.listing == accounts.ListAll {
		return
	}
	b.raiseRevision()
	b.update(`UPDATE contacts SET rev = (SELECT CAST(v AS BIGINT) FROM meta WHERE k = ?) WHERE uid = ? AND peer = ? AND rev = 0`,
		record.MetaProfileRev, int64(p.uid), int64(p.other))
	b.acquainted = append(b.acquainted, p.uid, p.other)
}

// acquaintMembers notes that members of a group see the profiles of all others from now on, and these theirs. It is called
// after the revision was raised.
func (b *batch) acquaintMembers(g *group, members []groupMember) {
	if b.log.listing == accounts.ListAll || len(members) == 0 {
		return
	}
	for _, m := range members {
		b.update(`UPDATE members SET rev = (SELECT CAST(v AS BIGINT) FROM meta WHERE k = ?) WHERE gid = ? AND uid = ?`,
			record.MetaProfileRev, int64(g.gid), int64(m.UID))
	}
	for i := range g.members {
		b.acquainted = append(b.acquainted, g.members[i].UID)
	}
}

func readChanges(
	read record.Reader, uid uint32, after uint64, listing accounts.Listing,
) (*wire.ProfileSyncReply, error) {
	after = min(after, 1<<63-1)
	var users, groups page
	query, args := changedUsers(uid, after, listing)
	err := read.Query(query, args, func(row record.Row) error {
		var rev uint64
		p, err := scanProfile(row, &rev)
		if err != nil {
			return err
		}
		return users.add(changed{rev: rev, profile: p})
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, err
	}
	err = read.Query(`SELECT `+groupColumns+`, g.rev, (SELECT count(*) FROM members c WHERE c.gid = g.gid)
		FROM members m JOIN groups g ON g.gid = m.gid WHERE m.uid = ? AND g.rev > ? ORDER BY g.rev`,
		[]any{int64(uid), int64(after)}, func(row record.Row) error {
			var (
				rev   uint64
				count uint32
			)
			g, err := scanGroup(row, &rev, &count)
			if err != nil {
				return err
			}
			info := g.info()
			info.Members = count
			return groups.add(changed{rev: rev, group: info})
		})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, err
	}
	return mergeChanges(after, users, groups), nil
}

// mergeChanges merges two pages, by revision, into a reply of limited size.
func mergeChanges(after uint64, users, groups page) *wire.ProfileSyncReply {
	both := slices.Concat(users.rows, groups.rows)
	slices.SortFunc(both, func(a, b changed) int { return cmp.Compare(a.rev, b.rev) })
	// A page with more rows does not cover revisions after its last row.
	end := uint64(1<<64 - 1)
	for _, p := range []page{users, groups} {
		if p.more {
			end = min(end, p.rows[len(p.rows)-1].rev)
		}
	}
	reply := &wire.ProfileSyncReply{Revision: after}
	var taken page
	for _, ch := range both {
		if ch.rev > end || taken.add(ch) != nil {
			reply.More = true
			break
		}
		reply.Revision = ch.rev
		if ch.group != nil {
			reply.Groups = append(reply.Groups, ch.group)
		} else {
			reply.Profiles = append(reply.Profiles, ch.profile)
		}
	}
	reply.More = reply.More || users.more || groups.more
	return reply
}
