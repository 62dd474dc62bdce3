package contacts

import (
	"cmp"
	"log/slog"
	"slices"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

const (
	mostRows  = 1000 // conversations read at the start
	echoHint  = "Writes back what you write"
	savedHint = "Notes to yourself"
)

// Config is what a Model is made of.
type Config struct {
	Backend    Backend
	Dispatcher Dispatcher
	Echo       string   // address of the Echo contact; empty when there is none
	Begun      []string // addresses to which something was typed, but nothing sent yet
	Logger     *slog.Logger
	Changed    func()
}

// Model is the list of conversations. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg  Config
	self string
	rows map[string]*Row // by folded address

	stale    map[string]bool // rows whose profile must be looked up again
	order    []string        // what is shown, by folded address
	hover    bool            // the pointer is over the list
	hold     func()          // cancels the time after which rows move all the same
	selected string
	reading  string // the conversation whose messages are read as they come
	filter   string

	batching bool
	due      bool // something changed since the batch began
}

// NewModel reads the list from the database.
func NewModel(cfg Config) (*Model, error) {
	m := &Model{cfg: cfg, self: cfg.Backend.GetAddress(), rows: map[string]*Row{}, stale: map[string]bool{}}
	lines, err := cfg.Backend.ReadSummary(mostRows)
	if err != nil {
		return nil, err
	}
	for _, s := range lines {
		r := m.blank(s.Peer)
		r.Line = s.Line
		m.dress(r, s.Name, s.Draft, s.Unread)
	}
	m.row(m.self)
	if cfg.Echo != "" {
		m.row(cfg.Echo)
	}
	for _, peer := range cfg.Begun {
		m.DraftChanged(peer)
	}
	m.order = m.sorted()
	return m, nil
}

// row finds the row of an address, or makes it from what is known of the person.
func (m *Model) row(peer string) *Row {
	r := m.rows[fold(peer)]
	if r == nil {
		r = m.blank(peer)
		m.refresh(r)
	}
	return r
}

func (m *Model) blank(peer string) *Row {
	r := &Row{Peer: peer, Saved: fold(peer) == fold(m.self), Echo: m.cfg.Echo != "" && fold(peer) == fold(m.cfg.Echo)}
	m.rows[fold(peer)] = r
	return r
}

// refresh takes name, draft and unread count from the profile.
func (m *Model) refresh(r *Row) {
	p, ok := m.cfg.Backend.GetProfile(r.Peer, 0)
	if !ok {
		p = &mesibo.UserProfile{}
	}
	m.dress(r, p.Name, p.Draft, p.Unread)
}

func (m *Model) dress(r *Row, name, draft string, unread int) {
	r.Name, r.Draft, r.Unread = cmp.Or(name, r.Peer), draft, unread
	if m.reading != "" && fold(r.Peer) == fold(m.reading) {
		r.Unread = 0
	}
	switch {
	case r.Saved:
		r.Name, r.Hint, r.Unread = SavedTitle, savedHint, 0
	case r.Echo:
		r.Hint = echoHint
		if r.Name == r.Peer {
			r.Name = "Echo"
		}
	}
}

// fold makes addresses comparable: they are the same whatever their case.
func fold(peer string) string { return strings.ToLower(peer) }

// Rows are the conversations in the order they are shown.
func (m *Model) Rows() []Row {
	rows := make([]Row, 0, len(m.order))
	for _, key := range m.order {
		r := m.rows[key]
		if r == nil || m.filter != "" && !matches(m.filter, r.Name, r.Peer) {
			continue
		}
		rows = append(rows, *r)
	}
	return rows
}

// Row finds the conversation with an address.
func (m *Model) Row(peer string) (Row, bool) {
	if r := m.rows[fold(peer)]; r != nil {
		return *r, true
	}
	return Row{}, false
}

// Title is what a conversation is called, in the list or not.
func (m *Model) Title(peer string) string {
	if r := m.rows[fold(peer)]; r != nil {
		return r.Name
	}
	r := Row{Peer: peer, Saved: fold(peer) == fold(m.self)}
	m.refresh(&r)
	return r.Name
}

// Unread counts the unread messages of all conversations.
func (m *Model) Unread() int {
	n := 0
	for _, r := range m.rows {
		n += r.Unread
	}
	return n
}

// Self is this user's own address.
func (m *Model) Self() string { return m.self }

// Selected is the address of the open conversation, empty when there is none.
func (m *Model) Selected() string { return m.selected }

// Select marks the conversation that is open.
func (m *Model) Select(peer string) {
	m.selected = peer
	m.changed()
}

