package accounts

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// ProfileUpdate changes a profile; nil fields are unchanged.
type ProfileUpdate struct {
	Name       *string
	Status     *string // a line about the user
	PictureURL *string // the full picture
	Picture    []byte  // thumbnail, JPEG or PNG; empty but not nil removes it
	Visibility *uint32 // VISIBILITY_* of the API
	GroupAdds  *uint32 // who may add the user to groups, VISIBILITY_* of the API
}

// Check refuses invalid fields.
func (u *ProfileUpdate) Check() error {
	if u.Name != nil {
		if err := ValidName(*u.Name); err != nil {
			return err
		}
	}
	if u.Status != nil {
		if err := ValidStatus(*u.Status); err != nil {
			return err
		}
	}
	if u.PictureURL != nil {
		if err := ValidURL(*u.PictureURL); err != nil {
			return err
		}
	}
	if u.Visibility != nil && *u.Visibility > wire.VisibilityContact {
		return refusal.Bad("the visibility is not valid")
	}
	if u.GroupAdds != nil && *u.GroupAdds > wire.VisibilityContact {
		return refusal.Bad("it is not valid who may add the user to groups")
	}
	return ValidPicture(u.Picture)
}

// profileRow is a row of the table profiles; the name is in users.
type profileRow struct {
	UID        uint32 `gorm:"column:uid;primaryKey"`
	Status     string
	Picture    []byte
	PictureURL string `gorm:"column:picture_url"`
	Visibility uint32
	GroupAdds  int64 `gorm:"column:group_adds"` // -1: the server's default
	Changed    int64
}

func (profileRow) TableName() string { return "profiles" }

// apply changes the rows; visible reports whether other users see a difference, changed whether a row must be written.
func (u *ProfileUpdate) apply(user *UserRow, row *profileRow) (visible, changed bool) {
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
	if u.GroupAdds != nil {
		hidden = assign(&row.GroupAdds, int64(*u.GroupAdds)) || hidden
	}
	return visible, visible || hidden
}

// ormReader is a record.Reader on a GORM transaction.
type ormReader struct{ tx *gorm.DB }

// Query implements record.Reader.
func (r ormReader) Query(text string, args []any, each func(record.Row) error) error {
	rows, err := r.tx.Raw(text, args...).Rows()
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err has the error
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// referTo updates the profile's reference to the file of its picture. by is the user who changes it, 0 for the
// application's backend.
func (u *ProfileUpdate) referTo(tx *gorm.DB, by uint32, row *profileRow) error {
	if u.PictureURL == nil || *u.PictureURL == row.PictureURL {
		return nil
	}
	id, err := fileref.Usable(ormReader{tx}, by, *u.PictureURL, time.Now().UnixMilli())
	if err != nil {
		return err
	}
	statements := []fileref.Statement{fileref.RemoveRef(fileref.OfProfile, int64(row.UID))}
	if id != "" {
		statements = append(statements, fileref.SetRef(fileref.OfProfile, int64(row.UID), id, 0))
	}
	for _, st := range statements {
		if err := tx.Exec(st.Text, st.Args...).Error; err != nil {
			return fmt.Errorf("write reference: %w", err)
		}
	}
	return nil
}

// UpdateProfile changes the profile of a user and reports whether other users can see a difference. by is the user who
// changes it, 0 for the application's backend; a picture that this user may not use is refused.
func (a *Accounts) UpdateProfile(ctx context.Context, by, uid uint32, up ProfileUpdate) (visible bool, err error) {
	err = a.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var user UserRow
		if err := tx.Where("uid = ?", uid).Take(&user).Error; err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		row := profileRow{UID: uid, Visibility: wire.VisibilityPublic, GroupAdds: -1, Changed: user.Created}
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

// assign sets a value and reports whether it has changed.
func assign[T comparable](to *T, v T) (changed bool) {
	changed = *to != v
	*to = v
	return changed
}
