package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// appTokenPrefix begins every application token, so that people and leak scanners know one.
const appTokenPrefix = "parleyapp_" //nolint:gosec // the part that is no secret

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

// NewAppToken makes an application token: who has it may do everything that the backend API offers. It belongs on the
// application's own servers, never into a client. The secret cannot be read back later.
func (a *Accounts) NewAppToken(ctx context.Context, label string) (string, error) {
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

// AppTokenID is the name of an application token in lists and for RevokeAppToken; an id is its own.
func AppTokenID(token string) string {
	if !strings.HasPrefix(token, appTokenPrefix) {
		return token
	}
	hash := sha256.Sum256([]byte(token))
	return hex.EncodeToString(hash[:tokenIDBytes])
}

// AppTokens lists the application tokens, oldest first.
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

// RevokeAppToken makes an application token invalid for ever. ErrNoToken when there is none.
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

// validAppToken tells whether a token opens the backend API.
func validAppToken(db *gorm.DB, token string) (bool, error) {
	if !strings.HasPrefix(token, appTokenPrefix) {
		return false, nil
	}
	hash := sha256.Sum256([]byte(token))
	var n int64
	if err := db.Model(&appTokenRow{}).Where("hash = ? AND revoked = 0", hash[:]).Count(&n).Error; err != nil {
		return false, fmt.Errorf("look up application token: %w", err)
	}
	return n == 1, nil
}
