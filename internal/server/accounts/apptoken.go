package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
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
	Scopes  string // separated by spaces; empty: all
	Expires int64  // ms; 0: never
}

func (appTokenRow) TableName() string { return "app_tokens" }

// Scope is a part of the backend API that an application token opens.
type Scope string

// The scopes.
const (
	ScopeUsers    Scope = "users"    // users, access tokens and invites
	ScopeGroups   Scope = "groups"   // groups and their members
	ScopeMessages Scope = "messages" // messages in the name of any user

	ScopeModeration Scope = "moderation" // suspensions and bans
	ScopeNotices    Scope = "notices"    // notices of the server
	ScopeReports    Scope = "reports"    // what users have reported
	ScopeServer     Scope = "server"     // how the server is, and the audit log
)

// Scopes returns all scopes.
func Scopes() []Scope {
	return []Scope{ScopeUsers, ScopeGroups, ScopeMessages, ScopeModeration, ScopeNotices, ScopeReports, ScopeServer}
}

// AppToken describes an application token without its secret.
type AppToken struct {
	ID      string
	Label   string
	Created time.Time
	Revoked bool
	Scopes  []Scope   // empty: all
	Expires time.Time // zero: never
}

// May reports whether the token opens a part of the backend API.
func (t *AppToken) May(s Scope) bool { return len(t.Scopes) == 0 || slices.Contains(t.Scopes, s) }

// AppTokenOptions are the options of a new application token.
type AppTokenOptions struct {
	Label   string    // what it is for
	Scopes  []Scope   // default: all
	Expires time.Time // default: never
}

// token returns what a row describes.
func (r appTokenRow) token() AppToken {
	t := AppToken{ID: r.ID, Label: r.Label, Created: time.UnixMilli(r.Created), Revoked: r.Revoked}
	for s := range strings.FieldsSeq(r.Scopes) {
		t.Scopes = append(t.Scopes, Scope(s))
	}
	if r.Expires != 0 {
		t.Expires = time.UnixMilli(r.Expires)
	}
	return t
}

// NewAppToken creates an application token, which permits operations of the backend API. It belongs on the
// application's own servers, never in a client. The secret cannot be read again later.
func (a *Accounts) NewAppToken(ctx context.Context, opts AppTokenOptions) (string, error) {
	if !record.ValidText(opts.Label) {
		return "", refusal.Bad("the label contains a NUL character or is not valid UTF-8")
	}
	scopes := make([]string, len(opts.Scopes))
	for i, s := range opts.Scopes {
		if !slices.Contains(Scopes(), s) {
			return "", refusal.Bad("there is no scope %q; the scopes are %v", s, Scopes())
		}
		scopes[i] = string(s)
	}
	var secret [appSecretSize]byte
	_, _ = rand.Read(secret[:]) // never fails
	token := appTokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	row := appTokenRow{
		Hash: hash[:], ID: AppTokenID(token), Label: opts.Label, Created: a.db.NowFunc().UnixMilli(),
		Scopes: strings.Join(scopes, " "),
	}
	if !opts.Expires.IsZero() {
		row.Expires = opts.Expires.UnixMilli()
	}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return audit.Add(tx, "apptoken.new", row.ID)
	})
	if err != nil {
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
func (a *Accounts) AppTokens(ctx context.Context) ([]AppToken, error) {
	var rows []appTokenRow
	if err := a.db.WithContext(ctx).Order("created, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list application tokens: %w", err)
	}
	list := make([]AppToken, len(rows))
	for i := range rows {
		list[i] = rows[i].token()
	}
	return list, nil
}

// RevokeAppToken permanently revokes an application token. It returns ErrNoToken if it does not exist.
func (a *Accounts) RevokeAppToken(ctx context.Context, id string) error {
	if err := a.revoke(ctx, &appTokenRow{}, id, "apptoken.revoke"); err != nil {
		return fmt.Errorf("revoke application token %s: %w", id, err)
	}
	return nil
}

// LooksLikeAppToken reports whether a text has the form of an application token.
func LooksLikeAppToken(text string) bool {
	secret, ok := strings.CutPrefix(text, appTokenPrefix)
	return ok && len(secret) == base64.RawURLEncoding.EncodedLen(appSecretSize)
}

// FindAppToken returns the application token with a secret, nil if it is not valid.
func FindAppToken(ctx context.Context, rec record.Record, token string, now time.Time) (found *AppToken, err error) {
	if !strings.HasPrefix(token, appTokenPrefix) {
		return nil, nil //nolint:nilnil // there is none
	}
	hash := sha256.Sum256([]byte(token))
	err = rec.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT id, label, created, scopes, expires FROM app_tokens
			WHERE hash = ? AND NOT revoked AND (expires = 0 OR expires > ?)`, []any{hash[:], now.UnixMilli()},
			func(row record.Row) error {
				var r appTokenRow
				if err := row.Scan(&r.ID, &r.Label, &r.Created, &r.Scopes, &r.Expires); err != nil {
					return err
				}
				t := r.token()
				found = &t
				return nil
			})
	})
	if err != nil {
		return nil, fmt.Errorf("look up application token: %w", err)
	}
	return found, nil
}
