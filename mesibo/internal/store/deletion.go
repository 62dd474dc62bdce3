package store

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Deletion says which messages to delete.
type Deletion struct {
	Mids []uint64
	// Mark leaves a mark that the message was recalled, instead of nothing.
	Mark bool
	// Op makes the request that takes the messages of one chat back; nil for none.
	Op func(peer string, group uint32, mids []uint64) ([]byte, error)
}

// Delete deletes messages by their ids and returns those that were there, as they are now. Own ones that wait are
// withdrawn, unless they may have been sent already; those stay until they have arrived.
func (s *Store) Delete(account int64, d Deletion) (gone []models.Message, withdrawn int, err error) {
	defer s.tidySoon()
	err = s.writeThrough(func(tx *gorm.DB) error {
		gone, withdrawn = nil, 0
		chats := make(map[int64][]models.Message)
		for _, mid := range d.Mids {
			m, err := byMid(withTarget(tx), account, mid)
			if err != nil {
				return err
			}
			if m.ID == 0 || m.Status == models.StatusOutbox && m.Tried {
				continue
			}
			if m.Status == models.StatusOutbox {
				withdrawn++
			}
			chats[m.ChatID] = append(chats[m.ChatID], m)
			if err := remove(tx, &m, d.Mark && m.Status != models.StatusOutbox); err != nil {
				return err
			}
			gone = append(gone, m)
		}
		for chat, ms := range chats {
			if _, err := refreshUnread(tx, chat); err != nil {
				return err
			}
			if err := refreshLast(tx, chat); err != nil {
				return err
			}
			if err := queueRecall(tx, account, ms, d); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, withdrawn, err
}

// queueRecall queues the requests that take messages of one chat back. before are the messages as they were.
func queueRecall(tx *gorm.DB, account int64, before []models.Message, d Deletion) error {
	if d.Op == nil {
		return nil
	}
	const most = 100 // in one request
	for len(before) > 0 {
		part := before[:min(len(before), most)]
		before = before[len(part):]
		op := models.Operation{AccountID: account}
		var mids []uint64
		for _, m := range part {
			if m.Mid > lowMask {
				mids = append(mids, uint64(m.Mid))
			}
		}
		if len(mids) == 0 {
			continue
		}
		if d.Mark {
			op.Undo = &models.Undo{Messages: part}
		}
		var err error
		if op.Body, err = d.Op(part[0].Peer, uint32(part[0].GroupID), mids); err != nil {
			return err
		}
		if err := addOperation(tx, op); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes one message, or leaves a mark.
func remove(tx *gorm.DB, m *models.Message, mark bool) error {
	if mark {
		return wipe(tx, m)
	}
	err := errors.Join(
		tx.Exec("DELETE FROM messages WHERE id = ?", m.ID).Error,
		tx.Exec("DELETE FROM reactions WHERE account_id = ? AND mid = ?", m.AccountID, m.Mid).Error,
	)
	if err == nil && (m.Mid > lowMask || IsImported(m.Mid)) {
		err = tx.Exec("INSERT OR IGNORE INTO removed(account_id, mid) VALUES(?, ?)", m.AccountID, m.Mid).Error
	}
	if err != nil {
		return fmt.Errorf("delete message: %w", err)
	}
	return nil
}

// Criteria say which messages of a chat are meant: those that meet all of them. Zero values are no criteria.
type Criteria struct {
	Before uint64  // older than this, ms since the Unix epoch
	Mid    uint64  // the id, or the low half of an own message's
	Sender *string // the address, empty for this user
	Type   int64
	Flags  int64 // all of them
	Ts     int64
	RefID  int64
	Status int64
}

// conditions returns the criteria but Before as conditions of SQL and their arguments.
func (c *Criteria) conditions() (conditions []string, args []any) {
	for _, one := range []struct {
		column string
		value  int64
	}{{"type", c.Type}, {"ts", c.Ts}, {"ref_id", c.RefID}, {"status", c.Status}} {
		if one.value != 0 {
			conditions, args = append(conditions, one.column+" = ?"), append(args, one.value)
		}
	}
	if c.Flags != 0 {
		conditions, args = append(conditions, "flags & ? = ?"), append(args, c.Flags, c.Flags)
	}
	if c.Sender != nil {
		conditions, args = append(conditions, "sender = ? COLLATE NOCASE"), append(args, *c.Sender)
	}
	return conditions, args
}

// DeleteMatching removes the messages of a chat that meet criteria, and keeps them from coming back. An own
// message that may be on its way stays.
func (s *Store) DeleteMatching(t Target, c Criteria) error {
	defer s.tidySoon()
	conditions, args := c.conditions()
	if c.Mid == 0 && len(conditions) == 0 {
		return s.DeleteBefore(t, c.Before)
	}
	if c.Before != 0 {
		conditions, args = append(conditions, "ts < ?"), append(args, int64(min(c.Before, 1<<63-1)))
	}
	return s.writeThrough(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		q := tx.Model(&models.Message{}).Where("chat_id = ? AND NOT (status = 0 AND tried = 1)", id)
		if len(conditions) > 0 {
			q = q.Where(strings.Join(conditions, " AND "), args...)
		}
		if c.Mid != 0 {
			m, err := find(tx.Where("chat_id = ?", id), t.Account, c.Mid)
			if err != nil {
				return err
			}
			if m.ID == 0 {
				return ErrNotFound
			}
			q = q.Where("id = ?", m.ID)
		}
		var found []models.Message
		if err := q.Select("id", "mid", "account_id").Find(&found).Error; err != nil {
			return fmt.Errorf("find messages to delete: %w", err)
		}
		for i := range found {
			if err := remove(tx, &found[i], false); err != nil {
				return err
			}
		}
		if err := refreshLast(tx, id); err != nil {
			return err
		}
		_, err = refreshUnread(tx, id)
		return err
	})
}

// DeleteBefore removes the messages of a chat that are older than ts, 0 for all, and keeps them from coming
// back.
func (s *Store) DeleteBefore(t Target, ts uint64) error {
	defer s.tidySoon()
	until := int64(min(ts, 1<<63-1))
	if ts == 0 {
		until = 1<<63 - 1
	}
	return s.writeThrough(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		for _, q := range []string{
			numbered(`UPDATE chats SET cleared_ts = max(cleared_ts, (SELECT coalesce(max(ts), 0) FROM messages
				WHERE chat_id = @chat AND ts < @until AND mid >= {FirstServer})) WHERE id = @chat`),
			`DELETE FROM reactions WHERE mid IN (SELECT mid FROM messages WHERE chat_id = @chat AND ts < @until)
				AND account_id = (SELECT account_id FROM chats WHERE id = @chat)`,
			numbered(
				`DELETE FROM messages WHERE chat_id = @chat AND ts < @until AND NOT (status = {Outbox} AND tried = 1)`),
		} {
			if err := tx.Exec(q, map[string]any{"chat": id, "until": until}).Error; err != nil {
				return fmt.Errorf("delete messages: %w", err)
			}
		}
		if err := refreshLast(tx, id); err != nil {
			return err
		}
		_, err = refreshUnread(tx, id)
		return err
	})
}
