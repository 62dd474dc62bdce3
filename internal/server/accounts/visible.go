package accounts

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/record"
)

// Listing says which users see the profiles of others. Everyone sees those of the members of common groups, and may write
// to an address that is known exactly.
type Listing string

// The listings.
const (
	// ListAll lists all users for all.
	ListAll Listing = "all"
	// ListExact lists those with whom a user has exchanged messages; others are found by their exact address.
	ListExact Listing = "exact"
	// ListContacts lists those who have written to the user; of others only the address is shown.
	ListContacts Listing = "contacts"
)

// SetListing notes the listing with which the server runs. After one that listed fewer, devices get all profiles again.
func (a *Accounts) SetListing(ctx context.Context, l Listing) error {
	wide := map[Listing]int{ListContacts: 0, ListExact: 1, ListAll: 2}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		was, err := metaText(tx, record.MetaDirectory)
		if err != nil || was == string(l) || was == "" && l == ListAll {
			return err
		}
		if err := setMeta(tx, record.MetaDirectory, string(l)); err != nil {
			return err
		}
		if was == "" || wide[l] <= wide[Listing(was)] {
			return nil
		}
		rev, err := nextRev(tx)
		if err != nil {
			return err
		}
		return tx.Exec(`UPDATE users SET rev = ?`, rev).Error
	})
	if err != nil {
		return fmt.Errorf("note the listing of the directory: %w", err)
	}
	return nil
}
