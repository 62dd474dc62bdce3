package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// This file is about files that this device has made for messages: pictures that are sent in place of the originals, and
// copies of imported files.

// Copy is such a picture.
type Copy struct {
	Path string
	Used bool // a message has it
}

// NoteCopy notes that a picture is going to be made. It is on the disk when the call returns.
func (s *Store) NoteCopy(path string) error {
	return s.NoteCopies([]string{path})
}

// NoteCopies is NoteCopy for several.
func (s *Store) NoteCopies(paths []string) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		for _, path := range paths {
			err := tx.Exec("INSERT INTO copies(path) VALUES (?) ON CONFLICT DO UPDATE SET loose = 1", path).Error
			if err != nil {
				return fmt.Errorf("note file: %w", err)
			}
		}
		return nil
	})
}

// LooseCopies lists the pictures that were made, or whose messages have changed or gone, since EndCopies.
func (s *Store) LooseCopies(ctx context.Context) ([]Copy, error) {
	var out []Copy
	err := s.read(ctx).Raw(numbered(`SELECT path, EXISTS (
			SELECT 1 FROM messages WHERE account_id IN (SELECT id FROM accounts) AND kind = {File}
			AND content ->> '$.file.path' = copies.path) AS used FROM copies WHERE loose = 1`)).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	return out, nil
}

// EndCopies forgets the pictures that are gone, and notes that messages have the used ones.
func (s *Store) EndCopies(used, gone []string) error {
	return s.write(func(tx *gorm.DB) error {
		for query, paths := range map[string][]string{
			"UPDATE copies SET loose = 0 WHERE path IN ?": used, "DELETE FROM copies WHERE path IN ?": gone,
		} {
			if len(paths) == 0 {
				continue
			}
			if err := tx.Exec(query, paths).Error; err != nil {
				return fmt.Errorf("note pictures: %w", err)
			}
		}
		return nil
	})
}
