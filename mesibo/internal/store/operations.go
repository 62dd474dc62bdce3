package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// An operation is a request that waits for the server: it is stored with what it changes here, sent in order when
// there is a connection, and removed when it was answered. All of them may be repeated without harm.

func addOperation(tx *gorm.DB, op models.Operation) error {
	if op.Body == nil {
		return nil
	}
	var undo any
	if op.Undo != nil {
		b, err := json.Marshal(op.Undo)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		undo = string(b)
	}
	err := tx.Exec("INSERT INTO operations(account_id, kind, message_id, body, undo) VALUES(?, ?, ?, ?, ?)",
		op.AccountID, op.Kind, op.MessageID, op.Body, undo).Error
	if err != nil {
		return fmt.Errorf("queue request: %w", err)
	}
	return nil
}

// AddOperation queues a request.
func (s *Store) AddOperation(account int64, body []byte) error {
	return s.writeThrough(
		func(tx *gorm.DB) error { return addOperation(tx, models.Operation{AccountID: account, Body: body}) })
}

// WaitingOperation is an operation with what has become of the message it is about.
type WaitingOperation struct {
	models.Operation

	Mid    int64 // 0: it is about no message
	Status models.Status
	Gone   bool // the message does not exist any more
}

// Operations lists requests that wait, in order, after the one with id after.
func (s *Store) Operations(ctx context.Context, account, after int64, limit int) ([]WaitingOperation, error) {
	var ops []WaitingOperation
	err := s.read(ctx).Raw(`SELECT o.*, coalesce(m.mid, 0) AS mid, coalesce(m.status, 0) AS status,
			o.message_id <> 0 AND m.id IS NULL AS gone
		FROM operations o LEFT JOIN messages m ON m.id = o.message_id
		WHERE o.account_id = ? AND o.id > ? ORDER BY o.id LIMIT ?`, account, after, limit).Scan(&ops).Error
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	return ops, nil
}

// EndOperation removes a request that was answered. When it was refused, the messages that it changed are restored
// and returned.
func (s *Store) EndOperation(id int64, refused bool) (restored []models.Message, err error) {
	defer s.tidySoon() // of what was kept to restore
	err = s.write(func(tx *gorm.DB) error {
		restored = nil
		if refused {
			if restored, err = undo(tx, id); err != nil {
				return err
			}
		}
		if err := tx.Exec("DELETE FROM operations WHERE id = ?", id).Error; err != nil {
			return fmt.Errorf("remove request: %w", err)
		}
		return nil
	})
	return restored, err
}

// undo restores what a refused request changed. Where a later request has changed the same message, that one is to
// restore it so when it is refused as well, and until then its change stands.
func undo(tx *gorm.DB, id int64) ([]models.Message, error) {
	var op models.Operation
	if err := tx.Limit(1).Find(&op, id).Error; err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if op.Undo == nil {
		return nil, nil
	}
	var later []models.Operation
	if err := tx.Where("account_id = ? AND id > ? AND undo IS NOT NULL", op.AccountID, id).Order("id").Find(&later).
		Error; err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	if op.Undo.Reaction != nil {
		return undoReaction(tx, &op, later)
	}
	var restored []models.Message
	for _, m := range op.Undo.Messages {
		passed, err := passOn(tx, later, func(u *models.Undo) bool {
			i := slices.IndexFunc(u.Messages, func(o models.Message) bool { return o.ID == m.ID })
			if i >= 0 {
				u.Messages[i] = m
			}
			return i >= 0
		})
		if err != nil {
			return nil, err
		}
		if passed {
			continue
		}
		if err := restore(tx, &m, op.MessageID != 0); err != nil {
			return nil, err
		}
		if _, err := refreshUnread(tx, m.ChatID); err != nil {
			return nil, err
		}
		restored = append(restored, m)
	}
	return restored, nil
}

// passOn changes the first of several requests' undo that change accepts.
func passOn(tx *gorm.DB, later []models.Operation, change func(*models.Undo) bool) (bool, error) {
	for i := range later {
		if later[i].Undo == nil || !change(later[i].Undo) {
			continue
		}
		b, err := json.Marshal(later[i].Undo)
		if err != nil {
			return false, fmt.Errorf("encode request: %w", err)
		}
		if err := tx.Exec("UPDATE operations SET undo = ? WHERE id = ?", string(b), later[i].ID).Error; err != nil {
			return false, fmt.Errorf("store request: %w", err)
		}
		return true, nil
	}
	return false, nil
}

// restore restores what a message carried. An edit that was refused does not bring back what was recalled
// meanwhile.
func restore(tx *gorm.DB, m *models.Message, edit bool) error {
	content, err := contentColumn(m.Content)
	if err != nil {
		return err
	}
	err = errors.Join(
		tx.Exec(`UPDATE messages SET data = ?, kind = ?, content = ?, flags = ?
			WHERE id = ? AND (NOT ? OR flags & ? = 0)`,
			m.Data, m.Kind, content, m.Flags, m.ID, edit, flagDeleted).Error,
		reindex(tx, m),
	)
	if err != nil {
		return fmt.Errorf("restore message: %w", err)
	}
	return nil
}

func undoReaction(tx *gorm.DB, op *models.Operation, later []models.Operation) ([]models.Message, error) {
	before := *op.Undo.Reaction
	passed, err := passOn(tx, later, func(u *models.Undo) bool {
		same := u.Reaction != nil && u.Reaction.Mid == before.Mid
		if same {
			u.Reaction = &before
		}
		return same
	})
	if err != nil || passed {
		return nil, err
	}
	m, err := byMid(tx, before.AccountID, uint64(before.Mid))
	if err != nil || m.ID == 0 || m.Flags&flagDeleted != 0 {
		return nil, err
	}
	return []models.Message{m}, setReaction(tx, before)
}

// SetChat stores how a chat is to be treated and queues the request about it.
func (s *Store) SetChat(t Target, c ChatSettings, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		changed, err := setChat(tx, id, &c)
		if err != nil || !changed {
			return err
		}
		return addOperation(tx, models.Operation{AccountID: t.Account, Body: op})
	})
}

// SetBlock stores that a user is blocked, or not any more, and queues the request about it.
func (s *Store) SetBlock(account int64, b Block, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := setBlock(tx, account, &b); err != nil {
			return err
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}

// SetSelf stores this user's own profile as it is to be published, and queues the request about it.
func (s *Store) SetSelf(account int64, p models.Profile, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		p.AccountID = account
		if err := putProfile(tx, &p); err != nil {
			return err
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}

// SetGroupAdds stores who may add this user to groups, and queues the request about it.
func (s *Store) SetGroupAdds(account int64, adders int, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := tx.Exec("UPDATE accounts SET group_adds = ? WHERE id = ?", adders, account).Error; err != nil {
			return fmt.Errorf("store who may add to groups: %w", err)
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}

// SetVisibility stores who sees when this user is online, and queues the request about it.
func (s *Store) SetVisibility(account int64, visibility int, op []byte) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		if err := tx.Exec("UPDATE accounts SET visibility = ? WHERE id = ?", visibility, account).Error; err != nil {
			return fmt.Errorf("store visibility: %w", err)
		}
		return addOperation(tx, models.Operation{AccountID: account, Body: op})
	})
}
