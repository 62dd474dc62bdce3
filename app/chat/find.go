package chat

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/tr"
)

const (
	findAfter = 150 * time.Millisecond // after the last key
	mostFinds = 1000
	flashFor  = 1200 * time.Millisecond
)

// find is a search in the chat.
type find struct {
	open  bool
	text  string
	mids  []uint64 // newest first
	at    int      // index of the one that is shown
	epoch int
	timer func()
}

func (f *find) stop() {
	if f.timer != nil {
		f.timer()
		f.timer = nil
	}
	f.epoch++
}

// findOpen reports whether the search bar is open.
func (m *Model) findOpen() bool { return m.find.open }

// query is the text searched for.
func (m *Model) query() string { return m.find.text }

// findCount is the number of the match that is shown, from 1, and of all matches; 0 of 0 without any.
func (m *Model) findCount() (at, total int) {
	if len(m.find.mids) == 0 {
		return 0, 0
	}
	return m.find.at + 1, len(m.find.mids)
}

// openFind opens the search bar.
func (m *Model) openFind() {
	m.find.open = true
	m.changed()
}

// closeFind ends the search; the view stays.
func (m *Model) closeFind() {
	m.find.stop()
	m.find = find{epoch: m.find.epoch}
	m.changed()
}

// findText searches for a text and shows the newest message that contains it.
func (m *Model) findText(text string) { m.findFrom(text, 0, findAfter) }

// FindAt searches for a text and stays at one of the messages that contain it.
func (m *Model) FindAt(text string, mid uint64) {
	m.find.open = true
	m.findFrom(text, mid, 0)
}

func (m *Model) findFrom(text string, stay uint64, delay time.Duration) {
	f := &m.find
	f.stop()
	f.text, f.mids, f.at = strings.TrimSpace(text), nil, 0
	if f.text != "" {
		f.timer = m.cfg.Dispatcher.After(delay, func() {
			f.timer = nil
			m.runFind(stay)
		})
	}
	m.changed()
}

func (m *Model) runFind(stay uint64) {
	f := &m.find
	epoch, text := f.epoch, f.text
	var mids []uint64
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		mids, err = m.cfg.Backend.FindInChat(m.cfg.Peer, m.cfg.GroupID, text, mostFinds)
	}, func() {
		if epoch != f.epoch || m.closed {
			return
		}
		if err != nil {
			m.fail("search the conversation", err)
			return
		}
		f.mids = mids
		if f.at = slices.Index(mids, stay); f.at < 0 {
			f.at = 0
			m.showFind()
		}
		m.changed()
	})
}

// findStep goes to the next older match (-1) or the next newer one (1), and from the last to the first.
func (m *Model) findStep(direction int) {
	f := &m.find
	if n := len(f.mids); n > 0 {
		f.at = (f.at - direction + n) % n
		m.showFind()
		m.changed()
	}
}

func (m *Model) showFind() {
	if len(m.find.mids) > 0 {
		m.ShowMessage(m.find.mids[m.find.at])
	}
}

// ShowMessage goes to a message and highlights it for a moment; it loads what is around it when needed. It returns
// false when the message does not exist here.
func (m *Model) ShowMessage(mid uint64) bool {
	i := m.hist.indexOfMid(mid)
	if i < 0 {
		if _, err := m.cfg.Backend.FindMessage(mid); err != nil || !m.jumpTo(mid) {
			return false
		}
		if i = m.hist.indexOfMid(mid); i < 0 {
			return false
		}
	}
	key := m.hist.rows[i].Key()
	m.following = false
	m.view = View{Kind: ViewMessage, Key: key}
	m.highlight(key)
	return true
}

// showQuoted goes to the message that another one answers.
func (m *Model) showQuoted(key uint64) {
	if msg, ok := m.Message(key); ok && msg.RefID != 0 && !m.ShowMessage(msg.RefID) {
		m.say(tr.L("The message this one answers is not here any more."))
	}
}

// flashed is the key of the highlighted message, 0 for none.
func (m *Model) flashed() uint64 { return m.flash }

func (m *Model) highlight(key uint64) {
	if m.flashEnd != nil {
		m.flashEnd()
	}
	m.flash = key
	m.flashEnd = m.cfg.Dispatcher.After(flashFor, func() {
		m.flashEnd, m.flash = nil, 0
		m.changed()
	})
	m.changed()
}

// quoted returns the message that another one answers, false without one. The zero Message is one that does not exist
// here.
func (m *Model) quoted(msg Message) (Message, bool) {
	if msg.RefID == 0 || msg.Deleted {
		return Message{}, false
	}
	if q, ok := m.quotes[msg.RefID]; ok {
		return q, true
	}
	q := Message{}
	if i := m.hist.indexOfMid(msg.RefID); i >= 0 {
		q = m.hist.rows[i]
	} else if found, err := m.cfg.Backend.FindMessage(msg.RefID); err == nil {
		q = NewMessage(found)
	}
	m.quotes[msg.RefID] = q
	return q, true
}
