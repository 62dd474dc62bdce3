package accounts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// A token is renewed in two steps, so that no end of the device or of the server in between leaves the device without
// a valid one. RenewToken makes another secret valid beside that in use. UseRenewal, when the device has signed in with the
// other one, which it must have stored by then, makes it the token's.

const (
	// maxRenewals is how many there can be of one token, none of which was used yet. A further one replaces the oldest,
	// which must not be younger than renewalPause.
	maxRenewals  = 4
	renewalPause = 15 * time.Minute
)

var (
	errNotRenewed   = refusal.Denied(0, "this access token is not renewed")
	errRenewEarly   = refusal.Denied(0, "this access token is not to be renewed yet")
	errRenewTaken   = refusal.Bad("another access token has this hash")
	errManyRenewals = &refusal.Error{
		Result: wire.ResultRateLimit, Reason: "too many renewals that were not used", After: renewalPause,
	}
)

// SetTokenLifetime sets the lifetime of access tokens that are made or renewed from now on; 0: they never expire.
func (a *Accounts) SetTokenLifetime(ctx context.Context, lifetime time.Duration) error {
	if lifetime < 0 {
		return errors.New("the lifetime of access tokens is negative")
	}
	return setMeta(a.db.WithContext(ctx), record.MetaLifetime, strconv.FormatInt(lifetime.Milliseconds(), 10))
}

// expiry returns when a token that is made now expires, 0 for never, and its lifetime. All is in ms.
func expiry(db *gorm.DB, now int64) (expires, lifetime int64, err error) {
	text, err := metaText(db, record.MetaLifetime)
	if err != nil || text == "" {
		return 0, 0, err
	}
	if lifetime, err = strconv.ParseInt(text, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("lifetime of access tokens: %w", err)
	}
	if lifetime == 0 {
		return 0, 0, nil
	}
	return now + lifetime, lifetime, nil
}

// RenewToken makes another token valid for a device that is connected from a place, by the hash of its secret. A
// repetition changes nothing. It returns the device as it is with that token, or ErrToken if the own one was revoked.
func (a *Accounts) RenewToken(
	ctx context.Context, own *Device, hash [32]byte, place string, now time.Time,
) (*Device, error) {
	ctx = audit.With(ctx, audit.Actor{Name: "user " + own.Address, Place: place})
	var row renewalRow
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		row, err = renew(tx, own, hash, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("renew token: %w", err)
	}
	d := *own
	d.Hash, d.Renewal, d.Lifetime = hash, true, time.Duration(row.Lifetime)*time.Millisecond
	d.Expires = time.Time{}
	if row.Expires != 0 {
		d.Expires = time.UnixMilli(row.Expires)
	}
	return &d, nil
}

func renew(tx *gorm.DB, own *Device, hash [32]byte, now time.Time) (renewalRow, error) {
	// The first statement writes, so that renewals of one token come one after the other.
	var tokens []tokenRow
	err := tx.Raw(`UPDATE tokens SET revoked = revoked WHERE id = ? AND NOT revoked RETURNING *`, own.ID).Scan(&tokens).Error
	switch {
	case err != nil:
		return renewalRow{}, fmt.Errorf("find token: %w", err)
	case len(tokens) == 0:
		return renewalRow{}, ErrToken
	}
	token := tokens[0]
	if bytes.Equal(token.Hash, hash[:]) { // it was used already
		return renewalRow{Expires: token.Expires, Lifetime: token.Lifetime}, nil
	}
	var before []renewalRow
	if err := tx.Where("device = ? OR hash = ?", own.ID, hash[:]).Order("made, hash").Find(&before).Error; err != nil {
		return renewalRow{}, fmt.Errorf("find renewals: %w", err)
	}
	for _, r := range before {
		switch {
		case !bytes.Equal(r.Hash, hash[:]):
		case r.Device == own.ID:
			return r, nil
		default:
			return renewalRow{}, errRenewTaken
		}
	}
	switch {
	case own.Lifetime == 0 || own.Expires.IsZero():
		return renewalRow{}, errNotRenewed
	case now.Before(own.Expires.Add(-own.Lifetime / acceptedPart)):
		return renewalRow{}, errRenewEarly
	}
	return addRenewal(tx, own, hash, now, before)
}

