package chat

import (
	"time"

	"github.com/parley-chat/parley/internal/tr"
)

// undoFor is how long a deletion can be undone. It is not made before: if the program ends in any way that does not close
// the chat first, nothing was deleted.
const undoFor = 8 * time.Second

// deletion is messages that are shown no more and will be deleted.
type deletion struct {
	rows     []Message
	everyone bool
	timer    func() // cancels the timer
	withdraw func() // withdraws the offer to undo it
}

// delete hides messages, and deletes them from this device, or recalls them for everyone, when that was not undone in time.
func (m *Model) delete(keys []uint64, everyone bool) {
	m.finishDeletion()
	d := &deletion{everyone: everyone}
	for _, key := range keys {
		msg, ok := m.Message(key)
		if marked, kept := m.marking.rows[key]; !ok && kept {
			msg, ok = marked, true
		}
		if ok {
			d.rows = append(d.rows, msg)
		}
	}
	if len(d.rows) == 0 {
		return
	}
	m.deletion = d
	if m.cfg.OfferUndo == nil {
		m.finishDeletion()
		return
	}
	d.withdraw = m.cfg.OfferUndo(d.words(), func() {
		if m.deletion == d {
			m.undoDeletion()
		}
	})
	d.timer = m.cfg.Dispatcher.After(undoFor, m.finishDeletion)
	m.changed()
	m.cfg.Updated()
}

func (d *deletion) words() string {
	if d.everyone {
		return tr.N("Message deleted for everyone", "{{.N}} messages deleted for everyone", len(d.rows))
	}
	return tr.N("Message deleted", "{{.N}} messages deleted", len(d.rows))
}

// finishDeletion makes the deletion that can still be undone, if any.
func (m *Model) finishDeletion() {
	d := m.endDeletion()
	if d == nil {
		return
	}
	for _, msg := range d.rows {
		if !m.deleteOne(msg, d.everyone) {
			break
		}
	}
	m.changed()
}

// undoDeletion shows the messages again that would have been deleted.
func (m *Model) undoDeletion() {
	if m.endDeletion() != nil {
		m.changed()
		m.cfg.Updated()
	}
}

func (m *Model) endDeletion() *deletion {
	d := m.deletion
	m.deletion = nil
	if d != nil && d.timer != nil {
		d.timer()
		d.withdraw()
	}
	return d
}

// HiddenMid is Hidden for the id of a message.
func (m *Model) HiddenMid(mid uint64) bool {
	if m.deletion == nil {
		return false
	}
	for i := range m.deletion.rows {
		if m.deletion.rows[i].Mid == mid {
			return true
		}
	}
	return false
}

// Hidden reports whether a message is about to be deleted, and not shown any more.
func (m *Model) Hidden(key uint64) bool {
	if m.deletion == nil {
		return false
	}
	for i := range m.deletion.rows {
		if m.deletion.rows[i].Key() == key {
			return true
		}
	}
	return false
}
