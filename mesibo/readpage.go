package mesibo

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/parley-chat/parley/internal/goroutine"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file reads pages of messages.

// page is what one reading found.
type page struct {
	from   *place // where it was read
	rows   []models.Message
	params []MessageParams
	chats  []models.Chat // of a summary
	next   int           // the first row that was not handed over yet
}

// place is just beyond row i.
func (p *page) place(i int) *place {
	if p.chats != nil {
		return &place{chat: p.chats[i]}
	}
	return &place{cursor: store.Cursor{Position: p.rows[i].Position, ID: p.rows[i].ID}}
}

// newest returns the newest incoming message of each chat among the first rows; a summary has none.
func (p *page) newest(rows int) map[profileKey]newestOne {
	newest := make(map[profileKey]newestOne)
	if p.chats != nil {
		return newest
	}
	for i := range rows {
		if row := &p.rows[i]; row.Sender != "" && row.Kind != models.KindGroup {
			keepNewest(newest, keyOf(row.Peer, uint32(row.GroupID)),
				newestOne{params: p.params[i], position: row.Position})
		}
	}
	return newest
}

// Read hands up to count messages to the session's listener, with OriginDBMessage (OriginDBSummary in a summary),
// on the calling goroutine, and returns how many: fewer than count means that no more are there. The last one
// carries FlagLastMessage, and FlagEORS when nothing is left. The next Read continues behind it. Without
// SetDatabase there is nothing to read and Read returns 0.
//
// The listener may read on: a Read that it calls hands over what is left of the page under way, then the next one,
// and returns the count of that. Another goroutine's Read waits until this one has returned.
func (s *ReadDbSession) Read(count int) (int, error) {
	if s.refused != nil {
		return 0, opError("Read", ResultBadRequest, s.refused)
	}
	if number := goroutine.Number(); s.reader.Load() != number {
		s.readMu.Lock()
		s.reader.Store(number)
		defer func() {
			s.reader.Store(0)
			s.readMu.Unlock()
		}()
	}
	s.handOver()
	found, err := s.readOn(count)
	if err != nil {
		return 0, err
	}
	outer := s.handed
	s.handed = &found
	defer func() { s.handed = outer }()
	s.handOver()
	s.saw(found.newest(len(found.rows)))
	return len(found.rows), nil
}

// handOver calls the listener with what is left of the page.
func (s *ReadDbSession) handOver() {
	for p := s.handed; p != nil && p.next < len(p.rows); {
		i := p.next
		p.next++
		if s.listener != nil {
			s.m.callListener(nil, s.listener, &p.params[i], &p.rows[i])
		}
	}
}

// readOn reads a page and moves the session behind it.
func (s *ReadDbSession) readOn(count int) (page, error) {
	for {
		found, err := s.read(count)
		if n := len(found.rows); err != nil || n == 0 || s.move(found.from, found.place(n-1)) {
			return found, err
		}
	}
}

// move moves the session from one place to another, unless it is at neither.
func (s *ReadDbSession) move(from, to *place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != from {
		return false
	}
	s.at = to
	return true
}

// saw notes what was handed over and reports it read.
func (s *ReadDbSession) saw(newest map[profileKey]newestOne) {
	s.mu.Lock()
	for key, one := range newest {
		keepNewest(s.seen, key, one)
	}
	receipts := s.receipts
	s.mu.Unlock()
	if receipts {
		s.m.reportRead(newest)
	}
}

// Messages reads like Read, as a sequence: up to count messages, all that are left when count is 0. It ends after
// an error. The session stands behind the message that was yielded last, and those yielded count as read, for
// EnableReadReceipt, when a hundred of them were and at the end. The body of the loop may use the session; a Read
// in it continues behind the message of the body, and the loop behind that.
func (s *ReadDbSession) Messages(count int) iter.Seq2[*Message, error] {
	const most = 100
	return func(yield func(*Message, error) bool) {
		if s.refused != nil {
			yield(nil, opError("Messages", ResultBadRequest, s.refused))
			return
		}
		for left := count; count == 0 || left > 0; {
			n := most
			if count != 0 {
				n = min(n, left)
			}
			found, err := s.read(n)
			if err != nil {
				yield(nil, err)
				return
			}
			moved, goOn := s.yieldPage(&found, yield)
			s.saw(found.newest(found.next))
			left -= found.next
			if !goOn || !moved && len(found.rows) < n {
				return
			}
		}
	}
}

