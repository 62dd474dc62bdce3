package accounts

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/refusal"
)

// LeastKeep and MostKeep are how long the messages of a group can be kept.
const (
	LeastKeep = time.Hour
	MostKeep  = 36_500 * 24 * time.Hour
)

// KeepGroup sets how long the messages of a group are kept; 0 is as long as all messages. It returns an error that wraps
// ErrNoGroup if there is no such group.
func (a *Accounts) KeepGroup(ctx context.Context, gid uint32, age time.Duration) error {
	if age != 0 && (age < LeastKeep || age > MostKeep) {
		return refusal.Bad("messages are kept for an hour at least, and for a hundred years at most")
	}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var found int64
		if err := tx.Raw(`SELECT count(*) FROM groups WHERE gid = ?`, gid).Scan(&found).Error; err != nil {
			return fmt.Errorf("look up group: %w", err)
		}
		if found == 0 {
			return ErrNoGroup
		}
		query := tx.Exec(`DELETE FROM keeps WHERE gid = ?`, gid)
		if age != 0 {
			query = tx.Exec(`INSERT INTO keeps(gid, age) VALUES(?, ?)`, gid, int64(age/time.Second))
		}
		if query.Error != nil {
			return query.Error
		}
		return audit.Add(tx, "group.keep", fmt.Sprint("group ", gid))
	})
	if err != nil {
		return fmt.Errorf("keep messages of group %d: %w", gid, err)
	}
	return nil
}

// GroupKeep is a group whose messages are kept for another time than the rest.
type GroupKeep struct {
	GID  uint32
	Name string
	Age  time.Duration
}

// GroupKeeps returns the groups with an age of their own.
func (a *Accounts) GroupKeeps(ctx context.Context) ([]GroupKeep, error) {
	var rows []struct {
		GID  uint32 `gorm:"column:gid"`
		Name string
		Age  int64
	}
	err := a.db.WithContext(ctx).Raw(`SELECT k.gid, g.name, k.age FROM keeps k JOIN groups g ON g.gid = k.gid ORDER BY k.gid`).
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	list := make([]GroupKeep, len(rows))
	for i, r := range rows {
		list[i] = GroupKeep{GID: r.GID, Name: r.Name, Age: time.Duration(r.Age) * time.Second}
	}
	return list, nil
}
