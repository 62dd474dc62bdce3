package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Target names a chat of one account.
type Target struct {
	Account int64
	Peer    string // empty for a group
	Group   uint32
}

// chat returns the id of the chat, making its row when it is new. Only inside a write.
func (s *Store) chat(tx *gorm.DB, t Target) (int64, error) {
	key := t.key()
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

// Chat looks a chat up; ErrNotFound when there is none yet.
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

// unread is the SQL condition of a message that counts as unread: an incoming one that has something to read. unseen is
// that of the record of a missed call, with the condition of its index.
const (
	unread = `status = {ReceivedNew} AND flags & {Deleted} = 0`
	unseen = `status BETWEEN {CallMissed} AND {CallOutgoing} AND status = {CallMissed} AND flags & {Seen} = 0`
)

func isUnread(m *models.Message) bool {
	return m.Status == models.StatusReceivedNew && m.Flags&flagDeleted == 0 ||
		m.Status == models.StatusCallMissed && m.Flags&flagSeen == 0
}

// refreshUnread counts the unread messages of a chat again and returns the count.
func refreshUnread(tx *gorm.DB, chat int64) (int, error) {
	var n int
	err := tx.Raw(numbered(
		`UPDATE chats SET unread = (SELECT count(*) FROM messages WHERE chat_id = chats.id AND `+unread+`) +
		(SELECT count(*) FROM messages WHERE chat_id = chats.id AND `+unseen+`) WHERE id = ? RETURNING unread`), chat).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count unread: %w", err)
	}
	return n, nil
}

// SummaryRow is one chat with its newest message.
type SummaryRow struct {
	Chat    models.Chat
	Message models.Message
}

const summaryColumns = `c.id, c.peer, c.group_id, m.position, c.unread, c.draft, c.pinned, c.archived, c.muted_until,
	c.marked_unread, c.age, m.id, m.mid, m.position, m.sender, m.status, m.flags, m.type, m.expiry, m.ts, m.ref_id, m.data, m.kind, m.content`

// Summary lists chats that have messages, newest first. before is the last row of the page before, the zero
// value for the first page. A chat whose newest message is the record of a call with one of the statuses
// without stands there with its newest message of another kind, and where that places it.
func (s *Store) Summary(ctx context.Context, account int64, before models.Chat, limit int,
	without []models.Status,
) ([]SummaryRow, error) {
	if before.ID == 0 {
		before.LastPosition, before.ID = CursorNewest.Position, CursorNewest.ID
	}
	if len(without) == 0 {
		return s.summary(ctx, account, limit, `SELECT `+summaryColumns+`
			FROM chats c CROSS JOIN messages m ON m.id = c.last_id
			WHERE c.account_id = ? AND (c.last_position, c.id) < (?, ?)
			ORDER BY c.last_position DESC, c.id DESC LIMIT ?`, account, before.LastPosition, before.ID, limit)
	}
	return s.summary(ctx, account, limit, numbered(`SELECT * FROM (SELECT `+summaryColumns+`
				FROM chats c CROSS JOIN messages m ON m.id = c.last_id
				WHERE c.account_id = @account AND (c.last_position, c.id) < (@position, @chat)
					AND m.status NOT IN @without
				ORDER BY c.last_position DESC, c.id DESC LIMIT @limit)
		UNION ALL SELECT * FROM (SELECT `+summaryColumns+`
				FROM messages o CROSS JOIN chats c ON c.last_id = o.id AND c.id = o.chat_id
				CROSS JOIN messages m ON m.id = (
					SELECT id FROM messages WHERE chat_id = c.id AND status NOT IN @without
					ORDER BY position DESC, id DESC LIMIT 1)
				WHERE o.status BETWEEN {CallMissed} AND {CallOutgoing} AND o.status IN @without
					AND c.account_id = @account
					AND (m.position, c.id) < (@position, @chat)
				ORDER BY m.position DESC, c.id DESC LIMIT @limit)
		ORDER BY 4 DESC, 1 DESC LIMIT @limit`), map[string]any{
		"account": account, "position": before.LastPosition, "chat": before.ID, "without": without, "limit": limit,
	})
}

