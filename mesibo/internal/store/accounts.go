package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

const visibilityPublic = 1 // the reference's VISIBILITY_PUBLIC

// Account returns the account with this address, making it when it is new.
func (s *Store) Account(address string) (models.Account, error) {
	var a models.Account
	err := s.writeThrough(func(tx *gorm.DB) error {
		a = models.Account{}
		err := tx.Where("address = ?", address).Limit(1).Find(&a).Error
		if err == nil && a.ID == 0 {
			a.Address, a.Visibility, a.GroupAdds = address, visibilityPublic, visibilityPublic
			err = tx.Create(&a).Error
		}
		if err != nil {
			return fmt.Errorf("look up account: %w", err)
		}
		return nil
	})
	return a, err
}

// Welcome is what the server says of an account when a connection begins.
type Welcome struct {
	UID          uint32
	Name         string
	Epoch, Start uint64
	GroupAdds    *uint32 // VISIBILITY_*; nil: the server does not say
}

// Welcome stores what the server said of the account. A new epoch forgets the cursor: the log is read
// again from start, and messages that are here already only get their new numbers.
func (s *Store) Welcome(account int64, w *Welcome) (models.Account, error) {
	var a models.Account
	epoch, start := w.Epoch, w.Start
	err := s.write(func(tx *gorm.DB) error {
		a = models.Account{}
		if err := tx.Take(&a, account).Error; err != nil {
			return fmt.Errorf("look up account: %w", err)
		}
		a.UID, a.Name = int64(w.UID), w.Name
		if w.GroupAdds != nil {
			a.GroupAdds = int64(*w.GroupAdds)
		}
		if a.Epoch != int64(epoch) {
			if a.Epoch != 0 {
				a.Base += a.Cursor
				if err := forgetNumbers(tx, account); err != nil {
					return err
				}
			}
			a.Epoch, a.Cursor, a.CursorMark, a.ProfileRevision = int64(epoch), int64(start), 0, 0
		}
		if a.Cursor < int64(start) { // the server no longer has the events in between
			a.Cursor, a.CursorMark = int64(start), 0
		}
		if err := tx.Save(&a).Error; err != nil {
			return fmt.Errorf("store account: %w", err)
		}
		return nil
	})
	return a, err
}

// PutProfiles adds profiles as they are published, or brings them up to date; what is this user's own of them
// stays. revision is stored with them when it is not 0.
func (s *Store) PutProfiles(account int64, profiles []models.Profile, groups []models.Group, revision uint64) error {
	return s.write(func(tx *gorm.DB) error {
		for i := range profiles {
			profiles[i].AccountID = account
			if err := putProfile(tx, &profiles[i]); err != nil {
				return err
			}
		}
		for i := range groups {
			groups[i].AccountID = account
			err := tx.Clauses(clause.OnConflict{
				Columns:   []clause.Column{{Name: "account_id"}, {Name: "group_id"}},
				DoUpdates: clause.AssignmentColumns([]string{"flags", "expiry", "members", "created"}),
			}).Create(&groups[i]).Error
			if err != nil {
				return fmt.Errorf("store group: %w", err)
			}
		}
		if revision == 0 {
			return nil
		}
		err := tx.Exec("UPDATE accounts SET profile_revision = ? WHERE id = ?", int64(revision), account).Error
		if err != nil {
			return fmt.Errorf("store profile revision: %w", err)
		}
		return nil
	})
}

// putProfile stores what is published of a user or group.
func putProfile(tx *gorm.DB, p *models.Profile) error {
	p.ID = 0
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "account_id"}, {Name: "address"}, {Name: "group_id"}},
		DoUpdates: clause.AssignmentColumns(
			[]string{"name", "status", "picture", "picture_url", "updated_at", "address"}),
	}).Create(p).Error
	if err != nil {
		return fmt.Errorf("store profile: %w", err)
	}
	return nil
}

// SetProfile stores this user's own part of a profile: its local name, flags, and last sign of life.
func (s *Store) SetProfile(p models.Profile) error {
	return s.write(func(tx *gorm.DB) error {
		p.ID = 0
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "address"}, {Name: "group_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"local_name", "flags", "last_active"}),
		}).Create(&p).Error
		if err != nil {
			return fmt.Errorf("store profile: %w", err)
		}
		return nil
	})
}

// DeleteProfile removes a profile.
func (s *Store) DeleteProfile(t Target) error {
	return s.write(func(tx *gorm.DB) error {
		err := tx.Where("account_id = ? AND address = ? AND group_id = ?", t.Account, t.Peer, t.Group).
			Delete(&models.Profile{}).Error
		if err != nil {
			return fmt.Errorf("delete profile: %w", err)
		}
		return nil
	})
}

// Picture returns the thumbnail of a user or group, nil without one.
func (s *Store) Picture(ctx context.Context, t Target) ([]byte, error) {
	var p models.Profile
	err := s.read(ctx).Select("picture").
		Where("account_id = ? AND address = ? AND group_id = ?", t.Account, t.Peer, t.Group).
		Limit(1).Find(&p).Error
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	return p.Picture, nil
}

// Recent lists the chats with the newest messages.
func (s *Store) Recent(ctx context.Context, account int64, limit int) ([]models.Chat, error) {
	var chats []models.Chat
	err := s.read(ctx).Where("account_id = ? AND last_id > 0", account).Order("last_position DESC").Limit(limit).
		Find(&chats).Error
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	return chats, nil
}

// Profiles lists all profiles of an account, without their pictures.
func (s *Store) Profiles(ctx context.Context, account int64) ([]models.Profile, error) {
	var ps []models.Profile
	if err := s.read(ctx).Omit("picture").Where("account_id = ?", account).Find(&ps).Error; err != nil {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	return ps, nil
}

// Tables is a set of tables to empty.
type Tables struct{ Messages, Profiles, Keys bool }

// Empty deletes the contents of tables for all accounts.
func (s *Store) Empty(t Tables) error {
	defer s.tidySoon()
	return s.write(func(tx *gorm.DB) error {
		var statements []string
		if t.Messages {
			statements = append(statements, "DELETE FROM messages", "DELETE FROM chats")
			clear(s.chats)
		}
		if t.Profiles {
			statements = append(statements, "DELETE FROM profiles", "UPDATE accounts SET profile_revision = 0")
		}
		if t.Keys {
			statements = append(statements, "DELETE FROM key_values")
		}
		for _, q := range statements {
			if err := tx.Exec(q).Error; err != nil {
				return fmt.Errorf("empty tables: %w", err)
			}
		}
		return nil
	})
}
