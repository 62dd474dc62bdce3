package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/parley-chat/parley/models"
)

// Invitation is one to a group that was made, or is over. Both rows are without account.
type Invitation struct {
	Row     models.Invitation
	Profile models.Profile // of the group
	Over    bool
}

func (a *applier) invitation(v *Invitation) error {
	v.Row.AccountID, v.Profile.AccountID = a.account.ID, a.account.ID
	if v.Over {
		if err := endInvitation(a.tx, a.account.ID, v.Row.GroupID); err != nil {
			return err
		}
	} else {
		err := a.tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&v.Row).Error
		if err != nil {
			return fmt.Errorf("store invitation: %w", err)
		}
		if err := putProfile(a.tx, &v.Profile); err != nil {
			return err
		}
	}
	a.changes = append(a.changes, Change{Invitation: v})
	return nil
}

func endInvitation(tx *gorm.DB, account, group int64) error {
	err := tx.Exec("DELETE FROM invitations WHERE account_id = ? AND group_id = ?", account, group).Error
	if err != nil {
		return fmt.Errorf("remove invitation: %w", err)
	}
	return nil
}

// AnswerInvitation removes an invitation and queues the answer to it.
func (s *Store) AnswerInvitation(account int64, group uint32, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := endInvitation(tx, account, int64(group)); err != nil {
			return err
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}

// Invitations lists the open invitations, the newest first.
func (s *Store) Invitations(ctx context.Context, account int64) ([]models.Invitation, error) {
	var rows []models.Invitation
	err := s.read(ctx).Where("account_id = ?", account).Order("ts DESC, group_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return rows, nil
}
