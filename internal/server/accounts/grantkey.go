package accounts

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/record"
)

// GrantKeySize is the length of the key that signs grants.
const GrantKeySize = 32

// GrantKey returns the key that signs grants for files. It creates the key on first use.
func (a *Accounts) GrantKey(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, GrantKeySize)
	_, _ = rand.Read(fresh) // never fails
	var text string
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if text, err = metaText(tx, record.MetaGrantKey); err != nil || text != "" {
			return err
		}
		text = hex.EncodeToString(fresh)
		return setMeta(tx, record.MetaGrantKey, text)
	})
	if err != nil {
		return nil, fmt.Errorf("key of grants: %w", err)
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != GrantKeySize {
		return nil, errors.New("key of grants: the stored key is damaged")
	}
	return key, nil
}
