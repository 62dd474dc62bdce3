package mesibo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// ReadDbSession reads messages from the local database, page by page, and reports them read (mesibo-api 1.3, 6).
// Several may exist at once. Its methods may be called from any goroutine, but one Read at a time.
type ReadDbSession struct {
	m        *Mesibo
	peer     string
	group    uint32
	query    string
	listener MessageListener

	readMu sync.Mutex // one Read at a time

	mu       sync.Mutex
	receipts bool
	summary  bool
	fifo     bool
	files    bool
	calls    map[MsgStatus]bool
	callOnly bool // EnableMessages(false)
	stopped  bool
	at       *place // nil: at the beginning
	lastMid  uint64 // newest incoming message handed over, for receipts
}

// place is where a session continues. A summary continues after a conversation.
type place struct {
	cursor store.Cursor
	chat   models.Chat
}

// NewReadDbSession makes a read session (mesibo-api 1.3): for one user when peer is given, for one group when groupID is, for
// everything when neither is. Messages read go to l, on the goroutine that calls Read.
// query, when it is not empty, leaves only messages that hold all its words, or words that hold them as parts; case and accents do not matter.
// They come newest first. A part of one or two characters is looked for in the newest 50,000 messages.
func (m *Mesibo) NewReadDbSession(peer string, groupID uint32, query string, l MessageListener) *ReadDbSession {
	s := &ReadDbSession{m: m, peer: peer, group: groupID, query: query, listener: l, calls: make(map[MsgStatus]bool)}
	m.mu.Lock()
	m.reads[s] = struct{}{}
	m.mu.Unlock()
	return s
}

// EnableReadReceipt reports the messages of this session as read, to senders who asked for it: those handed over by
// Read, and real-time ones that match while the session is not stopped (mesibo-api 5.6). Off at first.
// Switching it on reports what was handed over before.
func (s *ReadDbSession) EnableReadReceipt(enable bool) {
	s.mu.Lock()
	s.receipts = enable
	mid := s.lastMid
	s.mu.Unlock()
	if enable && mid != 0 {
		s.report(mid)
	}
}

// EnableSummary reads the newest message of every conversation, newest conversation first (mesibo-api 6.4).
// Only for sessions without peer and group, and before the first Read. Off at first.
func (s *ReadDbSession) EnableSummary(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary = enable
}

// EnableFifo reads oldest first instead of newest first (mesibo-api 1.3). Before the first Read. Off at first.
func (s *ReadDbSession) EnableFifo(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fifo = enable
}

// EnableFiles reads only messages that carry files (mesibo-api 1.3). Off at first.
func (s *ReadDbSession) EnableFiles(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = enable
}

// EnableMessages reads ordinary messages, on at first; off leaves the records of calls that are enabled (mesibo-api 1.3).
func (s *ReadDbSession) EnableMessages(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callOnly = !enable
}

// EnableMissedCalls reads the records of missed calls as well (mesibo-api 1.3). Off at first. A summary holds them in any
// case.
func (s *ReadDbSession) EnableMissedCalls(enable bool) { s.enableCall(enable, MsgStatusCallMissed) }

// EnableIncomingCalls reads the records of answered calls as well (mesibo-api 1.3). Off at first.
func (s *ReadDbSession) EnableIncomingCalls(enable bool) { s.enableCall(enable, MsgStatusCallIncoming) }

// EnableOutgoingCalls reads the records of calls that this user made as well (mesibo-api 1.3). Off at first.
func (s *ReadDbSession) EnableOutgoingCalls(enable bool) { s.enableCall(enable, MsgStatusCallOutgoing) }

// EnableCalls reads the records of all calls as well (mesibo-api 1.3). Off at first.
func (s *ReadDbSession) EnableCalls(enable bool) {
	s.enableCall(enable, MsgStatusCallMissed, MsgStatusCallIncoming, MsgStatusCallOutgoing)
}

