package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// SuspendedUntil returns until when the user is suspended, the zero time for not at all.
func (r UserRow) SuspendedUntil(now time.Time) time.Time {
	if r.Suspended <= now.UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(r.Suspended)
}

// DisableUser disables a user, or restores one. A disabled user keeps the log, but cannot sign in or receive messages.
func (a *Accounts) DisableUser(ctx context.Context, address string, disabled bool) error {
	if !disabled {
		return a.RestoreUser(ctx, address)
	}
	if err := a.updateUser(ctx, address, map[string]any{"disabled": true}, "user.disable", nil); err != nil {
		return fmt.Errorf("disable user: %w", err)
	}
	return nil
}

// SuspendUser keeps a user from connecting until a time, with a reason that the user reads. Messages to a suspended user
// wait.
func (a *Accounts) SuspendUser(ctx context.Context, address string, until time.Time, reason string) error {
	if err := validReason(reason); err != nil {
		return err
	}
	if !until.After(a.db.NowFunc()) {
		return refusal.Bad("the end of the suspension is in the past")
	}
	columns := map[string]any{"suspended": until.UnixMilli(), "reason": reason}
	err := a.updateUser(ctx, address, columns, "user.suspend", func(_ *gorm.DB, u *UserRow) error {
		if u.Banned {
			return errBanned
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("suspend user: %w", err)
	}
	return nil
}

var errBanned = refusal.Bad("the user is banned")

// BanUser disables a user for ever, with a reason that the user reads: all tokens are revoked, the user's invites are
// withdrawn, and no invite is redeemed for the address until RestoreUser.
func (a *Accounts) BanUser(ctx context.Context, address, reason string) error {
	if err := validReason(reason); err != nil {
		return err
	}
	columns := map[string]any{"disabled": true, "banned": true, "suspended": 0, "reason": reason}
	err := a.updateUser(ctx, address, columns, "user.ban", func(tx *gorm.DB, u *UserRow) error {
		return errors.Join(
			tx.Model(&tokenRow{}).Where("uid = ?", u.UID).Update("revoked", true).Error,
			tx.Where("creator = ?", u.UID).Delete(&inviteRow{}).Error,
		)
	})
	if err != nil {
		return fmt.Errorf("ban user: %w", err)
	}
	return nil
}

// RestoreUser ends what DisableUser, SuspendUser and BanUser have done. Revoked tokens stay revoked.
func (a *Accounts) RestoreUser(ctx context.Context, address string) error {
	columns := map[string]any{"disabled": false, "banned": false, "suspended": 0, "reason": ""}
	if err := a.updateUser(ctx, address, columns, "user.restore", nil); err != nil {
		return fmt.Errorf("restore user: %w", err)
	}
	return nil
}

func validReason(reason string) error {
	if len(reason) > wire.MaxReason || !record.ValidText(reason) {
		return refusal.Bad("the reason is longer than %d bytes or not valid text", wire.MaxReason)
	}
	return nil
}
