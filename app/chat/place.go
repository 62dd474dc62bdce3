package chat

import "log/slog"

// span is the part of the whole chat that the window covers: from 0, its beginning, to 1, its end.
type span struct {
	first, last uint64 // the window's ends for which from and to were looked up
	from, to    float64
	part        float64 // the fraction of the chat that was in view last
}

// place returns the position of the messages between two keys in the whole chat, from 0 to 1, and which fraction of it
// they are. The fraction is 0 when the whole chat is in the window: then the list knows better.
func (m *Model) place(first, last uint64) (position, part float64) {
	if !m.hist.older && !m.hist.newer || len(m.hist.rows) == 0 {
		return 0, 0
	}
	i, j := m.hist.index(first), m.hist.index(last)
	if i < 0 || j < 0 {
		return 0, 0
	}
	m.measure()
	s := &m.span
	each := (s.to - s.from) / float64(len(m.hist.rows))
	top, bottom := s.from+each*float64(i), s.from+each*float64(j+1)
	s.part = min(max(bottom-top, 1e-6), 0.9)
	return min(max(top/(1-s.part), 0), 1), s.part
}

// measure looks up the positions of the window's ends if they changed. The ends of the chat need no lookup.
func (m *Model) measure() {
	s := &m.span
	s.first, s.from = m.lookUp(m.hist.older, m.hist.rows[0], s.first, s.from, 0)
	s.last, s.to = m.lookUp(m.hist.newer, m.hist.rows[len(m.hist.rows)-1], s.last, s.to, 1)
	s.to = max(s.to, s.from)
}

func (m *Model) lookUp(open bool, row Message, mid uint64, known, end float64) (uint64, float64) {
	switch {
	case !open:
		return 0, end
	case mid == row.Mid:
		return mid, known
	}
	at, err := m.cfg.Backend.Fraction(m.cfg.Peer, m.cfg.GroupID, row.Mid)
	if err != nil {
		m.cfg.Logger.Warn("place in the conversation not found", slog.Any("error", err))
		at = end
	}
	return row.Mid, at
}

// jumpToPlace shows the messages at about this position in the chat: 0 is its beginning, 1 its end.
func (m *Model) jumpToPlace(position float64) {
	switch {
	case position <= 0:
		m.JumpToStart()
		return
	case position >= 1:
		m.JumpToEnd()
		return
	}
	page, err := m.cfg.Backend.ReadPage(Query{
		Peer: m.cfg.Peer, GroupID: m.cfg.GroupID, Dir: Newer, Part: max(position*(1-m.span.part), 1e-9), Count: 1,
	})
	if err != nil {
		m.fail("read conversation", err)
		return
	}
	if len(page) > 0 && m.jumpTo(page[0].Mid) {
		m.following = false
		m.view = View{Kind: ViewTop, Key: page[0].Key()}
		m.changed()
	}
}

// firstKey is the key of the window's first message, 0 when it is empty.
func (m *Model) firstKey() uint64 {
	if len(m.hist.rows) == 0 {
		return 0
	}
	return m.hist.rows[0].Key()
}
