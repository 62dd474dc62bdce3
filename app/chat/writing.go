package chat

import "slices"

// writing is what the text in the composer is for, when it is not simply a new message.
type writing struct {
	reply uint64 // key of the message that is answered
	edit  uint64 // key of the message that is edited
	kept  string // the draft that stood there before the editing
	text  *string
}

// Strip is the line over the composer.
type Strip struct {
	Edit  bool // a message is edited, not answered
	Title string
	Text  string
}

// Strip tells what is written just now, false when it is simply a message.
func (m *Model) Strip() (Strip, bool) {
	if msg, ok := m.Message(m.writing.edit); ok && m.writing.edit != 0 {
		return Strip{Edit: true, Title: "Edit message", Text: msg.Gist()}, true
	}
	if msg, ok := m.Message(m.writing.reply); ok && m.writing.reply != 0 {
		return Strip{Title: "Reply to " + m.Author(msg), Text: msg.Gist()}, true
	}
	return Strip{}, false
}

// TakeText is what the composer should hold, once, when that is not what was typed.
func (m *Model) TakeText() (text string, ok bool) {
	if m.writing.text == nil {
		return "", false
	}
	text = *m.writing.text
	m.writing.text = nil
	return text, true
}

// Reply makes what is sent next an answer to a message.
func (m *Model) Reply(key uint64) bool {
	msg, ok := m.Message(key)
	if !ok || !m.Can(msg).Reply {
		return false
	}
	m.endEdit()
	m.writing.reply = key
	m.changed()
	return true
}

// Edit puts an own message into the composer.
func (m *Model) Edit(key uint64) bool {
	msg, ok := m.Message(key)
	if !ok || !m.Can(msg).Edit {
		return false
	}
	if m.writing.edit == 0 {
		m.SaveDraft()
		m.writing.kept = m.draft
	}
	m.writing.reply, m.writing.edit = 0, key
	m.writing.text = &msg.Text
	m.changed()
	return true
}

// EditLast puts the last own message into the composer.
func (m *Model) EditLast() bool {
	for _, msg := range slices.Backward(m.hist.rows) {
		if msg.Out && !msg.Deleted {
			return m.Edit(msg.Key())
		}
	}
	return false
}

// CancelStrip makes the text in the composer simply a message again; what was there before an editing comes back.
func (m *Model) CancelStrip() {
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

// answered is the id of the message that is answered, 0 when none is.
func (m *Model) answered() uint64 {
	if msg, ok := m.Message(m.writing.reply); ok && m.writing.reply != 0 {
		return msg.Mid
	}
	return 0
}

// saveEdit sends what a message says from now on.
func (m *Model) saveEdit(text string) bool {
	key := m.writing.edit
	msg, ok := m.Message(key)
	if !ok {
		m.CancelStrip()
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
	return false // the composer holds the draft from before
}

// reread takes in what the database says of a message now.
func (m *Model) reread(mid uint64) {
	found, err := m.cfg.Backend.FindMessage(mid)
	if err != nil {
		return // it comes again with the server's answer
	}
	now := NewMessage(found)
	if now.Deleted {
		m.Removed(mid)
		return
	}
	m.Changed(now)
	m.cfg.Updated()
}
