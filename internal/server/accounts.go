package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

// Accounts manages the users and tokens of a data folder without a running server. A server in another process
// notices changes within a second.
type Accounts struct {
	*accounts.Accounts

	record *sqlite.Record
}

// OpenAccounts opens the users and tokens of a data folder, which is created if it does not exist.
func OpenAccounts(dir string) (*Accounts, error) {
	dir, err := makeDir(dir)
	if err != nil {
		return nil, err
	}
	if err := finishRestore(dir); err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	rec, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	return &Accounts{accounts.New(rec), rec}, nil
}

// finishRestore puts the database in its place that a restore has left when it was killed.
func finishRestore(dir string) error {
	if !backup.IsPending(dir) {
		return nil
	}
	unlock, err := dirlock.Lock(context.Background(), dir)
	if err != nil {
		return err
	}
	_, err = backup.Finish(dir)
	return errors.Join(err, unlock())
}

// Close closes the database.
func (a *Accounts) Close() error { return a.record.Close() }
