package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

const filesHere = `messages WHERE account_id IN (SELECT id FROM accounts) AND kind = {File}
	AND content ->> '$.file.path' `

// FilePaths lists where the files of messages are on this device.
func (s *Store) FilePaths(ctx context.Context) ([]string, error) {
	paths, err := filePaths(s.read(ctx))
	if err != nil {
		return nil, err
	}
	return paths, nil
}

func filePaths(db *gorm.DB) (paths []string, err error) {
	err = db.Raw(numbered("SELECT DISTINCT content ->> '$.file.path' FROM " + filesHere + "> ''")).Scan(&paths).Error
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return paths, nil
}

// MoveFiles notes where the files of messages are now, and forgets how far transfers are.
func (s *Store) MoveFiles(moved func(path string) string) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		paths, err := filePaths(tx)
		if err != nil {
			return err
		}
		for _, before := range paths {
			now := moved(before)
			if now == before {
				continue
			}
			// The picture first: a trigger would find that no message has it any more.
			err := tx.Exec("UPDATE OR REPLACE copies SET path = ? WHERE path = ?", now, before).Error
			if err == nil {
				err = tx.Exec(numbered("UPDATE messages SET content = json_set(content, '$.file.path', ?) WHERE id IN "+
					"(SELECT id FROM "+filesHere+"= ?)"), now, before).Error
			}
			if err != nil {
				return fmt.Errorf("move files: %w", err)
			}
		}
		if err := tx.Exec("DELETE FROM transfers").Error; err != nil {
			return fmt.Errorf("move files: %w", err)
		}
		return nil
	})
}
