package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file finds messages by parts of their words. The index follows in the background, because writing it costs a
// quarter of storing a message; what it has not reached yet is compared one by one, so that a search always finds
// everything.

const (
	indexRows    = 500                    // in one transaction
	indexAfter   = 250 * time.Millisecond // without a write
	indexLatest  = 10 * time.Second       // however many writes there are
	indexTail    = 20_000                 // more than this is indexed before a search
	shortRecent  = 50_000                 // messages that are compared for a word too short for the index
	compareChunk = 1000
	trigram      = 3 // runes: shorter words are not in the index
)

// textOf is the SQL expression of what a message is found by.
const textOf = `coalesce(CAST(data AS TEXT), '') || coalesce(char(10) || (content ->> '$.location.title'), '') ||
	coalesce(char(10) || (content ->> '$.location.address'), '') ||
	coalesce(char(10) || (content ->> '$.file.name'), '')`

// indexable leaves out notices, which have no words of a user.
const indexable = "kind <> {Group} AND (data IS NOT NULL OR content IS NOT NULL)"

// indexSoon has new messages indexed when writing pauses.
func (s *Store) indexSoon() {
	if s.r == s.w { // in memory: nothing is read back
		return
	}
	s.indexMu.Lock()
	defer s.indexMu.Unlock()
	if s.indexClosed {
		return
	}
	now := time.Now()
	if s.indexTimer == nil {
		s.indexSince = now
		s.indexTimer = time.AfterFunc(indexAfter, s.index)
		return
	}
	if now.Sub(s.indexSince) < indexLatest && s.indexTimer.Stop() {
		s.indexTimer.Reset(indexAfter)
	}
}

// index works until nothing is left.
func (s *Store) index() {
	s.indexMu.Lock()
	s.indexTimer = nil
	if s.indexClosed {
		s.indexMu.Unlock()
		return
	}
	s.indexing.Add(1)
	s.indexMu.Unlock()
	defer s.indexing.Done()
	for {
		more, err := s.indexSome()
		if err != nil {
			s.log.Error("index messages", slog.Any("error", err))
			return
		}
		if !more {
			return
		}
	}
}

// stopIndexing ends the work in the background.
func (s *Store) stopIndexing() {
	s.indexMu.Lock()
	s.indexClosed = true
	if s.indexTimer != nil {
		s.indexTimer.Stop()
	}
	s.indexMu.Unlock()
	s.indexing.Wait()
}

func (s *Store) indexSome() (more bool, err error) {
	s.indexMu.Lock()
	closed := s.indexClosed
	s.indexMu.Unlock()
	if closed {
		return false, nil
	}
	err = s.write(func(tx *gorm.DB) error {
		var upTo int64
		err := tx.Raw(
			`SELECT coalesce(max(id), 0) FROM (SELECT id FROM messages WHERE id > (SELECT indexed FROM search_state)
			ORDER BY id LIMIT ?)`, indexRows).Scan(&upTo).Error
		if err != nil {
			return fmt.Errorf("find messages to index: %w", err)
		}
		more = upTo > 0
		if !more {
			return nil
		}
		err = tx.Exec(numbered(`INSERT INTO message_texts(rowid, text) SELECT id, `+textOf+` FROM messages
			WHERE id > (SELECT indexed FROM search_state) AND id <= ? AND `+indexable), upTo).Error
		if err != nil {
			return fmt.Errorf("index messages: %w", err)
		}
		if err := tx.Exec("UPDATE search_state SET indexed = ?", upTo).Error; err != nil {
			return fmt.Errorf("index messages: %w", err)
		}
		return nil
	})
	return more, err
}

// reindex brings the index up to date with a message that carries something else now.
func reindex(tx *gorm.DB, m *models.Message) error {
	var indexed int64
	if err := tx.Raw("SELECT indexed FROM search_state").Scan(&indexed).Error; err != nil {
		return fmt.Errorf("index message: %w", err)
	}
	if m.ID > indexed {
		return nil
	}
	if err := tx.Exec("DELETE FROM message_texts WHERE rowid = ?", m.ID).Error; err != nil {
		return fmt.Errorf("index message: %w", err)
	}
	err := tx.Exec(numbered("INSERT INTO message_texts(rowid, text) SELECT id, "+textOf+
		" FROM messages WHERE id = ? AND "+indexable), m.ID).Error
	if err != nil {
		return fmt.Errorf("index message: %w", err)
	}
	return nil
}

