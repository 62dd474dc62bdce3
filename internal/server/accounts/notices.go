package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Notice is a message of the operator that is still to be put into the logs of users.
type Notice struct {
	ID      int64
	UID     uint32 `gorm:"column:uid"` // 0: for all users
	Text    string
	Created int64 // ms
}

// TableName implements schema.Tabler of GORM.
func (Notice) TableName() string { return "notices" }

// AddNotice queues a notice to a user, or to all if the address is empty. The server sends it within a second, or at its
// next start.
func (a *Accounts) AddNotice(ctx context.Context, address, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > wire.MaxText || !record.ValidText(text) {
		return refusal.Bad("the text of a notice is empty, longer than %d bytes or not valid text", wire.MaxText)
	}
	err := a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		n := Notice{Text: text, Created: tx.NowFunc().UnixMilli()}
		target := "all"
		if address != "" {
			u, err := findUser(tx, address)
			if err != nil {
				return err
			}
			n.UID, target = u.UID, u.Address
		}
		if err := tx.Create(&n).Error; err != nil {
			return fmt.Errorf("write notice: %w", err)
		}
		return audit.Add(tx, "notice.new", target)
	})
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	return nil
}

// Notices returns the queued notices, oldest first.
func (a *Accounts) Notices(ctx context.Context) (list []Notice, err error) {
	if err := a.db.WithContext(ctx).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	return list, nil
}

// RemoveNotice removes a notice that was sent.
func (a *Accounts) RemoveNotice(ctx context.Context, id int64) error {
	if err := a.db.WithContext(ctx).Delete(&Notice{}, id).Error; err != nil {
		return fmt.Errorf("remove notice: %w", err)
	}
	return nil
}

// NoticeRecipients returns up to limit users after a number whom a notice is for. Those who were added later are not among
// them.
func (a *Accounts) NoticeRecipients(ctx context.Context, n *Notice, after uint32, limit int) ([]UserRow, error) {
	query := a.db.WithContext(ctx).Where("NOT disabled AND uid > ? AND created <= ?", after, n.Created)
	if n.UID != 0 {
		query = query.Where("uid = ?", n.UID)
	}
	var rows []UserRow
	if err := query.Order("uid").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read recipients: %w", err)
	}
	return rows, nil
}

// ServerUser returns the user from whom notices are, who is created at the first one, with the name of the server. It is
// disabled, so that no user signs in as it, writes to it or adds it to a group.
func (a *Accounts) ServerUser(ctx context.Context) (ref UserRef, err error) {
	err = a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		u, err := findUser(tx, wire.ServerAddress)
		switch {
		case err == nil && u.Disabled:
		case err == nil: // a user of an earlier version
			err = tx.Model(&u).Update("disabled", true).Error
		case errors.Is(err, ErrNoUser):
			if u, err = createUser(tx, wire.ServerAddress, serverName(tx)); err == nil {
				err = tx.Model(&u).Update("disabled", true).Error
			}
		}
		ref = UserRef{UID: u.UID, Address: u.Address}
		return err
	})
	if err != nil {
		return UserRef{}, fmt.Errorf("find the server's user: %w", err)
	}
	return ref, nil
}

// serverName returns the host of the public URL.
func serverName(tx *gorm.DB) string {
	text, err := metaText(tx, record.MetaURL)
	if err != nil {
		text = ""
	}
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{}
	}
	return cmp.Or(u.Hostname(), "Server")
}

// validNew refuses what cannot be the address of a new user.
func validNew(address string) error {
	if Fold(address) == wire.ServerAddress {
		return refusal.Bad("the address is reserved")
	}
	return wire.ValidAddress(address)
}
