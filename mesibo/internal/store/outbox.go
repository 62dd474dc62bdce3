package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Positions of messages. A logged one stands at (base + number) << positionShift, which leaves room behind it for
// messages that never get a number; a waiting one stands behind all.
const (
	positionShift   = 20
	positionWaiting = int64(1) << 62
)

// The flags of messages that the store looks at: the reference's numbers.
const (
	flagDelivery = 1
	flagRead     = 2
	flagModified = 0x40000
	flagDeleted  = 1 << 55
	// flagSeen is this package's own: the record of a missed call was seen.
	flagSeen = 1 << 54
)

// Queue stores an own message in the outbox and moves its chat to the top of the summary.
// tried says that it is sent at once. ErrDuplicate: an own message to the same chat has this id already.
func (s *Store) Queue(t Target, m *models.Message, tried bool) error {
	defer s.indexSoon()
	return s.do(&writeOp{sync: true, quiet: true, run: func(tx *gorm.DB) error { return s.insertOwn(tx, t, m, tried) }})
}

// insertOwn is Queue in a transaction.
func (s *Store) insertOwn(tx *gorm.DB, t Target, m *models.Message, tried bool) error {
	chat, err := s.chat(tx, t)
	if err != nil {
		return err
	}
	m.ID, m.ChatID, m.AccountID = 0, chat, t.Account
	if err := age(tx, m); err != nil {
		return err
	}
	m.Position, m.Status, m.Tried = positionWaiting, models.StatusOutbox, tried && !m.PendingUpload
	content, err := contentColumn(m.Content)
	if err != nil {
		return err
	}
	err = tx.Raw(numbered(`INSERT INTO messages(id, chat_id, account_id, mid, position, status, flags, type, expiry, ts,
			age, ref_id, nonce, tried, held, data, kind, content)
		SELECT max(?, (SELECT coalesce(max(id), 0) + 1 FROM messages)),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?
		WHERE NOT EXISTS (SELECT 1 FROM messages
			WHERE account_id = ? AND mid & {LowMask} = ? AND nonce IS NOT NULL AND chat_id = ?) RETURNING id`),
		s.beyondOutbox(), chat, m.AccountID, m.Mid, m.Position, m.Status, m.Flags, m.Type, m.Expiry, m.Ts, m.Age, m.RefID,
		m.Nonce, m.Tried, m.PendingUpload, m.Data, m.Kind, content, t.Account, m.Mid&lowMask, chat).Scan(&m.ID).Error
	if err != nil {
		return fmt.Errorf("store message: %w", err)
	}
	if m.ID == 0 {
		return ErrDuplicate
	}
	s.noteOutbox(m.ID)
	return setLast(tx, chat, m.ID, m.Position)
}

// contentColumn encodes a content for its column.
func contentColumn(c *models.Content) (any, error) {
	if c == nil {
		return nil, nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode content: %w", err)
	}
	return string(b), nil
}

// setLast makes a message the newest of its chat unless a newer one is there.
func setLast(tx *gorm.DB, chat, id, position int64) error {
	err := tx.Exec(`UPDATE chats SET last_id = ?, last_position = ?
		WHERE id = ? AND (last_position, last_id) <= (?, ?)`,
		id, position, chat, position, id).Error
	if err != nil {
		return fmt.Errorf("update conversation: %w", err)
	}
	return nil
}

// Outbox lists waiting messages in the order they were queued, after the row with id after. Those that wait for
// something else, such as their file, are left out.
func (s *Store) Outbox(ctx context.Context, account, after int64, limit int) ([]models.Message, error) {
	var ms []models.Message
	err := s.read(ctx).Table("messages").Select("messages.*, chats.peer, chats.group_id").
		Joins("JOIN chats ON chats.id = messages.chat_id").
		Where(numbered(`messages.account_id = ? AND messages.status = {Outbox} AND messages.held = 0
			AND messages.id > ?`), account, after).
		Order("messages.id").Limit(limit).Find(&ms).Error
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	if len(ms) > 0 {
		s.noteOutbox(ms[len(ms)-1].ID)
	}
	return ms, nil
}

// Tried notes that these rows may reach the server from now on and returns those that still wait, by id, with what
// they carry now: from here on an edit is told to the server.
func (s *Store) Tried(rows []int64) (map[int64]models.Message, error) {
	var waiting map[int64]models.Message
	err := s.do(&writeOp{sync: true, quiet: true, run: func(tx *gorm.DB) error {
		var ms []models.Message
		err := tx.Raw(numbered(`UPDATE messages SET tried = 1 WHERE id IN ? AND status = {Outbox} AND held = 0
			RETURNING *`), rows).Scan(&ms).Error
		if err != nil {
			return fmt.Errorf("note attempt: %w", err)
		}
		waiting = make(map[int64]models.Message, len(ms))
		for _, m := range ms {
			waiting[m.ID] = m
		}
		return nil
	}})
	return waiting, err
}

// SendResult is what became of a waiting message.
type SendResult struct {
	Row    int64
	Status models.Status // sent, or a failure
	Mid    uint64
	Ts     uint64
	Seq    uint64
}

