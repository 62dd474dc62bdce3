package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// maxUID keeps the packed keys of the log within 63 bits.
	maxUID = 1<<31 - 1
	// maxName is the longest name of a user in bytes.
	maxName = 255

	metaURL        = "url"
	metaPin        = "pin"
	metaEpoch      = "epoch"
	metaProfileRev = "profile_rev"
	metaGrantKey   = "grant_key"
)

var (
	// ErrUserExists is returned by AddUser when the address belongs to a user of another name.
	ErrUserExists = errors.New("the address is taken")
	// ErrNoUser is returned when no user has the address.
	ErrNoUser = errors.New("no such user")
	// ErrNoToken is returned when no token has the id.
	ErrNoToken = errors.New("no such token")
	// ErrNoURL is returned by NewToken while the data folder does not know the server's URL.
	ErrNoURL = errors.New("the server's URL is not known yet")
)

// User is one user of the server.
type User struct {
	Address  string
	Name     string
	Disabled bool
	Created  time.Time
}

// Accounts keeps the users and tokens of a data folder. A server need not run; one that runs on the same folder, in
// this process or another, takes notice within a second. Addresses are compared without regard to case.
type Accounts struct {
	db *gorm.DB // immutable
}

// OpenAccounts opens the users and tokens of a data folder, which is made if it does not exist.
func OpenAccounts(dir string) (*Accounts, error) {
	dir, err := makeDir(dir)
	if err != nil {
		return nil, err
	}
	db, err := openGorm(filepath.Join(dir, dbName), pragmas, 1)
	if err != nil {
		return nil, err
	}
	if err := migrate(db); err != nil {
		return nil, errors.Join(err, closeGorm(db))
	}
	return &Accounts{db: db}, nil
}

// Close ends the use of the folder.
func (a *Accounts) Close() error { return closeGorm(a.db) }

// fold makes the form in which addresses are compared.
func fold(address string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(address)))
}

// AddUser makes a user. It does nothing when the user exists and has the same name, and returns ErrUserExists when the
// name is another.
func (a *Accounts) AddUser(ctx context.Context, address, name string) error {
	if err := wire.ValidAddress(address); err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	if err := validName(name); err != nil {
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
		rev, err := nextRev(tx)
		if err != nil {
			return err
		}
		row := userRow{Address: address, Folded: fold(address), Name: name, Created: time.Now().UnixMilli(), Rev: rev}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write user: %w", err)
		}
		if row.UID > maxUID {
			return errors.New("there is no number left for another user")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	return nil
}

func validName(name string) error {
	switch {
	case len(name) > maxName:
		return fmt.Errorf("the name is longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		return errors.New("the name is not UTF-8")
	}
	for _, r := range name {
		const nonJoiner, joiner = '\u200C', '\u200D' // some scripts are written with them
		if r != nonJoiner && r != joiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			return errors.New("the name holds a character that cannot be seen")
		}
	}
	return nil
}

// SetUserName gives a user another name.
func (a *Accounts) SetUserName(ctx context.Context, address, name string) error {
	if err := validName(name); err != nil {
		return fmt.Errorf("set user name: %w", err)
	}
	if err := a.updateUser(ctx, address, "name", name); err != nil {
		return fmt.Errorf("set user name: %w", err)
	}
	return nil
}

// DisableUser shuts a user out, or in again. The log is kept; who is shut out cannot be written to.
func (a *Accounts) DisableUser(ctx context.Context, address string, disabled bool) error {
	if err := a.updateUser(ctx, address, "disabled", disabled); err != nil {
		return fmt.Errorf("disable user: %w", err)
	}
	return nil
}

func (a *Accounts) updateUser(ctx context.Context, address, column string, value any) error {
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		u, err := findUser(tx, address)
		if err != nil {
			return err
		}
		rev, err := nextRev(tx)
		if err != nil {
			return err
		}
		if err := tx.Model(&u).Updates(map[string]any{column: value, "rev": rev}).Error; err != nil {
			return fmt.Errorf("write user: %w", err)
		}
		err = tx.Exec(`INSERT INTO profiles(uid, changed) VALUES(?, ?) ON CONFLICT(uid) DO UPDATE SET changed = excluded.changed`,
			u.UID, time.Now().UnixMilli()).Error
		if err != nil {
			return fmt.Errorf("write profile: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%q: %w", address, err)
	}
	return nil
}

// Users lists all users, ordered by address.
func (a *Accounts) Users(ctx context.Context) ([]User, error) {
	var rows []userRow
	if err := a.db.WithContext(ctx).Order("folded").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = User{Address: r.Address, Name: r.Name, Disabled: r.Disabled, Created: time.UnixMilli(r.Created)}
	}
	return users, nil
}

// PublicURL is what new tokens name as their server; empty when the folder does not know it yet.
func (a *Accounts) PublicURL(ctx context.Context) (string, error) {
	return metaText(a.db.WithContext(ctx), metaURL)
}

// SetPublicURL changes what tokens made from now on name as their server.
func (a *Accounts) SetPublicURL(ctx context.Context, url string, pin []byte) error {
	if _, err := wire.ParseToken(wire.NewToken(url, "anybody", pin).String()); err != nil {
		return fmt.Errorf("set public url %q: %w", url, err)
	}
	db := a.db.WithContext(ctx)
	oldURL, err := metaText(db, metaURL)
	if err != nil {
		return err
	}
	oldPin, err := metaText(db, metaPin)
	if err != nil {
		return err
	}
	if oldURL == url && oldPin == hex.EncodeToString(pin) {
		return nil
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := setMeta(tx, metaURL, url); err != nil {
			return err
		}
		if err := tx.Exec(`INSERT OR IGNORE INTO urls(url) VALUES(?)`, url).Error; err != nil {
			return fmt.Errorf("write url: %w", err)
		}
		return setMeta(tx, metaPin, hex.EncodeToString(pin))
	})
	if err != nil {
		return fmt.Errorf("set public url: %w", err)
	}
	return nil
}

// findUser returns an error that wraps ErrNoUser when there is none.
func findUser(db *gorm.DB, address string) (userRow, error) {
	var rows []userRow
	if err := db.Where("folded = ?", fold(address)).Limit(1).Find(&rows).Error; err != nil {
		return userRow{}, fmt.Errorf("find user: %w", err)
	}
	if len(rows) == 0 {
		return userRow{}, ErrNoUser
	}
	return rows[0], nil
}

// nextRev numbers a change to a profile.
func nextRev(tx *gorm.DB) (uint64, error) {
	var rev uint64
	if err := tx.Raw(`UPDATE meta SET v = v + 1 WHERE k = ? RETURNING v`, metaProfileRev).Scan(&rev).Error; err != nil {
		return 0, fmt.Errorf("number the change: %w", err)
	}
	return rev, nil
}

func metaNumber(db *gorm.DB, key string) (uint64, error) {
	var v uint64
	if err := db.Raw(`SELECT v FROM meta WHERE k = ?`, key).Scan(&v).Error; err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	return v, nil
}

// metaText is empty when there is no such key.
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
