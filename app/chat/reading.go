package chat

import (
	"context"
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
	if m.seenTimer != nil || m.sendingRead {
		return
	}
	key := m.visible
	m.seenTimer = m.cfg.Dispatcher.After(seenAfter, func() {
		m.seenTimer = nil
		m.seen(min(m.hist.index(key), m.hist.index(m.visible)))
	})
}

func (m *Model) stopSeen() {
	if m.seenTimer != nil {
		m.seenTimer()
		m.seenTimer = nil
	}
}

// seen reports everything up to row last as read, which is written to the disk, and then watches the rest.
func (m *Model) seen(last int) {
	i := m.lastUnread(last)
	if i < 0 {
		m.watch()
		return
	}
	params, mid, key := m.params(), m.hist.rows[i].Mid, m.hist.rows[i].Key()
	m.sendingRead = true
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) { err = m.cfg.Backend.SendReadReceipt(params, mid) }, func() {
		m.sendingRead = false
		switch {
		case m.closed:
		case err != nil:
			m.cfg.Logger.Warn("read receipt not sent", slog.Any("error", err))
		default:
			m.markedRead(key)
			m.watch()
		}
	})
}

// markedRead shows that everything up to a message is read.
func (m *Model) markedRead(key uint64) {
	if i := m.hist.index(key); i >= 0 {
		m.hist.read(i)
	}
	if p, ok := m.cfg.Backend.GetProfile(m.cfg.Peer, m.cfg.GroupID); ok && !m.following {
		m.below = p.Unread
	}
	m.changed()
	m.cfg.Updated()
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
