package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// appTokenPrefix is the prefix of application tokens, so that people and leak scanners recognize them.
const appTokenPrefix = "parleyapp_" //nolint:gosec // not a secret

// appSecretSize is the length of an application token's secret in bytes.
const appSecretSize = 32

type appTokenRow struct {
	Hash    []byte `gorm:"primaryKey"`
	ID      string `gorm:"column:id"`
	Label   string
	Created int64
	Revoked bool
}

func (appTokenRow) TableName() string { return "app_tokens" }

// AppTokenInfo describes an application token without its secret.
type AppTokenInfo struct {
	ID      string
	Label   string
	Created time.Time
	Revoked bool
}

// NewAppToken creates an application token, which permits all operations of the backend API. It belongs on the
// application's own servers, never in a client. The secret cannot be read again later.
func (a *Accounts) NewAppToken(ctx context.Context, label string) (string, error) {
	if !record.ValidText(label) {
		return "", refusal.Bad("the label contains a NUL character or is not valid UTF-8")
	}
	var secret [appSecretSize]byte
	_, _ = rand.Read(secret[:]) // never fails
	token := appTokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	row := appTokenRow{Hash: hash[:], ID: AppTokenID(token), Label: label, Created: time.Now().UnixMilli()}
	if err := a.db.WithContext(ctx).Create(&row).Error; err != nil {
		return "", fmt.Errorf("new application token: %w", err)
	}
	return token, nil
}

// AppTokenID returns the id of an application token for lists and RevokeAppToken. It returns an id unchanged.
func AppTokenID(token string) string {
	if !strings.HasPrefix(token, appTokenPrefix) {
		return token
	}
	hash := sha256.Sum256([]byte(token))
	return wire.TokenID(hash)
}

// AppTokens returns the application tokens, oldest first.
func (a *Accounts) AppTokens(ctx context.Context) ([]AppTokenInfo, error) {
	var rows []appTokenRow
	if err := a.db.WithContext(ctx).Order("created, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list application tokens: %w", err)
	}
	list := make([]AppTokenInfo, len(rows))
	for i, r := range rows {
		list[i] = AppTokenInfo{ID: r.ID, Label: r.Label, Created: time.UnixMilli(r.Created), Revoked: r.Revoked}
	}
	return list, nil
}

// RevokeAppToken permanently revokes an application token. It returns ErrNoToken if it does not exist.
func (a *Accounts) RevokeAppToken(ctx context.Context, id string) error {
	res := a.db.WithContext(ctx).Model(&appTokenRow{}).Where("id = ?", id).Update("revoked", true)
	if res.Error != nil {
		return fmt.Errorf("revoke application token %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("revoke application token %s: %w", id, ErrNoToken)
	}
	return nil
}

// ValidAppToken reports whether a token is a valid application token.
func ValidAppToken(ctx context.Context, rec record.Record, token string) (valid bool, err error) {
	if !strings.HasPrefix(token, appTokenPrefix) {
		return false, nil
	}
	hash := sha256.Sum256([]byte(token))
	err = rec.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT 1 FROM app_tokens WHERE hash = ? AND NOT revoked`, []any{hash[:]}, func(record.Row) error {
			valid = true
			return nil
		})
	})
	if err != nil {
		return false, fmt.Errorf("look up application token: %w", err)
	}
	return valid, nil
}
