package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/parley-chat/parley/models"
)

// IsControl reports whether messages of a type are about the chat, and nothing to read.
func IsControl(messageType int64) bool {
	return messageType == models.TypePin || messageType == models.TypeUnpin || messageType == models.TypeAge
}

// Pinned returns the ids of the messages that are pinned in a chat, the one pinned last first.
func (s *Store) Pinned(ctx context.Context, t Target) ([]uint64, error) {
	var rows []models.Message
	err := s.read(ctx).Raw(numbered(`SELECT m.type, m.ref_id, m.status FROM messages m JOIN chats c ON c.id = m.chat_id
		WHERE c.account_id = ? AND c.peer = ? AND c.group_id = ? AND m.type BETWEEN 65281 AND 65282
		ORDER BY m.position, m.id`), t.Account, t.Peer, t.Group).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read pins: %w", err)
	}
	var mids []uint64
	for i := range rows {
		if rows[i].Status.IsFailed() {
			continue
		}
		mid := uint64(rows[i].RefID)
		mids = slices.DeleteFunc(mids, func(other uint64) bool { return other == mid })
		if rows[i].Type == models.TypePin {
			mids = append(mids, mid)
		}
	}
	slices.Reverse(mids)
	return mids, nil
}
