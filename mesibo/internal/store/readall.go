package store

import (
	"fmt"

	"gorm.io/gorm"
)

// MarkAllRead is MarkRead for the whole chat, which need not exist.
func (s *Store) MarkAllRead(t Target) (changed bool, err error) {
	err = s.write(func(tx *gorm.DB) error {
		var id int64
		err := tx.Raw("SELECT id FROM chats WHERE account_id = ? AND peer = ? AND group_id = ?", t.Account, t.Peer,
			t.Group).
			Scan(&id).Error
		if err != nil {
			return fmt.Errorf("look up conversation: %w", err)
		}
		if id == 0 {
			changed = false
			return nil
		}
		_, changed, err = markRead(tx, id, CursorNewest.Position)
		return err
	})
	return changed, err
}
