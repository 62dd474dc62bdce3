package accounts

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// InviteLife is how long an invite is valid by default.
	InviteLife = 7 * 24 * time.Hour
	// MaxInviteLife is how long one may be valid.
	MaxInviteLife = 366 * 24 * time.Hour
	// MaxInviteUses is how many devices one invite may let in.
	MaxInviteUses = 10_000

	// keepInvites is how long invites that are not valid any more are listed.
	keepInvites = 30 * 24 * time.Hour
)

var (
	// ErrInvite refuses an invite. It does not reveal whether it is unknown, used, expired or withdrawn.
	ErrInvite = refusal.HTTP(http.StatusGone, "NOSUCHINVITE", "this invite is unknown, used up, expired or withdrawn")
	// ErrTaken refuses an address for a new user.
	ErrTaken = refusal.HTTP(http.StatusConflict, "TAKEN", "the address is taken")
	// ErrNoInvite refuses to withdraw an invite that does not exist.
	ErrNoInvite = refusal.HTTP(http.StatusNotFound, "NOSUCHINVITE", "there is no such invite")
)

// InviteOptions describe a new invite.
type InviteOptions struct {
	// Creator is the user who invites, 0 for the operator.
	Creator uint32
	// Address is the address of the user who is let in. If the user exists, the invite makes another device of that
	// user. Default: whoever has the invite chooses the address of a new user.
	Address string
	// Group is a group that the user joins. Default: none.
	Group uint32
	// Admin makes a new user an administrator, who may invite others.
	Admin bool
	// Uses is how often it can be redeemed. Default: once.
	Uses int
	// Expires is when it expires. Default: after InviteLife.
	Expires time.Time
}

// InviteInfo describes an invite without its secret.
type InviteInfo struct {
	ID      string
	Creator UserRef // uid 0: the operator
	Address string  // empty: chosen by whoever has the invite
	Group   uint32  // 0: none
	Admin   bool
	Created time.Time
	Expires time.Time
	Left    int // how often it can still be redeemed
	Used    int
}

// Valid reports whether the invite can be redeemed at a time.
func (i *InviteInfo) Valid(now time.Time) bool { return i.Left > 0 && now.Before(i.Expires) }

type inviteRow struct {
	Hash    []byte `gorm:"primaryKey"`
	ID      string `gorm:"column:id"`
	Creator uint32
	Address string
	GID     uint32 `gorm:"column:gid"`
	Admin   bool
	Created int64
	Expires int64
	Left    int `gorm:"column:uses_left"`
	Used    int
}

func (inviteRow) TableName() string { return "invites" }

// NewInvite creates an invite. It contains the stored public URL; without one, NewInvite returns ErrNoURL. The secret
// cannot be read again later.
func (a *Accounts) NewInvite(ctx context.Context, opts InviteOptions) (wire.Invite, error) {
	now := a.db.NowFunc()
	opts.Uses = cmp.Or(opts.Uses, 1)
	if opts.Expires.IsZero() {
		opts.Expires = now.Add(InviteLife)
	}
	if err := opts.check(now); err != nil {
		return wire.Invite{}, err
	}
	var invite wire.Invite
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		url, pin, err := server(tx)
		if err != nil {
			return err
		}
		invite = wire.NewInvite(url, pin)
		hash := invite.Hash()
		old := now.Add(-keepInvites).UnixMilli()
		if err := tx.Where("expires < ?", old).Delete(&inviteRow{}).Error; err != nil {
			return fmt.Errorf("remove old invites: %w", err)
		}
		row := inviteRow{
			Hash: hash[:], ID: invite.ID(), Creator: opts.Creator, Address: opts.Address, GID: opts.Group, Admin: opts.Admin,
			Created: now.UnixMilli(), Expires: opts.Expires.UnixMilli(), Left: opts.Uses,
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write invite: %w", err)
		}
		return audit.Add(tx, "invite.new", row.ID)
	})
	if err != nil {
		return wire.Invite{}, fmt.Errorf("new invite: %w", err)
	}
	return invite, nil
}

