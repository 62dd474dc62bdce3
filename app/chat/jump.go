package chat

import (
	"slices"
	"time"
)

// open places the view before the first unread message, or at the end.
func (m *Model) open() {
	if m.unread > 0 {
		first, err := m.cfg.Backend.FirstUnread(m.cfg.Peer, m.cfg.GroupID)
		if err != nil {
			m.fail("find first unread message", err)
		}
		if err == nil && first != 0 && m.jumpTo(first) {
			m.divider = Message{Mid: first}.Key()
			m.below = m.unread
			m.view = View{Kind: ViewMessage, Key: m.divider}
			m.following = false
			return
		}
	}
	m.unread = 0
	m.jump(Query{Dir: Older, Count: pageSize})
	m.view = View{Kind: ViewEnd}
}

// jump replaces the window by the page that q describes, at once.
func (m *Model) jump(q Query) bool {
	q.Peer, q.GroupID = m.cfg.Peer, m.cfg.GroupID
	page, err := m.cfg.Backend.ReadPage(q)
	if err != nil {
		m.fail("read conversation", err)
		return false
	}
	m.restart()
	more := len(page) == q.Count
	if q.Dir == Older {
		slices.Reverse(page)
		m.hist.set(page, more, false)
	} else {
		m.hist.set(page, false, more)
	}
	m.changed()
	return true
}

// jumpTo replaces the window by two pages around a message.
func (m *Model) jumpTo(mid uint64) bool {
	before, err := m.cfg.Backend.ReadPage(Query{
		Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Dir: Older, Mid: mid, Count: pageSize,
	})
	if err != nil {
		m.fail("read conversation", err)
		return false
	}
	after := Query{Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Dir: Newer, Count: 2 * pageSize}
	if len(before) > 0 {
		after.Mid = before[0].Mid
	}
	page, err := m.cfg.Backend.ReadPage(after)
	if err != nil {
		m.fail("read conversation", err)
		return false
	}
	m.restart()
	slices.Reverse(before)
	m.hist.set(slices.Concat(before, page), len(before) == pageSize, len(page) == after.Count)
	m.changed()
	return true
}

// restart drops the pages that are being read for the window before.
func (m *Model) restart() {
	m.epoch++
	m.loadingOlder, m.loadingNewer, m.missed = false, false, false
	clear(m.transfers.unseen)
}

// JumpToNewest reads the end of the chat again and shows it: a message was forwarded to it.
func (m *Model) JumpToNewest() {
	if m.jump(Query{Dir: Older, Count: pageSize}) {
		m.JumpToEnd()
	}
}

// JumpToEnd shows the newest message.
func (m *Model) JumpToEnd() {
	if m.hist.newer && !m.jump(Query{Dir: Older, Count: pageSize}) {
		return
	}
	m.below = 0
	m.following = true
	m.view = View{Kind: ViewEnd}
	m.changed()
}

// JumpToStart shows the oldest message.
func (m *Model) JumpToStart() {
	if m.hist.older && !m.jump(Query{Dir: Newer, Count: pageSize}) {
		return
	}
	m.following = false
	m.view = View{Kind: ViewTop, Key: m.firstKey()}
	m.changed()
}

// JumpToDate shows the first message of the day, or the one after it when that day has none.
func (m *Model) JumpToDate(day time.Time) {
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
	page, err := m.cfg.Backend.ReadPage(Query{Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Dir: Newer, From: from, Count: 1})
	if err != nil {
		m.fail("go to date", err)
		return
	}
	if len(page) == 0 { // the day is after the last message
		m.JumpToEnd()
		return
	}
	if m.jumpTo(page[0].Mid) {
		m.following = false
		m.view = View{Kind: ViewMessage, Key: page[0].Key()}
		m.changed()
	}
}
