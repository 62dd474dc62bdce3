package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Message looks one message up by its id; ErrNotFound when it is not there.
func (s *Store) Message(ctx context.Context, account int64, mid uint64) (models.Message, error) {
	m, err := byMid(withTarget(s.read(ctx)), account, mid)
	if err == nil && m.ID == 0 {
		err = ErrNotFound
	}
	return m, err
}

// OwnMessage looks an own message up by the low half of its id; ErrNotFound when it is not there.
func (s *Store) OwnMessage(ctx context.Context, t Target, low uint32) (models.Message, error) {
	var m models.Message
	err := withTarget(s.read(ctx)).Where(`messages.account_id = ? AND messages.mid & 4294967295 = ? AND messages.nonce IS NOT NULL
		AND chats.peer = ? AND chats.group_id = ?`, t.Account, low, t.Peer, t.Group).Limit(1).Find(&m).Error
	if err != nil {
		return m, fmt.Errorf("look up message: %w", err)
	}
	if m.ID == 0 {
		return m, ErrNotFound
	}
	return m, nil
}

// withTarget reads messages with the conversation they belong to.
func withTarget(q *gorm.DB) *gorm.DB {
	return q.Table("messages").Select("messages.*, chats.peer, chats.group_id").Joins("JOIN chats ON chats.id = messages.chat_id")
}

// Save stores a message that is not sent: the record of a call, a notice, or an application's own. It stands behind what is
// there, and its conversation behind no other.
func (s *Store) Save(t Target, m *models.Message) error {
	defer s.indexSoon()
	return s.writeThrough(func(tx *gorm.DB) error {
		chat, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		content, err := contentColumn(m.Content)
		if err != nil {
			return err
		}
		m.ID, m.ChatID, m.AccountID = 0, chat, t.Account
		var stored models.Message
		err = tx.Raw(`INSERT INTO messages(chat_id, account_id, mid, position, status, flags, type, ts, ref_id, nonce, data, kind, content)
			SELECT ?, ?, ?, max(
				coalesce((SELECT max(position) FROM messages WHERE chat_id = ? AND position < ?), 0),
				coalesce((SELECT max(last_position) FROM chats WHERE account_id = ? AND last_position < ?), 0)) + 1,
				?, ?, ?, ?, ?, ?, ?, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM messages WHERE account_id = ? AND mid & 4294967295 = ? AND nonce IS NOT NULL AND chat_id = ?)
			RETURNING id, position`,
			chat, m.AccountID, m.Mid, chat, positionWaiting, t.Account, positionWaiting,
			m.Status, m.Flags, m.Type, m.Ts, m.RefID, m.Nonce, m.Data, m.Kind, content,
			t.Account, m.Mid&lowMask, chat).Scan(&stored).Error
		if err != nil {
			return fmt.Errorf("store message: %w", err)
		}
		if stored.ID == 0 {
			return ErrDuplicate
		}
		m.ID, m.Position = stored.ID, stored.Position
		return setLast(tx, chat, m.ID, m.Position)
	})
}

// Edit replaces what an own message carries, and says how: a message that was never sent simply changes; for another one op is
// queued, a request that tells the server. ErrNotFound: there is no such own message, or it failed or was taken back.
func (s *Store) Edit(t Target, mid uint64, row models.Message, op []byte) (m models.Message, err error) {
	account := t.Account
	err = s.writeThrough(func(tx *gorm.DB) error {
		m, err = byMid(withTarget(tx), account, mid)
		if err != nil {
			return err
		}
		if m.ID == 0 || !t.is(&m) || m.Nonce == nil || m.Status > statusRead || m.Flags&flagDeleted != 0 {
			return ErrNotFound
		}
		if sameMessage(&m, &row) {
			return nil
		}
		before := m
		if err := replace(tx, &m, &row); err != nil {
			return err
		}
		if m.Status == statusOutbox { // perhaps nobody has seen it: the server marks it if it has
			m.Flags = before.Flags
			if err := tx.Exec("UPDATE messages SET flags = ? WHERE id = ?", before.Flags, m.ID).Error; err != nil {
				return fmt.Errorf("change message: %w", err)
			}
			if !m.Tried {
				return nil
			}
		}
		return addOperation(tx, models.Operation{
			AccountID: account, Kind: models.OperationModify, MessageID: m.ID, Body: op, Undo: &models.Undo{Messages: []models.Message{before}},
		})
	})
	return m, err
}

// React stores this user's reaction to a message of a conversation and queues the request that tells the server.
func (s *Store) React(t Target, r models.Reaction, op []byte) (m models.Message, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		m, err = byMid(withTarget(tx), r.AccountID, uint64(r.Mid))
		if err != nil {
			return err
		}
		if m.ID == 0 || m.Flags&flagDeleted != 0 || m.Status == statusCustom || !t.is(&m) {
			return ErrNotFound
		}
		before := models.Reaction{AccountID: r.AccountID, Mid: r.Mid, Address: r.Address}
		err := tx.Where("account_id = ? AND mid = ? AND address = ?", r.AccountID, r.Mid, r.Address).Limit(1).Find(&before).Error
		if err != nil {
			return fmt.Errorf("read reaction: %w", err)
		}
		if before.Emoji == r.Emoji {
			return nil
		}
		if err := setReaction(tx, r); err != nil {
			return err
		}
		return addOperation(tx, models.Operation{
			AccountID: r.AccountID, Kind: models.OperationReact, MessageID: m.ID, Body: op, Undo: &models.Undo{Reaction: &before},
		})
	})
	return m, err
}

