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
	fewestLetter = 2 // shorter texts are not searched for in messages
)

// search is a search from the field above the list, and its results.
type search struct {
	text  string
	hits  []Line
	busy  bool
	epoch int    // counts searches: late answers to earlier ones are dropped
	timer func() // cancels the search that is due
}

// Search finds chats, users and messages; empty shows the list again. Messages are found a moment later.
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

// Searching is the text searched for, empty when the list is shown.
func (m *Model) Searching() string { return m.found.text }

// SearchBusy reports whether messages are still being searched.
func (m *Model) SearchBusy() bool { return m.found.busy }

// FoundChats are the chats whose name or address matches, in the order of the list.
func (m *Model) FoundChats() []Row {
	var rows []Row
	for _, key := range m.sorted() {
		if r := m.rows[key]; matches(m.found.text, r.Name, r.Peer) {
			rows = append(rows, *r)
		}
	}
	return rows
}

// AllRows are all chats, in the order of the list.
func (m *Model) AllRows() []Row {
	var rows []Row
	for _, key := range m.sorted() {
		rows = append(rows, *m.rows[key])
	}
	return rows
}

// FoundPeople are the users who match and have no chat in the list.
func (m *Model) FoundPeople() []Person {
	var list []Person
	for _, p := range m.People(m.found.text) {
		if _, listed := m.Row(ID{Peer: p.Address}); !listed && len(list) < mostPeople {
			list = append(list, p)
		}
	}
	return list
}

// FoundMessages are the messages that contain the text, newest first.
func (m *Model) FoundMessages() []Line { return m.found.hits }
