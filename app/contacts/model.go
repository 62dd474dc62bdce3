package contacts

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

const (
	mostRows  = 1000 // conversations read at the start
	echoHint  = "Writes back what you write"
	savedHint = "Notes to yourself"
	groupHint = "Group"
	echoName  = "Echo"
)

// Config is what a Model is made of.
type Config struct {
	Backend    Backend
	Dispatcher Dispatcher
	Echo       string   // address of the Echo contact; empty when there is none
	Begun      []string // keys of conversations in which something was typed, but nothing sent yet
	Pins       []string // keys of the pinned conversations, in their order
	Logger     *slog.Logger
	Changed    func()
	PinsMoved  func(keys []string) // the order of the pinned conversations changed
	// Notice puts what happened to a group into words.
	Notice func(change *mesibo.GroupChange, by string) string
}

// Model is the list of conversations. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg  Config
	self string
	rows map[ID]*Row // by folded ID

	names map[ID]string // of those who are not in the list, by folded ID

	stale    map[ID]bool // rows whose profile must be looked up again
	order    []ID        // what is shown, folded
	hover    bool        // the pointer is over the list
	hold     func()      // cancels the time after which rows move all the same
	unmute   func()      // cancels the time after which the next conversation is not muted any more
	selected ID
	reading  ID // the conversation whose messages are read as they come
	view     View
	archive  bool // the archived conversations are shown instead of the others
	pins     []string
	found    search

	batching bool
	due      bool // something changed since the batch began
}

// NewModel reads the list from the database.
func NewModel(cfg Config) (*Model, error) {
	m := &Model{
		cfg: cfg, self: cfg.Backend.GetAddress(), rows: map[ID]*Row{}, names: map[ID]string{}, stale: map[ID]bool{}, pins: slices.Clone(cfg.Pins),
	}
	lines, err := cfg.Backend.ReadSummary(mostRows)
	if err != nil {
		return nil, err
	}
	for _, s := range lines {
		r := m.blank(s.ID)
		r.Line = s.Line
		m.dress(r, &s.Profile)
	}
	m.row(ID{Peer: m.self})
	if cfg.Echo != "" {
		m.row(ID{Peer: cfg.Echo})
	}
	for _, key := range cfg.Begun {
		m.DraftChanged(ParseID(key))
	}
	m.order = m.sorted()
	m.awaitUnmute()
	m.lookForMentions()
	return m, nil
}

// lookForMentions marks the groups in which an unread message names this user, a moment after the start.
func (m *Model) lookForMentions() {
	unread := map[ID]int{}
	for id, r := range m.rows {
		if r.Group != 0 && r.Unread > 0 && !r.Mention {
			unread[id] = r.Unread
		}
	}
	if len(unread) == 0 {
		return
	}
	named := map[ID]bool{}
	var failed error
	m.cfg.Dispatcher.Async(func(ctx context.Context) {
		for id, n := range unread {
			if ctx.Err() != nil {
				return
			}
			found, err := m.cfg.Backend.Mentioned(id.Group, n)
			named[id], failed = found, errors.Join(failed, err)
		}
	}, func() {
		if failed != nil {
			m.cfg.Logger.Warn("mentions not looked for", slog.Any("error", failed))
		}
		for id := range named {
			if r := m.rows[id]; r != nil && r.Unread > 0 && named[id] {
				r.Mention = true
			}
		}
		m.changed()
	})
}

// row finds the row of a conversation, or makes it from what is known of the other party.
func (m *Model) row(id ID) *Row {
	r := m.rows[id.Folded()]
	if r == nil {
		r = m.blank(id)
		m.refresh(r)
	}
	return r
}

func (m *Model) blank(id ID) *Row {
	r := m.bare(id)
	m.rows[id.Folded()] = r
	return r
}

// bare is the row of a conversation that is not in the list.
func (m *Model) bare(id ID) *Row {
	return &Row{ID: id, Saved: id.Is(ID{Peer: m.self}), Echo: m.cfg.Echo != "" && id.Is(ID{Peer: m.cfg.Echo})}
}

// refresh takes everything of the profile.
func (m *Model) refresh(r *Row) {
	p, ok := m.cfg.Backend.GetProfile(r.Peer, r.Group)
	if !ok {
		p = &mesibo.UserProfile{}
	}
	m.dress(r, p)
}

func (m *Model) dress(r *Row, p *mesibo.UserProfile) {
	r.Name, r.Draft, r.Unread = cmp.Or(p.Name, r.Peer), p.Draft, p.Unread
	r.Muted, r.Pinned, r.Archived = MutedAt(p, m.cfg.Dispatcher.Now()), p.IsPinned(), p.IsArchived()
	r.Online, r.Pictured, r.mutedUntil = p.Online, len(p.Picture) > 0, p.MutedUntil
	if r.Is(m.reading) {
		r.Unread = 0
	}
	switch {
	case r.Saved:
		r.Name, r.Hint, r.Unread, r.Online = SavedTitle, savedHint, 0, false
	case r.Echo:
		r.Hint, r.Online = echoHint, false
		if r.Name == r.Peer {
			r.Name = echoName
		}
	case r.Group != 0:
		r.Name, r.Hint, r.Online = cmp.Or(p.Name, "Group"), groupHint, false
	}
	r.Mention = r.Unread > 0 && (r.Mention || !r.Line.Out && r.lastMentions(m.self))
}

// Row finds a conversation of the list.
func (m *Model) Row(id ID) (Row, bool) {
	if r := m.rows[id.Folded()]; r != nil {
		return *r, true
	}
	return Row{}, false
}

