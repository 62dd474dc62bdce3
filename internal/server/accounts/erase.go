package accounts

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/fileref"
)

// EraseUser disables a user, removes the profile and all tokens, and has the server remove the user's messages: what
// others have received as well if everywhere is true. The address stays reserved, so that it names no other user later.
func (a *Accounts) EraseUser(ctx context.Context, address string, everywhere bool) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		u, err := findUser(tx, address)
		if err != nil {
			return err
		}
		rev, err := nextRev(tx)
		if err != nil {
			return err
		}
		noPicture := fileref.RemoveRef(fileref.OfProfile, int64(u.UID))
		return errors.Join(
			tx.Model(&u).Updates(map[string]any{"name": u.Address, "disabled": true, "rev": rev}).Error,
			tx.Exec(`UPDATE profiles SET status = '', picture = NULL, picture_url = '' WHERE uid = ?`, u.UID).Error,
			tx.Exec(noPicture.Text, noPicture.Args...).Error,
			tx.Exec(`DELETE FROM renewals WHERE device IN (SELECT id FROM tokens WHERE uid = ?)`, u.UID).Error,
			tx.Exec(`DELETE FROM tokens WHERE uid = ?`, u.UID).Error,
			tx.Exec(`INSERT INTO erasures(uid, everywhere) VALUES(?, ?)
				ON CONFLICT(uid) DO UPDATE SET everywhere = excluded.everywhere`, u.UID, everywhere).Error,
		)
	})
	if err != nil {
		return fmt.Errorf("erase %q: %w", address, err)
	}
	return nil
}
