package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// Device is the user and device of a valid token.
type Device struct {
	UserRef

	ID       string   // of the token; it stays the same when the token is renewed
	Hash     [32]byte // of the token
	Name     string
	App      string // empty: any application
	Admin    bool
	Expires  time.Time     // zero: never
	Lifetime time.Duration // 0: the token is not renewed
	Renewal  bool          // the token is valid beside the one that it replaces; see UseRenewal
}

// Expired reports whether the token has expired at now.
func (d *Device) Expired(now time.Time) bool { return !d.Expires.IsZero() && !now.Before(d.Expires) }

// renewals are due in the last third of a lifetime, and accepted in its second half.
const (
	duePart      = 3
	acceptedPart = 2
)

// RenewAt returns when the device is to renew the token, the zero time if it is not renewed.
func (d *Device) RenewAt() time.Time {
	if d.Lifetime == 0 || d.Expires.IsZero() {
		return time.Time{}
	}
	return d.Expires.Add(-d.Lifetime / duePart)
}

// The queries for a device: those of the token in use, and those of one that is to replace it.
const (
	ofUser    = `SELECT u.uid, u.address, u.name, u.disabled, u.admin, u.suspended, u.banned, u.reason, t.id, t.app, t.revoked, `
	ofToken   = ofUser + `t.hash, t.expires, t.lifetime, 0 FROM tokens t JOIN users u ON u.uid = t.uid `
	ofRenewal = ofUser + `r.hash, r.expires, r.lifetime, 1 FROM renewals r JOIN tokens t ON t.id = r.device
		JOIN users u ON u.uid = t.uid `

	byHash        = ofToken + `WHERE t.hash = ?`
	byRenewalHash = ofRenewal + `WHERE r.hash = ?`
	byID          = ofToken + `WHERE t.id = ?`
	newestRenewal = ofRenewal + `WHERE r.device = ? ORDER BY r.expires = 0 DESC, r.expires DESC LIMIT 1`
)

// standing is a device with what decides whether its token is valid.
type standing struct {
	Device

	revoked, disabled, banned bool
	suspended                 int64
	reason                    string
}

// find returns nil if there is no such token.
func find(read record.Reader, query string, arg any) (s *standing, err error) {
	err = read.Query(query, []any{arg}, func(row record.Row) error {
		var (
			hash              []byte
			expires, lifetime int64
		)
		s = &standing{}
		err := row.Scan(&s.UID, &s.Address, &s.Name, &s.disabled, &s.Admin, &s.suspended, &s.banned, &s.reason,
			&s.ID, &s.App, &s.revoked, &hash, &expires, &lifetime, &s.Renewal)
		copy(s.Hash[:], hash)
		if expires != 0 {
			s.Expires = time.UnixMilli(expires)
		}
		s.Lifetime = time.Duration(lifetime) * time.Millisecond
		return err
	})
	return s, err
}

// Authenticate returns the device of a token by the token's hash, or ErrToken if the token is not valid. With ErrToken the
// error has a *wire.SuspendedError if the user was suspended or banned.
func Authenticate(ctx context.Context, rec record.Record, hash [32]byte, now time.Time) (*Device, error) {
	var s *standing
	err := rec.View(ctx, func(read record.Reader) (err error) {
		if s, err = find(read, byHash, hash[:]); s == nil && err == nil {
			s, err = find(read, byRenewalHash, hash[:])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up token: %w", err)
	}
	return s.check(now)
}

// Reauthenticate is Authenticate of a device that is connected: its token may have expired if one that replaces it has not.
func Reauthenticate(ctx context.Context, rec record.Record, id string, now time.Time) (*Device, error) {
	var s *standing
	err := rec.View(ctx, func(read record.Reader) (err error) {
		if s, err = find(read, byID, id); s == nil || err != nil || s.Lifetime == 0 {
			return err
		}
		renewed, err := find(read, newestRenewal, id)
		if renewed != nil && (renewed.Expires.IsZero() || renewed.Expires.After(s.Expires)) {
			s = renewed
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up device: %w", err)
	}
	return s.check(now)
}

func (s *standing) check(now time.Time) (*Device, error) {
	switch {
	case s != nil && s.banned:
		return nil, fmt.Errorf("%w: %w", ErrToken, wire.NewSuspendedError(0, s.reason))
	case s == nil || s.revoked || s.disabled || s.Expired(now):
		return nil, ErrToken
	case s.suspended > now.UnixMilli():
		return nil, fmt.Errorf("%w: %w", ErrToken, wire.NewSuspendedError(s.suspended, s.reason))
	}
	return &s.Device, nil
}

// IsActive reports whether a user has a valid token.
func IsActive(ctx context.Context, rec record.Record, uid uint32, now time.Time) (active bool, err error) {
	err = rec.View(ctx, func(read record.Reader) error {
		return read.Query(`SELECT 1 FROM tokens t JOIN users u ON u.uid = t.uid
			WHERE t.uid = ? AND NOT t.revoked AND NOT u.disabled AND u.suspended <= ? AND (t.expires = 0 OR t.expires > ?
				OR EXISTS(SELECT 1 FROM renewals r WHERE r.device = t.id AND (r.expires = 0 OR r.expires > ?)))
			LIMIT 1`, []any{uid, now.UnixMilli(), now.UnixMilli(), now.UnixMilli()}, func(record.Row) error {
			active = true
			return nil
		})
	})
	if err != nil {
		return false, fmt.Errorf("look up tokens: %w", err)
	}
	return active, nil
}