func (s *ReadDbSession) enableCall(enable bool, kinds ...MsgStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range kinds {
		delete(s.calls, kind)
		if enable {
			s.calls[kind] = true
		}
	}
}

// storeQuery says what to read. Under mu.
func (s *ReadDbSession) storeQuery(count int) store.Query {
	q := store.Query{Text: strings.TrimSpace(s.query), OldestFirst: s.fifo, Limit: count, Files: s.files, NoMessages: s.callOnly}
	for kind := range s.calls {
		q.Calls = append(q.Calls, int(kind))
	}
	slices.Sort(q.Calls)
	return q
}

// Stop ends the session: real-time messages no longer match, Read gives nothing until Start or Restart (mesibo-api 1.3).
func (s *ReadDbSession) Stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.m.mu.Lock()
	delete(s.m.reads, s)
	s.m.mu.Unlock()
}

// Start continues after Stop: real-time messages match again, and Read goes on where it was (mesibo-api 1.3).
func (s *ReadDbSession) Start() {
	s.mu.Lock()
	s.stopped = false
	s.mu.Unlock()
	s.m.mu.Lock()
	s.m.reads[s] = struct{}{}
	s.m.mu.Unlock()
}

// EndAllSessions stops all read sessions of the instance (mesibo-api 1.3).
func (m *Mesibo) EndAllSessions() {
	m.mu.Lock()
	sessions := slices.Collect(maps.Keys(m.reads))
	m.mu.Unlock()
	for _, s := range sessions {
		s.Stop()
	}
}

// IsReading tells whether this session is active and covers the message's conversation (mesibo-api 1.3).
func (s *ReadDbSession) IsReading(p *MessageParams) bool { return s.covers(p) }

// Restart begins again, also after Stop: the next Read starts where the first did (mesibo-api 1.3).
func (s *ReadDbSession) Restart() {
	s.mu.Lock()
	s.stopped, s.at, s.lastMid = false, nil, 0
	s.mu.Unlock()
	s.m.mu.Lock()
	s.m.reads[s] = struct{}{}
	s.m.mu.Unlock()
}

// IsReading tells whether an active session covers the message's conversation (mesibo-api 1.2, 6.6). Summary sessions do not
// count, nor do those with a query.
func (m *Mesibo) IsReading(p *MessageParams) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.reads {
		if s.covers(p) {
			return true
		}
	}
	return false
}

func (s *ReadDbSession) covers(p *MessageParams) bool {
	if p == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped && !s.summary && s.query == "" && (s.peer == "" && s.group == 0 || p.Compare(s.peer, s.group))
}

// Read hands up to count messages to the session's listener, with OriginDBMessage (OriginDBSummary in a summary), on the calling
// goroutine, and returns how many: fewer than count means that no more are there (mesibo-api 6.2). The last one
// carries FlagLastMessage, and FlagEORS when nothing is left. The next Read continues behind it.
// Without SetDatabase there is nothing to read and Read returns 0.
func (s *ReadDbSession) Read(count int) (int, error) {
	s.readMu.Lock()
	defer s.readMu.Unlock()
	found, err := s.read(count)
	if err != nil {
		return 0, err
	}
	for i := range found.rows {
		if s.listener != nil {
			s.m.deliver(nil, s.listener, &found.params[i], &found.rows[i])
		}
	}
	s.reportRead(found.newest)
	return len(found.rows), nil
}

// Messages reads like Read, as a sequence: up to count messages, all that are left when count is 0. It ends after an error. A message counts as
// read, for EnableReadReceipt, when its page of 100 was reached. It is an addition to the reference.
func (s *ReadDbSession) Messages(count int) iter.Seq2[*Message, error] {
	const page = 100
	return func(yield func(*Message, error) bool) {
		s.readMu.Lock()
		defer s.readMu.Unlock()
		for left := count; count == 0 || left > 0; left -= page {
			n := page
			if count != 0 {
				n = min(n, left)
			}
			found, err := s.read(n)
			if err != nil {
				yield(nil, err)
				return
			}
			s.reportRead(found.newest)
			for i := range found.rows {
				if !yield(s.m.message(found.params[i], &found.rows[i]), nil) {
					return
				}
			}
			if len(found.rows) < n {
				return
			}
		}
	}
}

