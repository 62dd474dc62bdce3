package store

import (
	"fmt"

	"gorm.io/gorm"
)

// SetPlayed notes that the sound of a message was played here. It is ErrNotFound when the message has no file.
func (s *Store) SetPlayed(row int64) error {
	return s.write(func(tx *gorm.DB) error {
		done := tx.Exec(numbered(`UPDATE messages SET content = json_set(content, '$.file.played', json('true'))
			WHERE id = ? AND kind = {File}`), row)
		if done.Error != nil {
			return fmt.Errorf("store played: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return ErrNotFound
		}
		return nil
	})
}
