package eventlog

import (
	"context"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/internal/server/record"
)

// Limits of groupCache.
const (
	maxCachedGroups  = 1000
	maxCachedMembers = 200_000
)

// groupCache holds groups in memory. Only the writer changes groups.
type groupCache struct {
	record record.Record // immutable

	mu      sync.Mutex
	known   map[uint32]*group
	members int // total members in known
	epoch   int // incremented by each change
}

// cached returns a group, nil if it is not in memory, and the epoch for offer.
func (k *groupCache) cached(gid uint32) (*group, int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known[gid], k.epoch
}

// find returns a group, nil if it has never existed. It may be called from any goroutine except the writer's, which
// uses batch.group.
func (k *groupCache) find(ctx context.Context, gid uint32) (*group, error) {
	g, epoch := k.cached(gid)
	if g != nil {
		return g, nil
	}
	err := k.record.View(ctx, func(read record.Reader) (err error) {
		g, err = loadGroup(read, gid)
		return err
	})
	if err != nil || g == nil {
		return nil, err
	}
	k.offer(g, epoch)
	return g, nil
}

// offer stores a group read from the database, unless a group has changed since epoch.
func (k *groupCache) offer(g *group, epoch int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.epoch == epoch {
		k.keep(g)
	}
}

// put stores a committed change.
func (k *groupCache) put(g *group) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.epoch++
	k.keep(g)
}

// keep stores a group. The caller holds mu.
func (k *groupCache) keep(g *group) {
	if old := k.known[g.gid]; old != nil {
		k.members -= len(old.members)
	}
	if k.known == nil || len(k.known) >= maxCachedGroups || k.members >= maxCachedMembers {
		k.known, k.members = make(map[uint32]*group), 0
	}
	k.known[g.gid] = g
	k.members += len(g.members)
}

// forget empties the cache after users have changed.
func (k *groupCache) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.members = nil, 0
	k.epoch++
}

const groupColumns = `g.gid, g.creator, g.nonce, g.name, g.status, g.flags, g.expiry, g.picture, g.picture_url,
	g.created, g.changed, g.deleted`

func scanGroup(row record.Row, more ...any) (*group, error) {
	var g group
	dest := []any{
		&g.gid, &g.creator, &g.nonce, &g.name, &g.status, &g.flags, &g.expiry, &g.picture, &g.pictureURL, &g.created,
		&g.changed, &g.deleted,
	}
	if err := row.Scan(append(dest, more...)...); err != nil {
		return nil, fmt.Errorf("read group: %w", err)
	}
	if !record.ValidText(g.pictureURL) { // of before such text was refused; it could not be written back
		g.pictureURL = ""
	}
	return &g, nil
}

// loadGroup returns nil if the group does not exist.
func loadGroup(read record.Reader, gid uint32) (*group, error) {
	var g *group
	err := read.Query(`SELECT `+groupColumns+` FROM groups g WHERE g.gid = ?`, []any{int64(gid)},
		func(row record.Row) (err error) {
			g, err = scanGroup(row)
			return err
		})
	if err != nil || g == nil {
		return nil, err
	}
	err = read.Query(`SELECT m.UID, u.address, m.flags, m.admin, m.joined, m.place, u.disabled
		FROM members m JOIN users u ON u.uid = m.UID WHERE m.gid = ? ORDER BY m.place`, []any{int64(gid)},
		func(row record.Row) error {
			var m groupMember
			if err := row.Scan(&m.UID, &m.Address, &m.flags, &m.admin, &m.joined, &m.place, &m.disabled); err != nil {
				return fmt.Errorf("read members: %w", err)
			}
			g.members = append(g.members, m)
			return nil
		})
	if err != nil {
		return nil, err
	}
	g.reindex()
	return g, nil
}
