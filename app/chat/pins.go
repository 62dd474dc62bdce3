package chat

import (
	"log/slog"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// pins are the messages that are pinned in the chat.
type pins struct {
	rows  []Message // the one pinned last first
	shown int       // the one in the bar
}

// refreshPins looks the pinned messages up.
func (m *Model) refreshPins() {
	list, err := m.cfg.Backend.PinnedMessages(m.cfg.Peer, m.cfg.GroupID)
	if err != nil {
		m.cfg.Logger.Warn("pinned messages not read", slog.Any("error", err))
		return
	}
	rows := make([]Message, len(list))
	for i, msg := range list {
		rows[i] = NewMessage(msg)
	}
	if len(rows) != len(m.pins.rows) || len(rows) > 0 && rows[0].Mid != m.pins.rows[0].Mid {
		m.pins.shown = 0
	}
	before := len(m.pins.rows)
	if m.pins.rows = rows; len(rows) > 0 || before > 0 {
		m.changed()
	}
}

// mayPin reports whether this user may pin messages: in a chat of two both may, in a group who may change it.
func (m *Model) mayPin() bool { return m.cfg.GroupID == 0 || m.participants.group.Admin }

func (m *Model) isPinned(mid uint64) bool {
	for i := range m.pins.rows {
		if m.pins.rows[i].Mid == mid {
			return true
		}
	}
	return false
}

// pin pins a message for everyone, or unpins it.
func (m *Model) pin(mid uint64, pin bool) {
	id := m.cfg.Backend.Random()
	if err := m.cfg.Backend.PinMessage(m.params(), id, mid, pin); err != nil {
		m.fail("pin message", err)
		return
	}
	m.placed(Message{Mid: uint64(id), RefID: mid, Pin: &Pin{Ended: !pin}})
	m.refreshPins()
}

// togglePin pins a message, or unpins it.
func (m *Model) togglePin(key uint64) {
	msg, ok := m.Message(key)
	if can := m.Can(msg); ok && (can.Pin || can.Unpin) {
		m.pin(msg.Mid, can.Pin)
	}
}

// unpinShown unpins the message in the bar.
func (m *Model) unpinShown() {
	if p := &m.pins; p.shown < len(p.rows) && m.mayPin() && m.Refused() == "" {
		m.pin(p.rows[p.shown].Mid, false)
	}
}

// ShowPinned goes to the message in the bar, which shows the one pinned before it then.
func (m *Model) ShowPinned() {
	p := &m.pins
	if len(p.rows) == 0 {
		return
	}
	m.ShowMessage(p.rows[p.shown].Mid)
	p.shown = (p.shown + 1) % len(p.rows)
	m.changed()
}

// pinnedData is what the bar shows, false without a pinned message.
func (m *Model) pinnedData() (widgets.PinnedData, bool) {
	p := &m.pins
	if len(p.rows) == 0 {
		return widgets.PinnedData{}, false
	}
	msg := p.rows[p.shown]
	d := widgets.PinnedData{
		Title: tr.L("Pinned message"), Text: msg.Preview(), At: p.shown, Count: len(p.rows),
		Unpin: m.mayPin() && m.Refused() == "",
	}
	if len(p.rows) > 1 {
		d.Title = tr.L("Pinned message {{.At}} of {{.All}}", "At", p.shown+1, "All", len(p.rows))
	}
	return d, true
}

// pinnedChanged is called when a message was changed, recalled or deleted.
func (m *Model) pinnedChanged(mid uint64) {
	if m.isPinned(mid) {
		m.refreshPins()
	}
}

// pinWords is a notice that a message was pinned.
func (m *Model) pinWords(msg Message) string {
	who := m.Author(msg)
	switch {
	case msg.Failed():
		return tr.L("The message could not be pinned: only admins pin messages in this group.")
	case msg.Pin.Ended && msg.Out:
		return tr.L("You unpinned a message")
	case msg.Pin.Ended:
		return tr.L("{{.Name}} unpinned a message", "Name", who)
	}
	pinned, _ := m.quoted(msg)
	switch known := pinned.Mid != 0 && !pinned.Deleted; {
	case known && msg.Out:
		return tr.L("You pinned “{{.Text}}”", "Text", shortened(pinned.Preview()))
	case known:
		return tr.L("{{.Name}} pinned “{{.Text}}”", "Name", who, "Text", shortened(pinned.Preview()))
	case msg.Out:
		return tr.L("You pinned a message")
	default:
		return tr.L("{{.Name}} pinned a message", "Name", who)
	}
}

// shortened cuts a text for a notice.
func shortened(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
