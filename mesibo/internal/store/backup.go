package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Errors of Check.
var (
	// ErrNotDatabase: the file is no database of this program, or a damaged one.
	ErrNotDatabase = errors.New("not a database of this program")
	// ErrOtherAccount: the database does not know the account.
	ErrOtherAccount = errors.New("database of another user")
)

// CopyTo writes the database as it is at one moment into an empty or missing file. Others read and write meanwhile.
// The caller makes the file last.
func (s *Store) CopyTo(ctx context.Context, path string) error {
	own := s.Path()
	if own == "" {
		return errors.New("the database is in memory")
	}
	// Readers may not, and the writer has other work.
	db, err := open(fileURI(own)+"?_pragma=busy_timeout(10000)", logger.Discard)
	if err != nil {
		return err
	}
	err = db.WithContext(ctx).Exec("VACUUM INTO ?", path).Error
	if isFull(err) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	if err := errors.Join(err, closeAll(db)); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return nil
}

func fileURI(path string) string {
	slashed := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath()
}

func closeAll(db *gorm.DB) error {
	pool, err := db.DB()
	if err == nil {
		err = pool.Close()
	}
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// Check reports whether a file, which is not in use, is a sound database of this program that knows an account,
// and of no later version (ErrNewer). It changes nothing.
func Check(ctx context.Context, path, address string) error {
	db, err := open(fileURI(path)+"?mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)", logger.Discard)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotDatabase, err)
	}
	return errors.Join(check(db.WithContext(ctx), address), closeAll(db))
}

func check(db *gorm.DB, address string) error {
	var problems []string
	if err := db.Raw("PRAGMA quick_check(1)").Scan(&problems).Error; err != nil {
		return fmt.Errorf("%w: %w", ErrNotDatabase, err)
	}
	if len(problems) != 1 || problems[0] != "ok" {
		return fmt.Errorf("%w: it is damaged", ErrNotDatabase)
	}
	var version int
	if err := db.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
		return fmt.Errorf("%w: %w", ErrNotDatabase, err)
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, version, len(migrations))
	}
	var tables, accounts int
	err := db.Raw(`SELECT count(*) FROM sqlite_schema WHERE type = 'table'
		AND name IN ('accounts', 'chats', 'messages', 'key_values')`).
		Scan(&tables).Error
	if err != nil || tables != 4 || version < 1 {
		return ErrNotDatabase
	}
	if err := db.Raw("SELECT count(*) FROM accounts WHERE address = ?", address).Scan(&accounts).Error; err != nil {
		return fmt.Errorf("%w: %w", ErrNotDatabase, err)
	}
	if accounts == 0 {
		return ErrOtherAccount
	}
	return nil
}

// FailOld makes waiting messages fail that were queued before a time, ms since the Unix epoch. In a database that
// comes out of a backup they may have been sent since, longer ago than the server remembers, so sending them again
// is left to the user.
func (s *Store) FailOld(before int64) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		var chats []int64
		err := tx.Raw(numbered(`UPDATE messages SET status = {Fail}, position = (
				SELECT coalesce(max(o.position), 0) + 1 FROM messages o
				WHERE o.chat_id = messages.chat_id AND o.position < ?)
				WHERE status = {Outbox} AND ts < ? RETURNING chat_id`),
			positionWaiting, before).Scan(&chats).Error
		if err != nil {
			return fmt.Errorf("fail old messages: %w", err)
		}
		for _, chat := range chats {
			if err := refreshLast(tx, chat); err != nil {
				return err
			}
		}
		return nil
	})
}
