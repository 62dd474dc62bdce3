package mesibo

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file is about where a read session stands in its chat.

// Seek moves the session to a time: the next Read starts at the newest message that is not newer than t, or with
// EnableFifo at the oldest that is not older. Only for sessions of one chat.
func (s *ReadDbSession) Seek(t time.Time) error {
	return s.seek("Seek", func(db *store.Store, chat models.Chat, fifo bool) (store.Cursor, error) {
		ts := uint64(t.UnixMilli())
		if !fifo || t.After(time.UnixMilli(int64(ts))) {
			ts++
		}
		return db.PlaceAt(context.Background(), chat.ID, ts)
	})
}

// SeekMessage moves the session just beyond a message: the next Read starts with the one before it, or with
// EnableFifo with the one after it. mid is 64-bit. Errors: ErrNotFound.
func (s *ReadDbSession) SeekMessage(mid uint64) error {
	return s.seek("SeekMessage", func(db *store.Store, chat models.Chat, _ bool) (store.Cursor, error) {
		return db.Place(context.Background(), chat.AccountID, chat.ID, mid)
	})
}

// SeekFraction moves the session to a part of the chat's history, 0 the oldest end, 1 the newest. It is
// made for scroll bars: exact at the ends, about right between them.
func (s *ReadDbSession) SeekFraction(fraction float64) error {
	return s.seek("SeekFraction", func(db *store.Store, chat models.Chat, _ bool) (store.Cursor, error) {
		return db.PlaceFraction(context.Background(), chat.ID, min(1, max(0, fraction)))
	})
}

// Fraction returns where in the chat's history a message stands, 0 the oldest end, 1 the newest: the
// inverse of SeekFraction. mid is 64-bit. Errors: ErrNotFound.
func (s *ReadDbSession) Fraction(mid uint64) (float64, error) {
	db, chat, err := s.conversation()
	if err != nil {
		return 0, storeError("Fraction", err)
	}
	at, err := db.Place(context.Background(), chat.AccountID, chat.ID, mid)
	if err != nil {
		return 0, storeError("Fraction", err)
	}
	f, err := db.Fraction(context.Background(), chat.ID, at)
	if err != nil {
		return 0, storeError("Fraction", err)
	}
	return f, nil
}

// FirstUnread returns the Mid of the oldest unread message of the chat, 0 when there is none.
func (s *ReadDbSession) FirstUnread() (uint64, error) {
	db, chat, err := s.conversation()
	if err == nil {
		var row models.Message
		if row, err = db.FirstUnread(context.Background(), chat.ID); err == nil {
			return uint64(row.Mid), nil
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return 0, opError("FirstUnread", ResultFail, err)
}

func (s *ReadDbSession) conversation() (*store.Store, models.Chat, error) {
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return nil, models.Chat{}, err
	}
	chat, err := db.Chat(context.Background(), target)
	return db, chat, err
}

func (s *ReadDbSession) seek(op string, find func(*store.Store, models.Chat, bool) (store.Cursor, error)) error {
	db, chat, err := s.conversation()
	if errors.Is(err, store.ErrNotFound) {
		return nil // an empty chat: every place is the same
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	s.mu.Lock()
	fifo := s.fifo
	s.mu.Unlock()
	at, err := find(db, chat, fifo)
	if err != nil {
		return storeError(op, err)
	}
	s.mu.Lock()
	s.at = &place{cursor: at}
	s.mu.Unlock()
	return nil
}
