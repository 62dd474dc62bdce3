package server

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

// What the book keeps in memory.
const (
	maxBookGroups  = 1000
	maxBookMembers = 200_000
)

// groupBook keeps groups in memory as they are in the database. Only the writer changes groups.
type groupBook struct {
	db      *gorm.DB // immutable, like lookups
	lookups *lookups

	mu      sync.Mutex
	known   map[uint32]*group
	members int // in known
	epoch   int // counts the changes
}

// cached also returns the epoch, for offer.
func (k *groupBook) cached(gid uint32) (*group, int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known[gid], k.epoch
}

// find is for everybody but the writer. It returns nil when there has never been such a group.
func (k *groupBook) find(gid uint32) (*group, error) {
	g, epoch := k.cached(gid)
	if g != nil {
		return g, nil
	}
	var err error
	k.lookups.do(func(ctx context.Context) { g, err = loadGroup(readFrom(k.db.WithContext(ctx)), gid) })
	if err != nil || g == nil {
		return nil, err
	}
	k.offer(g, epoch)
	return g, nil
}

// offer keeps what was read unless it may be older than a change.
func (k *groupBook) offer(g *group, epoch int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.epoch == epoch {
		k.keep(g)
	}
}

// put keeps what the writer has committed.
func (k *groupBook) put(g *group) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.epoch++
	k.keep(g)
}

// keep is called with mu.
func (k *groupBook) keep(g *group) {
	if old := k.known[g.gid]; old != nil {
		k.members -= len(old.members)
	}
	if k.known == nil || len(k.known) >= maxBookGroups || k.members >= maxBookMembers {
		k.known, k.members = make(map[uint32]*group), 0
	}
	k.known[g.gid] = g
	k.members += len(g.members)
}

// forget makes the book read again, after users have changed.
func (k *groupBook) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known, k.members = nil, 0
	k.epoch++
}

// reading calls each for every row of a query.
type reading func(text string, args []any, each func(*sql.Rows) error) error

// readFrom is a reading of the readers' pool.
func readFrom(db *gorm.DB) reading {
	return func(text string, args []any, each func(*sql.Rows) error) error {
		rows, err := db.Raw(text, args...).Rows()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		return eachRow(rows, each)
	}
}

// eachRow closes the rows.
func eachRow(rows *sql.Rows, each func(*sql.Rows) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

const groupColumns = `g.gid, g.creator, g.nonce, g.name, g.status, g.flags, g.expiry, g.picture, g.picture_url, g.created,
	g.changed, g.deleted`

func scanGroup(rows *sql.Rows, more ...any) (*group, error) {
	var g group
	dest := []any{
		&g.gid, &g.creator, &g.nonce, &g.name, &g.status, &g.flags, &g.expiry, &g.picture, &g.pictureURL, &g.created,
		&g.changed, &g.deleted,
	}
	if err := rows.Scan(append(dest, more...)...); err != nil {
		return nil, fmt.Errorf("read group: %w", err)
	}
	return &g, nil
}

// loadGroup returns nil when there is no such group.
func loadGroup(read reading, gid uint32) (*group, error) {
	var g *group
	err := read(`SELECT `+groupColumns+` FROM groups g WHERE g.gid = ?`, []any{int64(gid)}, func(rows *sql.Rows) (err error) {
		g, err = scanGroup(rows)
		return err
	})
	if err != nil || g == nil {
		return nil, err
	}
	err = read(`SELECT m.uid, u.address, m.flags, m.admin, m.joined, m.place, u.disabled
		FROM members m JOIN users u ON u.uid = m.uid WHERE m.gid = ? ORDER BY m.place`, []any{int64(gid)},
		func(rows *sql.Rows) error {
			var m groupMember
			if err := rows.Scan(&m.uid, &m.address, &m.flags, &m.admin, &m.joined, &m.place, &m.disabled); err != nil {
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
