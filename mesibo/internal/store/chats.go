package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Target names a conversation of one account.
type Target struct {
	Account int64
	Peer    string // empty for a group
	Group   uint32
}

// is tells whether a message, read with its conversation, belongs to this one.
func (t Target) is(m *models.Message) bool {
	return int64(t.Group) == m.GroupID && (t.Group != 0 || strings.EqualFold(t.Peer, m.Peer))
}

// chat gives the id of the conversation, making its row when it is new. Only inside a write.
func (s *Store) chat(tx *gorm.DB, t Target) (int64, error) {
	key := chatKey{t.Account, strings.ToLower(t.Peer), t.Group}
	if id, ok := s.chats[key]; ok {
		return id, nil
	}
	var id int64
	err := tx.Raw(`INSERT INTO chats(account_id, peer, group_id) VALUES(?,?,?)
		ON CONFLICT(account_id, peer, group_id) DO UPDATE SET peer = peer RETURNING id`,
		t.Account, t.Peer, t.Group).Scan(&id).Error
	if err != nil {
		return 0, fmt.Errorf("make conversation: %w", err)
	}
	if len(s.chats) > 10_000 {
		clear(s.chats)
	}
	s.chats[key] = id
	return id, nil
}

// Chat looks a conversation up; ErrNotFound when there is none yet.
func (s *Store) Chat(ctx context.Context, t Target) (models.Chat, error) {
	var c models.Chat
	err := s.read(ctx).Where("account_id = ? AND peer = ? AND group_id = ?", t.Account, t.Peer, t.Group).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, ErrNotFound
	}
	if err != nil {
		return c, fmt.Errorf("look up conversation: %w", err)
	}
	return c, nil
}

// refreshLast sets the summary's newest message after one was removed or moved.
func refreshLast(tx *gorm.DB, chat int64) error {
	err := tx.Exec(`UPDATE chats SET (last_id, last_position) = (
			SELECT coalesce(max(id), 0), coalesce(max(position), 0) FROM (
				SELECT id, position FROM messages WHERE chat_id = chats.id ORDER BY position DESC, id DESC LIMIT 1))
		WHERE id = ?`, chat).Error
	if err != nil {
		return fmt.Errorf("refresh conversation: %w", err)
	}
	return nil
}

// refreshUnread counts the unread messages of a conversation anew and returns the count.
func refreshUnread(tx *gorm.DB, chat int64) (int, error) {
	var unread int
	err := tx.Raw(`UPDATE chats SET unread = (SELECT count(*) FROM messages WHERE chat_id = chats.id AND status = 18)
		WHERE id = ? RETURNING unread`, chat).Scan(&unread).Error
	if err != nil {
		return 0, fmt.Errorf("count unread: %w", err)
	}
	return unread, nil
}

// SummaryRow is one conversation with its newest message.
type SummaryRow struct {
	Chat    models.Chat
	Message models.Message
}

