package store

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// age gives an own message the age that messages of its chat have, unless it has one, or is about the chat.
func age(tx *gorm.DB, m *models.Message) error {
	if m.Age != 0 || IsControl(m.Type) {
		return setAge(tx, m)
	}
	if err := tx.Raw("SELECT age FROM chats WHERE id = ?", m.ChatID).Scan(&m.Age).Error; err != nil {
		return fmt.Errorf("look up age: %w", err)
	}
	return nil
}

// setAge applies a message that says how long messages of its chat stay.
func setAge(tx *gorm.DB, m *models.Message) error {
	if m.Type != models.TypeAge {
		return nil
	}
	seconds, err := strconv.ParseUint(string(m.Data), 10, 31)
	if err != nil {
		return nil //nolint:nilerr // of a later program: nothing is known of it
	}
	if err := tx.Exec("UPDATE chats SET age = ? WHERE id = ?", seconds, m.ChatID).Error; err != nil {
		return fmt.Errorf("store age: %w", err)
	}
	return nil
}

// Faded returns the ids of the messages that are to disappear before a time, in ms.
func (s *Store) Faded(ctx context.Context, account, before int64) (mids []uint64, err error) {
	const most = 500
	err = s.read(ctx).Raw(numbered(`SELECT mid FROM messages WHERE account_id = ? AND age > 0 AND ts + age * 1000 <= ?
		AND mid >= {FirstServer} LIMIT ?`), account, before, most).Scan(&mids).Error
	if err != nil {
		return nil, fmt.Errorf("find fading messages: %w", err)
	}
	return mids, nil
}

// NextFading returns when the next message disappears, in ms; 0 for none.
func (s *Store) NextFading(ctx context.Context, account int64) (at int64, err error) {
	err = s.read(ctx).Raw(numbered(`SELECT coalesce(min(ts + age * 1000), 0) FROM messages WHERE account_id = ? AND age > 0
		AND mid >= {FirstServer}`), account).Scan(&at).Error
	if err != nil {
		return 0, fmt.Errorf("find fading messages: %w", err)
	}
	return at, nil
}