// Reactions gives the reactions to messages, by id.
func (s *Store) Reactions(ctx context.Context, account int64, mids []int64) (map[int64][]models.Reaction, error) {
	var rows []models.Reaction
	err := s.read(ctx).Where("account_id = ? AND mid IN ?", account, mids).Order("ts, address").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read reactions: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	out := make(map[int64][]models.Reaction)
	for _, r := range rows {
		out[r.Mid] = append(out[r.Mid], r)
	}
	return out, nil
}

// ReceiptOf is when one recipient had a message, and read it; ms since the Unix epoch, 0 not yet.
type ReceiptOf struct {
	Address         string
	Delivered, Read int64
}

// Receipts gives who has received and read an own message.
func (s *Store) Receipts(ctx context.Context, m *models.Message) ([]ReceiptOf, error) {
	var rows []struct {
		Address string
		Status  int64
		Ts      int64
	}
	err := s.read(ctx).Raw(`SELECT address, status, min(ts) AS ts FROM receipts WHERE chat_id = ? AND position >= ?
		GROUP BY address, status ORDER BY address, status`, m.ChatID, m.Position).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read receipts: %w", err)
	}
	var out []ReceiptOf
	for _, r := range rows {
		if len(out) == 0 || !strings.EqualFold(out[len(out)-1].Address, r.Address) {
			out = append(out, ReceiptOf{Address: r.Address})
		}
		last := &out[len(out)-1]
		switch r.Status {
		case statusDelivered:
			last.Delivered = r.Ts
		case statusRead:
			last.Read = r.Ts
			if last.Delivered == 0 || last.Delivered > r.Ts {
				last.Delivered = r.Ts
			}
		}
	}
	return out, nil
}

// Deletion says which messages to delete.
type Deletion struct {
	Mids []uint64
	// Mark leaves a mark that the message was taken back, instead of nothing.
	Mark bool
	// Op makes the request that takes the messages of one conversation back; nil for none.
	Op func(peer string, group uint32, mids []uint64) ([]byte, error)
}

// Delete deletes messages by their ids and returns those that were there, as they are now. Own ones that wait are withdrawn, unless they
// may have been sent already; those stay until they have arrived.
func (s *Store) Delete(account int64, d Deletion) (gone []models.Message, withdrawn int, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		gone, withdrawn = nil, 0
		chats := make(map[int64][]models.Message)
		for _, mid := range d.Mids {
			m, err := byMid(withTarget(tx), account, mid)
			if err != nil {
				return err
			}
			if m.ID == 0 || m.Status == statusOutbox && m.Tried {
				continue
			}
			if m.Status == statusOutbox {
				withdrawn++
			}
			chats[m.ChatID] = append(chats[m.ChatID], m)
			if err := remove(tx, &m, d.Mark && m.Status != statusOutbox); err != nil {
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

// queueRecall queues the requests that take messages of one conversation back. before are the messages as they were.
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
	if err == nil && m.Mid > lowMask {
		err = tx.Exec("INSERT OR IGNORE INTO removed(account_id, mid) VALUES(?, ?)", m.AccountID, m.Mid).Error
	}
	if err != nil {
		return fmt.Errorf("delete message: %w", err)
	}
	return nil
}

// DeleteBefore removes the messages of a conversation that are older than ts, 0 for all, and keeps them from coming back. An own message
// that may be on its way stays.
func (s *Store) DeleteBefore(t Target, ts uint64) error {
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
			`UPDATE chats SET cleared_ts = max(cleared_ts, (SELECT coalesce(max(ts), 0) FROM messages WHERE chat_id = @chat AND ts < @until
				AND mid >= 4294967296)) WHERE id = @chat`,
			`DELETE FROM reactions WHERE mid IN (SELECT mid FROM messages WHERE chat_id = @chat AND ts < @until)
				AND account_id = (SELECT account_id FROM chats WHERE id = @chat)`,
			`DELETE FROM messages WHERE chat_id = @chat AND ts < @until AND NOT (status = 0 AND tried = 1)`,
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

// Counts of one conversation, or of all.
type Counts struct {
	Total, Unread, Sent, Received, Failed int
}

// CountMessages counts the messages of a conversation, or of all when chat is 0.
func (s *Store) CountMessages(ctx context.Context, account, chat int64) (Counts, error) {
	q := s.read(ctx).Table("messages").Select(`count(*) AS total,
		coalesce(sum(status = 18), 0) AS unread, coalesce(sum(status BETWEEN 1 AND 3), 0) AS sent,
		coalesce(sum(status IN (18, 19)), 0) AS received, coalesce(sum(status >= 128), 0) AS failed`)
	if chat != 0 {
		q = q.Where("chat_id = ?", chat)
	} else {
		q = q.Where("account_id = ?", account)
	}
	var c Counts
	if err := q.Scan(&c).Error; err != nil {
		return c, fmt.Errorf("count messages: %w", err)
	}
	return c, nil
}

// CountStatus counts the messages with one status.
func (s *Store) CountStatus(ctx context.Context, account, chat int64, status int) (int, error) {
	q := s.read(ctx).Table("messages").Where("status = ?", status)
	if chat != 0 {
		q = q.Where("chat_id = ?", chat)
	} else {
		q = q.Where("account_id = ?", account)
	}
	var n int64
	if err := q.Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count messages: %w", err)
	}
	return int(n), nil
}
