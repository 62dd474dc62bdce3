package contacts

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

const (
	searchAfter  = 150 * time.Millisecond // after the last key
	mostHits     = 50
	mostPeople   = 20
	fewestLetter = 2 // messages are not searched for less
)

// search is what the field over the list asks for, and what was found.
type search struct {
	text  string
	hits  []Line
	busy  bool
	epoch int    // counts questions: answers to those before the last one are dropped
	timer func() // cancels the question that is due
}

// Search looks for conversations, people and messages; empty shows the list again. Messages are found a moment later.
func (m *Model) Search(text string) {
	s := &m.found
	text = strings.TrimSpace(text)
	if text == s.text {
		return
	}
	if s.timer != nil {
		s.timer()
		s.timer = nil
	}
	s.text, s.busy = text, false
	s.epoch++
	if len([]rune(text)) < fewestLetter {
		s.hits = nil
	} else {
		s.busy = true
		s.timer = m.cfg.Dispatcher.After(searchAfter, m.findMessages)
	}
	m.changed()
}

func (m *Model) findMessages() {
	s := &m.found
	s.timer = nil
	epoch, text := s.epoch, s.text
	var hits []Line
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		hits, err = m.cfg.Backend.FindMessages(text, mostHits)
	}, func() {
		if epoch != s.epoch {
			return
		}
		s.busy = false
		if s.hits = hits; err != nil {
			s.hits = nil
			m.cfg.Logger.Warn("messages not searched", slog.Any("error", err))
		}
		m.changed()
	})
}

// Searching is what is looked for, empty when the list is shown.
func (m *Model) Searching() string { return m.found.text }

// SearchBusy tells whether messages are still being looked for.
func (m *Model) SearchBusy() bool { return m.found.busy }

// FoundChats are the conversations whose name or address fits, in the order of the list.
func (m *Model) FoundChats() []Row {
	var rows []Row
	for _, key := range m.sorted() {
		if r := m.rows[key]; matches(m.found.text, r.Name, r.Peer) {
			rows = append(rows, *r)
		}
	}
	return rows
}

// Everything are all conversations, in the order of the list.
func (m *Model) Everything() []Row {
	var rows []Row
	for _, key := range m.sorted() {
		rows = append(rows, *m.rows[key])
	}
	return rows
}

// FoundPeople are those who fit and have no conversation in the list.
func (m *Model) FoundPeople() []Person {
	var list []Person
	for _, p := range m.People(m.found.text) {
		if _, listed := m.Row(ID{Peer: p.Address}); !listed && len(list) < mostPeople {
			list = append(list, p)
		}
	}
	return list
}

// FoundMessages are the messages that hold the text, the newest first.
func (m *Model) FoundMessages() []Line { return m.found.hits }