// SetReading names the conversation whose messages are read as they come, so that its badge does not flicker; empty for none.
func (m *Model) SetReading(peer string) {
	if m.reading == peer {
		return
	}
	m.reading = peer
	if r := m.rows[fold(peer)]; r != nil {
		m.refresh(r)
		m.changed()
	}
}

// Batch runs f, which may take in many events; what they change is shown once, at the end.
func (m *Model) Batch(f func()) {
	m.batching = true
	f()
	m.batching = false
	if m.due {
		m.due = false
		m.reorder()
	}
}

func (m *Model) changed() {
	if m.batching {
		m.due = true
		return
	}
	m.cfg.Changed()
}

// Filter shows only the conversations whose name or address has a word that begins with text; empty shows all.
func (m *Model) Filter(text string) {
	m.filter = strings.TrimSpace(text)
	m.changed()
}

// Step is the conversation by places below the open one in the list, or above; the first or the last when none is open.
func (m *Model) Step(by int) (peer string, ok bool) {
	rows := m.Rows()
	if len(rows) == 0 {
		return "", false
	}
	at := slices.IndexFunc(rows, func(r Row) bool { return fold(r.Peer) == fold(m.selected) })
	switch {
	case at < 0 && by > 0:
		at = 0
	case at < 0:
		at = len(rows) - 1
	default:
		at = min(max(at+by, 0), len(rows)-1)
	}
	return rows[at].Peer, true
}

// Received takes in a message that arrived or that this user sent on another device.
func (m *Model) Received(line Line) {
	r := m.row(line.Peer)
	if !r.Line.Waits() {
		r.Line = line
	}
	m.stale[fold(line.Peer)] = true
	m.reorder()
}

// StatusChanged takes in what became of an own message.
func (m *Model) StatusChanged(peer string, mid uint64, status mesibo.MsgStatus) {
	r := m.rows[fold(peer)]
	if r == nil || !r.Line.Out || uint32(r.Line.Mid) != uint32(mid) || !follows(r.Line.Status, status) {
		return
	}
	r.Line.Status = status
	r.Line.Mid = max(r.Line.Mid, mid)
	m.changed()
}

// UnreadChanged takes in that messages were read on another device.
func (m *Model) UnreadChanged(peer string, unread int) {
	if r := m.rows[fold(peer)]; r != nil && !r.Saved {
		r.Unread = unread
		m.changed()
	}
}

// ProfileChanged takes in that the name or the draft of somebody may have changed; empty for anybody's.
func (m *Model) ProfileChanged(peer string) {
	for key, r := range m.rows {
		if peer == "" || key == fold(peer) {
			m.refresh(r)
		}
	}
	m.changed()
}

// DraftChanged takes in that a draft was saved. A conversation of nothing but a draft is in the list, too.
func (m *Model) DraftChanged(peer string) {
	r := m.row(peer)
	m.refresh(r)
	if r.Empty() && !r.Saved && !r.Echo {
		r.Begun = m.cfg.Dispatcher.Now()
		if r.Draft == "" {
			m.drop(peer)
		}
	}
	m.reorder()
}

// Begun are the addresses to which something was typed, but nothing sent yet.
func (m *Model) Begun() []string {
	var peers []string
	for _, r := range m.rows {
		if r.Empty() && r.Draft != "" {
			peers = append(peers, r.Peer)
		}
	}
	slices.Sort(peers)
	return peers
}

// Reload reads one conversation again, after something was sent, read or withdrawn here, or its draft changed.
func (m *Model) Reload(peer string) {
	line, ok, err := m.cfg.Backend.ReadLast(peer)
	if err != nil {
		m.cfg.Logger.Warn("conversation not read", slog.Any("error", err))
		return
	}
	r := m.row(peer)
	m.refresh(r)
	if r.Line = (Line{}); ok {
		r.Line = line
	}
	m.reorder()
}

// Delete removes a conversation with all its messages from this device. The conversation with oneself and Echo stay, empty.
func (m *Model) Delete(peer string) error {
	if err := m.cfg.Backend.DeleteMessages(mesibo.MessageParams{Peer: peer}); err != nil {
		return err
	}
	r := m.rows[fold(peer)]
	if r == nil {
		return nil
	}
	if r.Saved || r.Echo {
		r.Line = Line{}
		m.refresh(r)
	} else {
		m.drop(peer)
	}
	m.reorder()
	return nil
}

// EchoRemoved takes Echo's conversation out of the list.
func (m *Model) EchoRemoved() {
	m.drop(m.cfg.Echo)
	m.cfg.Echo = ""
	m.reorder()
}

func (m *Model) drop(peer string) {
	delete(m.rows, fold(peer))
	m.order = slices.DeleteFunc(m.order, func(key string) bool { return key == fold(peer) })
}