// addRenewal adds a renewal to those of the device from before.
func addRenewal(tx *gorm.DB, own *Device, hash [32]byte, now time.Time, before []renewalRow) (renewalRow, error) {
	row := renewalRow{Hash: hash[:], Device: own.ID, Made: now.UnixMilli()}
	if len(before) >= maxRenewals {
		if now.Sub(time.UnixMilli(before[0].Made)) < renewalPause {
			return row, errManyRenewals
		}
		if err := tx.Delete(&before[0]).Error; err != nil {
			return row, fmt.Errorf("remove renewal: %w", err)
		}
	}
	var taken int64
	if err := tx.Model(&tokenRow{}).Where("hash = ?", hash[:]).Count(&taken).Error; err != nil {
		return row, fmt.Errorf("find token: %w", err)
	}
	if taken > 0 {
		return row, errRenewTaken
	}
	var err error
	if row.Expires, row.Lifetime, err = expiry(tx, row.Made); err != nil {
		return row, err
	}
	if err := tx.Create(&row).Error; err != nil {
		return row, fmt.Errorf("write renewal: %w", err)
	}
	return row, audit.Add(tx, "token.renew", own.Address+" "+own.ID)
}

// UseRenewal makes a token that is valid beside another one the only one of its device. It returns ErrToken if it is not
// valid any more.
func (a *Accounts) UseRenewal(ctx context.Context, hash [32]byte) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var rows []renewalRow
		if err := tx.Raw(`DELETE FROM renewals WHERE hash = ? RETURNING *`, hash[:]).Scan(&rows).Error; err != nil {
			return fmt.Errorf("find renewal: %w", err)
		}
		if len(rows) == 0 {
			return used(tx, hash)
		}
		row := rows[0]
		res := tx.Model(&tokenRow{}).Where("id = ? AND NOT revoked", row.Device).
			Updates(map[string]any{"hash": row.Hash, "expires": row.Expires, "lifetime": row.Lifetime})
		if res.Error == nil && res.RowsAffected == 0 {
			return ErrToken
		}
		return errors.Join(res.Error, tx.Where("device = ?", row.Device).Delete(&renewalRow{}).Error)
	})
	if err != nil {
		return fmt.Errorf("use the renewed token: %w", err)
	}
	return nil
}

// used returns ErrToken unless another connection has made the token its device's meanwhile.
func used(tx *gorm.DB, hash [32]byte) error {
	var n int64
	if err := tx.Model(&tokenRow{}).Where("hash = ? AND NOT revoked", hash[:]).Count(&n).Error; err != nil {
		return fmt.Errorf("find token: %w", err)
	}
	if n == 0 {
		return ErrToken
	}
	return nil
}

// DeviceOf returns the id of the device that has a token. For an unknown token it is what the id of a new one is.
func (a *Accounts) DeviceOf(ctx context.Context, t wire.Token) (string, error) {
	hash := t.Hash()
	var ids []string
	err := a.db.WithContext(ctx).Raw(`SELECT id FROM tokens WHERE hash = ? UNION ALL SELECT device FROM renewals WHERE hash = ?`,
		hash[:], hash[:]).Scan(&ids).Error
	if err != nil {
		return "", fmt.Errorf("find token: %w", err)
	}
	return append(ids, t.ID())[0], nil
}

// renewedUntil returns until when tokens are valid that were renewed, by their devices, in ms; 0 is for ever.
func renewedUntil(db *gorm.DB) (map[string]int64, error) {
	var rows []renewalRow
	if err := db.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list renewals: %w", err)
	}
	until := make(map[string]int64, len(rows))
	for _, r := range rows {
		if was, ok := until[r.Device]; !ok || r.Expires == 0 || was != 0 && r.Expires > was {
			until[r.Device] = r.Expires
		}
	}
	return until, nil
}
