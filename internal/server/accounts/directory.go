package accounts

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/parley-chat/parley/internal/server/record"
)

// maxDirectory is the maximum number of cached addresses.
const maxDirectory = 50_000

// UserRef identifies a user.
type UserRef struct {
	UID     uint32
	Address string
}

// Directory looks up users by address and caches them. Its methods may be called from any goroutine.
type Directory struct {
	record record.Record // immutable

	mu    sync.Mutex
	known map[string]Entry // by the address as requested
	epoch int              // number of calls of Forget
}

// NewDirectory returns a directory with an empty cache.
func NewDirectory(rec record.Record) *Directory { return &Directory{record: rec} }

// Entry is an entry of the directory.
type Entry struct {
	UserRef

	Disabled bool
}

// Find returns an error that wraps ErrNoUser if no user has the address.
func (d *Directory) Find(ctx context.Context, address string) (Entry, error) {
	d.mu.Lock()
	e, ok := d.known[address]
	epoch := d.epoch
	d.mu.Unlock()
	if ok {
		return e, nil
	}
	if !record.ValidText(address) {
		return Entry{}, ErrNoUser
	}
	err := d.record.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT uid, address, disabled FROM users WHERE folded = ?`, []any{Fold(address)},
			func(row record.Row) error {
				ok = true
				return row.Scan(&e.UID, &e.Address, &e.Disabled)
			})
	})
	switch {
	case err != nil:
		return Entry{}, fmt.Errorf("find user: %w", err)
	case !ok:
		return Entry{}, ErrNoUser
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.epoch == epoch { // not outdated by a change
		if d.known == nil || len(d.known) >= maxDirectory {
			d.known = make(map[string]Entry)
		}
		d.known[address] = e
	}
	return e, nil
}

// Forget empties the cache.
func (d *Directory) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = nil
	d.epoch++
}

// Recipient returns the active user with this address, or nil.
func (d *Directory) Recipient(ctx context.Context, address string) (*UserRef, error) {
	e, err := d.Find(ctx, address)
	if errors.Is(err, ErrNoUser) || (err == nil && e.Disabled) {
		return nil, nil //nolint:nilnil // not a failure
	}
	if err != nil {
		return nil, err
	}
	return &e.UserRef, nil
}

// FindAll returns the users with these addresses, each once, and the addresses without a user.
func (d *Directory) FindAll(ctx context.Context, addresses []string) (users []UserRef, unknown []string, err error) {
	return d.split(ctx, addresses, true)
}

// Recipients is FindAll for active users only.
func (d *Directory) Recipients(ctx context.Context, addresses []string) (users []UserRef, unknown []string, err error) {
	return d.split(ctx, addresses, false)
}

func (d *Directory) split(
	ctx context.Context, addresses []string, disabled bool,
) (users []UserRef, unknown []string, err error) {
	seen := make(map[uint32]bool)
	for _, address := range addresses {
		e, err := d.Find(ctx, address)
		switch {
		case errors.Is(err, ErrNoUser) || (err == nil && e.Disabled && !disabled):
			unknown = append(unknown, address)
		case err != nil:
			return nil, nil, err
		case !seen[e.UID]:
			seen[e.UID] = true
			users = append(users, e.UserRef)
		}
	}
	return users, unknown, nil
}
