package mesibo

import (
	"context"
	"errors"
	"fmt"
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
// query, when it is not empty, leaves only messages that hold this text.
func (m *Mesibo) NewReadDbSession(peer string, groupID uint32, query string, l MessageListener) *ReadDbSession {
	s := &ReadDbSession{m: m, peer: peer, group: groupID, query: query, listener: l}
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

// EnableFifo reads oldest first instead of newest first. Before the first Read. Off at first.
func (s *ReadDbSession) EnableFifo(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fifo = enable
}

// Stop ends the session: real-time messages no longer match, Read gives nothing until Restart.
func (s *ReadDbSession) Stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.m.mu.Lock()
	delete(s.m.reads, s)
	s.m.mu.Unlock()
}

// Restart begins again: the next Read starts where the first did.
func (s *ReadDbSession) Restart() {
	s.mu.Lock()
	s.stopped, s.at, s.lastMid = false, nil, 0
	s.mu.Unlock()
	s.m.mu.Lock()
	s.m.reads[s] = struct{}{}
	s.m.mu.Unlock()
}

// IsReading tells whether an active session covers the message's conversation. Summary sessions do not count.
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped && !s.summary && s.query == "" && (s.peer == "" && s.group == 0 || p.Compare(s.peer, s.group))
}

// Read hands up to count messages to the session's listener, with OriginDBMessage (OriginDBSummary in a summary), on the calling
// goroutine, and returns how many: fewer than count means that no more are there (mesibo-api 6.2). The last one
// carries FlagLastMessage, and FlagEORS when nothing is left. The next Read continues behind it.
// Without SetDatabase there is nothing to read and Read returns 0.
func (s *ReadDbSession) Read(count int) (int, error) {
	const op = "Read"
	s.readMu.Lock()
	defer s.readMu.Unlock()
	db, target, err := s.m.open(s.peer, s.group)
	if err != nil {
		return 0, opError(op, ResultFail, err)
	}
	s.m.mu.Lock()
	kept := s.m.dbKept
	s.m.mu.Unlock()
	s.mu.Lock()
	summary, stopped := s.summary, s.stopped
	s.mu.Unlock()
	switch {
	case count <= 0:
		return 0, opError(op, ResultBadRequest, fmt.Errorf("count is %d", count))
	case stopped || !kept:
		return 0, nil
	case summary && (s.peer != "" || s.group != 0):
		return 0, opError(op, ResultBadRequest, errors.New("a summary is of all conversations, not of one"))
	case summary:
		return s.readSummary(db, target.Account, count)
	}
	return s.readMessages(db, target, count)
}

func (s *ReadDbSession) readSummary(db *store.Store, account int64, count int) (int, error) {
	s.mu.Lock()
	var after models.Chat
	if s.at != nil {
		after = s.at.chat
	}
	s.mu.Unlock()
	rows, err := db.Summary(context.Background(), account, after, count)
	if err != nil {
		return 0, opError("Read", ResultFail, err)
	}
	if len(rows) > 0 {
		s.mu.Lock()
		s.at = &place{chat: rows[len(rows)-1].Chat}
		s.mu.Unlock()
	}
	for i, row := range rows {
		p := params(&row.Message)
		p.Origin = OriginDBSummary
		s.m.profiles.attach(&p)
		profile := &p.Profile
		if p.GroupID != 0 {
			profile = &p.GroupProfile
		}
		if *profile == nil {
			*profile = &UserProfile{Address: row.Chat.Peer, GroupID: p.GroupID}
		}
		(*profile).Unread, (*profile).Draft = int(row.Chat.Unread), row.Chat.Draft
		s.hand(&p, row.Message.Data, i, len(rows), count)
	}
	return len(rows), nil
}

func (s *ReadDbSession) readMessages(db *store.Store, target store.Target, count int) (int, error) {
	ctx := context.Background()
	all := s.peer == "" && s.group == 0
	var chat models.Chat
	if !all {
		var err error
		if chat, err = db.Chat(ctx, target); errors.Is(err, store.ErrNotFound) {
			return 0, nil
		} else if err != nil {
			return 0, opError("Read", ResultFail, err)
		}
	}
	s.mu.Lock()
	fifo, receipts := s.fifo, s.receipts
	at := store.CursorNewest
	if fifo {
		at = store.CursorOldest
	}
	if s.at != nil {
		at = s.at.cursor
	}
	s.mu.Unlock()
	var rows []models.Message
	var err error
	query := store.Query{Text: s.query, OldestFirst: fifo, Limit: count}
	if all {
		rows, err = db.PageAll(ctx, target.Account, at, query)
	} else {
		rows, err = db.Page(ctx, chat.ID, at, query)
	}
	if err != nil {
		return 0, opError("Read", ResultFail, err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	newest := s.advance(rows, fifo)
	for i := range rows {
		if !all {
			rows[i].Peer, rows[i].GroupID = chat.Peer, chat.GroupID
		}
		p := params(&rows[i])
		p.Origin = OriginDBMessage
		s.m.profiles.attach(&p)
		s.hand(&p, rows[i].Data, i, len(rows), count)
	}
	if receipts && newest != 0 && s.query == "" {
		s.report(newest)
	}
	return len(rows), nil
}

// advance notes where the session continues and returns the newest incoming message of the page.
func (s *ReadDbSession) advance(rows []models.Message, fifo bool) uint64 {
	last := rows[len(rows)-1]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = &place{cursor: store.Cursor{Position: last.Position, ID: last.ID}}
	newest := models.Message{Position: -1}
	for _, r := range rows {
		if r.Sender != "" && r.Position > newest.Position {
			newest = r
		}
	}
	if newest.Mid != 0 && (s.lastMid == 0 || fifo) {
		s.lastMid = uint64(newest.Mid)
	}
	return uint64(newest.Mid)
}

func (s *ReadDbSession) hand(p *MessageParams, data []byte, i, n, count int) {
	if i == n-1 {
		p.Flag |= FlagLastMessage
		if n < count {
			p.Flag |= FlagEORS
		}
	}
	if s.listener != nil {
		s.listener.OnMessage(p, data)
	}
}

// report marks everything up to a message read. A session over everything reports each conversation when it reads it.
func (s *ReadDbSession) report(mid uint64) {
	if s.peer == "" && s.group == 0 {
		return
	}
	p := MessageParams{Peer: s.peer, GroupID: s.group}
	if err := s.m.SendReadReceipt(p, mid); err != nil && !errors.Is(err, ErrNotFound) {
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
	if p.GroupID != 0 {
		p.Peer = ""
	}
	if err := s.m.SendReadReceipt(p, p.Mid); err != nil && !errors.Is(err, ErrNotFound) {
		s.m.log.Error("report read", errAttr(err))
	}
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

// Fraction tells where in the conversation's history a message stands, the inverse of SeekFraction.
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

// FirstUnread gives the Mid of the oldest unread message of the conversation, 0 when there is none.
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
