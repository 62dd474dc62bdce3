package accounts

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// TokenOptions restrict a new token.
type TokenOptions struct {
	// App is the only application that may use the token. Default: any application.
	App string
	// Label is a description of the device for users. Default: none.
	Label string
	// Expires is when the token expires for good. Default: it has the lifetime that SetTokenLifetime has set, and the device
	// renews it.
	Expires time.Time
	// Forever is for a token that never expires, whatever the lifetime of others.
	Forever bool
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
	Seen    time.Time // when it was last connected, within a minute; zero: never
	Place   string    // where from, a shortened network address
}

// NewToken creates an access token for one device of a user. It contains the stored public URL; without one, NewToken
// returns ErrNoURL. The secret cannot be read again later.
func (a *Accounts) NewToken(ctx context.Context, address string, opts TokenOptions) (wire.Token, error) {
	t, err := a.newToken(ctx, address, opts)
	if err != nil {
		return wire.Token{}, fmt.Errorf("new token for %q: %w", address, err)
	}
	return t, nil
}

func (a *Accounts) newToken(ctx context.Context, address string, opts TokenOptions) (wire.Token, error) {
	db := a.db.WithContext(ctx)
	if !record.ValidText(opts.App) || !record.ValidText(opts.Label) {
		return wire.Token{}, refusal.Bad(
			"the name of the application or the label contains a NUL character or is not valid UTF-8")
	}
	user, err := findUser(db, address)
	if err != nil {
		return wire.Token{}, err
	}
	url, pin, err := server(db)
	if err != nil {
		return wire.Token{}, err
	}
	t := wire.NewToken(url, user.Address, pin)
	row := tokenRow{
		ID: t.ID(), UID: user.UID, App: opts.App, Label: opts.Label, Created: db.NowFunc().UnixMilli(),
	}
	hash := t.Hash()
	row.Hash = hash[:]
	switch {
	case !opts.Expires.IsZero():
		row.Expires = opts.Expires.UnixMilli()
	case !opts.Forever:
		if row.Expires, row.Lifetime, err = expiry(db, row.Created); err != nil {
			return wire.Token{}, err
		}
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write token: %w", err)
		}
		return audit.Add(tx, "token.new", user.Address+" "+row.ID)
	})
	if err != nil {
		return wire.Token{}, err //nolint:wrapcheck // NewToken wraps it
	}
	return t, nil
}

// RevokeToken permanently revokes a token; a connection that uses it is closed. It returns ErrNoToken if the token does
// not exist.
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	if err := a.revoke(ctx, &tokenRow{}, id, "token.revoke"); err != nil {
		return fmt.Errorf("revoke token %s: %w", id, err)
	}
	return nil
}

// revoke revokes a row of access or application tokens; action names that in the audit log.
func (a *Accounts) revoke(ctx context.Context, row any, id, action string) error {
	return a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { //nolint:wrapcheck // wrapped by the callers
		res := tx.Model(row).Where("id = ?", id).Update("revoked", true)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return ErrNoToken
		}
		return audit.Add(tx, action, id)
	})
}

// RevokeAll permanently revokes all tokens of a user.
func (a *Accounts) RevokeAll(ctx context.Context, uid uint32) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Model(&tokenRow{}).Where("uid = ?", uid).Update("revoked", true).Error; err != nil {
			return err
		}
		return audit.Add(tx, "token.revoke_all", "uid "+strconv.FormatUint(uint64(uid), 10))
	})
	if err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	return nil
}

// Tokens returns the tokens of a user, or all if the address is empty, oldest first.
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
	renewed, err := renewedUntil(db)
	if err != nil {
		return nil, err
	}
	list := make([]TokenInfo, len(rows))
	for i, row := range rows {
		t := row.Token
		list[i] = TokenInfo{
			ID: t.ID, Address: row.Address, App: t.App, Label: t.Label, Created: time.UnixMilli(t.Created), Revoked: t.Revoked,
		}
		if until, ok := renewed[t.ID]; ok && t.Expires != 0 && (until == 0 || until > t.Expires) {
			t.Expires = until
		}
		if t.Expires != 0 {
			list[i].Expires = time.UnixMilli(t.Expires)
		}
		if t.Seen != 0 {
			list[i].Seen, list[i].Place = time.UnixMilli(t.Seen), t.Place
		}
	}
	return list, nil
}

// LabelToken changes the description of the device that a token is for.
func (a *Accounts) LabelToken(ctx context.Context, id, label string) error {
	if !record.ValidText(label) || len(label) > maxName {
		return refusal.Bad("the name of the device is longer than %d bytes or not valid text", maxName)
	}
	res := a.db.WithContext(ctx).Model(&tokenRow{}).Where("id = ?", id).Update("label", label)
	if res.Error != nil {
		return fmt.Errorf("label token %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("label token %s: %w", id, ErrNoToken)
	}
	return nil
}

// Sighting is when a device was connected, and where from.
type Sighting struct {
	At    time.Time
	Place string
}

// SawTokens stores when tokens were last used, by their ids.
func (a *Accounts) SawTokens(ctx context.Context, seen map[string]Sighting) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for id, s := range seen {
			err := tx.Model(&tokenRow{}).Where("id = ?", id).
				Updates(map[string]any{"seen": s.At.UnixMilli(), "place": s.Place}).Error
			if err != nil {
				return fmt.Errorf("write token: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saw tokens: %w", err)
	}
	return nil
}

// ErrToken refuses an access token. It does not reveal whether the token is unknown, revoked, expired or of a disabled
// user.
var ErrToken = &refusal.Error{
	Result: wire.ResultAuthFail, Status: http.StatusUnauthorized, Name: "token",
	Reason: "this access token is unknown, revoked or expired",
}
