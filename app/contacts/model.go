package contacts

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

const mostRows = 1000 // chats read at the start

// Config is what a Model is made of.
type Config struct {
	Backend     Backend
	Dispatcher  Dispatcher
	Echo        string   // address of the Echo contact; empty without one
	Drafts      []string // keys of the chats that contain only a draft
	Pins        []string // keys of the pinned chats, in order
	Logger      *slog.Logger
	Changed     func()
	PinsChanged func(keys []string) // the order of the pinned chats changed
	// MentionsOnly are the keys of the groups of which only mentions are notified, and MentionsOnlyChanged is called when
	// there are others.
	MentionsOnly        []string
	MentionsOnlyChanged func(keys []string)
	// Hidden reports whether a message is about to be deleted, and not shown any more. Default: none is.
	Hidden func(id ID, mid uint64) bool
	// Notice describes a change of a group.
	Notice func(change *mesibo.GroupChange, by string) string
}

// Model is the list of chats. Its methods are called on the user interface's goroutine.
type Model struct {
	cfg  Config
	self string
	rows map[ID]*Row // by folded ID

	names map[ID]string // of chats that are not in the list, by folded ID

	calling  map[ID]bool // groups whose call is on, in the list or not, by folded ID
	stale    map[ID]bool // rows whose profile must be looked up again
	order    []ID        // what is shown, folded
	hover    bool        // the pointer is over the list
	hold     func()      // cancels the timer after which rows move in spite of the pointer
	unmute   func()      // cancels the timer for the end of the next mute
	selected ID
	reading  ID // the chat whose messages are read as they arrive
	view     View
	archive  bool // the archived chats are shown, instead of the others
	pins     []string
	mentions []string // the keys of the groups of which only mentions are notified
	found    search

	batching bool
	due      bool // something changed since the batch started
}

// NewModel reads the list from the database.
func NewModel(cfg Config) (*Model, error) {
	if cfg.Hidden == nil {
		cfg.Hidden = func(ID, uint64) bool { return false }
	}
	m := &Model{
		cfg: cfg, self: cfg.Backend.GetAddress(), pins: slices.Clone(cfg.Pins),
		mentions: slices.Clone(cfg.MentionsOnly),
		rows:     map[ID]*Row{}, names: map[ID]string{}, stale: map[ID]bool{}, calling: map[ID]bool{},
	}
	lines, err := cfg.Backend.ReadSummary(mostRows)
	if err != nil {
		return nil, err
	}
	for _, s := range lines {
		r := m.addRow(s.ID)
		r.Line = s.Line
		m.applyProfile(r, &s.Profile)
	}
	m.row(ID{Peer: m.self})
	if cfg.Echo != "" {
		m.row(ID{Peer: cfg.Echo})
	}
	for _, key := range cfg.Drafts {
		m.DraftChanged(ParseID(key))
	}
	m.order = m.sorted()
	m.scheduleUnmute()
	m.findMentions()
	return m, nil
}

