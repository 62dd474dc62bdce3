package mesibo

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// ReadDbSession reads messages from the local database, page by page, and reports them read. Several may exist at
// once. Its methods may be called from any goroutine, and by its own listener; Read says how.
type ReadDbSession struct {
	m        *Mesibo
	peer     string
	group    uint32
	query    string
	listener MessageListener
	refused  error // why listener cannot be used, nil when it can

	readMu sync.Mutex    // held by the goroutine that calls the listener
	reader atomic.Uint64 // the number of that goroutine, 0 for none
	handed *page         // what is being handed to the listener; used by that goroutine alone

	mu         sync.Mutex
	receipts   bool
	summary    bool
	fifo       bool
	files      bool
	unread     bool
	calls      map[MsgStatus]bool // those that were switched on or off
	callOnly   bool               // EnableMessages(false)
	stopped    bool
	at         *place                   // nil: at the beginning
	seen       map[profileKey]newestOne // the newest incoming message handed over, by chat
	registered registration
}

// place is where a session continues. A summary continues after a chat.
type place struct {
	cursor store.Cursor
	chat   models.Chat
}

// NewReadDbSession makes a read session: for one user when peer is given, for one group when groupID is, for
// everything when neither is. Messages read go to l, on the goroutine that calls Read. The session is active, see
// IsReading and EnableReadReceipt, until Stop, which is due when the screen that shows it closes.
//
// query, when it is not empty, leaves only messages that hold all its words, or words that hold them as parts; case
// and accents do not matter. They come newest first. A part of one or two characters is looked for in the newest
// 50,000 messages.
//
// A listener that has a method of one of the listener interfaces without the others, or with another signature, is
// refused as AddListener refuses it: Read and Messages return that error.
func (m *Mesibo) NewReadDbSession(peer string, groupID uint32, query string, l MessageListener) *ReadDbSession {
	s := &ReadDbSession{
		m: m, peer: peer, group: groupID, query: strings.TrimSpace(query), listener: l,
		calls: make(map[MsgStatus]bool), seen: make(map[profileKey]newestOne),
	}
	if l != nil {
		s.refused = checkListener(l)
	}
	m.reading.open(s)
	return s
}

// EnableReadReceipt reports the messages of this session as read, to senders who asked for it: those handed over by
// Read, and real-time ones that match while the session is not stopped. With a query those match that hold its
// words. Off at first. Switching it on reports what was handed over before. A summary reports nothing.
//
// Read is said of a chat up to a message: with the newest of 30 messages that were handed over, the 29 before
// it are read as well, here and for their sender, whether the session has handed them over or not.
func (s *ReadDbSession) EnableReadReceipt(enable bool) {
	s.mu.Lock()
	s.receipts = enable
	seen := s.m.reading.register(s)
	for key, one := range s.seen {
		keepNewest(seen, key, one)
	}
	s.mu.Unlock()
	if enable {
		s.m.reportRead(seen)
	}
}

// EnableSummary reads the newest message of every chat, newest chat first. Only for sessions
// without peer and group, and before the first Read. Off at first.
func (s *ReadDbSession) EnableSummary(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary = enable
	s.m.reading.register(s)
}

// EnableFifo reads oldest first instead of newest first. Before the first Read. Off at first.
func (s *ReadDbSession) EnableFifo(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fifo = enable
}

// EnableFiles reads only messages that carry files. Off at first.
func (s *ReadDbSession) EnableFiles(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = enable
}

// EnableUnread reads only incoming messages that are not read. A summary does not heed it. Off at first.
func (s *ReadDbSession) EnableUnread(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = enable
}

// EnableMessages reads ordinary messages, on at first; off leaves the records of calls that are enabled.
func (s *ReadDbSession) EnableMessages(enable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callOnly = !enable
}

// EnableMissedCalls reads the records of missed calls as well. Off at first, but on in a summary: there
// EnableMissedCalls(false) shows a chat with its newest message of another kind.
func (s *ReadDbSession) EnableMissedCalls(enable bool) { s.enableCall(enable, MsgStatusCallMissed) }

// EnableIncomingCalls is EnableMissedCalls for the records of answered calls.
func (s *ReadDbSession) EnableIncomingCalls(enable bool) { s.enableCall(enable, MsgStatusCallIncoming) }

// EnableOutgoingCalls is EnableMissedCalls for the records of calls that this user made.
func (s *ReadDbSession) EnableOutgoingCalls(enable bool) { s.enableCall(enable, MsgStatusCallOutgoing) }

// EnableCalls is EnableMissedCalls for the records of all calls.
func (s *ReadDbSession) EnableCalls(enable bool) {
	s.enableCall(enable, MsgStatusCallMissed, MsgStatusCallIncoming, MsgStatusCallOutgoing)
}

func (s *ReadDbSession) enableCall(enable bool, kinds ...MsgStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range kinds {
		s.calls[kind] = enable
	}
}

// callsSwitched returns the kinds of records of calls that were switched on, or off. Under mu.
func (s *ReadDbSession) callsSwitched(on bool) []models.Status {
	var kinds []models.Status
	for kind, enabled := range s.calls {
		if enabled == on {
			kinds = append(kinds, models.Status(kind))
		}
	}
	slices.Sort(kinds)
	return kinds
}

// Stop ends the session: real-time messages no longer match, Read returns nothing until Start or Restart.
func (s *ReadDbSession) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.m.reading.register(s)
}

// Start continues after Stop: real-time messages match again, and Read goes on where it was.
func (s *ReadDbSession) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = false
	s.m.reading.register(s)
}

// EndAllSessions stops all read sessions of the instance.
func (m *Mesibo) EndAllSessions() {
	for _, s := range m.reading.all() {
		s.Stop()
	}
}

// IsReading reports whether this session is active and covers the message's chat.
func (s *ReadDbSession) IsReading(p *MessageParams) bool {
	if p == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registered.covers && (s.peer == "" && s.group == 0 || p.Compare(s.peer, s.group))
}

// Restart begins again, also after Stop: the next Read starts where the first did.
func (s *ReadDbSession) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.at = false, nil
	clear(s.seen)
	s.m.reading.register(s)
}

// IsReading reports whether an active session covers the message's chat. Summary sessions do not count, nor
// do those with a query.
func (m *Mesibo) IsReading(p *MessageParams) bool {
	return p != nil && m.reading.covers(keyOf(p.Peer, p.GroupID))
}

// storeQuery is what to read. Under mu.
func (s *ReadDbSession) storeQuery(count int) store.Query {
	return store.Query{
		Text: s.query, OldestFirst: s.fifo, Limit: count, Files: s.files, Unread: s.unread, NoMessages: s.callOnly,
		Calls: s.callsSwitched(true),
	}
}
