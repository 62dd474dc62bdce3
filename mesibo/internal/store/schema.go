package store

import (
	"fmt"

	"gorm.io/gorm"
)

// migrations bring a database from the version of their index to the next. Released ones never change.
var migrations = [...][]string{
	{
		`CREATE TABLE accounts (
			id INTEGER PRIMARY KEY,
			address TEXT NOT NULL UNIQUE,
			name TEXT NOT NULL DEFAULT '',
			uid INTEGER NOT NULL DEFAULT 0,
			epoch INTEGER NOT NULL DEFAULT 0,
			cursor INTEGER NOT NULL DEFAULT 0,
			base INTEGER NOT NULL DEFAULT 0,
			profile_revision INTEGER NOT NULL DEFAULT 0)`,
		`CREATE TABLE chats (
			id INTEGER PRIMARY KEY,
			account_id INTEGER NOT NULL REFERENCES accounts(id),
			peer TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
			group_id INTEGER NOT NULL DEFAULT 0,
			last_id INTEGER NOT NULL DEFAULT 0,
			last_position INTEGER NOT NULL DEFAULT 0,
			unread INTEGER NOT NULL DEFAULT 0,
			read_seq INTEGER NOT NULL DEFAULT 0,
			read_sent INTEGER NOT NULL DEFAULT 0,
			draft TEXT NOT NULL DEFAULT '')`,
		`CREATE UNIQUE INDEX chats_target ON chats(account_id, peer, group_id)`,
		`CREATE INDEX chats_recent ON chats(account_id, last_position)`,
		`CREATE TABLE messages (
			id INTEGER PRIMARY KEY,
			chat_id INTEGER NOT NULL,
			account_id INTEGER NOT NULL,
			mid INTEGER NOT NULL,
			position INTEGER NOT NULL,
			seq INTEGER NOT NULL DEFAULT 0,
			sender TEXT NOT NULL DEFAULT '',
			status INTEGER NOT NULL,
			flags INTEGER NOT NULL DEFAULT 0,
			type INTEGER NOT NULL DEFAULT 0,
			expiry INTEGER NOT NULL DEFAULT 0,
			ts INTEGER NOT NULL,
			ref_id INTEGER NOT NULL DEFAULT 0,
			nonce BLOB,
			tried INTEGER NOT NULL DEFAULT 0,
			data BLOB)`,
		`CREATE INDEX messages_chat ON messages(chat_id, position)`,
		`CREATE UNIQUE INDEX messages_mid ON messages(account_id, mid) WHERE mid >= 4294967296`,
		`CREATE UNIQUE INDEX messages_nonce ON messages(nonce) WHERE nonce IS NOT NULL`,
		`CREATE INDEX messages_outbox ON messages(account_id, id) WHERE status = 0`,
		`CREATE INDEX messages_sent ON messages(chat_id, seq) WHERE status = 1`,
		`CREATE INDEX messages_delivered ON messages(chat_id, seq) WHERE status = 2`,
		`CREATE INDEX messages_unread ON messages(chat_id, position) WHERE status = 18`,
		`CREATE INDEX messages_own_id ON messages(account_id, mid & 4294967295) WHERE nonce IS NOT NULL`,
		`CREATE TABLE profiles (
			id INTEGER PRIMARY KEY,
			account_id INTEGER NOT NULL REFERENCES accounts(id),
			address TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
			group_id INTEGER NOT NULL DEFAULT 0,
			name TEXT NOT NULL DEFAULT '',
			updated_at INTEGER NOT NULL DEFAULT 0)`,
		`CREATE UNIQUE INDEX profiles_target ON profiles(account_id, address, group_id)`,
		`CREATE TABLE key_values (
			account_id INTEGER NOT NULL,
			key TEXT NOT NULL,
			value TEXT NOT NULL,
			PRIMARY KEY (account_id, key)) WITHOUT ROWID`,
	},
}

func migrate(db *gorm.DB) error {
	var version int
	if err := db.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		err := db.Transaction(func(tx *gorm.DB) error {
			for _, statement := range migrations[version] {
				if err := tx.Exec(statement).Error; err != nil {
					return err
				}
			}
			return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version+1)).Error
		})
		if err != nil {
			return fmt.Errorf("migrate to version %d: %w", version+1, err)
		}
	}
	return nil
}
