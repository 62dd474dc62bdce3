package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Cursor is a place between messages of a reading: just beyond the message with these.
type Cursor struct {
	Position int64
	ID       int64
}

// Edges of every reading.
var (
	// CursorNewest is behind all messages.
	CursorNewest = Cursor{Position: 1<<63 - 1, ID: 1<<63 - 1}
	// CursorOldest is before all messages.
	CursorOldest = Cursor{Position: math.MinInt64, ID: math.MinInt64}
)

// Query says which messages to read.
type Query struct {
	Text        string // only those that hold all words of this text, or parts of them; empty: all
	OldestFirst bool
	Limit       int
	Files       bool            // only those with files
	NoMessages  bool            // only records of calls
	Unread      bool            // only incoming ones that are not read
	Calls       []models.Status // records of calls with these statuses as well
}

// filter adds the conditions of a query but its text. prefix is the alias of the table messages with a dot.
func (query *Query) filter(q *gorm.DB, prefix string) *gorm.DB {
	if query.Files {
		q = q.Where(prefix + numbered("kind = {File}"))
	}
	if query.Unread {
		q = q.Where(numbered(prefix + "status = {ReceivedNew}"))
	}
	calls := numbered(prefix + "status BETWEEN {CallMissed} AND {CallOutgoing}")
	switch {
	case query.NoMessages:
		return q.Where(calls).Where(prefix+"status IN ?", query.Calls)
	case len(query.Calls) == 0:
		return q.Where("NOT (" + calls + ")")
	case len(query.Calls) <= int(models.StatusCallOutgoing-models.StatusCallMissed):
		return q.Where("(NOT ("+calls+") OR "+prefix+"status IN ?)", query.Calls)
	}
	return q
}

// Page reads messages of a chat beyond at: older ones newest first, or with OldestFirst newer ones. With a
// text they come in the order of arrival, which is the same but for messages that waited.
func (s *Store) Page(ctx context.Context, account, chat int64, at Cursor, query Query) ([]models.Message, error) {
	if query.Text != "" {
		return s.search(ctx, account, chat, at, query)
	}
	q := s.read(ctx).Where("chat_id = ?", chat)
	if query.OldestFirst {
		q = q.Where("(position, id) > (?, ?)", at.Position, at.ID).Order("position, id")
	} else {
		q = q.Where("(position, id) < (?, ?)", at.Position, at.ID).Order("position DESC, id DESC")
	}
	return page(query.filter(q, ""), query)
}

// PageAll is Page over all chats of an account, in the order of arrival.
func (s *Store) PageAll(ctx context.Context, account int64, at Cursor, query Query) ([]models.Message, error) {
	if query.Text != "" {
		return s.search(ctx, account, 0, at, query)
	}
	q := s.read(ctx).Table("messages").Select("messages.*, chats.peer, chats.group_id").
		Joins("JOIN chats ON chats.id = messages.chat_id").Where("messages.account_id = ?", account)
	if query.OldestFirst {
		q = q.Where("messages.id > ?", at.ID).Order("messages.id")
	} else {
		q = q.Where("messages.id < ?", at.ID).Order("messages.id DESC")
	}
	return page(query.filter(q, "messages."), query)
}

func page(q *gorm.DB, query Query) ([]models.Message, error) {
	ms := make([]models.Message, 0, min(query.Limit, 256))
	if err := q.Limit(query.Limit).Find(&ms).Error; err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return ms, nil
}

// Place finds where a message stands in its chat; ErrNotFound when it is not there.
func (s *Store) Place(ctx context.Context, account, chat int64, mid uint64) (Cursor, error) {
	m, err := find(s.read(ctx).Where("chat_id = ?", chat), account, mid)
	if err != nil {
		return Cursor{}, err
	}
	if m.ID == 0 {
		return Cursor{}, ErrNotFound
	}
	return Cursor{m.Position, m.ID}, nil
}

// byMid looks a message up; without an id it was not found. A 64-bit id and the low half that a waiting message has
// are found by an index each, which SQLite uses only for conditions that repeat the index's own.
func byMid(q *gorm.DB, account int64, mid uint64) (m models.Message, err error) {
	switch {
	case IsImported(int64(mid)):
		q = q.Where("messages.account_id = ? AND messages.mid = ? AND messages.mid < 0", account, int64(mid))
	case mid > lowMask:
		q = q.Where(numbered(`messages.account_id = ? AND messages.mid = ?
			AND messages.mid >= {FirstServer}`), account, int64(mid))
	default:
		q = q.Where(numbered(`messages.account_id = ? AND messages.mid & {LowMask} = ? AND messages.nonce IS NOT NULL
			AND messages.mid = ?`),
			account, int64(mid), int64(mid))
	}
	if err := q.Limit(1).Find(&m).Error; err != nil {
		return m, fmt.Errorf("look up message: %w", err)
	}
	return m, nil
}

