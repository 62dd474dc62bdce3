// Package audit keeps what was changed on a server by its operator, by applications with a token and by users who manage
// devices: who did what, to whom, when and from where. Rows are written in the transaction of the change.
package audit

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

const (
	// keep is how long entries are kept, most how many.
	keep = 365 * 24 * time.Hour
	most = 100_000
	// every is after how many new entries old ones are removed.
	every = 500
)

// Actor is who changes something.
type Actor struct {
	Name  string // such as "user alice", "apptoken shop" or "shell root"
	Place string // network address, empty for a local program
}

// server is the actor of changes that name none.
const server = "server"

type contextKey struct{}

// With returns a context whose changes are those of an actor.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

func by(ctx context.Context) Actor {
	if a, ok := ctx.Value(contextKey{}).(Actor); ok {
		return a
	}
	return Actor{Name: server}
}

// Entry is one change.
type Entry struct {
	ID     int64 `gorm:"primaryKey"`
	At     int64 // ms since the Unix epoch
	Actor  string
	Place  string
	Action string // such as "user.disable"
	Target string // what was changed: an address, or an id
}

// TableName implements schema.Tabler of GORM.
func (Entry) TableName() string { return "audits" }

// Time returns when it was.
func (e Entry) Time() time.Time { return time.UnixMilli(e.At) }

// Add writes an entry, in the transaction of the change. The actor is that of the context of tx.
func Add(tx *gorm.DB, action, target string) error {
	now, actor := tx.NowFunc(), by(tx.Statement.Context)
	e := Entry{At: now.UnixMilli(), Actor: actor.Name, Place: actor.Place, Action: action, Target: target}
	if err := tx.Session(&gorm.Session{NewDB: true}).Create(&e).Error; err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	if e.ID%every != 0 {
		return nil
	}
	err := tx.Session(&gorm.Session{NewDB: true}).
		Where("at < ? OR id <= ?", now.Add(-keep).UnixMilli(), e.ID-most).Delete(&Entry{}).Error
	if err != nil {
		return fmt.Errorf("shorten audit log: %w", err)
	}
	return nil
}

// Filter selects entries.
type Filter struct {
	Since  time.Time // zero: any
	Actor  string    // the beginning of the actor; empty: any
	Target string    // empty: any
	Limit  int
}

// List returns the newest entries that a filter selects, newest first.
func List(db *gorm.DB, f Filter) (list []Entry, err error) {
	q := db.Order("id DESC").Limit(f.Limit)
	if !f.Since.IsZero() {
		q = q.Where("at >= ?", f.Since.UnixMilli())
	}
	if f.Actor != "" {
		q = q.Where("substr(actor, 1, length(?)) = ?", f.Actor, f.Actor)
	}
	if f.Target != "" {
		q = q.Where("target = ?", f.Target)
	}
	if err := q.Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return list, nil
}
