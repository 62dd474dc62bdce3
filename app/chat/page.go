package chat

import (
	"context"
	"time"
)

// loadAgainAfter is the time after an error until a page is requested again.
const loadAgainAfter = 5 * time.Second

// viewed sets which messages are in view, and whether the view is at the end of the window. It loads the pages that
// will be needed next.
func (m *Model) viewed(first, last uint64, atEnd bool) {
	if i := m.hist.index(first); i >= 0 && i < nearEnd {
		m.loadOlder()
	}
	if i := m.hist.index(last); i >= len(m.hist.rows)-nearEnd {
		m.loadNewer()
	}
	m.seeMentions(first, last)
	m.scrolled(last, atEnd)
}

// loadOlder loads the page before the window.
func (m *Model) loadOlder() {
	if !m.hist.older || m.loadingOlder || len(m.hist.rows) == 0 {
		return
	}
	m.loadingOlder = true
	from := m.hist.rows[0].Mid
	m.load(Query{Dir: Older, Mid: from}, func(page []Message, err error) {
		m.loadingOlder = false
		if err != nil {
			m.failAndRetry("read older messages", err, m.loadOlder)
			return
		}
		if m.hist.rows[0].Mid == from {
			m.hist.addOlder(page)
		}
		m.changed()
	})
}

// loadNewer loads the page after the window.
func (m *Model) loadNewer() {
	if !m.hist.newer || m.loadingNewer || len(m.hist.rows) == 0 {
		return
	}
	m.loadingNewer, m.missed = true, false
	from := m.hist.rows[len(m.hist.rows)-1].Mid
	m.load(Query{Dir: Newer, Mid: from}, func(page []Message, err error) {
		m.loadingNewer = false
		if err != nil {
			m.failAndRetry("read newer messages", err, m.loadNewer)
			return
		}
		if m.hist.rows[len(m.hist.rows)-1].Mid == from {
			m.hist.addNewer(page)
		}
		if m.missed && !m.hist.newer { // it may have arrived after the page was read
			m.hist.newer = true
			m.loadNewer()
		}
		m.changed()
	})
}

// load reads a page on another goroutine; the answer is dropped when the view has jumped since.
func (m *Model) load(q Query, then func(page []Message, err error)) {
	q.Peer, q.GroupID, q.Count = m.cfg.Peer, m.cfg.GroupID, pageSize
	epoch := m.epoch
	var page []Message
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		page, err = m.cfg.Backend.ReadPage(q)
	}, func() {
		if epoch == m.epoch && !m.closed {
			then(page, err)
			m.applyUnseen()
		}
	})
}

// failAndRetry is fail for what is tried again automatically.
func (m *Model) failAndRetry(op string, err error, again func()) {
	m.fail(op, err)
	epoch := m.epoch
	m.cfg.Dispatcher.After(loadAgainAfter, func() {
		if epoch == m.epoch && !m.closed {
			again()
		}
	})
}
