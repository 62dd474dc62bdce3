package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/parley-chat/parley/models"
)

// ErrDamaged is returned by Open and Examine for a file that SQLite cannot make sense of.
var ErrDamaged = errors.New("the database is damaged")

// isDamage reports whether SQLite has found that a file is damaged, or none of its own.
func isDamage(err error) bool {
	const corrupt, notDatabase = 11, 26
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && (coded.Code()&0xff == corrupt || coded.Code()&0xff == notDatabase)
}

// damageWatch sees the error of every statement.
type damageWatch struct {
	logger.Interface

	told atomic.Pointer[func()]
	done atomic.Bool
}

func newDamageWatch() *damageWatch { return &damageWatch{Interface: logger.Discard} }

// LogMode implements logger.Interface.
func (w *damageWatch) LogMode(logger.LogLevel) logger.Interface { return w } //nolint:ireturn // the interface's

// Trace implements logger.Interface.
func (w *damageWatch) Trace(_ context.Context, _ time.Time, _ func() (string, int64), err error) {
	if err == nil || !isDamage(err) {
		return
	}
	if told := w.told.Load(); told != nil && !w.done.Swap(true) {
		go (*told)()
	}
}

// Examine looks through the whole database; ErrDamaged when it is not sound. Others read and write meanwhile.
func (s *Store) Examine(ctx context.Context) error {
	var problems []string
	err := s.read(ctx).Raw("PRAGMA quick_check(1)").Scan(&problems).Error
	switch {
	case isDamage(err):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return fmt.Errorf("examine database: %w", err)
	case len(problems) != 1 || problems[0] != "ok":
		return fmt.Errorf("%w: %s", ErrDamaged, strings.Join(problems, "; "))
	}
	return nil
}

// Rescue puts the messages that wait in another database of the same user, which may be damaged, into the outbox, and
// returns how many. What cannot be read is left out, and so is what is here already.
func (s *Store) Rescue(ctx context.Context, path, address string) (int, error) {
	account, err := s.Account(address)
	if err != nil {
		return 0, err
	}
	from, err := open(fileURI(path)+"?mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)", logger.Discard)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	waiting := readWaiting(from.WithContext(ctx), address)
	if err := closeAll(from); err != nil {
		return 0, err
	}
	n := 0
	for _, m := range waiting {
		switch known, err := s.hasNonce(ctx, m.Nonce); {
		case err != nil:
			return n, err
		case known:
			continue
		}
		t := Target{Account: account.ID, Peer: m.Peer, Group: uint32(m.GroupID)}
		switch err := s.Queue(t, &m, m.Tried); {
		case errors.Is(err, ErrDuplicate):
			continue
		case err != nil:
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Store) hasNonce(ctx context.Context, nonce []byte) (known bool, err error) {
	err = s.read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM messages WHERE nonce = ?)", nonce).Scan(&known).Error
	if err != nil {
		return false, fmt.Errorf("look up message: %w", err)
	}
	return known, nil
}

// readWaiting reads what it can of the messages that wait, in the order in which they were queued.
func readWaiting(db *gorm.DB, address string) (list []models.Message) {
	accounts := readAround(db, "SELECT * FROM accounts NOT INDEXED ORDER BY id", func(a models.Account) int64 { return a.ID })
	chats := readAround(db, "SELECT * FROM chats NOT INDEXED ORDER BY id", func(c models.Chat) int64 { return c.ID })
	waiting := readAround(db, numbered("SELECT * FROM messages NOT INDEXED WHERE status = {Outbox} ORDER BY id"),
		func(m models.Message) int64 { return m.ID })
	inChat := make(map[int64]models.Chat, len(chats))
	for _, c := range chats {
		for _, a := range accounts {
			if c.AccountID == a.ID && strings.EqualFold(a.Address, address) {
				inChat[c.ID] = c
			}
		}
	}
	for _, m := range waiting {
		if c, ok := inChat[m.ChatID]; ok && len(m.Nonce) > 0 {
			m.Peer, m.GroupID = c.Peer, c.GroupID
			list = append(list, m)
		}
	}
	return list
}

// readAround reads the rows of a table from its beginning and from its end, each as far as it can be read, and returns
// them in their order. The query ends in an order.
func readAround[Row any](db *gorm.DB, query string, id func(Row) int64) (list []Row) {
	seen := map[int64]bool{}
	read := func(query string) (part []Row) {
		rows, err := db.Raw(query).Rows()
		if err != nil {
			return nil
		}
		defer func() { _ = rows.Close() }() // the file is damaged
		for rows.Next() {
			var row Row
			if err := db.ScanRows(rows, &row); err != nil {
				continue
			}
			if !seen[id(row)] {
				seen[id(row)] = true
				part = append(part, row)
			}
		}
		_ = rows.Err() // as above
		return part
	}
	list = read(query)
	rest := read(query + " DESC")
	for i := range rest {
		list = append(list, rest[len(rest)-1-i])
	}
	return list
}
