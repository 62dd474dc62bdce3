package accounts

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxUID keeps event keys within 63 bits.
	maxUID = 1<<31 - 1
	// maxName is the maximum length of a name in bytes.
	maxName = 255
)

var (
	// ErrUserExists is returned by AddUser if a user with the address and another name exists.
	ErrUserExists = errors.New("the address is taken")
	// ErrNoUser refuses an address without a user.
	ErrNoUser error = refusal.ErrNoUser
	// ErrNoGroup refuses a group that does not exist.
	ErrNoGroup error = refusal.ErrNoGroup
	// ErrNoToken is returned if no token has the id.
	ErrNoToken = errors.New("no such token")
	// ErrNoURL is returned by NewToken while no public URL is stored.
	ErrNoURL = errors.New("the server's URL is not known yet")
)

// User is a user of the server.
type User struct {
	Address  string
	Name     string
	Disabled bool
	Admin    bool // may invite others
	Created  time.Time

	Suspended time.Time // until when the user cannot connect, zero: not suspended
	Banned    bool      // disabled for ever
	Reason    string    // of the suspension or ban
}

// Accounts manages users and tokens. It does not need a running server; a server on the same folder, in this process or
// another, notices changes within a second. Addresses are not case-sensitive. The methods may be called from any
// goroutine.
type Accounts struct {
	db *gorm.DB // immutable
}

// New returns the accounts of a record.
func New(rec record.Record) *Accounts { return &Accounts{db: rec.ORM()} }

// Fold normalizes an address for comparison.
func Fold(address string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(address)))
}

// AddUser creates a user. It does nothing if the user exists with the same name, and returns ErrUserExists if the name
// is different.
func (a *Accounts) AddUser(ctx context.Context, address, name string) error {
	if err := validNew(address); err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	if err := ValidName(name); err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		old, err := findUser(tx, address)
		if err == nil {
			if old.Name != name {
				return ErrUserExists
			}
			return nil
		}
		if !errors.Is(err, ErrNoUser) {
			return err
		}
		if _, err = createUser(tx, address, name); err != nil {
			return err
		}
		return audit.Add(tx, "user.add", address)
	})
	if err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	return nil
}

// createUser creates a user; address and name are valid, and the address is free.
func createUser(tx *gorm.DB, address, name string) (UserRow, error) {
	rev, err := nextRev(tx)
	if err != nil {
		return UserRow{}, err
	}
	row := UserRow{Address: address, Folded: Fold(address), Name: name, Created: tx.NowFunc().UnixMilli(), Rev: rev}
	if err := tx.Create(&row).Error; err != nil {
		return UserRow{}, fmt.Errorf("write user: %w", err)
	}
	if row.UID > maxUID {
		return UserRow{}, errors.New("no user numbers are left")
	}
	return row, nil
}

// SetUserName changes the name of a user. It returns an error that wraps ErrNoUser if the user does not exist.
func (a *Accounts) SetUserName(ctx context.Context, address, name string) error {
	if err := ValidName(name); err != nil {
		return fmt.Errorf("set user name: %w", err)
	}
	if err := a.updateUser(ctx, address, map[string]any{"name": name}, "user.rename", nil); err != nil {
		return fmt.Errorf("set user name: %w", err)
	}
	return nil
}

// updateUser changes columns of a user; action names that in the audit log. also, unless it is nil, is a part of the same
// transaction.
func (a *Accounts) updateUser(
	ctx context.Context, address string, columns map[string]any, action string, also func(*gorm.DB, *UserRow) error,
) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		u, err := findUser(tx, address)
		if err != nil {
			return err
		}
		rev, err := nextRev(tx)
		if err != nil {
			return err
		}
		columns["rev"] = rev
		if err := tx.Model(&u).Updates(columns).Error; err != nil {
			return fmt.Errorf("write user: %w", err)
		}
		err = tx.Exec(`INSERT INTO profiles(uid, changed) VALUES(?, ?)
			ON CONFLICT(uid) DO UPDATE SET changed = excluded.changed`, u.UID, tx.NowFunc().UnixMilli()).Error
		if err != nil {
			return fmt.Errorf("write profile: %w", err)
		}
		if also != nil {
			if err := also(tx, &u); err != nil {
				return err
			}
		}
		return audit.Add(tx, action, u.Address)
	})
	if err != nil {
		return fmt.Errorf("%q: %w", address, err)
	}
	return nil
}

// Audit returns the newest entries of the audit log that a filter selects, newest first.
func (a *Accounts) Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	return audit.List(a.db.WithContext(ctx), f)
}

// Users returns all users, ordered by address.
func (a *Accounts) Users(ctx context.Context) ([]User, error) {
	var rows []UserRow
	if err := a.db.WithContext(ctx).Order("folded").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = User{
			Address: r.Address, Name: r.Name, Disabled: r.Disabled, Admin: r.Admin,
			Created: time.UnixMilli(r.Created), Suspended: r.SuspendedUntil(a.db.NowFunc()), Banned: r.Banned, Reason: r.Reason,
		}
	}
	return users, nil
}

// CountUsers returns the number of users.
func (a *Accounts) CountUsers(ctx context.Context) (int, error) {
	var n int64
	if err := a.db.WithContext(ctx).Model(&UserRow{}).Where("folded <> ?", wire.ServerAddress).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return int(n), nil
}

