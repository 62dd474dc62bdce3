package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file is about messages that wait for the uploads of their files: the column held. Their row ids do not change
// while they wait.

// NewestMessage returns the row id of the message that was stored last, 0 for none.
func (s *Store) NewestMessage(ctx context.Context) (int64, error) {
	var id int64
	if err := s.read(ctx).Raw(`SELECT coalesce(max(id), 0) FROM messages`).Scan(&id).Error; err != nil {
		return 0, fmt.Errorf("look up newest message: %w", err)
	}
	return id, nil
}

// PendingUploads lists the messages that wait for their files to be uploaded, in the order they were queued, up to a
// row id.
func (s *Store) PendingUploads(ctx context.Context, account, upTo int64) ([]models.Message, error) {
	var ms []models.Message
	err := withTarget(s.read(ctx)).
		Where(numbered(`messages.account_id = ? AND messages.status = {Outbox} AND messages.held = 1
			AND messages.kind = {File} AND messages.id <= ?`),
			account, upTo).
		Order("messages.id").Find(&ms).Error
	if err != nil {
		return nil, fmt.Errorf("list pending uploads: %w", err)
	}
	return ms, nil
}

// PendingUpload returns the message with this low half of its id that waits for its upload; ErrNotFound when there is
// none.
func (s *Store) PendingUpload(ctx context.Context, t Target, low uint32) (models.Message, error) {
	var m models.Message
	err := withTarget(s.read(ctx)).
		Where(numbered(`messages.account_id = ? AND messages.mid & {LowMask} = ? AND messages.nonce IS NOT NULL
			AND chats.peer = ? AND chats.group_id = ?
			AND messages.status = {Outbox} AND messages.held = 1 AND messages.kind = {File}`),
			t.Account, low, t.Peer, t.Group).Limit(1).Find(&m).Error
	if err != nil {
		return m, fmt.Errorf("look up pending upload: %w", err)
	}
	if m.ID == 0 {
		return m, ErrNotFound
	}
	return m, nil
}

// StillPending returns which of these messages still wait for their uploads.
func (s *Store) StillPending(ctx context.Context, rows []int64) ([]int64, error) {
	var ids []int64
	err := s.read(ctx).Raw(numbered("SELECT id FROM messages WHERE id IN ? AND status = {Outbox} AND held = 1"), rows).
		Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("look up pending uploads: %w", err)
	}
	return ids, nil
}

// WithFile returns which of these messages exist and carry a file.
func (s *Store) WithFile(ctx context.Context, rows []int64) ([]int64, error) {
	var ids []int64
	err := s.read(ctx).Raw(numbered("SELECT id FROM messages WHERE id IN ? AND kind = {File}"), rows).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("look up messages with files: %w", err)
	}
	return ids, nil
}

// beyondOutbox is the lowest row id for a message of the outbox: beyond all that were sent or deleted. Otherwise the
// ids of deleted rows would come again, and a sender that has got beyond them would not find them.
func (s *Store) beyondOutbox() int64 { return s.outboxTo.Load() + 1 }

// noteOutbox notes that a row id is used.
func (s *Store) noteOutbox(row int64) {
	for {
		before := s.outboxTo.Load()
		if row <= before || s.outboxTo.CompareAndSwap(before, row) {
			return
		}
	}
}

// Release sets the URL of the file of messages, puts those that may be sent into the outbox, and returns how many. They
// get new row ids, because the outbox is sent in the order of these and may be beyond theirs; ts is when their expiry
// starts to count. Messages with files of one chat do not overtake one another: one waits while the file of an
// earlier one is on its way.
func (s *Store) Release(rows []int64, url string, ts uint64) (released int, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		var chats []int64
		err := tx.Raw(numbered(`UPDATE messages
			SET content = json_remove(json_set(content, '$.file.url', ?, '$.file.state', {Idle}), '$.file.stopped')
			WHERE id IN ? AND status = {Outbox} AND held = 1 RETURNING chat_id`), url, rows).Scan(&chats).Error
		if err != nil {
			return fmt.Errorf("release message: %w", err)
		}
		released, err = s.letGo(tx, chats, ts)
		return err
	})
	return released, err
}

// ReleaseUploaded lets messages go out whose file was uploaded, and that waited for an earlier one that is not on its
// way any more.
func (s *Store) ReleaseUploaded(ctx context.Context, ts uint64) (released int, err error) {
	var chats []int64
	err = s.read(ctx).Raw(numbered("SELECT DISTINCT chat_id FROM messages WHERE " + isUploaded)).Scan(&chats).Error
	if err != nil {
		return 0, fmt.Errorf("look up uploaded messages: %w", err)
	}
	if len(chats) == 0 {
		return 0, nil
	}
	err = s.writeThrough(func(tx *gorm.DB) error {
		released, err = s.letGo(tx, chats, ts)
		return err
	})
	return released, err
}

// isUploaded is the condition of an index.
const isUploaded = "status = {Outbox} AND held = 1 AND content ->> '$.file.url' IS NOT NULL"