// Fold makes two texts equal that differ only in case and accents.
func Fold(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return unicode.ToLower(unicode.ToUpper(r))
			}, norm.NFD.String(text))
		}
	}
	return strings.ToLower(text)
}

func words(query string) []string {
	return strings.FieldsFunc(query, func(r rune) bool { return unicode.IsSpace(r) || r == 0 })
}

// parts splits a query into the parts that have to occur: those that the index knows, and those too short for it.
func parts(query string) (long, short []string) {
	for _, word := range words(query) {
		if utf8.RuneCountInString(word) >= trigram {
			long = append(long, word)
		} else {
			short = append(short, Fold(word))
		}
	}
	return long, short
}

// Matcher makes a test for texts that hold all words of a query, or parts of them; without words none does.
func Matcher(query string) func(text string) bool {
	all := words(query)
	matches := matcher(all)
	return func(text string) bool { return len(all) > 0 && matches(text) }
}

// matcher makes a test for texts that hold all parts.
func matcher(parts []string) func(text string) bool {
	folded := make([]string, len(parts))
	for i, w := range parts {
		folded[i] = Fold(w)
	}
	return func(text string) bool {
		text = Fold(text)
		for _, w := range folded {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
}

// search reads messages that hold all words of the query beyond at, in the order of arrival, or where messages were
// imported in that of their places. chat is 0 for all chats.
func (s *Store) search(ctx context.Context, account, chat int64, at Cursor, query Query) ([]models.Message, error) {
	long, short := parts(query.Text)
	if len(long)+len(short) == 0 {
		return nil, nil
	}
	f := finder{s: s, account: account, chat: chat, at: at, query: query, matches: matcher(words(query.Text))}
	var err error
	if f.byPlace, err = s.hasImports(ctx, account); err != nil {
		return nil, err
	}
	if len(long) == 0 {
		f.byPlace = f.byPlace && chat != 0 // there is no index for the places in all chats
		return f.recent(ctx)
	}
	tail := int64(indexTail)
	if f.byPlace {
		tail = 0
	}
	if f.indexed, err = s.indexed(ctx, tail); err != nil {
		return nil, err
	}
	phrases := make([]string, len(long))
	for i, w := range long {
		phrases[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	f.match = strings.Join(phrases, " AND ")
	f.short = matcher(short)
	return f.all(ctx)
}

func (s *Store) hasImports(ctx context.Context, account int64) (has bool, err error) {
	err = s.read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM messages WHERE account_id = ? AND mid < 0)", account).Scan(&has).Error
	if err != nil {
		return false, fmt.Errorf("look for imported messages: %w", err)
	}
	return has, nil
}

// indexed brings the index as near to the newest message as tail says, and returns how far it reaches.
func (s *Store) indexed(ctx context.Context, tail int64) (int64, error) {
	for {
		var row struct{ Indexed, Newest int64 }
		err := s.read(ctx).Raw(`SELECT indexed, (SELECT coalesce(max(id), 0) FROM messages) AS newest
			FROM search_state`).Scan(&row).Error
		if err != nil {
			return 0, fmt.Errorf("read index: %w", err)
		}
		if row.Newest-row.Indexed <= tail {
			return row.Indexed, nil
		}
		if more, err := s.indexSome(); err != nil || !more {
			return row.Indexed, err
		}
	}
}

// finder is one search.
type finder struct {
	s       *Store
	account int64
	chat    int64
	at      Cursor // only beyond this
	byPlace bool   // in the order of places, not of ids
	query   Query
	indexed int64
	match   string // the index's own query
	short   func(text string) bool
	matches func(text string) bool
	found   []models.Message
}

// all goes through the part that is not indexed and the index, in the order that is asked for.
func (f *finder) all(ctx context.Context) ([]models.Message, error) {
	steps := []func(context.Context) error{f.compareTail, f.askIndex}
	if f.query.OldestFirst {
		steps[0], steps[1] = steps[1], steps[0]
	}
	for _, step := range steps {
		if len(f.found) >= f.query.Limit {
			break
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return f.found, nil
}

func (f *finder) rows(ctx context.Context) *gorm.DB {
	q := f.s.read(ctx).Select("m.*, c.peer, c.group_id").Where("m.account_id = ?", f.account)
	if f.chat != 0 {
		q = q.Where("m.chat_id = ?", f.chat)
	}
	return f.query.filter(q, "m.")
}

// page orders rows beyond the place that the search has reached. id is their number's column.
func (f *finder) page(q *gorm.DB, id string, limit int) ([]models.Message, error) {
	switch {
	case f.byPlace && f.query.OldestFirst:
		q = q.Where("(m.position, m.id) > (?, ?)", f.at.Position, f.at.ID).Order("m.position, m.id")
	case f.byPlace:
		q = q.Where("(m.position, m.id) < (?, ?)", f.at.Position, f.at.ID).Order("m.position DESC, m.id DESC")
	case f.query.OldestFirst:
		q = q.Where(id+" > ?", f.at.ID).Order(id)
	default:
		q = q.Where(id+" < ?", f.at.ID).Order(id + " DESC")
	}
	var ms []models.Message
	if err := q.Limit(limit).Find(&ms).Error; err != nil {
		return nil, fmt.Errorf("search messages: %w", err)
	}
	if len(ms) > 0 {
		last := &ms[len(ms)-1]
		f.at = Cursor{last.Position, last.ID}
	}
	return ms, nil
}

func (f *finder) askIndex(ctx context.Context) error {
	for len(f.found) < f.query.Limit {
		limit := f.query.Limit - len(f.found)
		q := f.rows(ctx).Table("message_texts AS t").Joins("CROSS JOIN messages m ON m.id = t.rowid").
			Joins("JOIN chats c ON c.id = m.chat_id").Where("message_texts MATCH ?", f.match)
		ms, err := f.page(q, "t.rowid", limit)
		if err != nil {
			return err
		}
		f.take(ms, f.short)
		if len(ms) < limit {
			break
		}
	}
	return nil
}

// compareTail looks at what is not indexed yet.
func (f *finder) compareTail(ctx context.Context) error {
	return f.compare(ctx, "m.id > ?", f.indexed, indexTail+compareChunk, f.matches)
}

// recent compares the newest messages, for words that the index cannot find.
func (f *finder) recent(ctx context.Context) ([]models.Message, error) {
	err := f.compare(ctx, "m.id > (SELECT max(id) FROM messages) - ?", shortRecent, shortRecent, f.matches)
	return f.found, err
}

func (f *finder) compare(ctx context.Context, within string, arg int64, most int, matches func(string) bool) error {
	for seen := 0; seen < most && len(f.found) < f.query.Limit; {
		q := f.rows(ctx).Table("messages AS m").Joins("JOIN chats c ON c.id = m.chat_id").
			Where(within, arg).Where(numbered("m.kind <> {Group}"))
		ms, err := f.page(q, "m.id", compareChunk)
		if err != nil {
			return err
		}
		f.take(ms, matches)
		if seen += len(ms); len(ms) < compareChunk {
			break
		}
	}
	return nil
}

func (f *finder) take(ms []models.Message, matches func(string) bool) {
	for i := range ms {
		if len(f.found) < f.query.Limit && matches(SearchText(&ms[i])) {
			f.found = append(f.found, ms[i])
		}
	}
}

// SearchText is what a message is found by.
func SearchText(m *models.Message) string {
	text := string(m.Data)
	if c := m.Content; c != nil && c.Location != nil {
		text += "\n" + c.Location.Title + "\n" + c.Location.Address
	}
	if c := m.Content; c != nil && c.File != nil {
		text += "\n" + c.File.Name
	}
	return text
}
