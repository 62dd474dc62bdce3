package contacts

import (
	"cmp"
	"slices"
	"time"
)

// holdFor is how long a row waits for the pointer to leave.
const holdFor = 2 * time.Second

// View is a choice of chats.
type View int

// The views.
const (
	ViewAll View = iota
	ViewUnread
	ViewGroups
)

// View is what is shown.
func (m *Model) View() View { return m.view }

// SetView shows only some of the chats.
func (m *Model) SetView(v View) {
	m.view = v
	m.archive = false
	m.changed()
}

// InArchive reports whether the archived chats are shown.
func (m *Model) InArchive() bool { return m.archive }

// ShowArchive shows the archived chats, or the others again.
func (m *Model) ShowArchive(show bool) {
	m.archive = show
	m.changed()
}

// Archived counts the archived chats and their unread messages.
func (m *Model) Archived() (chats, unread int) {
	for _, r := range m.rows {
		if r.Archived {
			chats++
			unread += r.Unread
		}
	}
	return chats, unread
}

// Rows are the chats in the order they are shown.
func (m *Model) Rows() []Row {
	rows := make([]Row, 0, len(m.order))
	for _, key := range m.order {
		if r := m.rows[key]; r != nil && m.shows(r) {
			rows = append(rows, *r)
		}
	}
	return rows
}

func (m *Model) shows(r *Row) bool {
	switch {
	case r.Archived != m.archive:
		return false
	case m.archive:
		return true
	case m.view == ViewUnread:
		return r.isUnread() || r.Is(m.selected)
	case m.view == ViewGroups:
		return r.Group != 0
	default:
		return true
	}
}

// Step is the chat so many places below or above the open one; the first or the last when none is open.
func (m *Model) Step(by int) (id ID, ok bool) {
	rows := m.Rows()
	if len(rows) == 0 {
		return ID{}, false
	}
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Is(m.selected) })
	switch {
	case at < 0 && by > 0:
		at = 0
	case at < 0:
		at = len(rows) - 1
	default:
		at = min(max(at+by, 0), len(rows)-1)
	}
	return rows[at].ID, true
}

// Hover sets whether the pointer is over the list: then rows keep their place for a while.
func (m *Model) Hover(over bool) {
	m.hover = over
	if !over && m.hold != nil {
		m.apply()
	}
}

// reorder sorts the rows, at once or when the pointer allows it.
func (m *Model) reorder() {
	if m.batching {
		m.due = true
		return
	}
	for key := range m.stale {
		if r := m.rows[key]; r != nil {
			m.refresh(r)
		}
	}
	clear(m.stale)
	if m.hover && !slices.Equal(m.order, m.sorted()) {
		if m.hold == nil {
			m.hold = m.cfg.Dispatcher.After(holdFor, m.apply)
		}
		m.changed()
		return
	}
	m.apply()
}

func (m *Model) apply() {
	if m.hold != nil {
		m.hold()
		m.hold = nil
	}
	m.order = m.sorted()
	m.changed()
}

// sorted is the order: pinned chats as they were pinned, then by last activity. Chats without any come last: Echo,
// then the notes to oneself, then the rest by name.
func (m *Model) sorted() []ID {
	keys := make([]ID, 0, len(m.rows))
	for key := range m.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b ID) int {
		x, y := m.rows[a], m.rows[b]
		return cmp.Or(m.pinRank(x)-m.pinRank(y), y.active().Compare(x.active()), rank(x)-rank(y),
			cmp.Compare(x.Name, y.Name), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Group, b.Group))
	})
	return keys
}

func rank(r *Row) int {
	switch {
	case r.Echo:
		return 0
	case r.Saved:
		return 1
	default:
		return 2
	}
}

// pinRank orders pinned chats before the others; those pinned on another device follow those pinned here.
func (m *Model) pinRank(r *Row) int {
	if !r.Pinned {
		return len(m.pins) + 1
	}
	if at := slices.Index(m.pins, r.Folded().Key()); at >= 0 {
		return at
	}
	return len(m.pins)
}
