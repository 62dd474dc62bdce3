package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

// This file is about the folder whose files are sent. What became of each file is noted in the transaction that queues
// its message, so that nothing is sent twice, whenever the process ends.

// SendFolder returns the folder of an account; ErrNotFound when there is none.
func (s *Store) SendFolder(ctx context.Context, account int64) (models.SendFolder, error) {
	var rows []models.SendFolder
	if err := s.read(ctx).Where("account_id = ?", account).Limit(1).Find(&rows).Error; err != nil {
		return models.SendFolder{}, fmt.Errorf("look up folder: %w", err)
	}
	if len(rows) == 0 {
		return models.SendFolder{}, ErrNotFound
	}
	return rows[0], nil
}

// PutSendFolder sets the folder of an account; one without a path removes it. before are its files that are not sent.
// What is known of files that were queued stays, the rest is forgotten.
func (s *Store) PutSendFolder(f models.SendFolder, before []models.FolderFile) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		err := tx.Where("account_id = ?", f.AccountID).Delete(&models.SendFolder{}).Error
		if err == nil {
			err = tx.Where("account_id = ? AND refusal <> ''", f.AccountID).Delete(&models.FolderFile{}).Error
		}
		if err == nil && f.Path != "" {
			err = tx.Create(&f).Error
		}
		if err == nil && len(before) > 0 {
			err = tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(before, 500).Error
		}
		if err != nil {
			return fmt.Errorf("store folder: %w", err)
		}
		return nil
	})
}

// FolderFiles lists what is known of files that were or could not be sent.
func (s *Store) FolderFiles(ctx context.Context, account int64) ([]models.FolderFile, error) {
	var rows []models.FolderFile
	if err := s.read(ctx).Where("account_id = ?", account).Order("path").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list files of the folder: %w", err)
	}
	return rows, nil
}

// PutFolderFile notes what became of a file.
func (s *Store) PutFolderFile(f models.FolderFile) error {
	return s.writeThrough(func(tx *gorm.DB) error { return putFolderFile(tx, f) })
}

func putFolderFile(tx *gorm.DB, f models.FolderFile) error {
	if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&f).Error; err != nil {
		return fmt.Errorf("note file of the folder: %w", err)
	}
	return nil
}

// EndFolderFile forgets a file that is not in the folder any more. When it was moved to its target, so are the messages
// that carry it.
func (s *Store) EndFolderFile(f models.FolderFile, moved bool) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		err := tx.Where("account_id = ? AND path = ?", f.AccountID, f.Path).Delete(&models.FolderFile{}).Error
		if err != nil {
			return fmt.Errorf("forget file of the folder: %w", err)
		}
		if !moved {
			return nil
		}
		return moveFile(tx, f.AccountID, f.Path, f.Target)
	})
}

// QueueFolderFile is Queue for the message with a file of the folder.
func (s *Store) QueueFolderFile(t Target, m *models.Message, f models.FolderFile) error {
	defer s.indexSoon()
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := s.insertOwn(tx, t, m, false); err != nil {
			return err
		}
		return putFolderFile(tx, f)
	})
}
