package chat

import (
	"errors"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Actions are what can be done with a message.
type Actions struct {
	Copy, Reply, Edit, Forward, React, Info bool
	Delete                                  bool // for this user
	Recall                                  bool // for everyone
	Pin, Unpin                              bool // for everyone
	Report                                  bool // to the operator of the server
}

// Can returns what can be done with a message.
func (m *Model) Can(msg Message) Actions {
	can := Actions{
		Copy:   !msg.isNotice() && (msg.Text != "" || msg.Place != nil),
		Delete: !msg.Waits() && !msg.Failed() && msg.Change == nil && msg.Pin == nil && msg.Stay == nil,
	}
	if _, here := msg.HasFile(); here {
		can.Copy = true
	}
	if !msg.Settled() {
		return can
	}
	can.Forward = true
	if msg.Imported != nil {
		return can
	}
	can.Info, can.Recall = msg.Out, m.mayRecall(msg)
	can.Report = m.mayReport(msg)
	if m.Refused() != "" {
		return can
	}
	can.Reply, can.React = true, msg.Poll == nil // whose reactions are votes
	can.Edit = msg.Out && msg.plain() && m.inTime(msg)
	pinned := m.isPinned(msg.Mid)
	can.Pin, can.Unpin = m.mayPin() && !pinned, m.mayPin() && pinned
	return can
}

// plain reports whether the message is a text that its sender wrote.
func (m Message) plain() bool {
	return m.Place == nil && m.File == nil && m.Poll == nil && !m.Forwarded
}

// mayReport reports whether a message can be reported to the operator of the server.
func (m *Model) mayReport(msg Message) bool {
	return !msg.Out && !msg.isNotice() && !m.cfg.Saved && !m.cfg.Echo && !m.isServer()
}

// mayRecall reports whether a message can be recalled.
func (m *Model) mayRecall(msg Message) bool {
	return !m.cfg.Saved && (msg.Out && m.inTime(msg) || m.participants.group.Admin)
}

// inTime reports whether a message is recent enough to be edited or recalled.
func (m *Model) inTime(msg Message) bool {
	seconds, _ := m.cfg.Backend.DeletePolicy(-1, mesibo.DeleteDefault)
	return seconds <= 0 || m.cfg.Dispatcher.Now().Sub(msg.At) <= time.Duration(seconds)*time.Second
}

// deleteOne deletes one message; it reports whether that worked.
func (m *Model) deleteOne(msg Message, everyone bool) bool {
	kind := mesibo.DeleteLocal
	if everyone {
		kind = mesibo.DeleteRecall
	}
	err := m.cfg.Backend.DeleteMessage(msg.Mid, kind)
	switch {
	case errors.Is(err, mesibo.ErrNotFound) && !everyone:
	case err != nil:
		m.fail("delete message", err)
		return false
	}
	if everyone {
		m.reread(msg.Mid)
		return true
	}
	delete(m.quotes, msg.Mid)
	m.hist.remove(msg.Key())
	m.pinnedChanged(msg.Mid)
	m.changed()
	m.cfg.Updated()
	return true
}

// react sets this user's reaction to a message, or removes it when it is the same.
func (m *Model) react(key uint64, emoji string) {
	msg, ok := m.Message(key)
	if ok && m.Can(msg).React {
		m.toggle(msg, emoji)
	}
}

// toggle reacts to a message, or takes the reaction back when it is the same.
func (m *Model) toggle(msg Message, emoji string) {
	if msg.reactionOf(m.self) == emoji {
		emoji = ""
	}
	if err := m.cfg.Backend.SendReaction(m.params(), msg.Mid, emoji); err != nil {
		m.fail("react", err)
		return
	}
	m.reread(msg.Mid)
}

// reaction is this user's reaction to a message, empty without one.
func (m *Model) reaction(key uint64) string {
	msg, _ := m.Message(key)
	return msg.reactionOf(m.self)
}

// reactions counts the reactions to a message, in the order of their first.
func (m *Model) reactions(msg Message) []ReactionCount {
	var list []ReactionCount
	at := map[string]int{}
	for _, r := range msg.Reactions {
		i, known := at[r.Emoji]
		if !known {
			i = len(list)
			at[r.Emoji] = i
			list = append(list, ReactionCount{Emoji: r.Emoji})
		}
		list[i].Count++
		list[i].Own = list[i].Own || same(r.Address, m.self)
	}
	return list
}

// ReactionCount is the number of users who reacted with an emoji.
type ReactionCount struct {
	Emoji string
	Count int
	Own   bool // this user is among them
}

// Receipts lists who received a message and who read it.
func (m *Model) Receipts(key uint64) ([]mesibo.Receipt, error) {
	msg, ok := m.Message(key)
	if !ok {
		return nil, mesibo.ErrNotFound
	}
	list, err := m.cfg.Backend.GetReceipts(msg.Mid)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range list {
		known[fold(r.Address)] = true
	}
	for _, member := range m.participants.group.Members {
		if !known[fold(member.Address)] && !same(member.Address, m.self) {
			list = append(list, mesibo.Receipt{Address: member.Address})
		}
	}
	if m.cfg.GroupID == 0 && len(list) == 0 {
		list = append(list, mesibo.Receipt{Address: m.cfg.Peer})
	}
	return list, nil
}

// Forward sends a copy of a message to another chat.
func (m *Model) Forward(key uint64, to mesibo.MessageParams) error {
	msg, ok := m.Message(key)
	if marked, kept := m.marking.rows[key]; !ok && kept {
		msg, ok = marked, true
	}
	if !ok {
		return mesibo.ErrNotFound
	}
	return m.cfg.Backend.ForwardMessage(to, m.cfg.Backend.Random(), msg.Mid)
}
