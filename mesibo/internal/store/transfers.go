package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

// PutTransfer stores how far a file transfer is, replacing what was stored of it. It is on the disk when the call
// returns.
func (s *Store) PutTransfer(t models.Transfer) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&t).Error; err != nil {
			return fmt.Errorf("store file transfer: %w", err)
		}
		return nil
	})
}

// Transfer returns how far a file transfer is; ErrNotFound when nothing is stored of it.
func (s *Store) Transfer(ctx context.Context, account int64, key string) (models.Transfer, error) {
	var rows []models.Transfer
	if err := s.read(ctx).Where("account_id = ? AND key = ?", account, key).Limit(1).Find(&rows).Error; err != nil {
		return models.Transfer{}, fmt.Errorf("look up file transfer: %w", err)
	}
	if len(rows) == 0 {
		return models.Transfer{}, ErrNotFound
	}
	return rows[0], nil
}

// DeleteTransfer forgets a file transfer.
func (s *Store) DeleteTransfer(account int64, key string) error {
	return s.write(func(tx *gorm.DB) error {
		if err := tx.Where("account_id = ? AND key = ?", account, key).Delete(&models.Transfer{}).Error; err != nil {
			return fmt.Errorf("forget file transfer: %w", err)
		}
		return nil
	})
}

// OldTransfers lists the file transfers that started before a time.
func (s *Store) OldTransfers(ctx context.Context, account, before int64) ([]models.Transfer, error) {
	var rows []models.Transfer
	if err := s.read(ctx).Where("account_id = ? AND ts < ?", account, before).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list file transfers: %w", err)
	}
	return rows, nil
}

// LooseTransfers lists the unfinished downloads for messages that do not exist any more.
func (s *Store) LooseTransfers(ctx context.Context, account int64) ([]models.Transfer, error) {
	var rows []models.Transfer
	err := s.read(ctx).Where(numbered(`account_id = ? AND message = 1 AND NOT EXISTS (SELECT 1 FROM messages
		WHERE messages.account_id = transfers.account_id AND kind = {File}
		AND content ->> '$.file.url' = transfers.url)`), account).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list file transfers: %w", err)
	}
	return rows, nil
}

// FilesToFetch lists the messages whose files are to be fetched, in the order in which they came. A file that was here
// before may be among them.
func (s *Store) FilesToFetch(ctx context.Context, account int64) ([]models.Message, error) {
	var ms []models.Message
	err := withTarget(s.read(ctx)).
		Where(numbered(`messages.account_id = ? AND messages.kind = {File} AND messages.held = 0
			AND messages.content ->> '$.file.state' = {RetryLater}`), account).
		Order("messages.id").Find(&ms).Error
	if err != nil {
		return nil, fmt.Errorf("list files to fetch: %w", err)
	}
	return ms, nil
}