// summary reads rows with the summaryColumns. They are scanned by hand: GORM would take longer than the database.
func (s *Store) summary(ctx context.Context, account int64, limit int, query string, args ...any) (out []SummaryRow,
	err error,
) {
	rows, err := s.read(ctx).Raw(query, args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = make([]SummaryRow, 0, min(limit, 1024))
	for rows.Next() {
		var r SummaryRow
		c, m := &r.Chat, &r.Message
		var content []byte
		err := rows.Scan(&c.ID, &c.Peer, &c.GroupID, &c.LastPosition, &c.Unread, &c.Draft, &c.Pinned, &c.Archived,
			&c.MutedUntil, &c.MarkedUnread, &c.Age,
			&m.ID, &m.Mid, &m.Position, &m.Sender, &m.Status, &m.Flags, &m.Type, &m.Expiry, &m.Ts, &m.RefID, &m.Data,
			&m.Kind, &content)
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

// Totals are counts over all chats of an account.
type Totals struct {
	Outbox int
	Unread int
}

// Count counts what waits to be sent and what is unread.
func (s *Store) Count(ctx context.Context, account int64) (Totals, error) {
	var t Totals
	err := s.read(ctx).Raw(numbered(`SELECT
		(SELECT count(*) FROM messages WHERE account_id = ? AND status = {Outbox}) AS outbox,
		(SELECT coalesce(sum(unread), 0) FROM chats WHERE account_id = ?) AS unread`), account, account).Scan(&t).Error
	if err != nil {
		return t, fmt.Errorf("count messages: %w", err)
	}
	return t, nil
}

// SetDraft keeps unsent text of a chat.
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

// MarkRead marks everything incoming of a chat up to the message mid as read and notes what the server
// has to be told. It returns the unread count, and whether anything changed.
func (s *Store) MarkRead(t Target, mid uint64) (unread int, changed bool, err error) {
	err = s.write(func(tx *gorm.DB) error {
		id, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		upTo, err := find(tx.Where("chat_id = ?", id), t.Account, mid)
		if err != nil {
			return err
		}
		if upTo.ID == 0 {
			return ErrNotFound
		}
		unread, changed, err = markRead(tx, id, upTo.Position)
		return err
	})
	return unread, changed, err
}

// markRead marks incoming messages and missed calls up to position. The server gets the highest event among those that
// were unread.
func markRead(tx *gorm.DB, chat, position int64) (left int, changed bool, err error) {
	var upTo, marked int64
	for _, kind := range []struct{ set, where string }{
		{`status = {ReceivedRead}`, `status = {ReceivedNew}`}, {`flags = flags | {Seen}`, unseen},
	} {
		const here = ` WHERE chat_id = ? AND position <= ? AND `
		var newest int64
		err = tx.Raw(numbered(`SELECT coalesce(max(seq), 0) FROM messages`+here+kind.where), chat, position).
			Scan(&newest).Error
		if err != nil {
			return 0, false, fmt.Errorf("find unread: %w", err)
		}
		done := tx.Exec(numbered(`UPDATE messages SET `+kind.set+here+kind.where), chat, position)
		if done.Error != nil {
			return 0, false, fmt.Errorf("mark read: %w", done.Error)
		}
		upTo, marked = max(upTo, newest), marked+done.RowsAffected
	}
	if upTo > 0 {
		if err := tx.Exec(`UPDATE chats SET read_seq = max(read_seq, ?) WHERE id = ?`, upTo, chat).Error; err != nil {
			return 0, false, fmt.Errorf("mark read: %w", err)
		}
	}
	left, err = refreshUnread(tx, chat)
	return left, marked > 0, err
}

// UnsentReads lists the chats whose read mark the server does not know yet.
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
		err := tx.Exec(
			`UPDATE chats SET read_sent = max(read_sent, ?) WHERE account_id = ? AND peer = ? AND group_id = ?`,
			int64(seq), t.Account, t.Peer, t.Group).Error
		if err != nil {
			return fmt.Errorf("note read mark: %w", err)
		}
		return nil
	})
}