func (o *InviteOptions) check(now time.Time) error {
	switch {
	case o.Uses < 1 || o.Uses > MaxInviteUses:
		return refusal.Bad("an invite may be used between 1 and %d times", MaxInviteUses)
	case !o.Expires.After(now) || o.Expires.After(now.Add(MaxInviteLife)):
		return refusal.Bad("an invite is valid for at most %d days", MaxInviteLife/(24*time.Hour))
	case o.Address == "":
		return nil
	}
	if err := validNew(o.Address); err != nil {
		return refusal.Bad("%v", err)
	}
	if o.Uses > 1 {
		return refusal.Bad("an invite for one address is used once")
	}
	return nil
}

// server returns the stored public URL and pin, or ErrNoURL.
func server(db *gorm.DB) (url string, pin []byte, err error) {
	if url, err = metaText(db, record.MetaURL); err != nil {
		return "", nil, err
	}
	if url == "" {
		return "", nil, ErrNoURL
	}
	pinHex, err := metaText(db, record.MetaPin)
	if err != nil {
		return "", nil, err
	}
	if pinHex == "" {
		return url, nil, nil
	}
	if pin, err = hex.DecodeString(pinHex); err != nil {
		return "", nil, fmt.Errorf("certificate pin: %w", err)
	}
	return url, pin, nil
}

// Invites returns the invites of a user, or all for 0, newest first.
func (a *Accounts) Invites(ctx context.Context, creator uint32) ([]InviteInfo, error) {
	if creator == 0 {
		return a.invites(ctx, "TRUE")
	}
	return a.invites(ctx, "creator = ?", creator)
}

// GroupInvites returns the invites into a group, of all who have made some, newest first.
func (a *Accounts) GroupInvites(ctx context.Context, gid uint32) ([]InviteInfo, error) {
	return a.invites(ctx, "gid = ?", gid)
}

// Invite returns an invite by its id, or an error that wraps ErrNoInvite.
func (a *Accounts) Invite(ctx context.Context, id string) (*InviteInfo, error) {
	list, err := a.invites(ctx, "invites.id = ?", id)
	if err == nil && len(list) == 0 {
		err = ErrNoInvite
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// ValidInvite returns an invite that can be redeemed, by the hash of its secret, or an error that wraps ErrInvite.
func (a *Accounts) ValidInvite(ctx context.Context, hash [32]byte) (*InviteInfo, error) {
	list, err := a.invites(ctx, "hash = ?", hash[:])
	if err == nil && (len(list) == 0 || !list[0].Valid(a.db.NowFunc())) {
		err = ErrInvite
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

func (a *Accounts) invites(ctx context.Context, where string, args ...any) ([]InviteInfo, error) {
	var rows []struct {
		Invite inviteRow `gorm:"embedded"`
		Name   string
	}
	err := a.db.WithContext(ctx).Table("invites").Select("invites.*, users.address AS name").
		Joins("LEFT JOIN users ON users.uid = invites.creator").Order("invites.created DESC, invites.id").
		Where(where, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list invites: %w", err)
	}
	list := make([]InviteInfo, len(rows))
	for i, row := range rows {
		list[i] = InviteInfo{
			ID: row.Invite.ID, Creator: UserRef{UID: row.Invite.Creator, Address: row.Name},
			Address: row.Invite.Address, Group: row.Invite.GID, Admin: row.Invite.Admin,
			Created: time.UnixMilli(row.Invite.Created), Expires: time.UnixMilli(row.Invite.Expires),
			Left: row.Invite.Left, Used: row.Invite.Used,
		}
	}
	return list, nil
}

// RevokeInvite withdraws an invite of a user, or of anyone for 0. It returns an error that wraps ErrNoInvite if there
// is no such invite.
func (a *Accounts) RevokeInvite(ctx context.Context, creator uint32, id string) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := tx.Where("id = ?", id)
		if creator != 0 {
			query = query.Where("creator = ?", creator)
		}
		res := query.Delete(&inviteRow{})
		switch {
		case res.Error != nil:
			return res.Error
		case res.RowsAffected == 0:
			return ErrNoInvite
		}
		return audit.Add(tx, "invite.revoke", id)
	})
	if err != nil {
		return fmt.Errorf("revoke invite: %w", err)
	}
	return nil
}

// UseInvite uses an invite into a group up once, for a user who joins with it. It returns an error that wraps ErrInvite
// if the invite is for someone else, or not valid.
func (a *Accounts) UseInvite(ctx context.Context, hash [32]byte, user UserRef) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var row inviteRow
		res := tx.Raw(`UPDATE invites SET used = used + 1, uses_left = uses_left - 1
			WHERE hash = ? AND uses_left > 0 AND expires > ? AND gid != 0 AND address = '' RETURNING *`,
			hash[:], tx.NowFunc().UnixMilli()).Scan(&row)
		switch {
		case res.Error != nil:
			return res.Error
		case row.ID == "":
			return ErrInvite
		}
		return audit.Add(tx, "invite.join", user.Address+" "+row.ID)
	})
	if err != nil {
		return fmt.Errorf("use invite: %w", err)
	}
	return nil
}

