package store

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file is about messages that come from another program. They have negative ids, made of what names them there, so
// that the same message is stored once, and so that what tells the server of messages by their ids knows none of them.

// IDEpoch is the time, in seconds since the Unix epoch, from which the high half of a message id counts seconds.
const IDEpoch = 1577836800

// IsImported reports whether an id is that of a message from another program.
func IsImported(mid int64) bool { return mid < 0 }

// Where imported messages stand. One that is older than everything in the log stands before it, by its time; others
// stand in the room that there is behind each logged message.
const (
	pastShift   = 6              // of seconds
	pastEnd     = int64(1) << 32 // seconds: before this, everything has a place of its own
	placeEach   = 30_000         // ms
	roomBehind  = int64(1) << (positionShift - 1)
	readAtATime = 256
)

// Unknown returns those of the ids that are neither stored nor deleted here.
func (s *Store) Unknown(account int64, mids []int64) (map[int64]bool, error) {
	unknown := make(map[int64]bool, len(mids))
	for _, mid := range mids {
		unknown[mid] = true
	}
	for _, query := range []string{
		"SELECT mid FROM messages WHERE account_id = ? AND mid < 0 AND mid IN ?",
		"SELECT mid FROM removed WHERE account_id = ? AND mid IN ?",
	} {
		var known []int64
		if err := s.r.Raw(query, account, mids).Scan(&known).Error; err != nil {
			return nil, fmt.Errorf("look up imported messages: %w", err)
		}
		for _, mid := range known {
			delete(unknown, mid)
		}
	}
	return unknown, nil
}

// Import stores messages of another program, each at its time, and returns how many. What is stored already, or was
// deleted here, is left out. Nothing is unread by it, and no chat moves but by the time of its newest message. What of
// the copies the messages have is noted in the same transaction.
func (s *Store) Import(t Target, rows []models.Message) (added int, err error) {
	defer s.indexSoon()
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b models.Message) int { return cmp.Compare(a.Ts, b.Ts) })
	err = s.writeThrough(func(tx *gorm.DB) error {
		added = 0
		chat, err := s.chat(tx, t)
		if err != nil {
			return err
		}
		p := placer{tx: tx, account: t.Account, chat: chat}
		for _, row := range rows {
			row.ID, row.ChatID, row.AccountID, row.Seq, row.Nonce = 0, chat, t.Account, 0, nil
			if gone, err := wasDeleted(tx, &row); err != nil {
				return err
			} else if gone {
				continue
			}
			if row.Position, err = p.place(row.Ts); err != nil {
				return err
			}
			n, err := insertPast(tx, &row)
			if err != nil {
				return err
			}
			added += n
			if f := fileOf(&row); n > 0 && f != nil {
				if err := tx.Exec("UPDATE copies SET loose = 0 WHERE path = ?", f.Path).Error; err != nil {
					return fmt.Errorf("note file: %w", err)
				}
			}
		}
		if added == 0 {
			return nil
		}
		return refreshLast(tx, chat)
	})
	return added, err
}

// wasDeleted reports whether an imported message was deleted here. Clearing its chat does not keep it away.
func wasDeleted(tx *gorm.DB, m *models.Message) (gone bool, err error) {
	err = tx.Raw("SELECT EXISTS (SELECT 1 FROM removed WHERE account_id = ? AND mid = ?)", m.AccountID, m.Mid).
		Scan(&gone).Error
	if err != nil {
		return false, fmt.Errorf("look up deleted message: %w", err)
	}
	return gone, nil
}

func fileOf(m *models.Message) *models.File {
	if m.Content == nil {
		return nil
	}
	return m.Content.File
}

// placer finds places in a chat for messages with rising times.
type placer struct {
	tx            *gorm.DB
	account, chat int64
	native        bool // only among messages of the log

	begun bool
	low   int64 // the position of the newest message that is not newer
	ahead []spot
	read  Cursor // how far ahead was read
	done  bool   // to the end

	wantFrom, wantUntil int64 // times between which nothing of the log lies
	base                spot
}

// spot is where a message stands.
type spot struct{ Position, ID, Ts int64 }

// place returns a position between the messages of the chat that are not newer than a time and the others.
func (p *placer) place(ts int64) (int64, error) {
	wanted, err := p.wanted(ts)
	if err != nil {
		return 0, err
	}
	if !p.begun {
		if err := p.begin(ts); err != nil {
			return 0, err
		}
	}
	for {
		next, ok, err := p.next()
		if err != nil {
			return 0, err
		}
		if ok && next.Ts <= ts {
			p.low = next.Position
			p.ahead = p.ahead[1:]
			continue
		}
		if ok {
			wanted = min(wanted, next.Position-1)
		}
		p.low = max(wanted, p.low)
		return p.low, nil
	}
}

