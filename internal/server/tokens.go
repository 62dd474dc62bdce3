package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// tokenIDBytes is how much of a token's hash names it in lists.
const tokenIDBytes = 6

// TokenOptions restrict a new token.
type TokenOptions struct {
	// App must then equal what the application calls itself; empty: any application.
	App string
	// Label tells a person which device it is for.
	Label string
	// Expires: never.
	Expires time.Time
}

// TokenInfo describes a token without its secret.
type TokenInfo struct {
	ID      string
	Address string
	App     string
	Label   string
	Created time.Time
	Expires time.Time // zero: never
	Revoked bool
}

// NewToken makes an access token, that is one device, for a user. The token names the server's URL as the folder knows
// it; ErrNoURL when it does not. The secret cannot be read back later.
func (a *Accounts) NewToken(ctx context.Context, address string, opts TokenOptions) (wire.Token, error) {
	t, err := a.newToken(ctx, address, opts)
	if err != nil {
		return wire.Token{}, fmt.Errorf("new token for %q: %w", address, err)
	}
	return t, nil
}

func (a *Accounts) newToken(ctx context.Context, address string, opts TokenOptions) (wire.Token, error) {
	db := a.db.WithContext(ctx)
	user, err := findUser(db, address)
	if err != nil {
		return wire.Token{}, err
	}
	url, err := metaText(db, metaURL)
	if err != nil {
		return wire.Token{}, err
	}
	if url == "" {
		return wire.Token{}, ErrNoURL
	}
	pinHex, err := metaText(db, metaPin)
	if err != nil {
		return wire.Token{}, err
	}
	pin, err := hex.DecodeString(pinHex)
	if err != nil {
		return wire.Token{}, fmt.Errorf("certificate pin: %w", err)
	}
	t := wire.NewToken(url, user.Address, pin)
	row := tokenRow{
		ID: TokenID(t), UID: user.UID, App: opts.App, Label: opts.Label, Created: time.Now().UnixMilli(),
	}
	hash := t.Hash()
	row.Hash = hash[:]
	if !opts.Expires.IsZero() {
		row.Expires = opts.Expires.UnixMilli()
	}
	if err := db.Create(&row).Error; err != nil {
		return wire.Token{}, fmt.Errorf("write token: %w", err)
	}
	return t, nil
}

// TokenID is the name of a token in lists and for RevokeToken. It tells nothing about the secret.
func TokenID(t wire.Token) string {
	hash := t.Hash()
	return hex.EncodeToString(hash[:tokenIDBytes])
}

// RevokeToken makes a token invalid for ever; a connection that uses it ends. ErrNoToken when there is none.
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	res := a.db.WithContext(ctx).Model(&tokenRow{}).Where("id = ?", id).Update("revoked", true)
	if res.Error != nil {
		return fmt.Errorf("revoke token %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("revoke token %s: %w", id, ErrNoToken)
	}
	return nil
}

// revokeAll makes all tokens of a user invalid for ever.
func (a *Accounts) revokeAll(ctx context.Context, uid uint32) error {
	if err := a.db.WithContext(ctx).Model(&tokenRow{}).Where("uid = ?", uid).Update("revoked", true).Error; err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	return nil
}

// Tokens lists the tokens of a user, or all when the address is empty, oldest first.
func (a *Accounts) Tokens(ctx context.Context, address string) ([]TokenInfo, error) {
	db := a.db.WithContext(ctx)
	var rows []struct {
		Token   tokenRow `gorm:"embedded"`
		Address string
	}
	query := db.Table("tokens").Select("tokens.*, users.address").
		Joins("JOIN users ON users.uid = tokens.uid").Order("tokens.created, tokens.id")
	if address != "" {
		user, err := findUser(db, address)
		if err != nil {
			return nil, fmt.Errorf("list tokens of %q: %w", address, err)
		}
		query = query.Where("tokens.uid = ?", user.UID)
	}
	if err := query.Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	list := make([]TokenInfo, len(rows))
	for i, row := range rows {
		t := row.Token
		list[i] = TokenInfo{
			ID: t.ID, Address: row.Address, App: t.App, Label: t.Label, Created: time.UnixMilli(t.Created), Revoked: t.Revoked,
		}
		if t.Expires != 0 {
			list[i].Expires = time.UnixMilli(t.Expires)
		}
	}
	return list, nil
}

// errRefused is what a token that does not open the door is answered with. It says the same whether the token is
// unknown, revoked, expired or of a disabled user.
var errRefused = errors.New("this access token is not valid here: it is unknown, revoked or expired")

// device is who a valid token speaks for.
type device struct {
	hash    [32]byte
	uid     uint32
	address string
	name    string
	app     string
	expires time.Time // zero: never
}

func (d *device) expired(now time.Time) bool { return !d.expires.IsZero() && !now.Before(d.expires) }

// authenticate finds out who a token speaks for; errRefused when nobody.
func authenticate(db *gorm.DB, hash [32]byte, now time.Time) (*device, error) {
	var rows []struct {
		UID      uint32 `gorm:"column:uid"`
		Address  string
		Name     string
		App      string
		Expires  int64
		Revoked  bool
		Disabled bool
	}
	err := db.Raw(`SELECT u.uid, u.address, u.name, t.app, t.expires, t.revoked, u.disabled
		FROM tokens t JOIN users u ON u.uid = t.uid WHERE t.hash = ?`, hash[:]).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look up token: %w", err)
	}
	if len(rows) == 0 || rows[0].Revoked || rows[0].Disabled {
		return nil, errRefused
	}
	r := rows[0]
	d := &device{hash: hash, uid: r.UID, address: r.Address, name: r.Name, app: r.App}
	if r.Expires != 0 {
		d.expires = time.UnixMilli(r.Expires)
	}
	if d.expired(now) {
		return nil, errRefused
	}
	return d, nil
}
