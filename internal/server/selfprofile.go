package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

// ProfileUpdate changes a profile; what is nil stays.
type ProfileUpdate struct {
	Name       *string
	Status     *string // a line about oneself
	PictureURL *string // the full picture, for the file handler
	Picture    []byte  // small, JPEG or PNG; empty but not nil removes it
	Visibility *uint32 // VISIBILITY_* of the API
}

func (u *ProfileUpdate) check() error {
	if u.Name != nil {
		if err := validName(*u.Name); err != nil {
			return err
		}
	}
	if u.Status != nil {
		if err := validStatus(*u.Status); err != nil {
			return err
		}
	}
	if u.PictureURL != nil && len(*u.PictureURL) > wire.MaxURL {
		return errLongURL
	}
	if u.Visibility != nil && *u.Visibility > wire.VisibilityContact {
		return errors.New("there is no such visibility")
	}
	return validPicture(u.Picture)
}

// profileRow is what a user says of himself, beside the name.
type profileRow struct {
	UID        uint32 `gorm:"column:uid;primaryKey"`
	Status     string
	Picture    []byte
	PictureURL string `gorm:"column:picture_url"`
	Visibility uint32
	Changed    int64
}

func (profileRow) TableName() string { return "profiles" }

// apply changes the rows; visible tells whether others have to be told, changed whether there is anything to write.
func (u *ProfileUpdate) apply(user *userRow, row *profileRow) (visible, changed bool) {
	if u.Name != nil {
		visible = assign(&user.Name, *u.Name)
	}
	if u.Status != nil {
		visible = assign(&row.Status, *u.Status) || visible
	}
	if u.PictureURL != nil {
		visible = assign(&row.PictureURL, *u.PictureURL) || visible
	}
	if u.Picture != nil && !bytes.Equal(u.Picture, row.Picture) {
		row.Picture, visible = u.Picture, true
	}
	hidden := u.Visibility != nil && assign(&row.Visibility, *u.Visibility)
	return visible, visible || hidden
}

// pictureError is why a profile cannot have a picture.
type pictureError string

func (e pictureError) Error() string { return string(e) }

// referTo makes a profile refer to the file of its picture. by is who wants it, 0 the application's backend.
func (u *ProfileUpdate) referTo(tx *gorm.DB, by uint32, row *profileRow) error {
	if u.PictureURL == nil || *u.PictureURL == row.PictureURL {
		return nil
	}
	id, refused, err := usable(readFrom(tx), by, *u.PictureURL, time.Now().UnixMilli())
	switch {
	case err != nil:
		return err
	case refused != "":
		return pictureError(refused)
	}
	if err := tx.Exec(deleteRefs, int(refProfile), row.UID).Error; err != nil {
		return fmt.Errorf("write reference: %w", err)
	}
	if id == "" {
		return nil
	}
	if err := tx.Exec(insertRef, string(id), int(refProfile), row.UID, 0, string(id)).Error; err != nil {
		return fmt.Errorf("write reference: %w", err)
	}
	return nil
}

// updateProfile tells whether there is something that others have to be told. by is who wants it, 0 the application's
// backend; a pictureError is an error that is not the server's.
func (a *Accounts) updateProfile(ctx context.Context, by, uid uint32, up ProfileUpdate) (visible bool, err error) {
	err = a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var user userRow
		if err := tx.Where("uid = ?", uid).Take(&user).Error; err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		row := profileRow{UID: uid, Visibility: wire.VisibilityPublic, Changed: user.Created}
		if err := tx.Where("uid = ?", uid).Limit(1).Find(&row).Error; err != nil {
			return fmt.Errorf("read profile: %w", err)
		}
		if err := up.referTo(tx, by, &row); err != nil {
			return err
		}
		var changed bool
		if visible, changed = up.apply(&user, &row); !changed {
			return nil
		}
		if visible {
			row.Changed = time.Now().UnixMilli()
			if user.Rev, err = nextRev(tx); err != nil {
				return err
			}
			if err := tx.Save(&user).Error; err != nil {
				return fmt.Errorf("write user: %w", err)
			}
		}
		if err := tx.Save(&row).Error; err != nil {
			return fmt.Errorf("write profile: %w", err)
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("update profile: %w", err)
	}
	return visible, nil
}