// begin looks for the place where the first message belongs.
func (p *placer) begin(ts int64) error {
	p.begun, p.low, p.read = true, math.MinInt64, CursorOldest
	if p.native {
		return nil
	}
	at, err := placeAt(p.tx, p.chat, ts+1)
	if err != nil {
		return err
	}
	var before spot
	err = p.tx.Raw("SELECT position, id FROM messages WHERE chat_id = ? AND position < ? ORDER BY position DESC LIMIT 1",
		p.chat, at.Position).Scan(&before).Error
	if err != nil {
		return fmt.Errorf("find place: %w", err)
	}
	p.read = at
	if before.ID != 0 {
		p.low = before.Position
	}
	return nil
}

// next returns the next message of the chat that was not passed.
func (p *placer) next() (spot, bool, error) {
	if len(p.ahead) == 0 && !p.done {
		query := "SELECT position, id, ts FROM messages WHERE chat_id = ? AND (position, id) > (?, ?) AND position < ?"
		if p.native {
			query += " AND mid >= 0"
		}
		err := p.tx.Raw(query+" ORDER BY position, id LIMIT ?", p.chat, p.read.Position, p.read.ID, positionWaiting,
			readAtATime).Scan(&p.ahead).Error
		if err != nil {
			return spot{}, false, fmt.Errorf("find place: %w", err)
		}
		if p.done = len(p.ahead) < readAtATime; len(p.ahead) > 0 {
			last := p.ahead[len(p.ahead)-1]
			p.read = Cursor{last.Position, last.ID}
		}
	}
	if len(p.ahead) == 0 {
		return spot{}, false, nil
	}
	return p.ahead[0], true, nil
}

// wanted returns where a message of a time would stand in the log of all chats, so that it also places its chat among
// the others.
func (p *placer) wanted(ts int64) (int64, error) {
	if ts < p.wantFrom || ts >= p.wantUntil {
		if err := p.look(ts); err != nil {
			return 0, err
		}
	}
	if p.base.ID == 0 {
		return (min(max(ts/1000, 0), pastEnd-1) - pastEnd) << pastShift, nil
	}
	return p.base.Position + 1 + min(max(ts-p.base.Ts, 0)/placeEach, roomBehind), nil
}

// look finds the logged message before a time, by the seconds in its id, and the time of the one behind it.
func (p *placer) look(ts int64) error {
	second := min(max(ts/1000-IDEpoch, 0), math.MaxInt32)
	border := (second + 1) << 32
	p.base = spot{}
	err := p.tx.Raw(numbered(`SELECT position, id, ts FROM messages WHERE account_id = ? AND mid >= {FirstServer} AND mid < ?
		ORDER BY mid DESC LIMIT 1`), p.account, border).Scan(&p.base).Error
	if err != nil {
		return fmt.Errorf("find place in the log: %w", err)
	}
	var after int64
	// SQLite starts at the first of the two bounds.
	err = p.tx.Raw(numbered(`SELECT coalesce(min(mid), 0) FROM messages WHERE account_id = ? AND mid >= ?
		AND mid >= {FirstServer}`), p.account, border).Scan(&after).Error
	if err != nil {
		return fmt.Errorf("find place in the log: %w", err)
	}
	p.wantFrom, p.wantUntil = second*1000+IDEpoch*1000, math.MaxInt64
	if second == 0 {
		p.wantFrom = math.MinInt64
	}
	if after != 0 {
		p.wantUntil = (after>>32 + IDEpoch) * 1000
	}
	return nil
}

// replaceImported places the imported messages of a chat anew, from a time on, after messages of the log have come that
// are as old.
func replaceImported(tx *gorm.DB, account, chat, from int64) error {
	var rows []spot
	err := tx.Raw(`SELECT position, id, ts FROM messages WHERE chat_id = ? AND mid < 0 AND ts >= ?
		AND EXISTS (SELECT 1 FROM messages WHERE account_id = ? AND mid < 0) ORDER BY ts, position, id`,
		chat, from, account).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("list imported messages: %w", err)
	}
	p := placer{tx: tx, account: account, chat: chat, native: true}
	for _, row := range rows {
		position, err := p.place(row.Ts)
		if err != nil {
			return err
		}
		if position == row.Position {
			continue
		}
		if err := tx.Exec("UPDATE messages SET position = ? WHERE id = ?", position, row.ID).Error; err != nil {
			return fmt.Errorf("place imported message: %w", err)
		}
	}
	return nil
}