// Known is a conversation as the list would show it, in the list or not.
func (m *Model) Known(id ID) Row {
	if r := m.rows[id.Folded()]; r != nil {
		return *r
	}
	r := m.bare(id)
	m.refresh(r)
	return *r
}

// Title is what a conversation is called, in the list or not. It is asked often, so names are remembered.
func (m *Model) Title(id ID) string {
	if r := m.rows[id.Folded()]; r != nil {
		return r.Name
	}
	name, ok := m.names[id.Folded()]
	if !ok {
		name = m.Known(id).Name
		m.names[id.Folded()] = name
	}
	return name
}

// Unread counts the unread messages of all conversations that may make a noise.
func (m *Model) Unread() int {
	n := 0
	for _, r := range m.rows {
		if !r.Muted {
			n += r.Unread
		}
	}
	return n
}

// Self is this user's own address.
func (m *Model) Self() string { return m.self }

// Notice puts what happened to the group of a line into words.
func (m *Model) Notice(l Line) string { return m.cfg.Notice(l.Change, orElse(l.Sender, m.self)) }

// Selected is the open conversation, the zero ID when there is none.
func (m *Model) Selected() ID { return m.selected }

// Select marks the conversation that is open.
func (m *Model) Select(id ID) {
	m.selected = id
	m.changed()
}

// SetReading names the conversation whose messages are read as they come, so that its badge does not flicker; the zero ID for none.
func (m *Model) SetReading(id ID) {
	if m.reading == id {
		return
	}
	m.reading = id
	if r := m.rows[id.Folded()]; r != nil {
		m.refresh(r)
		m.changed()
	}
}

// SetTyping says who is typing in a conversation, in words; empty for nobody.
func (m *Model) SetTyping(id ID, words string) {
	if r := m.rows[id.Folded()]; r != nil && r.Typing != words {
		r.Typing = words
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

// Received takes in a message that arrived or that this user sent on another device.
func (m *Model) Received(line Line) {
	r := m.row(line.ID)
	if !r.Line.Waits() {
		r.Line = line
	}
	if !line.Out && r.lastMentions(m.self) && !r.Is(m.reading) {
		r.Mention = true
	}
	if r.Archived && !line.Out && line.Change == nil && !r.Muted {
		m.bringBack(r)
	}
	m.stale[line.Folded()] = true
	m.reorder()
}

// StatusChanged takes in what became of an own message, or that a message was taken back.
func (m *Model) StatusChanged(id ID, mid uint64, status mesibo.MsgStatus, deleted bool) {
	r := m.rows[id.Folded()]
	if r == nil || r.Line.Mid == 0 {
		return
	}
	if deleted {
		m.Reload(id)
		return
	}
	if !r.Line.Out || uint32(r.Line.Mid) != uint32(mid) || !follows(r.Line.Status, status) {
		return
	}
	r.Line.Status = status
	r.Line.Mid = max(r.Line.Mid, mid)
	m.changed()
}

// Edited takes in that a message changed: its text, or the reactions to it.
func (m *Model) Edited(id ID, mid uint64) {
	if r := m.rows[id.Folded()]; r != nil && r.Line.Mid == mid && mid != 0 {
		m.Reload(id)
	}
}

// UnreadChanged takes in that messages were read on another device.
func (m *Model) UnreadChanged(id ID, unread int) {
	if r := m.rows[id.Folded()]; r != nil && !r.Saved {
		r.Unread = unread
		r.Mention = r.Mention && unread > 0
		m.changed()
	}
}

// ProfileChanged takes in that what is known of somebody may have changed; the zero ID for anybody.
func (m *Model) ProfileChanged(id ID) {
	if delete(m.names, id.Folded()); id.IsZero() {
		clear(m.names)
	}
	for key, r := range m.rows {
		if id.IsZero() || key == id.Folded() {
			m.refresh(r)
		}
	}
	m.awaitUnmute()
	m.reorder()
}

// DraftChanged takes in that a draft was saved. A conversation of nothing but a draft is in the list, too.
func (m *Model) DraftChanged(id ID) {
	r := m.row(id)
	m.refresh(r)
	if r.Empty() && !r.Saved && !r.Echo && r.Group == 0 {
		r.Begun = m.cfg.Dispatcher.Now()
		if r.Draft == "" {
			m.drop(id)
		}
	}
	m.reorder()
}

// Begun are the keys of the conversations in which something was typed, but nothing sent yet.
func (m *Model) Begun() []string {
	var keys []string
	for _, r := range m.rows {
		if r.Empty() && r.Draft != "" {
			keys = append(keys, r.Key())
		}
	}
	slices.Sort(keys)
	return keys
}

// Reload reads one conversation again, after something was sent, read or withdrawn here, or its draft changed.
func (m *Model) Reload(id ID) {
	line, ok, err := m.cfg.Backend.ReadLast(id)
	if err != nil {
		m.cfg.Logger.Warn("conversation not read", slog.Any("error", err))
		return
	}
	r := m.row(id)
	if r.Line = (Line{}); ok {
		r.Line = line
	}
	m.refresh(r)
	m.reorder()
}

// matches tells whether a word of one of the texts begins with what is looked for, whatever the case.
func matches(what string, texts ...string) bool {
	what = strings.ToLower(what)
	for _, text := range texts {
		text = strings.ToLower(text)
		if strings.HasPrefix(text, what) || strings.Contains(text, " "+what) {
			return true
		}
	}
	return false
}
