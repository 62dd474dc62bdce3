package store

import (
	"context"
	"fmt"
	"math"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// History is a part of a chat's past, as the server has it.
type History struct {
	Events []Event // messages only, oldest first
	// Read, Delivered and PeerRead are numbers in the log: what this user has read, and what of this user's has
	// reached the peer.
	Read, Delivered, PeerRead uint64
}

// Oldest returns the number of the oldest message of a chat that is here, 0 without any.
func (s *Store) Oldest(ctx context.Context, t Target) (uint64, error) {
	var seq int64
	err := s.read(ctx).Raw(`SELECT coalesce((SELECT m.seq FROM messages m JOIN chats c ON c.id = m.chat_id
		WHERE c.account_id = ? AND c.peer = ? AND c.group_id = ? AND m.seq > 0 ORDER BY m.position LIMIT 1), 0)`,
		t.Account, t.Peer, t.Group).Scan(&seq).Error
	if err != nil {
		return 0, fmt.Errorf("find oldest message: %w", err)
	}
	return uint64(seq), nil
}

// AddHistory stores messages of the past and returns how many were not here. Those that were deleted here stay
// away.
func (s *Store) AddHistory(account models.Account, t Target, h History) (added int, err error) {
	defer s.indexSoon()
	err = s.write(func(tx *gorm.DB) error {
		added = 0
		oldest := int64(math.MaxInt64)
		chat, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		for _, e := range h.Events {
			row := e.Message.Row
			row.ChatID, row.AccountID, row.Seq = chat, account.ID, int64(e.Seq)
			row.Position = (account.Base + row.Seq) << positionShift
			row.Status = h.status(&e)
			if e.Message.Notice != nil || !e.Message.Own {
				row.Nonce = nil
			}
			if e.Message.Call != 0 {
				e.Message.Seen = e.Message.Seen || e.Seq <= h.Read
				e.Message.setCall(&row)
			}
			if gone, err := removed(tx, &row); err != nil {
				return err
			} else if gone {
				continue
			}
			n, err := insertPast(tx, &row)
			if err != nil {
				return err
			}
			added += n
			oldest = min(oldest, row.Ts)
		}
		if added == 0 {
			return nil
		}
		if err := replaceImported(tx, account.ID, chat, oldest); err != nil {
			return err
		}
		if err := refreshLast(tx, chat); err != nil {
			return err
		}
		_, err = refreshUnread(tx, chat)
		return err
	})
	return added, err
}

// status is that of a message of the past.
func (h *History) status(e *Event) models.Status {
	flags := e.Message.Row.Flags
	switch {
	case e.Message.Notice != nil:
		return models.StatusCustom
	case e.Message.Own && e.Seq <= h.PeerRead && flags&flagRead != 0:
		return models.StatusRead
	case e.Message.Own && e.Seq <= h.Delivered && flags&flagDelivery != 0:
		return models.StatusDelivered
	case e.Message.Own:
		return models.StatusSent
	case e.Seq <= h.Read, IsControl(e.Message.Row.Type):
		return models.StatusReceivedRead
	}
	return models.StatusReceivedNew
}

func insertPast(tx *gorm.DB, m *models.Message) (int, error) {
	content, err := contentColumn(m.Content)
	if err != nil {
		return 0, err
	}
	done := tx.Exec("INSERT INTO messages"+insertCols+" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
		m.ChatID, m.AccountID, m.Mid, m.Position, m.Seq, m.Sender, m.Status, m.Flags, m.Type, m.Ts, m.Age, m.RefID, m.Nonce,
		m.Data, m.Kind, content)
	if done.Error != nil {
		return 0, fmt.Errorf("store message: %w", done.Error)
	}
	return int(done.RowsAffected), nil
}
