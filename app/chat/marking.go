package chat

import (
	"slices"
	"strings"

	"github.com/parley-chat/parley/app/format"

	"github.com/parley-chat/parley/internal/tr"
)

// mostMarks is how many messages can be marked at a time.
const mostMarks = 100

// marking is the messages that are marked to do something with all of them.
type marking struct {
	rows map[uint64]Message // by key; they stay marked when they are no longer in the window
	last uint64             // key of the one marked last, where a range starts
}

// isMarked reports whether a message is marked.
func (m *Model) isMarked(key uint64) bool {
	_, marked := m.marking.rows[key]
	return marked
}

// canMark reports whether a message can be marked: whatever can be deleted.
func (m *Model) canMark(msg Message) bool { return m.Can(msg).Delete && !msg.isNotice() }

// toggleMark marks a message, or does so no more.
func (m *Model) toggleMark(key uint64) {
	if m.isMarked(key) {
		delete(m.marking.rows, key)
		m.changed()
		return
	}
	m.setMark(key)
}

func (m *Model) setMark(key uint64) {
	msg, ok := m.Message(key)
	switch {
	case !ok || !m.canMark(msg) || m.isMarked(key):
		return
	case len(m.marking.rows) >= mostMarks:
		m.say(tr.L("At most 100 messages can be selected."))
		return
	case m.marking.rows == nil:
		m.marking.rows = map[uint64]Message{}
	}
	m.marking.rows[key], m.marking.last = msg, key
	m.changed()
}

// markThrough marks the messages from the one marked last to this one.
func (m *Model) markThrough(key uint64) {
	from, to := m.hist.index(m.marking.last), m.hist.index(key)
	if from < 0 || len(m.marking.rows) == 0 {
		from = to
	}
	if to < 0 {
		return
	}
	keys := make([]uint64, 0, mostMarks)
	for _, msg := range m.hist.rows[min(from, to) : max(from, to)+1] {
		keys = append(keys, msg.Key())
	}
	if to < from {
		slices.Reverse(keys)
	}
	for _, k := range keys {
		m.setMark(k)
	}
}

// Unmark marks no message any more.
func (m *Model) Unmark() {
	if len(m.marking.rows) > 0 {
		m.marking = marking{}
		m.changed()
	}
}

// marked returns the marked messages as they are now, oldest first.
func (m *Model) marked() []Message {
	rows := make([]Message, 0, len(m.marking.rows))
	for key, msg := range m.marking.rows {
		if now, ok := m.Message(key); ok {
			msg = now
			m.marking.rows[key] = now
		}
		rows = append(rows, msg)
	}
	slices.SortFunc(rows, func(a, b Message) int {
		if i, j := m.hist.index(a.Key()), m.hist.index(b.Key()); i >= 0 && j >= 0 {
			return i - j
		}
		return a.At.Compare(b.At)
	})
	return rows
}

// can returns what can be done with all of these messages, and whether some have a file to save.
func (m *Model) can(rows []Message) (can Actions, save bool) {
	can = Actions{Forward: true, Delete: true, Recall: true}
	for _, msg := range rows {
		one := m.Can(msg)
		_, here := msg.HasFile()
		can.Copy = can.Copy || msg.copied() != ""
		can.Forward = can.Forward && one.Forward
		can.Delete, can.Recall = can.Delete && one.Delete, can.Recall && one.Recall
		save = save || here
	}
	return can, save
}

// copied is the text that stands for a message on the clipboard.
func (m Message) copied() string {
	switch {
	case m.Text != "":
		return m.Text
	case m.Place != nil:
		return coordinates(m.Place)
	case m.File != nil:
		return m.File.Title
	default:
		return ""
	}
}

// copied is the text of several messages: who wrote what, and when.
func (m *Model) copied(rows []Message) string {
	if len(rows) == 1 {
		return rows[0].copied()
	}
	var parts []string
	for _, msg := range rows {
		if text := msg.copied(); text != "" {
			parts = append(parts, m.Author(msg)+", "+format.Moment(msg.At)+":\n"+text)
		}
	}
	return strings.Join(parts, "\n\n")
}
