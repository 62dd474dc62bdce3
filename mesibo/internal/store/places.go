package store

import (
	"context"
	"fmt"
	"path/filepath"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file is about where on this device the files of messages are.

// FilePlace is where the file of a message is, and by what it is known.
type FilePlace struct {
	ID       int64
	Path     string
	Size     int64 // as its sender says
	Length   int64 // as it was here, 0 unknown
	Modified int64 // when it was last changed, ns; 0 unknown
}

const filePlace = `SELECT id, content ->> '$.file.path' AS path, coalesce(content ->> '$.file.size', 0) AS size,
	coalesce(content ->> '$.file.length', 0) AS length, coalesce(content ->> '$.file.modified', 0) AS modified
	FROM messages WHERE account_id = ? AND kind = {File} AND held = 0 AND `

// FilesAt lists the messages whose files are at these paths, without those that wait for their upload.
func (s *Store) FilesAt(ctx context.Context, account int64, paths []string) ([]FilePlace, error) {
	var out []FilePlace
	err := s.read(ctx).Raw(numbered(filePlace+"content ->> '$.file.path' IN ?"), account, paths).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return out, nil
}

// FilesIn is FilesAt for all files of a folder, and of those in it.
func (s *Store) FilesIn(ctx context.Context, account int64, folder string) ([]FilePlace, error) {
	const separator = string(filepath.Separator)
	var out []FilePlace
	err := s.read(ctx).Raw(numbered(filePlace+"content ->> '$.file.path' > ? AND content ->> '$.file.path' < ?"),
		account, folder+separator, folder+string(rune(filepath.Separator)+1)).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("list files of a folder: %w", err)
	}
	return out, nil
}

// MessagesByRow returns messages by their row ids; those that are gone are left out.
func (s *Store) MessagesByRow(ctx context.Context, rows []int64) ([]models.Message, error) {
	var ms []models.Message
	if err := withTarget(s.read(ctx)).Where("messages.id IN ?", rows).Order("messages.id").Find(&ms).Error; err != nil {
		return nil, fmt.Errorf("look up messages: %w", err)
	}
	return ms, nil
}

// moveFile notes that a file is at another place now.
func moveFile(tx *gorm.DB, account int64, from, to string) error {
	err := tx.Exec(numbered(`UPDATE messages SET content = json_set(content, '$.file.path', ?)
		WHERE account_id = ? AND kind = {File} AND content ->> '$.file.path' = ?`), to, account, from).Error
	if err != nil {
		return fmt.Errorf("move file: %w", err)
	}
	return nil
}
