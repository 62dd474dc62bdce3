package mesibo

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// newestOne is a message up to which a chat is read.
type newestOne struct {
	params   MessageParams
	position int64
}

// keepNewest keeps the newer of two messages of a chat.
func keepNewest(all map[profileKey]newestOne, key profileKey, one newestOne) {
	if before, ok := all[key]; !ok || before.position <= one.position {
		all[key] = one
	}
}

// reading has the active read sessions of an instance by what they read, so that a new message costs the same however
// many there are: sessions of the same kind are only counted.
type reading struct {
	mu       sync.Mutex
	sessions map[*ReadDbSession]struct{} // the active ones
	kinds    map[profileKey]*readers     // by chat, the zero key for all chats
}

// readers are the active sessions of one chat, or of all.
type readers struct {
	covering  int               // without a query
	reporting int               // of these with receipts
	queries   map[string]*match // with a query and receipts
	arrived   uint64            // counts the new messages that were noted in newest
	newest    map[profileKey]arrival
}

type match struct {
	sessions int
	test     func(text string) bool
}

// arrival is the newest message of a chat that arrived while a session covered it.
type arrival struct {
	newestOne

	number uint64 // its arrival
}

// registration is what a session counts as.
type registration struct {
	active, covers, reports, searches bool
	since                             uint64 // the arrivals when it began to cover
}

func newReading() *reading {
	return &reading{sessions: make(map[*ReadDbSession]struct{}), kinds: make(map[profileKey]*readers)}
}

// open registers a new session.
func (r *reading) open(s *ReadDbSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.register(s)
}

// register counts a session as what it is now, and returns the newest messages that arrived while it covered their
// chats. Under the session's mu.
func (r *reading) register(s *ReadDbSession) map[profileKey]newestOne {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, now := s.registered, s.registration()
	if now.active {
		r.sessions[s] = struct{}{}
	} else {
		delete(r.sessions, s)
	}
	seen := make(map[profileKey]newestOne)
	if before == now && !now.covers {
		return seen
	}
	key := keyOf(s.peer, s.group)
	kind := r.kinds[key]
	if kind == nil {
		kind = &readers{queries: make(map[string]*match), newest: make(map[profileKey]arrival)}
		r.kinds[key] = kind
	}
	if now.covers && !before.covers {
		now.since = kind.arrived
	}
	kind.covering += change(before.covers, now.covers)
	kind.reporting += change(before.reports, now.reports)
	kind.search(s.query, change(before.searches, now.searches))
	for chat, one := range kind.newest {
		if now.covers && one.number > now.since {
			seen[chat] = one.newestOne
		}
	}
	if kind.covering == 0 && len(kind.queries) == 0 {
		delete(r.kinds, key)
	}
	s.registered = now
	return seen
}

// registration is what the session counts as now. Under mu.
func (s *ReadDbSession) registration() registration {
	r := registration{active: !s.stopped, since: s.registered.since}
	matches := r.active && !s.summary // real-time messages
	r.covers = matches && s.query == ""
	r.reports = r.covers && s.receipts
	r.searches = matches && s.query != "" && s.receipts
	return r
}

func change(before, now bool) int {
	switch {
	case now && !before:
		return 1
	case before && !now:
		return -1
	}
	return 0
}

func (k *readers) search(query string, change int) {
	if change == 0 {
		return
	}
	m := k.queries[query]
	if m == nil {
		m = &match{test: store.Matcher(query)}
		k.queries[query] = m
	}
	if m.sessions += change; m.sessions == 0 {
		delete(k.queries, query)
	}
}

func (r *reading) all() []*ReadDbSession {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.sessions))
}

// covers reports whether an active session without a query reads a chat.
func (r *reading) covers(chat profileKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range []profileKey{chat, {}} {
		if kind := r.kinds[key]; kind != nil && kind.covering > 0 {
			return true
		}
	}
	return false
}

// arrive notes a new message and reports whether a session reports it read.
func (r *reading) arrive(chat profileKey, row *models.Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := false
	for _, key := range []profileKey{chat, {}} {
		kind := r.kinds[key]
		if kind == nil {
			continue
		}
		if kind.covering > 0 {
			kind.arrived++
			kind.newest[chat] = arrival{
				newestOne: newestOne{params: params(row), position: row.Position},
				number:    kind.arrived,
			}
		}
		report = report || kind.reporting > 0
		for _, m := range kind.queries {
			report = report || m.test(store.SearchText(row))
		}
	}
	return report
}

// markSessions reports new messages read that match an active session with receipts; called after the listeners.
func (m *Mesibo) markSessions(changes []store.Change) {
	newest := make(map[profileKey]newestOne)
	for i := range changes {
		row := changes[i].Message
		if row == nil || !changes[i].New || row.Status != models.StatusReceivedNew {
			continue
		}
		chat := keyOf(row.Peer, uint32(row.GroupID))
		if m.reading.arrive(chat, row) {
			keepNewest(newest, chat, newestOne{params: params(row), position: row.Position})
		}
	}
	m.reportRead(newest)
}

// reportRead marks chats read up to the messages given.
func (m *Mesibo) reportRead(newest map[profileKey]newestOne) {
	for _, one := range newest {
		p := one.params
		if p.GroupID != 0 {
			p.Peer = ""
		}
		if err := m.SendReadReceipt(p, p.Mid); err != nil && !errors.Is(err, ErrNotFound) {
			m.log.Error("report read", errAttr(err))
		}
	}
}
