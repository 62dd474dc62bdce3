package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

// SetKey stores a value of the application under a key, replacing another. It is on the disk when the call returns.
func (s *Store) SetKey(account int64, key, value string) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		row := models.KeyValue{AccountID: account, Key: key, Value: value}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("store key: %w", err)
		}
		return nil
	})
}

// Key returns the value of a key; ErrNotFound when there is none.
func (s *Store) Key(ctx context.Context, account int64, key string) (string, error) {
	var rows []models.KeyValue
	if err := s.read(ctx).Where("account_id = ? AND key = ?", account, key).Limit(1).Find(&rows).Error; err != nil {
		return "", fmt.Errorf("read key: %w", err)
	}
	if len(rows) == 0 {
		return "", ErrNotFound
	}
	return rows[0].Value, nil
}

// DeleteKey removes a key. It is gone from the disk when the call returns.
func (s *Store) DeleteKey(account int64, key string) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := tx.Where("account_id = ? AND key = ?", account, key).Delete(&models.KeyValue{}).Error; err != nil {
			return fmt.Errorf("delete key: %w", err)
		}
		return nil
	})
}
