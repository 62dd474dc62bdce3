package chat

import (
	"log/slog"
	"time"
)

// seenAfter is how long a message must be in view, in a focused window, to count as read.
const seenAfter = 300 * time.Millisecond

// SetFocused sets whether the window has the keyboard; without it nothing counts as read.
func (m *Model) SetFocused(focused bool) {
	if m.focused == focused {
		return
	}
	m.focused = focused
	m.watch()
	m.changed()
}

// scrolled sets the lowest message in view, and whether the view is at the end of the window.
func (m *Model) scrolled(lowest uint64, atEnd bool) {
	m.visible = lowest
	m.following = atEnd && !m.hist.newer
	if m.following && m.below > 0 {
		m.below = 0
		m.cfg.Changed()
	}
	m.watch()
}

// watch starts the timer after which the unread messages in view count as read, or stops it.
func (m *Model) watch() {
	last := m.hist.index(m.visible)
	if !m.focused || m.closed || m.lastUnread(last) < 0 {
		m.stopSeen()
		return
	}
	if m.seenTimer != nil {
		return
	}
	key := m.visible
	m.seenTimer = m.cfg.Dispatcher.After(seenAfter, func() {
		m.seenTimer = nil
		if m.seen(min(m.hist.index(key), m.hist.index(m.visible))) {
			m.watch()
		}
	})
}

func (m *Model) stopSeen() {
	if m.seenTimer != nil {
		m.seenTimer()
		m.seenTimer = nil
	}
}

// seen reports everything up to row last as read; it returns false when that failed.
func (m *Model) seen(last int) bool {
	i := m.lastUnread(last)
	if i < 0 {
		return true
	}
	if err := m.cfg.Backend.SendReadReceipt(m.params(), m.hist.rows[i].Mid); err != nil {
		m.cfg.Logger.Warn("read receipt not sent", slog.Any("error", err))
		return false
	}
	m.hist.read(i)
	if p, ok := m.cfg.Backend.GetProfile(m.cfg.Peer, m.cfg.GroupID); ok && !m.following {
		m.below = p.Unread
	}
	m.changed()
	m.cfg.Updated()
	return true
}

// lastUnread is the newest unread message up to row last, or -1.
func (m *Model) lastUnread(last int) int {
	for i := last; i >= 0; i-- {
		if m.hist.rows[i].Unread() {
			return i
		}
	}
	return -1
}

// Reading reports whether new messages are read as they arrive.
func (m *Model) Reading() bool { return m.focused && m.following && !m.closed }