// letGo lets the uploaded messages of chats go out, up to the first one whose file is on its way.
func (s *Store) letGo(tx *gorm.DB, chats []int64, ts uint64) (released int, err error) {
	if len(chats) == 0 {
		return 0, nil
	}
	var rows []int64
	err = tx.Raw(numbered(`SELECT id FROM messages WHERE chat_id IN ? AND `+isUploaded+` AND NOT EXISTS (
		SELECT 1 FROM messages AS b WHERE b.chat_id = messages.chat_id AND b.id < messages.id
			AND b.status = {Outbox} AND b.held = 1
			AND b.content ->> '$.file.url' IS NULL AND b.content ->> '$.file.stopped' IS NULL) ORDER BY id`), chats).
		Scan(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("look up uploaded messages: %w", err)
	}
	for _, row := range rows {
		next, chat, err := s.moveToEnd(tx, row, "status = {Outbox} AND held = 1", "held = 0, ts = ?", int64(ts))
		if err != nil {
			return released, err
		}
		if next == 0 {
			continue
		}
		if err := refreshLast(tx, chat); err != nil {
			return released, err
		}
		released++
	}
	return released, nil
}

// SetUploadsPaused notes of messages whether their upload waits until it is started again. Then later ones do not
// wait for them.
func (s *Store) SetUploadsPaused(rows []int64, stopped bool) error {
	set := "json_remove(content, '$.file.stopped')"
	if stopped {
		set = "json_set(content, '$.file.stopped', json('true'))"
	}
	return s.writeThrough(func(tx *gorm.DB) error {
		err := tx.Exec(numbered("UPDATE messages SET content = "+set+" WHERE id IN ? AND held = 1 AND kind = {File}"),
			rows).
			Error
		if err != nil {
			return fmt.Errorf("store file: %w", err)
		}
		return nil
	})
}

// RequeueUpload puts a failed message that waited for its upload back, to wait for it again, and returns its new row
// id. ErrNotFound: it is no such one.
func (s *Store) RequeueUpload(row int64, nonce []byte, ts uint64) (next int64, err error) {
	err = s.writeThrough(func(tx *gorm.DB) error {
		var chat int64
		var err error
		next, chat, err = s.moveToEnd(tx, row, "status >= {Fail} AND held = 1 AND nonce IS NOT NULL",
			"status = {Outbox}, mid = mid & {LowMask}, seq = 0, tried = 0, position = ?, nonce = ?, ts = ?",
			positionWaiting, nonce, int64(ts))
		if err != nil {
			return err
		}
		if next == 0 {
			return ErrNotFound
		}
		return refreshLast(tx, chat)
	})
	return next, err
}

// moveToEnd moves a row to the last place in the outbox and sets other columns, if it meets a condition; else next is
// 0.
func (s *Store) moveToEnd(tx *gorm.DB, row int64, condition, set string, args ...any) (next, chat int64, err error) {
	var moved struct{ ID, ChatID int64 }
	args = append(append([]any{s.beyondOutbox()}, args...), row)
	err = tx.Raw(numbered(`UPDATE messages SET id = max(?, (SELECT max(id) + 1 FROM messages)), `+set+
		" WHERE id = ? AND "+condition+" RETURNING id, chat_id"), args...).Scan(&moved).Error
	if err != nil {
		return 0, 0, fmt.Errorf("move message: %w", err)
	}
	if moved.ID == 0 {
		return 0, 0, nil
	}
	s.noteOutbox(moved.ID)
	if err := tx.Exec("UPDATE operations SET message_id = ? WHERE message_id = ?", moved.ID, row).Error; err != nil {
		return 0, 0, fmt.Errorf("move message: %w", err)
	}
	return moved.ID, moved.ChatID, nil
}

// FileResult is what became of the transfer of messages' files.
type FileResult struct {
	Path       string // of a downloaded file, "" leaves it and what follows
	Length     int64  // bytes
	Modified   int64  // when it was last changed, ns
	State      int
	Done       int64  // bytes that an unfinished transfer has moved
	Failure    string // why it failed, a name
	Set, Clear int64  // message flags
}

// SetFile notes what became of the transfer of messages' files. A received file must not be forgotten by a loss of
// power: it is on the disk when the call returns.
func (s *Store) SetFile(rows []int64, r FileResult) error {
	return s.writeThrough(func(tx *gorm.DB) error {
		const state = "json_set(content, '$.file.state', ?, '$.file.done', ?, '$.file.failure', ?"
		set, args := state+")", []any{r.Clear, r.Set, r.State, r.Done, r.Failure}
		if r.Path != "" {
			set = state + ", '$.file.path', ?, '$.file.length', ?, '$.file.modified', ?)"
			args = append(args, r.Path, r.Length, r.Modified)
		}
		err := tx.Exec(numbered("UPDATE messages SET flags = (flags & ~?) | ?, content = "+set+
			" WHERE id IN ? AND kind = {File}"), append(args, rows)...).Error
		if err != nil {
			return fmt.Errorf("store file: %w", err)
		}
		return nil
	})
}