// find is byMid for an id that an application names: the low half goes on naming an own message when it has its
// 64-bit id. A waiting one is preferred; ErrAmbiguous when several have been sent under the id.
func find(q *gorm.DB, account int64, mid uint64) (m models.Message, err error) {
	if mid > lowMask {
		return byMid(q, account, mid)
	}
	var ms []models.Message
	err = q.Where(numbered("messages.account_id = ? AND messages.mid & {LowMask} = ? AND messages.nonce IS NOT NULL"),
		account, int64(mid)).
		Order(numbered("messages.mid > {LowMask}, messages.id DESC")).Limit(2).Find(&ms).Error
	switch {
	case err != nil:
		return m, fmt.Errorf("look up message: %w", err)
	case len(ms) == 0:
		return m, nil
	case len(ms) == 2 && (ms[0].Mid > lowMask) == (ms[1].Mid > lowMask):
		return m, ErrAmbiguous
	}
	return ms[0], nil
}

// PlaceAt finds the place between the messages older than ts and the rest, by halving: positions follow the
// server's log, so their times rise, but for jumps of its clock.
func (s *Store) PlaceAt(ctx context.Context, chat int64, ts uint64) (Cursor, error) {
	return placeAt(s.read(ctx), chat, int64(min(ts, math.MaxInt64)))
}

func placeAt(db *gorm.DB, chat, ts int64) (Cursor, error) {
	first, last, err := ends(db, chat)
	if err != nil || last.ID == 0 {
		return CursorOldest, err
	}
	lo, hi := first.Position, last.Position+1 // the answer's position is in [lo, hi]
	for lo < hi {
		mid := lo + (hi-lo)/2
		var m models.Message
		err := db.Select("id", "position", "ts").Where("chat_id = ? AND position >= ?", chat, mid).
			Order("position").Limit(1).Find(&m).Error
		if err != nil {
			return Cursor{}, fmt.Errorf("look up time: %w", err)
		}
		if m.ID == 0 || m.Ts >= ts {
			hi = mid
		} else {
			lo = m.Position + 1
		}
	}
	return Cursor{Position: lo, ID: math.MinInt64}, nil
}

// ends returns the first and last of a chat's messages that do not wait, zero values without any.
func ends(db *gorm.DB, chat int64) (first, last spot, err error) {
	const query = "SELECT position, id, ts FROM messages WHERE chat_id = ? AND position < ? ORDER BY position"
	err = db.Raw(query+" LIMIT 1", chat, positionWaiting).Scan(&first).Error
	if err == nil {
		err = db.Raw(query+" DESC LIMIT 1", chat, positionWaiting).Scan(&last).Error
	}
	if err != nil {
		return first, last, fmt.Errorf("find ends of conversation: %w", err)
	}
	return first, last, nil
}

// PlaceFraction finds the place at a fraction of the chat's stretch in the log, 0 the oldest, 1 the newest. Where
// imported messages are older than the log it is a fraction of the time.
func (s *Store) PlaceFraction(ctx context.Context, chat int64, fraction float64) (Cursor, error) {
	first, last, err := ends(s.read(ctx), chat)
	if err != nil {
		return Cursor{}, err
	}
	if first.Position < 0 && fraction < 1 {
		return placeAt(s.read(ctx), chat, first.Ts+int64(fraction*float64(last.Ts-first.Ts)))
	}
	return Cursor{Position: first.Position + int64(fraction*float64(last.Position-first.Position)), ID: math.MaxInt64}, nil
}

// Fraction is the inverse of PlaceFraction for one message.
func (s *Store) Fraction(ctx context.Context, chat int64, at Cursor) (float64, error) {
	first, last, err := ends(s.read(ctx), chat)
	if err != nil {
		return 0, err
	}
	if at.Position >= last.Position || last.Position <= first.Position {
		return 1, nil
	}
	if first.Position >= 0 {
		return max(0, float64(at.Position-first.Position)/float64(last.Position-first.Position)), nil
	}
	var ts int64
	if err := s.read(ctx).Raw("SELECT ts FROM messages WHERE id = ?", at.ID).Scan(&ts).Error; err != nil {
		return 0, fmt.Errorf("look up time: %w", err)
	}
	return min(1, max(0, float64(ts-first.Ts)/max(1, float64(last.Ts-first.Ts)))), nil
}

// FirstUnread returns the oldest unread message of a chat; ErrNotFound when there is none.
func (s *Store) FirstUnread(ctx context.Context, chat int64) (models.Message, error) {
	var m models.Message
	err := s.read(ctx).Where(numbered("chat_id = ? AND "+unread), chat).Order("position").Limit(1).Find(&m).Error
	if err != nil {
		return m, fmt.Errorf("look up unread: %w", err)
	}
	if m.ID == 0 {
		return m, ErrNotFound
	}
	return m, nil
}

func sortBySeq(ms []models.Message) {
	slices.SortFunc(ms, func(a, b models.Message) int { return cmp.Compare(a.Seq, b.Seq) })
}