// yieldPage yields the rows of a page until another call has moved the session, or the loop ends.
func (s *ReadDbSession) yieldPage(found *page, yield func(*Message, error) bool) (moved, goOn bool) {
	at := found.from
	for i := range found.rows {
		to := found.place(i)
		if !s.move(at, to) {
			return true, true
		}
		at = to
		found.next = i + 1
		if !yield(s.m.message(found.params[i], &found.rows[i]), nil) {
			return false, false
		}
	}
	return false, true
}

// read reads a page from where the session is.
func (s *ReadDbSession) read(count int) (page, error) {
	const op = "Read"
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return page{}, opError(op, ResultFail, err)
	}
	s.m.mu.Lock()
	kept := s.m.dbKept
	s.m.mu.Unlock()
	s.mu.Lock()
	summary, stopped := s.summary, s.stopped
	s.mu.Unlock()
	switch {
	case count <= 0:
		return page{}, opError(op, ResultBadRequest, fmt.Errorf("count is %d", count))
	case stopped || !kept:
		return page{}, nil
	case summary && (s.peer != "" || s.group != 0):
		return page{}, opError(op, ResultBadRequest, errors.New("a summary is of all conversations, not of one"))
	case summary:
		return s.readSummary(db, target.Account, count)
	}
	return s.readMessages(db, target, count)
}

func (s *ReadDbSession) readSummary(db *store.Store, account int64, count int) (page, error) {
	s.mu.Lock()
	from, without := s.at, s.callsSwitched(false)
	s.mu.Unlock()
	var after models.Chat
	if from != nil {
		after = from.chat
	}
	rows, err := db.Summary(context.Background(), account, after, count, without)
	if err != nil {
		return page{}, opError("Read", ResultFail, err)
	}
	found := page{
		from: from, rows: make([]models.Message, len(rows)), params: make([]MessageParams, len(rows)),
		chats: make([]models.Chat, len(rows)),
	}
	for i := range rows {
		found.rows[i], found.chats[i] = rows[i].Message, rows[i].Chat
	}
	for i := range rows {
		if i%preparedRows == 0 {
			s.m.profiles.prepare(found.rows[i:min(i+preparedRows, len(rows))])
		}
		p := params(&rows[i].Message)
		p.Origin = OriginDBSummary
		s.m.profiles.attach(&p)
		markLast(&p, i, len(rows), count)
		found.params[i] = p
	}
	return found, nil
}

// preparedRows is for how many rows of a page profiles are looked up at once.
const preparedRows = 200

func (s *ReadDbSession) readMessages(db *store.Store, target store.Target, count int) (page, error) {
	ctx := context.Background()
	all := s.peer == "" && s.group == 0
	var chat models.Chat
	if !all {
		var err error
		if chat, err = db.Chat(ctx, target); errors.Is(err, store.ErrNotFound) {
			return page{}, nil
		} else if err != nil {
			return page{}, opError("Read", ResultFail, err)
		}
	}
	s.mu.Lock()
	query := s.storeQuery(count)
	found := page{from: s.at}
	s.mu.Unlock()
	at := store.CursorNewest
	if query.OldestFirst {
		at = store.CursorOldest
	}
	if found.from != nil {
		at = found.from.cursor
	}
	var err error
	if all {
		found.rows, err = db.PageAll(ctx, target.Account, at, query)
	} else {
		found.rows, err = db.Page(ctx, target.Account, chat.ID, at, query)
	}
	if err == nil {
		err = s.complete(db, target.Account, &chat, &found, count)
	}
	if err != nil {
		return page{}, opError("Read", ResultFail, err)
	}
	return found, nil
}

// complete makes the parameters of the rows of a page. chat is the zero value for all chats.
func (s *ReadDbSession) complete(db *store.Store, account int64, chat *models.Chat, found *page, count int) error {
	mids := make([]int64, len(found.rows))
	for i := range found.rows {
		row := &found.rows[i]
		mids[i] = row.Mid
		if chat.ID != 0 {
			row.Peer, row.GroupID = chat.Peer, chat.GroupID
		}
	}
	reactions, err := db.Reactions(context.Background(), account, mids)
	if err != nil {
		return err
	}
	found.params = make([]MessageParams, len(found.rows))
	for i := range found.rows {
		if i%preparedRows == 0 {
			s.m.profiles.prepare(found.rows[i:min(i+preparedRows, len(found.rows))])
		}
		row := &found.rows[i]
		p := params(row)
		p.Origin = OriginDBMessage
		p.Reactions = reactionsOf(reactions[row.Mid])
		s.m.profiles.attach(&p)
		markLast(&p, i, len(found.rows), count)
		found.params[i] = p
	}
	return nil
}

func markLast(p *MessageParams, i, n, count int) {
	if i == n-1 {
		p.Flag |= FlagLastMessage
		if n < count {
			p.Flag |= FlagEORS
		}
	}
}
