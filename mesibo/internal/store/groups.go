package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

// putGroup stores what the server says of a group; this user's own rights stay as they are.
func putGroup(tx *gorm.DB, g *models.Group, p *models.Profile) error {
	err := tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "account_id"}, {Name: "group_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"flags", "expiry", "members", "created"}),
	}).Create(g).Error
	if err != nil {
		return fmt.Errorf("store group: %w", err)
	}
	return putProfile(tx, p)
}

// putMembers adds members, or changes their rights.
func putMembers(tx *gorm.DB, members []models.GroupMember) error {
	for len(members) > 0 {
		n := min(len(members), 200)
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "group_id"}, {Name: "address"}},
			DoUpdates: clause.AssignmentColumns([]string{"flags", "admin_flags"}),
		}).Create(members[:n]).Error
		if err != nil {
			return fmt.Errorf("store members: %w", err)
		}
		members = members[n:]
	}
	return nil
}

func dropMembers(tx *gorm.DB, members []models.GroupMember) error {
	for _, m := range members {
		err := tx.Exec("DELETE FROM group_members WHERE account_id = ? AND group_id = ? AND address = ?",
			m.AccountID, m.GroupID, m.Address).Error
		if err != nil {
			return fmt.Errorf("remove member: %w", err)
		}
	}
	return nil
}

// PutGroup stores what the server answered of a group, with this user's own rights; joined is false for one that
// this user does not belong to.
func (s *Store) PutGroup(g models.Group, p models.Profile) error {
	return s.write(func(tx *gorm.DB) error {
		if err := putGroup(tx, &g, &p); err != nil {
			return err
		}
		err := tx.Exec(
			"UPDATE groups SET joined = ?, own_flags = ?, own_admin_flags = ? WHERE account_id = ? AND group_id = ?",
			g.Joined, g.OwnFlags, g.OwnAdminFlags, g.AccountID, g.GroupID).Error
		if err != nil {
			return fmt.Errorf("store membership: %w", err)
		}
		return nil
	})
}

// PutMembers stores a page of a group's members; first says that it is the first page, so that who is stored and
// not listed has left.
func (s *Store) PutMembers(account int64, group uint32, members []models.GroupMember, first bool) error {
	return s.write(func(tx *gorm.DB) error {
		if first {
			err := tx.Exec("DELETE FROM group_members WHERE account_id = ? AND group_id = ?", account, group).Error
			if err != nil {
				return fmt.Errorf("store members: %w", err)
			}
		}
		for i := range members {
			members[i].AccountID, members[i].GroupID = account, int64(group)
		}
		return putMembers(tx, members)
	})
}

// Group looks a group up; ErrNotFound when nothing is known of it.
func (s *Store) Group(ctx context.Context, account int64, group uint32) (models.Group, error) {
	var g models.Group
	err := s.read(ctx).Where("account_id = ? AND group_id = ?", account, group).Take(&g).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return g, ErrNotFound
	}
	if err != nil {
		return g, fmt.Errorf("look up group: %w", err)
	}
	return g, nil
}

// Members lists the members of a group that are known here, those with rights first, then by address.
func (s *Store) Members(ctx context.Context, account int64, group uint32) ([]models.GroupMember, error) {
	var ms []models.GroupMember
	err := s.read(ctx).Where("account_id = ? AND group_id = ?", account, group).Order("admin_flags DESC, address").
		Find(&ms).Error
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return ms, nil
}