// ApplySendResults stores what became of waiting messages and returns those that changed, in order.
// A message that no longer waits is left alone: its result was applied before.
func (s *Store) ApplySendResults(account models.Account, results []SendResult) ([]models.Message, error) {
	var changed []models.Message
	err := s.do(&writeOp{quiet: true, run: func(tx *gorm.DB) error {
		changed = changed[:0]
		for _, st := range results {
			m, ok, err := applySendResult(tx, account, st)
			if err != nil {
				return err
			}
			if ok {
				changed = append(changed, m)
			}
		}
		return nil
	}})
	return changed, err
}

func applySendResult(tx *gorm.DB, account models.Account, st SendResult) (models.Message, bool, error) {
	var m models.Message
	position := "(@base + @seq) << @shift"
	if st.Seq == 0 { // refused: the id means nothing, the place is behind the last message that does not wait
		st.Mid = 0
		position = `(SELECT coalesce(max(o.position), 0) + 1 FROM messages o
			WHERE o.chat_id = messages.chat_id AND o.position < @waiting)`
	}
	err := tx.Raw(numbered(`UPDATE messages SET status = @status, seq = @seq, mid = coalesce(nullif(@mid, 0), mid),
			ts = coalesce(nullif(@ts, 0), ts), position = `+position+` WHERE id = @row AND status = {Outbox}
		RETURNING *, (SELECT peer FROM chats WHERE id = chat_id) AS peer,
			(SELECT group_id FROM chats WHERE id = chat_id) AS group_id`),
		map[string]any{
			"base": account.Base, "seq": int64(st.Seq), "shift": positionShift, "waiting": positionWaiting,
			"status": st.Status, "mid": int64(st.Mid), "ts": int64(st.Ts), "row": st.Row,
		}).Scan(&m).Error
	if err != nil {
		return m, false, fmt.Errorf("apply the answer to a message: %w", err)
	}
	if m.ID == 0 {
		return m, false, nil
	}
	var wasLast int64
	err = tx.Raw("SELECT count(*) FROM chats WHERE id = ? AND last_id = ?", m.ChatID, m.ID).Scan(&wasLast).Error
	if err != nil {
		return m, false, fmt.Errorf("apply the answer to a message: %w", err)
	}
	if wasLast == 0 { // a newer one is there already
		return m, true, nil
	}
	return m, true, refreshLast(tx, m.ChatID)
}

// Cancel withdraws a waiting message by the low half of its id, or removes a failed one, and tells which.
// ErrNotFound: there is none such, or it may have been sent already.
func (s *Store) Cancel(t Target, low uint32) (waited bool, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		chat, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		var statuses []models.Status
		err = tx.Raw(numbered(`DELETE FROM messages WHERE account_id = ? AND mid & {LowMask} = ? AND nonce IS NOT NULL
			AND chat_id = ? AND (status = {Outbox} AND tried = 0 OR status >= {Fail}) RETURNING status`),
			t.Account, low, chat).Scan(&statuses).Error
		if err != nil {
			return fmt.Errorf("cancel message: %w", err)
		}
		if len(statuses) == 0 {
			return ErrNotFound
		}
		waited = statuses[0] == models.StatusOutbox
		return refreshLast(tx, chat)
	})
	return waited, err
}

// Requeue puts a failed message back into the outbox under its old low id with a new nonce.
func (s *Store) Requeue(t Target, low uint32, nonce []byte, ts uint64) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		chat, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		// A new row id, because the outbox is sent in the order of these.
		done := tx.Exec(
			numbered(`UPDATE messages SET id = max(?, (SELECT max(id) + 1 FROM messages)), status = {Outbox},
			mid = mid & {LowMask}, seq = 0, tried = 0, position = ?, nonce = ?, ts = ?
			WHERE account_id = ? AND mid & {LowMask} = ? AND nonce IS NOT NULL AND chat_id = ? AND status >= {Fail}`),
			s.beyondOutbox(), positionWaiting, nonce, int64(ts), t.Account, low, chat)
		if done.Error != nil {
			return fmt.Errorf("requeue message: %w", done.Error)
		}
		if done.RowsAffected == 0 {
			return ErrNotFound
		}
		return refreshLast(tx, chat)
	})
}

// Overdue withdraws waiting messages that were not sent within their expiry and returns them with their failure.
// Those that may have reached the server are left for it to judge. onlineOnly is the patience for expiry 0 in seconds,
// standard the server's default expiry.
func (s *Store) Overdue(account models.Account, now uint64, onlineOnly, standard int64) ([]models.Message, error) {
	var changed []models.Message
	err := s.write(func(tx *gorm.DB) error {
		changed = changed[:0]
		var late []models.Message
		err := tx.Where(numbered(`account_id = ? AND status = {Outbox} AND tried = 0 AND held = 0 AND
			ts + 1000 * CASE WHEN expiry > 0 THEN expiry WHEN expiry = 0 THEN ? ELSE ? END < ?`),
			account.ID, onlineOnly, standard, int64(now)).Order("id").Find(&late).Error
		if err != nil {
			return fmt.Errorf("find overdue messages: %w", err)
		}
		for _, m := range late {
			status := models.StatusExpired
			if m.Expiry == 0 {
				status = models.StatusUserOffline
			}
			m, ok, err := applySendResult(tx, account, SendResult{Row: m.ID, Status: status})
			if err != nil {
				return err
			}
			if ok {
				changed = append(changed, m)
			}
		}
		return nil
	})
	return changed, err
}