// LastBackup returns when the last backup was made, the zero time if that is not known.
func (a *Accounts) LastBackup(ctx context.Context) (time.Time, error) {
	text, err := metaText(a.db.WithContext(ctx), record.MetaBackup)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	milli, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("time of the last backup: %w", err)
	}
	return time.UnixMilli(milli), nil
}

// NoteBackup notes that a backup was made.
func (a *Accounts) NoteBackup(ctx context.Context, at time.Time) error {
	return setMeta(a.db.WithContext(ctx), record.MetaBackup, strconv.FormatInt(at.UnixMilli(), 10))
}

// PublicURL returns the stored public URL, empty if there is none.
func (a *Accounts) PublicURL(ctx context.Context) (string, error) {
	return metaText(a.db.WithContext(ctx), record.MetaURL)
}

// Server returns the stored public URL and the pin of the server's certificate, nil for none; without a URL, ErrNoURL.
func (a *Accounts) Server(ctx context.Context) (url string, pin []byte, err error) {
	return server(a.db.WithContext(ctx))
}

// SetPublicURL stores the server URL and pin for new tokens.
func (a *Accounts) SetPublicURL(ctx context.Context, url string, pin []byte) error {
	if _, err := wire.ParseToken(wire.NewToken(url, "anybody", pin).String()); err != nil {
		return fmt.Errorf("set public url %q: %w", url, err)
	}
	db := a.db.WithContext(ctx)
	oldURL, err := metaText(db, record.MetaURL)
	if err != nil {
		return err
	}
	oldPin, err := metaText(db, record.MetaPin)
	if err != nil {
		return err
	}
	if oldURL == url && oldPin == hex.EncodeToString(pin) {
		return nil
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := setMeta(tx, record.MetaURL, url); err != nil {
			return err
		}
		if err := tx.Exec(`INSERT INTO urls(url) VALUES(?) ON CONFLICT DO NOTHING`, url).Error; err != nil {
			return fmt.Errorf("write url: %w", err)
		}
		return setMeta(tx, record.MetaPin, hex.EncodeToString(pin))
	})
	if err != nil {
		return fmt.Errorf("set public url: %w", err)
	}
	return nil
}

// Find returns a user by address, or an error that wraps ErrNoUser.
func (a *Accounts) Find(ctx context.Context, address string) (UserRow, error) {
	return findUser(a.db.WithContext(ctx), address)
}

// FindUID returns a user by number, or an error that wraps ErrNoUser.
func (a *Accounts) FindUID(ctx context.Context, uid uint32) (UserRow, error) {
	var rows []UserRow
	if err := a.db.WithContext(ctx).Where("uid = ?", uid).Limit(1).Find(&rows).Error; err != nil {
		return UserRow{}, fmt.Errorf("find user: %w", err)
	}
	if len(rows) == 0 {
		return UserRow{}, ErrNoUser
	}
	return rows[0], nil
}

// Search returns up to limit users after an address whose folded addresses match a LIKE pattern with backslash as the
// escape character.
func (a *Accounts) Search(ctx context.Context, pattern, after string, limit int) ([]UserRow, error) {
	if !record.ValidText(pattern) || !record.ValidText(after) {
		return nil, refusal.Bad("an address contains a NUL character or is not valid UTF-8")
	}
	var rows []UserRow
	err := a.db.WithContext(ctx).Where(`folded LIKE ? ESCAPE '\' AND folded > ?`, pattern, Fold(after)).
		Order("folded").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return rows, nil
}

// findUser returns an error that wraps ErrNoUser if the user does not exist.
func findUser(db *gorm.DB, address string) (UserRow, error) {
	if !record.ValidText(address) {
		return UserRow{}, ErrNoUser
	}
	var rows []UserRow
	if err := db.Where("folded = ?", Fold(address)).Limit(1).Find(&rows).Error; err != nil {
		return UserRow{}, fmt.Errorf("find user: %w", err)
	}
	if len(rows) == 0 {
		return UserRow{}, ErrNoUser
	}
	return rows[0], nil
}

// nextRev returns the next revision of profiles.
func nextRev(tx *gorm.DB) (uint64, error) {
	var rev uint64
	err := tx.Raw(`UPDATE meta SET v = CAST(CAST(v AS BIGINT) + 1 AS TEXT) WHERE k = ? RETURNING CAST(v AS BIGINT)`,
		record.MetaProfileRev).Scan(&rev).Error
	if err != nil {
		return 0, fmt.Errorf("number the change: %w", err)
	}
	return rev, nil
}

// MetaNumber reads a number from the table meta.
func MetaNumber(read record.Reader, key string) (v uint64, err error) {
	err = read.Query(`SELECT CAST(v AS BIGINT) FROM meta WHERE k = ?`, []any{key}, func(row record.Row) error {
		if err := row.Scan(&v); err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
		return nil
	})
	return v, err
}

// metaText returns an empty string if the key does not exist.
func metaText(db *gorm.DB, key string) (string, error) {
	var v string
	if err := db.Raw(`SELECT v FROM meta WHERE k = ?`, key).Scan(&v).Error; err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return v, nil
}

func setMeta(db *gorm.DB, key, value string) error {
	err := db.Exec(`INSERT INTO meta(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v`, key, value).Error
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}
