package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Message looks one message up by its id, or an own one by the low half of it. ErrNotFound when it is not there,
// ErrAmbiguous when several have the low half.
func (s *Store) Message(ctx context.Context, account int64, mid uint64) (models.Message, error) {
	m, err := find(withTarget(s.read(ctx)), account, mid)
	if err == nil && m.ID == 0 {
		err = ErrNotFound
	}
	return m, err
}

// MessageOf is Message for one chat.
func (s *Store) MessageOf(ctx context.Context, t Target, mid uint64) (models.Message, error) {
	m, err := find(t.within(withTarget(s.read(ctx))), t.Account, mid)
	if err == nil && m.ID == 0 {
		err = ErrNotFound
	}
	return m, err
}

// OwnMessage looks an own message up by the low half of its id; ErrNotFound when it is not there.
func (s *Store) OwnMessage(ctx context.Context, t Target, low uint32) (models.Message, error) {
	var m models.Message
	err := withTarget(s.read(ctx)).Where(numbered(`messages.account_id = ? AND messages.mid & {LowMask} = ?
		AND messages.nonce IS NOT NULL AND chats.peer = ? AND chats.group_id = ?`),
		t.Account, low, t.Peer, t.Group).Limit(1).Find(&m).Error
	if err != nil {
		return m, fmt.Errorf("look up message: %w", err)
	}
	if m.ID == 0 {
		return m, ErrNotFound
	}
	return m, nil
}

// within leaves the messages of one chat.
func (t Target) within(q *gorm.DB) *gorm.DB {
	return q.Where("chats.peer = ? AND chats.group_id = ?", t.Peer, t.Group)
}

// withTarget reads messages with the chat they belong to.
func withTarget(q *gorm.DB) *gorm.DB {
	return q.Table("messages").Select("messages.*, chats.peer, chats.group_id").
		Joins("JOIN chats ON chats.id = messages.chat_id")
}

// Save stores a message that is not sent: the record of a call, a notice, or an application's own. It stands behind
// what is there, and its chat behind no other.
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
		err = tx.Raw(numbered(`INSERT INTO messages(chat_id, account_id, mid, position, status, flags, type, ts, ref_id,
				nonce, data, kind, content)
			SELECT ?, ?, ?, max(
				coalesce((SELECT max(position) FROM messages WHERE chat_id = ? AND position < ?), 0),
				coalesce((SELECT max(last_position) FROM chats WHERE account_id = ? AND last_position < ?), 0)) + 1,
				?, ?, ?, ?, ?, ?, ?, ?, ?
			WHERE NOT EXISTS (SELECT 1 FROM messages
				WHERE account_id = ? AND mid & {LowMask} = ? AND nonce IS NOT NULL AND chat_id = ?)
			RETURNING id, position`),
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

// Edit replaces what an own message carries, and says how: a message that was never sent simply changes; for
// another one op is queued, a request to the server. ErrNotFound: there is no such own message, or it
// failed or was recalled.
func (s *Store) Edit(t Target, mid uint64, row models.Message, op []byte) (m models.Message, err error) {
	defer s.tidySoon()
	account := t.Account
	err = s.writeThrough(func(tx *gorm.DB) error {
		m, err = find(t.within(withTarget(tx)), account, mid)
		if err != nil {
			return err
		}
		if m.ID == 0 || m.Nonce == nil || m.Status > models.StatusRead || m.Flags&flagDeleted != 0 {
			return ErrNotFound
		}
		if sameMessage(&m, &row) {
			return nil
		}
		before := m
		if err := replace(tx, &m, &row); err != nil {
			return err
		}
		if m.Status == models.StatusOutbox { // perhaps nobody has seen it: the server marks it if it has
			m.Flags = before.Flags
			if err := tx.Exec("UPDATE messages SET flags = ? WHERE id = ?", before.Flags, m.ID).Error; err != nil {
				return fmt.Errorf("change message: %w", err)
			}
			if !m.Tried {
				return nil
			}
		}
		return addOperation(tx, models.Operation{
			AccountID: account, Kind: models.OperationModify, MessageID: m.ID, Body: op,
			Undo: &models.Undo{Messages: []models.Message{before}},
		})
	})
	return m, err
}

// React stores this user's reaction to a message of a chat and queues the request to the server.
func (s *Store) React(t Target, r models.Reaction, op []byte) (m models.Message, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		r := r
		m, err = find(t.within(withTarget(tx)), r.AccountID, uint64(r.Mid))
		if err != nil {
			return err
		}
		if m.ID == 0 || m.Flags&flagDeleted != 0 || m.Status == models.StatusCustom || IsImported(m.Mid) {
			return ErrNotFound
		}
		r.Mid = m.Mid
		before := models.Reaction{AccountID: r.AccountID, Mid: r.Mid, Address: r.Address}
		err := tx.Where("account_id = ? AND mid = ? AND address = ?", r.AccountID, r.Mid, r.Address).Limit(1).
			Find(&before).Error
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
			AccountID: r.AccountID, Kind: models.OperationReact, MessageID: m.ID, Body: op,
			Undo: &models.Undo{Reaction: &before},
		})
	})
	return m, err
}

// Reactions returns the reactions to messages, by id.
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

// Receipts returns who has received and read an own message.
func (s *Store) Receipts(ctx context.Context, m *models.Message) ([]ReceiptOf, error) {
	var rows []struct {
		Address string
		Status  models.Status
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
		if r.Status == models.StatusDelivered {
			last.Delivered = r.Ts
			continue
		}
		last.Read = r.Ts
		if last.Delivered == 0 || last.Delivered > r.Ts {
			last.Delivered = r.Ts
		}
	}
	return out, nil
}

// Counts of one chat, or of all.
type Counts struct {
	Total, Unread, Sent, Received, Failed int
}

// CountMessages counts the messages of a chat, or of all when chat is 0.
func (s *Store) CountMessages(ctx context.Context, account, chat int64) (Counts, error) {
	q := s.read(ctx).Table("messages").Select(numbered(`count(*) AS total,
		coalesce(sum(` + unread + `), 0) AS unread, coalesce(sum(status BETWEEN {Sent} AND {Read}), 0) AS sent,
		coalesce(sum(status IN ({ReceivedNew}, {ReceivedRead})), 0) AS received,
		coalesce(sum(status >= {Fail}), 0) AS failed`))
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
func (s *Store) CountStatus(ctx context.Context, account, chat int64, status models.Status) (int, error) {
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