// ReturnInvite undoes UseInvite, for a user who could not join.
func (a *Accounts) ReturnInvite(ctx context.Context, hash [32]byte, user UserRef) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var row inviteRow
		err := tx.Raw(`UPDATE invites SET used = used - 1, uses_left = uses_left + 1 WHERE hash = ? RETURNING *`, hash[:]).
			Scan(&row).Error
		if err != nil || row.ID == "" { // withdrawn since
			return err
		}
		return audit.Add(tx, "invite.return", user.Address+" "+row.ID)
	})
	if err != nil {
		return fmt.Errorf("return invite: %w", err)
	}
	return nil
}

// Redemption redeems an invite.
type Redemption struct {
	Invite [32]byte // hash of its secret
	// Token is the hash of the secret that the device has made for its access token: the server never has it, and who
	// repeats the request gets the same answer.
	Token [32]byte
	// Address and Name are those of a new user. An invite for an address has that one.
	Address, Name string
	// Device is the label of the token.
	Device string
}

// Redeemed is the result.
type Redeemed struct {
	User UserRef
	Name string
	// Inviter is the user who made the invite, uid 0 for the operator.
	Inviter UserRef
	// Group is the group that the user joins, 0 none.
	Group uint32
	// New reports whether a user was created.
	New bool
}

// Redeem makes an access token, and a user if there is none yet, and uses the invite up, all in one transaction.
func (a *Accounts) Redeem(ctx context.Context, r *Redemption) (*Redeemed, error) {
	if !record.ValidText(r.Device) || len(r.Device) > maxName {
		return nil, refusal.Bad("the name of the device is too long or not valid text")
	}
	var done *Redeemed
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		done, err = r.run(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("redeem invite: %w", err)
	}
	return done, nil
}

func (r *Redemption) run(tx *gorm.DB) (*Redeemed, error) {
	now := tx.NowFunc().UnixMilli()
	// The first statement writes, so that two devices with the same invite come one after the other.
	var row inviteRow
	res := tx.Raw(`UPDATE invites SET used = used + 1, uses_left = uses_left - 1 WHERE hash = ? RETURNING *`, r.Invite[:]).
		Scan(&row)
	switch {
	case res.Error != nil:
		return nil, fmt.Errorf("use invite: %w", res.Error)
	case row.ID == "":
		return nil, ErrInvite
	}
	if again, err := r.again(tx, &row); again != nil || err != nil {
		return again, err
	}
	if row.Left < 0 || row.Expires <= now {
		return nil, ErrInvite
	}
	user, created, err := r.user(tx, &row)
	if err != nil {
		return nil, err
	}
	token := tokenRow{
		Hash: r.Token[:], ID: wire.TokenID(r.Token), UID: user.UID, Label: r.Device, Created: now,
	}
	if token.Expires, token.Lifetime, err = expiry(tx, now); err != nil {
		return nil, err
	}
	if err := tx.Create(&token).Error; err != nil {
		return nil, fmt.Errorf("write token: %w", err)
	}
	if err := audit.Add(tx, "invite.redeem", user.Address+" "+row.ID); err != nil {
		return nil, err
	}
	return redeemed(tx, &row, user, created)
}

