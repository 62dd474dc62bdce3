package chat

import (
	"context"
	"time"
)

// loadAgainAfter is how long after an error a page is asked for again.
const loadAgainAfter = 5 * time.Second

// Viewed tells the model which messages are seen, and whether the view stands at the end of the window. It fetches what will
// be wanted next.
func (m *Model) Viewed(first, last uint64, atEnd bool) {
	if i := m.hist.index(first); i >= 0 && i < nearEnd {
		m.LoadOlder()
	}
	if i := m.hist.index(last); i >= len(m.hist.rows)-nearEnd {
		m.LoadNewer()
	}
	m.Scrolled(last, atEnd)
}

// LoadOlder fetches the page before the window.
func (m *Model) LoadOlder() {
	if !m.hist.older || m.loadingOlder || len(m.hist.rows) == 0 {
		return
	}
	m.loadingOlder = true
	from := m.hist.rows[0].Mid
	m.load(Query{Dir: Older, Mid: from}, func(page []Message, err error) {
		m.loadingOlder = false
		if err != nil {
			m.failLater("read older messages", err, m.LoadOlder)
			return
		}
		if m.hist.rows[0].Mid == from {
			m.hist.addOlder(page)
		}
		m.changed()
	})
}

// LoadNewer fetches the page after the window.
func (m *Model) LoadNewer() {
	if !m.hist.newer || m.loadingNewer || len(m.hist.rows) == 0 {
		return
	}
	m.loadingNewer, m.missed = true, false
	from := m.hist.rows[len(m.hist.rows)-1].Mid
	m.load(Query{Dir: Newer, Mid: from}, func(page []Message, err error) {
		m.loadingNewer = false
		if err != nil {
			m.failLater("read newer messages", err, m.LoadNewer)
			return
		}
		if m.hist.rows[len(m.hist.rows)-1].Mid == from {
			m.hist.addNewer(page)
		}
		if m.missed && !m.hist.newer { // it may have come after the page was read
			m.hist.newer = true
			m.LoadNewer()
		}
		m.changed()
	})
}

// load reads a page away from the user interface; the answer is dropped when the view has jumped meanwhile.
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
			m.takeUnseen()
		}
	})
}

// failLater is fail for what is tried again by itself.
func (m *Model) failLater(op string, err error, again func()) {
	m.fail(op, err)
	epoch := m.epoch
	m.cfg.Dispatcher.After(loadAgainAfter, func() {
		if epoch == m.epoch && !m.closed {
			again()
		}
	})
}
