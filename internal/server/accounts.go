package server

import (
	"fmt"

	"github.com/parley-chat/parley/internal/server/accounts"
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
	rec, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	return &Accounts{accounts.New(rec), rec}, nil
}

// Close closes the database.
func (a *Accounts) Close() error { return a.record.Close() }