// page is what one reading found.
type page struct {
	rows   []models.Message
	params []MessageParams
	newest []MessageParams // the newest incoming message of each conversation
}

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
	var after models.Chat
	if s.at != nil {
		after = s.at.chat
	}
	s.mu.Unlock()
	rows, err := db.Summary(context.Background(), account, after, count)
	if err != nil {
		return page{}, opError("Read", ResultFail, err)
	}
	if len(rows) > 0 {
		s.mu.Lock()
		s.at = &place{chat: rows[len(rows)-1].Chat}
		s.mu.Unlock()
	}
	found := page{rows: make([]models.Message, len(rows)), params: make([]MessageParams, len(rows))}
	for i := range rows {
		p := params(&rows[i].Message)
		p.Origin = OriginDBSummary
		s.m.profiles.attach(&p)
		profile := &p.Profile
		if p.GroupID != 0 {
			profile = &p.GroupProfile
		}
		if *profile == nil {
			*profile = &UserProfile{Address: rows[i].Chat.Peer, GroupID: p.GroupID}
		}
		withChat(*profile, &rows[i].Chat)
		markLast(&p, i, len(rows), count)
		found.rows[i], found.params[i] = rows[i].Message, p
	}
	return found, nil
}

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
	query, receipts := s.storeQuery(count), s.receipts
	at := store.CursorNewest
	if s.fifo {
		at = store.CursorOldest
	}
	if s.at != nil {
		at = s.at.cursor
	}
	s.mu.Unlock()
	var found page
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
	if len(found.rows) == 0 {
		return found, nil
	}
	s.advance(found.rows, query.OldestFirst)
	if receipts && query.Text == "" {
		found.newest = newestOf(found.params, found.rows)
	}
	return found, nil
}

// complete makes the parameters of the rows of a page. chat is the zero value for all conversations.
func (s *ReadDbSession) complete(db *store.Store, account int64, chat *models.Chat, found *page, count int) error {
	mids := make([]int64, len(found.rows))
	for i := range found.rows {
		mids[i] = found.rows[i].Mid
	}
	reactions, err := db.Reactions(context.Background(), account, mids)
	if err != nil {
		return err
	}
	found.params = make([]MessageParams, len(found.rows))
	for i := range found.rows {
		row := &found.rows[i]
		if chat.ID != 0 {
			row.Peer, row.GroupID = chat.Peer, chat.GroupID
		}
		p := params(row)
		p.Origin = OriginDBMessage
		p.Reactions = reactionsOf(reactions[row.Mid])
		s.m.profiles.attach(&p)
		markLast(&p, i, len(found.rows), count)
		found.params[i] = p
	}
	return nil
}

// newestOf gives the newest incoming message of each conversation.
func newestOf(all []MessageParams, rows []models.Message) []MessageParams {
	newest := make(map[int64]int)
	for i := range rows {
		if rows[i].Sender == "" || rows[i].Kind == models.KindGroup {
			continue
		}
		if j, ok := newest[rows[i].ChatID]; !ok || rows[i].Position > rows[j].Position {
			newest[rows[i].ChatID] = i
		}
	}
	out := make([]MessageParams, 0, len(newest))
	for _, i := range newest {
		out = append(out, all[i])
	}
	return out
}

func markLast(p *MessageParams, i, n, count int) {
	if i == n-1 {
		p.Flag |= FlagLastMessage
		if n < count {
			p.Flag |= FlagEORS
		}
	}
}

// advance notes where the session continues, and its newest incoming message.
func (s *ReadDbSession) advance(rows []models.Message, fifo bool) {
	last := rows[len(rows)-1]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = &place{cursor: store.Cursor{Position: last.Position, ID: last.ID}}
	newest := models.Message{Position: -1}
	for _, r := range rows {
		if r.Sender != "" && r.Kind != models.KindGroup && r.Position > newest.Position {
			newest = r
		}
	}
	if newest.Mid != 0 && (s.lastMid == 0 || fifo) {
		s.lastMid = uint64(newest.Mid)
	}
}