// findMentions marks the groups in which an unread message mentions this user, a moment after the start.
func (m *Model) findMentions() {
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

// row returns the row of a chat, and adds it if necessary.
func (m *Model) row(id ID) *Row {
	r := m.rows[id.Folded()]
	if r == nil {
		r = m.addRow(id)
		m.refresh(r)
	}
	return r
}

func (m *Model) addRow(id ID) *Row {
	r := m.newRow(id)
	r.Calling = m.calling[id.Folded()]
	m.rows[id.Folded()] = r
	return r
}

// newRow is the row of a chat that is not in the list.
func (m *Model) newRow(id ID) *Row {
	return &Row{
		ID: id, Saved: id.Is(ID{Peer: m.self}), Echo: m.cfg.Echo != "" && id.Is(ID{Peer: m.cfg.Echo}),
		Server: id.Is(ID{Peer: mesibo.ServerAddress}),
	}
}

// refresh updates a row from the profile.
func (m *Model) refresh(r *Row) {
	p, ok := m.cfg.Backend.GetProfile(r.Peer, r.Group)
	if !ok {
		p = &mesibo.UserProfile{}
	}
	m.applyProfile(r, p)
}

func (m *Model) applyProfile(r *Row, p *mesibo.UserProfile) {
	r.Name, r.Draft, r.Unread = cmp.Or(p.Name, r.Peer), p.Draft, p.Unread
	r.Muted, r.Pinned, r.Archived = MutedAt(p, m.cfg.Dispatcher.Now()), p.IsPinned(), p.IsArchived()
	r.Marked = p.IsMarkedUnread() && !r.Saved
	r.Online, r.Pictured, r.mutedUntil = p.Online, len(p.Picture) > 0, p.MutedUntil
	if r.Is(m.reading) {
		r.Unread = 0
	}
	switch {
	case r.Saved:
		r.Name, r.Hint, r.Unread, r.Online = SavedTitle(), tr.L("Notes to yourself"), 0, false
	case r.Echo:
		r.Hint, r.Online = tr.L("Writes back what you write"), false
		if r.Name == r.Peer {
			r.Name = "Echo"
		}
	case r.Server:
		r.Hint, r.Online = tr.L("Notices of the server"), false
	case r.Group != 0:
		r.Name, r.Hint, r.Online = cmp.Or(p.Name, tr.L("Group")), tr.L("Group"), false
	}
	r.Mention = r.Unread > 0 && (r.Mention || !r.Line.Out && r.lastMentions(m.self))
}

// Row returns a chat of the list.
func (m *Model) Row(id ID) (Row, bool) {
	if r := m.rows[id.Folded()]; r != nil {
		return *r, true
	}
	return Row{}, false
}

// Known is a chat as the list would show it, in the list or not.
func (m *Model) Known(id ID) Row {
	if r := m.rows[id.Folded()]; r != nil {
		return *r
	}
	r := m.newRow(id)
	m.refresh(r)
	return *r
}

// doubleNames are the names, in lower case, that several users of the list have: anyone may choose any name.
func (m *Model) doubleNames() map[string]bool {
	seen := make(map[string]bool, len(m.rows))
	doubles := map[string]bool{}
	for _, r := range m.rows {
		if name := strings.ToLower(r.Name); r.isUser() {
			doubles[name] = doubles[name] || seen[name]
			seen[name] = true
		}
	}
	return doubles
}

// Title is the title of a chat, in the list or not. It is called often, so names are cached.
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

// Unread counts the unread messages of all chats that are not muted; a chat that is marked as unread counts as one.
func (m *Model) Unread() int {
	n := 0
	for _, r := range m.rows {
		switch {
		case r.Muted:
		case r.Unread > 0:
			n += r.Unread
		case r.Marked:
			n++
		}
	}
	return n
}

// UnreadChats counts the chats that are not muted and have unread messages, or are marked as unread.
func (m *Model) UnreadChats() int {
	n := 0
	for _, r := range m.rows {
		if !r.Muted && r.isUnread() {
			n++
		}
	}
	return n
}

// Self is this user's own address.
func (m *Model) Self() string { return m.self }

// Notice describes the change of a line's group.
func (m *Model) Notice(l Line) string { return m.cfg.Notice(l.Change, orElse(l.Sender, m.self)) }

// Selected is the open chat, the zero ID without one.
func (m *Model) Selected() ID { return m.selected }

// Select marks the open chat.
func (m *Model) Select(id ID) {
	m.selected = id
	m.changed()
}

// SetReading sets the chat whose messages are read as they arrive, so that its badge does not flicker; the zero ID for
// none.
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

// SetTyping sets the text about who is typing in a chat, empty for no one.
func (m *Model) SetTyping(id ID, words string) {
	if r := m.rows[id.Folded()]; r != nil && r.Typing != words {
		r.Typing = words
		m.changed()
	}
}

// SetCalling sets whether a call of a group is on.
func (m *Model) SetCalling(id ID, calling bool) {
	if m.calling[id.Folded()] = calling; !calling {
		delete(m.calling, id.Folded())
	}
	if r := m.rows[id.Folded()]; r != nil && r.Calling != calling {
		r.Calling = calling
		m.changed()
	}
}

// Batch runs f, which may handle many events; their changes are shown once, at the end.
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

// Received applies a message that arrived, or that this user sent on another device.
func (m *Model) Received(line Line) {
	r := m.row(line.ID)
	if !r.Line.Waits() {
		r.Line = line
	}
	if !line.Out && r.lastMentions(m.self) && !r.Is(m.reading) {
		r.Mention = true
	}
	if r.Archived && !line.Out && line.Change == nil && !r.Muted {
		m.unarchive(r)
	}
	m.stale[line.Folded()] = true
	m.reorder()
}

// StatusChanged applies a new status of an own message, or a recall.
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

// Edited applies a change to a message: of its text or the reactions to it.
func (m *Model) Edited(id ID, mid uint64) {
	if r := m.rows[id.Folded()]; r != nil && r.Line.Mid == mid && mid != 0 {
		m.Reload(id)
	}
}

// UnreadChanged applies what was read on another device.
func (m *Model) UnreadChanged(id ID, unread int) {
	if r := m.rows[id.Folded()]; r != nil && !r.Saved {
		r.Unread = unread
		r.Mention = r.Mention && unread > 0
		m.changed()
	}
}

// ProfileChanged updates what is known of a user or group; the zero ID for all.
func (m *Model) ProfileChanged(id ID) {
	if delete(m.names, id.Folded()); id.IsZero() {
		clear(m.names)
	}
	for key, r := range m.rows {
		if id.IsZero() || key == id.Folded() {
			m.refresh(r)
		}
	}
	m.scheduleUnmute()
	m.reorder()
}

// DraftChanged applies a saved draft. A chat that contains only a draft is in the list, too.
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

// Drafts are the keys of the chats that contain only a draft.
func (m *Model) Drafts() []string {
	var keys []string
	for _, r := range m.rows {
		if r.Empty() && r.Draft != "" {
			keys = append(keys, r.Key())
		}
	}
	slices.Sort(keys)
	return keys
}

// Reload reads a chat again, after something was sent, read or withdrawn here, or its draft changed.
func (m *Model) Reload(id ID) {
	line, ok, err := m.cfg.Backend.ReadLast(id, func(mid uint64) bool { return m.cfg.Hidden(id, mid) })
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

// matches reports whether a word of one of the texts starts with what, whatever the case.
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
