package store

import (
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file is about the log that a server has after it was restored from a backup: another epoch. It is read from its
// start. What is here already stays where it is and gets the number that it has in the new log; what the server has lost
// stays without one.

// forgetNumbers begins another epoch. The index is needed from then on alone, when the position of a message does not
// follow from its number.
func forgetNumbers(tx *gorm.DB, account int64) error {
	for _, q := range []string{
		"UPDATE messages SET seq = 0 WHERE account_id = ?",
		"UPDATE chats SET read_seq = 0, read_sent = 0 WHERE account_id = ?",
		"DELETE FROM invitations WHERE account_id = ?",
	} {
		if err := tx.Exec(q, account).Error; err != nil {
			return fmt.Errorf("begin new epoch: %w", err)
		}
	}
	if err := tx.Exec("CREATE INDEX IF NOT EXISTS messages_number ON messages(chat_id, seq) WHERE seq > 0").Error; err != nil {
		return fmt.Errorf("begin new epoch: %w", err)
	}
	return nil
}

// position returns the position up to which the messages of a chat stand whose numbers are at most upTo.
func (a *applier) position(chat int64, upTo uint64) (position int64, err error) {
	if a.account.Base == 0 {
		return int64(upTo) << positionShift, nil
	}
	err = a.tx.Raw(`SELECT position FROM messages WHERE chat_id = ? AND seq BETWEEN 1 AND ? AND seq > 0
		ORDER BY seq DESC LIMIT 1`, chat, int64(upTo)).Scan(&position).Error
	if err != nil {
		return 0, fmt.Errorf("find message by its number: %w", err)
	}
	return position, nil
}

// renumber sets the number that a stored message has in a new epoch.
func (a *applier) renumber(row *models.Message) error {
	err := a.tx.Exec(numbered(`UPDATE messages SET seq = ? WHERE account_id = ? AND mid = ?
		AND mid >= {FirstServer} AND seq = 0`),
		row.Seq, row.AccountID, row.Mid).Error
	if err != nil {
		return fmt.Errorf("renumber message: %w", err)
	}
	return nil
}

// twin reports whether a received message is one of an earlier epoch that its sender has sent once more, because the
// server was restored before it had answered: the sender's half of the id and the content are the same. It gets the new
// id.
func (a *applier) twin(row *models.Message) (known bool, err error) {
	if a.account.Base == 0 {
		return false, nil
	}
	var old int64
	err = a.tx.Raw(numbered(`SELECT mid FROM messages WHERE chat_id = ? AND mid & {LowMask} = ? AND seq = 0
		AND nonce IS NULL AND mid >= {FirstServer} AND mid <> ? AND sender = ? AND data IS ?
		AND NOT EXISTS (SELECT 1 FROM messages WHERE account_id = ? AND mid = ?) LIMIT 1`),
		row.ChatID, row.Mid&lowMask, row.Mid, row.Sender, row.Data, row.AccountID, row.Mid).Scan(&old).Error
	if err != nil {
		return false, fmt.Errorf("look up message of an earlier epoch: %w", err)
	}
	if old == 0 {
		return false, nil
	}
	return true, a.rename(old, row)
}

// rename gives a stored message the id and number of row.
func (a *applier) rename(mid int64, row *models.Message) error {
	for _, q := range []struct {
		text string
		args []any
	}{
		{"UPDATE messages SET mid = ?, seq = ? WHERE account_id = ? AND mid = ?", []any{row.Mid, row.Seq, row.AccountID, mid}},
		{"UPDATE reactions SET mid = ? WHERE account_id = ? AND mid = ?", []any{row.Mid, row.AccountID, mid}},
	} {
		if err := a.tx.Exec(q.text, q.args...).Error; err != nil {
			return fmt.Errorf("rename message: %w", err)
		}
	}
	return nil
}