// reportRead marks conversations read up to the messages given.
func (s *ReadDbSession) reportRead(newest []MessageParams) {
	for _, p := range newest {
		s.send(p)
	}
}

// report marks the session's conversation read up to a message.
func (s *ReadDbSession) report(mid uint64) {
	if s.peer == "" && s.group == 0 {
		return
	}
	s.send(MessageParams{Peer: s.peer, GroupID: s.group, Mid: mid})
}

func (s *ReadDbSession) send(p MessageParams) {
	if p.GroupID != 0 {
		p.Peer = ""
	}
	if err := s.m.SendReadReceipt(p, p.Mid); err != nil && !errors.Is(err, ErrNotFound) {
		s.m.log.Error("report read", errAttr(err))
	}
}

// markSessions reports new messages read that match an active session with receipts; called after the listeners.
func (m *Mesibo) markSessions(changes []store.Change) {
	m.mu.Lock()
	sessions := make([]*ReadDbSession, 0, len(m.reads))
	for s := range m.reads {
		sessions = append(sessions, s)
	}
	m.mu.Unlock()
	for _, s := range sessions {
		newest := make(map[string]MessageParams)
		for i := range changes {
			c := &changes[i]
			if c.Message == nil || !c.New || c.Message.Status != int64(MsgStatusReceivedNew) {
				continue
			}
			if p := params(c.Message); s.covers(&p) {
				newest[strings.ToLower(c.Message.Peer)+"\x00"+fmt.Sprint(p.GroupID)] = p
			}
		}
		for _, p := range newest {
			s.sawRealtime(p)
		}
	}
}

func (s *ReadDbSession) sawRealtime(p MessageParams) {
	s.mu.Lock()
	s.lastMid = p.Mid
	receipts := s.receipts
	s.mu.Unlock()
	if !receipts {
		return
	}
	s.send(p)
}

// Seek moves the session to a time: the next Read starts at the newest message that is not newer than ts, or with EnableFifo at the
// oldest that is not older; ms since the Unix epoch. Only for sessions of one conversation. It is an addition to the reference.
func (s *ReadDbSession) Seek(ts uint64) error {
	return s.seek("Seek", func(db *store.Store, chat models.Chat, fifo bool) (store.Cursor, error) {
		if !fifo {
			ts++
		}
		return db.PlaceAt(context.Background(), chat.ID, ts)
	})
}

// SeekMessage moves the session just beyond a message: the next Read starts with the one before it, or with EnableFifo with the one
// after it. mid is 64-bit. Errors: ErrNotFound. It is an addition to the reference.
func (s *ReadDbSession) SeekMessage(mid uint64) error {
	return s.seek("SeekMessage", func(db *store.Store, chat models.Chat, _ bool) (store.Cursor, error) {
		return db.Place(context.Background(), chat.AccountID, chat.ID, mid)
	})
}

// SeekFraction moves the session to a part of the conversation's history, 0 the oldest end, 1 the newest. It is made for
// scroll bars: exact at the ends, about right between them. It is an addition to the reference.
func (s *ReadDbSession) SeekFraction(fraction float64) error {
	return s.seek("SeekFraction", func(db *store.Store, chat models.Chat, _ bool) (store.Cursor, error) {
		return db.PlaceFraction(context.Background(), chat.ID, min(1, max(0, fraction)))
	})
}

// Fraction tells where in the conversation's history a message stands, 0 the oldest end, 1 the newest: the inverse of
// SeekFraction. mid is 64-bit. Errors: ErrNotFound. It is an addition to the reference.
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

// FirstUnread gives the Mid of the oldest unread message of the conversation, 0 when there is none. It is an addition to the
// reference.
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
		return nil // an empty conversation: every place is the same
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
