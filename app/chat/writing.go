package chat

import (
	"slices"

	"github.com/parley-chat/parley/internal/tr"
)

// writing is what the composer's text is for, other than a new message.
type writing struct {
	reply uint64 // key of the message that is answered
	edit  uint64 // key of the message that is edited
	kept  string // the draft before the edit
	text  *string
}

// Strip is the line above the composer.
type Strip struct {
	Edit  bool // a message is edited, not answered
	Title string
	Text  string
}

// strip returns what is being written, false for a plain message.
func (m *Model) strip() (Strip, bool) {
	if msg, ok := m.Message(m.writing.edit); ok && m.writing.edit != 0 {
		return Strip{Edit: true, Title: tr.L("Edit message"), Text: msg.Preview()}, true
	}
	if msg, ok := m.Message(m.writing.reply); ok && m.writing.reply != 0 {
		title := tr.L("Reply to {{.Name}}", "Name", m.Author(msg))
		if msg.Out {
			title = tr.L("Reply to yourself")
		}
		return Strip{Title: title, Text: msg.Preview()}, true
	}
	return Strip{}, false
}

// takeText returns once what the composer should contain, if it must change.
func (m *Model) takeText() (text string, ok bool) {
	if m.writing.text == nil {
		return "", false
	}
	text = *m.writing.text
	m.writing.text = nil
	return text, true
}

// reply makes the next message an answer to a message.
func (m *Model) reply(key uint64) bool {
	msg, ok := m.Message(key)
	if !ok || !m.Can(msg).Reply {
		return false
	}
	m.endEdit()
	m.writing.reply = key
	m.changed()
	return true
}

// edit puts an own message into the composer.
func (m *Model) edit(key uint64) bool {
	msg, ok := m.Message(key)
	if !ok || !m.Can(msg).Edit {
		return false
	}
	if m.writing.edit == 0 {
		m.saveDraft()
		m.writing.kept = m.draft
	}
	m.writing.reply, m.writing.edit = 0, key
	m.writing.text = &msg.Text
	m.changed()
	return true
}

// editLast puts the last own message into the composer.
func (m *Model) editLast() bool {
	for _, msg := range slices.Backward(m.hist.rows) {
		if msg.Out && !msg.Deleted && !m.Hidden(msg.Key()) {
			return m.edit(msg.Key())
		}
	}
	return false
}

// cancelStrip makes the composer's text a plain message again, and restores the draft from before an edit.
func (m *Model) cancelStrip() {
	m.endEdit()
	m.writing.reply = 0
	m.changed()
}

func (m *Model) endEdit() {
	if m.writing.edit == 0 {
		return
	}
	kept := m.writing.kept
	m.writing = writing{text: &kept}
	m.draft = kept
}

// answered is the id of the message that is answered, 0 for none.
func (m *Model) answered() uint64 {
	if msg, ok := m.Message(m.writing.reply); ok && m.writing.reply != 0 {
		return msg.Mid
	}
	return 0
}

// saveEdit sends the new text of a message.
func (m *Model) saveEdit(text string) bool {
	key := m.writing.edit
	msg, ok := m.Message(key)
	if !ok {
		m.cancelStrip()
		return false
	}
	if text != msg.Text {
		p := m.params()
		p.Mentions = m.mentionsIn(text)
		if err := m.cfg.Backend.SendUpdate(p, msg.Mid, []byte(text)); err != nil {
			m.fail("edit message", err)
			return false
		}
	}
	m.reread(msg.Mid)
	m.endEdit()
	m.changed()
	return false // the composer contains the draft from before
}

// reread applies what the database contains of a message.
func (m *Model) reread(mid uint64) {
	found, err := m.cfg.Backend.FindMessage(mid)
	if err != nil {
		return // it is reported again with the server's answer
	}
	now := NewMessage(found)
	if now.Deleted {
		m.Removed(mid)
		return
	}
	m.Changed(now)
	m.cfg.Updated()
}
