package store

import (
	"fmt"

	"gorm.io/gorm"
)

// Trim bounds a database in memory. Of received messages the newest received stay, and ten times as many of those
// whose file is still to be fetched. Of own messages the newest received stay, and of those that a status may still
// come for the newest own; what waits in the outbox stays in any case.
func (s *Store) Trim(received, own int) error {
	const (
		incoming = "nonce IS NULL"
		sent     = "nonce IS NOT NULL AND status <> {Outbox}"
		fetching = "kind = {File} AND content ->> '$.file.state' = {RetryLater}"
		settled  = `(status > {Delivered} OR status = {Delivered} AND flags & {ReadReceipt} = 0
			OR status = {Sent} AND flags & {AnyReceipt} = 0)`
	)
	statements := []string{
		beyond(incoming, "NOT ("+fetching+")", received),
		beyond(incoming, "true", 10*received),
		beyond(sent, settled, received),
		beyond(sent, "true", own),
		`DELETE FROM reactions WHERE NOT EXISTS (SELECT 1 FROM messages m
			WHERE m.account_id = reactions.account_id AND m.mid = reactions.mid AND m.mid >= {FirstServer})`,
		`DELETE FROM receipts WHERE position < (SELECT min(position) FROM messages m
			WHERE m.chat_id = receipts.chat_id AND m.nonce IS NOT NULL AND m.seq > 0)`,
		`UPDATE chats SET last_id = 0, last_position = 0
			WHERE last_id > 0 AND last_id NOT IN (SELECT id FROM messages)`,
		`UPDATE chats SET unread = (SELECT count(*) FROM messages WHERE chat_id = chats.id AND ` + unread + `)
			WHERE unread > 0`,
	}
	return s.write(func(tx *gorm.DB) error {
		for _, q := range statements {
			if err := tx.Exec(numbered(q)).Error; err != nil {
				return fmt.Errorf("trim messages: %w", err)
			}
		}
		return nil
	})
}

// beyond deletes the messages of a kind that meet a condition, but for those among the newest of the kind.
func beyond(kind, condition string, newest int) string {
	return fmt.Sprintf(`DELETE FROM messages WHERE %s AND %s
		AND id <= (SELECT id FROM messages WHERE %s ORDER BY id DESC LIMIT 1 OFFSET %d)`,
		kind, condition, kind, newest)
}
