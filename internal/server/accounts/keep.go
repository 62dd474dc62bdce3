package accounts

import (
	"context"
	"fmt"
	"time"
)

// KeepGroup sets how long the messages of a group are kept; 0 is as long as all messages.
func (a *Accounts) KeepGroup(ctx context.Context, gid uint32, age time.Duration) error {
	db := a.db.WithContext(ctx)
	var found int64
	if err := db.Raw(`SELECT count(*) FROM groups WHERE gid = ?`, gid).Scan(&found).Error; err != nil {
		return fmt.Errorf("look up group: %w", err)
	}
	if found == 0 {
		return fmt.Errorf("keep messages of group %d: %w", gid, ErrNoGroup)
	}
	var err error
	if age <= 0 {
		err = db.Exec(`DELETE FROM keeps WHERE gid = ?`, gid).Error
	} else {
		err = db.Exec(`INSERT INTO keeps(gid, age) VALUES(?, ?) ON CONFLICT(gid) DO UPDATE SET age = excluded.age`,
			gid, int64(age/time.Second)).Error
	}
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