// again returns the answer for a device whose token exists, after it has put the use back.
func (r *Redemption) again(tx *gorm.DB, row *inviteRow) (*Redeemed, error) {
	var users []UserRow
	err := tx.Table("users").Select("users.*").Joins("JOIN tokens ON tokens.uid = users.uid").
		Where("tokens.hash = ? AND NOT tokens.revoked", r.Token[:]).Limit(1).Scan(&users).Error
	if err != nil {
		return nil, fmt.Errorf("find token: %w", err)
	}
	if len(users) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	err = tx.Model(row).Updates(map[string]any{"used": row.Used - 1, "uses_left": row.Left + 1}).Error
	if err != nil {
		return nil, fmt.Errorf("write invite: %w", err)
	}
	return redeemed(tx, row, users[0], false)
}

func redeemed(tx *gorm.DB, row *inviteRow, user UserRow, created bool) (*Redeemed, error) {
	done := &Redeemed{
		User: UserRef{UID: user.UID, Address: user.Address}, Name: user.Name, Group: row.GID, New: created,
	}
	if row.Creator == 0 {
		return done, nil
	}
	var inviter UserRow
	if err := tx.Where("uid = ?", row.Creator).Take(&inviter).Error; err != nil {
		return nil, fmt.Errorf("find who invites: %w", err)
	}
	done.Inviter = UserRef{UID: inviter.UID, Address: inviter.Address}
	return done, nil
}

// user returns the user whom the invite lets in, and whether it was created.
func (r *Redemption) user(tx *gorm.DB, row *inviteRow) (UserRow, bool, error) {
	address := cmp.Or(row.Address, r.Address)
	user, err := findUser(tx, address)
	switch {
	case err == nil && row.Address == "":
		return UserRow{}, false, ErrTaken
	case err == nil && (user.Disabled || !user.SuspendedUntil(tx.NowFunc()).IsZero()):
		return UserRow{}, false, ErrInvite
	case err == nil:
		return user, false, nil
	case !errors.Is(err, ErrNoUser):
		return UserRow{}, false, err
	}
	name := cmp.Or(r.Name, address)
	if err := cmp.Or(validNew(address), ValidName(name)); err != nil {
		return UserRow{}, false, refusal.Bad("%v", err)
	}
	user, err = createUser(tx, address, name)
	if err == nil && row.Admin {
		err = setAdmin(tx, user.UID, true)
	}
	return user, true, err
}

// SetAdmin makes a user an administrator, who may invite others, or not.
func (a *Accounts) SetAdmin(ctx context.Context, address string, admin bool) error {
	action := "user.admin"
	if !admin {
		action = "user.no_admin"
	}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		user, err := findUser(tx, address)
		if err == nil {
			err = setAdmin(tx, user.UID, admin)
		}
		if err != nil {
			return err
		}
		return audit.Add(tx, action, user.Address)
	})
	if err != nil {
		return fmt.Errorf("set administrator %q: %w", address, err)
	}
	return nil
}

func setAdmin(db *gorm.DB, uid uint32, admin bool) error {
	if err := db.Exec(`UPDATE users SET admin = ? WHERE uid = ?`, admin, uid).Error; err != nil {
		return fmt.Errorf("write user: %w", err)
	}
	return nil
}