// Summary lists conversations that have messages, newest first. before is the last row of the page before, the zero value for the
// first page. It scans by hand: GORM would take longer than the database.
func (s *Store) Summary(ctx context.Context, account int64, before models.Chat, limit int) (out []SummaryRow, err error) {
	if before.ID == 0 {
		before.LastPosition, before.ID = CursorNewest.Position, CursorNewest.ID
	}
	rows, err := s.read(ctx).Raw(`SELECT c.id, c.peer, c.group_id, c.last_position, c.unread, c.draft, c.pinned, c.archived, c.muted_until,
			m.id, m.mid, m.position, m.sender, m.status, m.flags, m.type, m.expiry, m.ts, m.ref_id, m.data, m.kind, m.content
		FROM chats c CROSS JOIN messages m ON m.id = c.last_id
		WHERE c.account_id = ? AND (c.last_position, c.id) < (?, ?)
		ORDER BY c.last_position DESC, c.id DESC LIMIT ?`, account, before.LastPosition, before.ID, limit).Rows()
	if err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = make([]SummaryRow, 0, min(limit, 1024))
	for rows.Next() {
		var r SummaryRow
		c, m := &r.Chat, &r.Message
		var content []byte
		err := rows.Scan(&c.ID, &c.Peer, &c.GroupID, &c.LastPosition, &c.Unread, &c.Draft, &c.Pinned, &c.Archived, &c.MutedUntil,
			&m.ID, &m.Mid, &m.Position, &m.Sender, &m.Status, &m.Flags, &m.Type, &m.Expiry, &m.Ts, &m.RefID, &m.Data, &m.Kind, &content)
		if err == nil && content != nil {
			err = json.Unmarshal(content, &m.Content)
		}
		if err != nil {
			return nil, fmt.Errorf("read summary: %w", err)
		}
		c.AccountID, c.LastID = account, m.ID
		m.AccountID, m.ChatID, m.Peer, m.GroupID = account, c.ID, c.Peer, c.GroupID
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	return out, nil
}

// Totals are counts over all conversations of an account.
type Totals struct {
	Outbox int
	Unread int
}

// Count counts what waits to be sent and what is unread.
func (s *Store) Count(ctx context.Context, account int64) (Totals, error) {
	var t Totals
	err := s.read(ctx).Raw(`SELECT (SELECT count(*) FROM messages WHERE account_id = ? AND status = 0) AS outbox,
		(SELECT coalesce(sum(unread), 0) FROM chats WHERE account_id = ?) AS unread`, account, account).Scan(&t).Error
	if err != nil {
		return t, fmt.Errorf("count messages: %w", err)
	}
	return t, nil
}

// SetDraft keeps unsent text of a conversation.
func (s *Store) SetDraft(t Target, draft string) error {
	return s.write(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		if err := tx.Exec("UPDATE chats SET draft = ? WHERE id = ?", draft, id).Error; err != nil {
			return fmt.Errorf("store draft: %w", err)
		}
		return nil
	})
}

// MarkRead marks everything incoming of a conversation up to the message mid as read and notes what the server
// has to be told. It returns the unread count, and whether anything changed.
func (s *Store) MarkRead(t Target, mid uint64) (unread int, changed bool, err error) {
	err = s.write(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		upTo, err := byMid(tx.Select("id", "position", "chat_id"), t.Account, mid)
		if err != nil {
			return err
		}
		if upTo.ID == 0 || upTo.ChatID != id {
			return ErrNotFound
		}
		unread, changed, err = markRead(tx, id, upTo.Position)
		return err
	})
	return unread, changed, err
}

// markRead marks incoming messages up to position. The highest event among those that were unread is what
// the server is told.
func markRead(tx *gorm.DB, chat, position int64) (unread int, changed bool, err error) {
	var upTo int64
	err = tx.Raw(`SELECT coalesce(max(seq), 0) FROM messages WHERE chat_id = ? AND status = 18 AND position <= ?`,
		chat, position).Scan(&upTo).Error
	if err != nil {
		return 0, false, fmt.Errorf("find unread: %w", err)
	}
	done := tx.Exec(`UPDATE messages SET status = 19 WHERE chat_id = ? AND status = 18 AND position <= ?`, chat, position)
	if done.Error != nil {
		return 0, false, fmt.Errorf("mark read: %w", done.Error)
	}
	if upTo > 0 {
		if err := tx.Exec(`UPDATE chats SET read_seq = max(read_seq, ?) WHERE id = ?`, upTo, chat).Error; err != nil {
			return 0, false, fmt.Errorf("mark read: %w", err)
		}
	}
	unread, err = refreshUnread(tx, chat)
	return unread, done.RowsAffected > 0, err
}

// UnsentReads lists the conversations whose read mark the server does not know yet.
func (s *Store) UnsentReads(ctx context.Context, account int64) ([]models.Chat, error) {
	var chats []models.Chat
	if err := s.read(ctx).Where("account_id = ? AND read_seq > read_sent", account).Find(&chats).Error; err != nil {
		return nil, fmt.Errorf("list read marks: %w", err)
	}
	return chats, nil
}

// ReadSent notes that the server knows the read mark up to seq.
func (s *Store) ReadSent(t Target, seq uint64) error {
	return s.write(func(tx *gorm.DB) error {
		err := tx.Exec(`UPDATE chats SET read_sent = max(read_sent, ?) WHERE account_id = ? AND peer = ? AND group_id = ?`,
			int64(seq), t.Account, t.Peer, t.Group).Error
		if err != nil {
			return fmt.Errorf("note read mark: %w", err)
		}
		return nil
	})
}
