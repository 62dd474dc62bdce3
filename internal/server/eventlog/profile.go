package eventlog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// profilePage is the maximum number of profiles and groups in one reply.
const profilePage = 500

// Changes returns the profiles of all users, and the groups of user uid, that changed after a revision. Both are read
// in one view, because clients never request a skipped revision again.
func (l *Log) Changes(ctx context.Context, uid uint32, after uint64) (*wire.ProfileSyncReply, error) {
	var reply *wire.ProfileSyncReply
	err := l.record.View(ctx, func(read record.Reader) (err error) {
		reply, err = readChanges(read, uid, after)
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

func readChanges(read record.Reader, uid uint32, after uint64) (*wire.ProfileSyncReply, error) {
	after = min(after, 1<<63-1)
	var users, groups page
	err := read.Query(`SELECT u.rev, u.address, u.name, u.disabled, coalesce(p.status, ''), p.picture,
		coalesce(p.picture_url, ''), coalesce(p.changed, u.created)
		FROM users u LEFT JOIN profiles p ON p.uid = u.uid WHERE u.rev > ? ORDER BY u.rev`,
		[]any{int64(after)}, func(row record.Row) error {
			var (
				rev uint64
				p   wire.Profile
			)
			err := row.Scan(&rev, &p.Address, &p.Name, &p.Deleted, &p.Status, &p.Picture, &p.PictureUrl, &p.Changed)
			if err != nil {
				return fmt.Errorf("read profiles: %w", err)
			}
			p.Deleted = p.Deleted && p.Address != wire.ServerAddress
			return users.add(changed{rev: rev, profile: &p})
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
