package chat

import (
	"context"
	"slices"
	"strings"
	"time"
)

const (
	findAfter = 150 * time.Millisecond // after the last key
	mostFinds = 1000
	flashFor  = 1200 * time.Millisecond
)

// find is a search in the conversation.
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

// FindOpen tells whether the conversation is being searched.
func (m *Model) FindOpen() bool { return m.find.open }

// FindText is what is searched for.
func (m *Model) FindText() string { return m.find.text }

// FindCount says which find of how many is shown, from 1; 0 of 0 when there is none.
func (m *Model) FindCount() (at, total int) {
	if len(m.find.mids) == 0 {
		return 0, 0
	}
	return m.find.at + 1, len(m.find.mids)
}

// OpenFind begins to search the conversation.
func (m *Model) OpenFind() {
	m.find.open = true
	m.changed()
}

// CloseFind ends the search; the view stays.
func (m *Model) CloseFind() {
	m.find.stop()
	m.find = find{epoch: m.find.epoch}
	m.changed()
}

// Find searches for a text and shows the newest message that holds it.
func (m *Model) Find(text string) { m.findFrom(text, 0, findAfter) }

// FindAt searches for a text and stays at one of the messages that hold it.
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
			m.ask(stay)
		})
	}
	m.changed()
}

func (m *Model) ask(stay uint64) {
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

// FindStep goes to the next older find (-1) or the next newer one (1); after the last comes the first.
func (m *Model) FindStep(direction int) {
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

// ShowMessage goes to a message and lights it up for a moment, loading what is around it when needed. It tells false when it is
// not here.
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
	m.light(key)
	return true
}

// ShowQuoted goes to the message that another one answers.
func (m *Model) ShowQuoted(key uint64) {
	if msg, ok := m.Message(key); ok && msg.RefID != 0 && !m.ShowMessage(msg.RefID) {
		m.say("The message this one answers is not here any more.")
	}
}

// Flash is the key of the message that is lit up, 0 for none.
func (m *Model) Flash() uint64 { return m.flash }

func (m *Model) light(key uint64) {
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

// Quoted is the message that another one answers; it tells false when there is none. The zero Message is one that is not here.
func (m *Model) Quoted(msg Message) (Message, bool) {
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
