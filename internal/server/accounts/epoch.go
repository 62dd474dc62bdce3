package accounts

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/record"
)

// NewEpoch returns a random epoch.
func NewEpoch() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.NativeEndian.Uint64(b[:])>>1 | 1
}

// RenewEpoch gives all logs a new epoch, so that devices read them again from the start.
func (a *Accounts) RenewEpoch(ctx context.Context) (uint64, error) {
	epoch := NewEpoch()
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec(`UPDATE meta SET v = ? WHERE k = ?`, int64(epoch), record.MetaEpoch).Error,
			tx.Exec(`UPDATE heads SET epoch = 0 WHERE epoch <> 0`).Error,
		)
	})
	if err != nil {
		return 0, fmt.Errorf("write epoch: %w", err)
	}
	return epoch, nil
}
