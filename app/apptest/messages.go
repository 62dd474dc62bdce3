package apptest

import (
	"slices"
	"strings"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// find finds a message by its id in whichever chat.
func (b *Backend) find(mid uint64) (key string, m *chat.Message) {
	for key, rows := range b.Chats {
		for i := range rows {
			if rows[i].Mid == mid || rows[i].Out && uint64(rows[i].ID()) == mid {
				return key, &rows[i]
			}
		}
	}
	return "", nil
}

// change changes a message, or answers Err or mesibo.ErrNotFound.
func (b *Backend) change(mid uint64, f func(m *chat.Message)) error {
	if b.Err != nil {
		return b.Err
	}
	_, m := b.find(mid)
	if m == nil {
		return mesibo.ErrNotFound
	}
	f(m)
	return nil
}

// FindMessage looks in Chats.
func (b *Backend) FindMessage(mid uint64) (*mesibo.Message, error) {
	if b.Err != nil {
		return nil, b.Err
	}
	key, m := b.find(mid)
	if m == nil {
		return nil, mesibo.ErrNotFound
	}
	return Message(key, *m), nil
}

// SendLocation puts the place into the chat, waiting.
func (b *Backend) SendLocation(p mesibo.MessageParams, id uint32, l mesibo.Location) error {
	if b.Err == nil {
		b.add(p, chat.Message{Mid: uint64(id), RefID: p.RefID, Place: &l})
	}
	return b.Err
}

// ForwardMessage puts a copy into the other chat, waiting.
func (b *Backend) ForwardMessage(p mesibo.MessageParams, id uint32, mid uint64) error {
	return b.change(mid, func(m *chat.Message) {
		b.called("forward %q to %s", m.Text, Key(p.Peer, p.GroupID))
		b.add(p, chat.Message{Mid: uint64(id), Text: m.Text, Place: m.Place, Forwarded: true, Origin: m.Sender})
	})
}

// SendUpdate edits the message.
func (b *Backend) SendUpdate(p mesibo.MessageParams, mid uint64, message []byte) error {
	return b.change(mid, func(m *chat.Message) {
		b.called("edit %q to %q", m.Text, message)
		m.Text, m.Edited, m.Mentions = string(message), true, p.Mentions
	})
}

// PinMessage puts the notice into the chat.
func (b *Backend) PinMessage(p mesibo.MessageParams, id uint32, mid uint64, pin bool) error {
	return b.change(mid, func(m *chat.Message) {
		b.called("pin %q: %v", m.Text, pin)
		b.add(p, chat.Message{Mid: uint64(id), RefID: mid, Pin: &chat.Pin{Ended: !pin}})
	})
}

// PinnedMessages looks in Chats.
func (b *Backend) PinnedMessages(peer string, groupID uint32) ([]*mesibo.Message, error) {
	key := Key(peer, groupID)
	var mids []uint64
	for _, m := range b.Chats[key] {
		if m.Pin == nil {
			continue
		}
		mids = slices.DeleteFunc(mids, func(other uint64) bool { return other == m.RefID })
		if !m.Pin.Ended {
			mids = append(mids, m.RefID)
		}
	}
	var list []*mesibo.Message
	for _, mid := range slices.Backward(mids) {
		if _, m := b.find(mid); m != nil && !m.Deleted {
			list = append(list, Message(key, *m))
		}
	}
	return list, b.Err
}

// SendReaction sets this user's reaction.
func (b *Backend) SendReaction(_ mesibo.MessageParams, mid uint64, emoji string) error {
	return b.change(mid, func(m *chat.Message) { Reacted(m, Self, emoji) })
}

// Reacted sets a user's reaction to a message; empty removes it.
func Reacted(m *chat.Message, who, emoji string) {
	m.Reactions = slices.DeleteFunc(slices.Clone(m.Reactions), func(r mesibo.Reaction) bool { return r.Address == who })
	if emoji != "" {
		m.Reactions = append(m.Reactions, mesibo.Reaction{Address: who, Emoji: emoji})
	}
}

// DeleteMessage removes the message, or leaves a mark of it.
func (b *Backend) DeleteMessage(mid uint64, t mesibo.DeleteType) error {
	if b.Err != nil {
		return b.Err
	}
	key, m := b.find(mid)
	switch {
	case m == nil:
		return mesibo.ErrNotFound
	case t == mesibo.DeleteLocal:
		b.called("delete %q here", m.Text)
		b.Chats[key] = slices.DeleteFunc(b.Chats[key], func(other chat.Message) bool { return other.Mid == m.Mid })
	default:
		b.called("take back %q", m.Text)
		*m = chat.Message{Mid: m.Mid, Out: m.Out, Sender: m.Sender, At: m.At, Status: m.Status, Deleted: true}
	}
	return nil
}

// DeletePolicy returns Seconds.
func (b *Backend) DeletePolicy(int, mesibo.DeleteType) (int, mesibo.DeleteType) {
	return b.Seconds, mesibo.DeleteRecall
}

// SendActivity records it.
func (b *Backend) SendActivity(_ mesibo.MessageParams, _ uint32, a mesibo.Activity, _ int) error {
	b.Activities = append(b.Activities, a)
	return b.Err
}

// GetReceipts answers Info.
func (b *Backend) GetReceipts(mid uint64) ([]mesibo.Receipt, error) {
	return b.Info[uint32(mid)], b.Err
}

// ReadShared looks in Chats, in all of them without peer and group.
func (b *Backend) ReadShared(peer string, groupID uint32, _ int) ([]chat.Message, error) {
	if peer == "" && groupID == 0 {
		var rows []chat.Message
		for key := range b.Chats {
			id := idOf(key)
			rows = append(rows, b.newest(id.Peer, id.Group, func(m chat.Message) bool { return m.File != nil })...)
		}
		slices.SortStableFunc(rows, func(one, other chat.Message) int { return other.At.Compare(one.At) })
		return rows, b.Err
	}
	return b.newest(peer, groupID, func(m chat.Message) bool { return m.File != nil }), b.Err
}

// ReadLinks looks in Chats.
func (b *Backend) ReadLinks(peer string, groupID uint32, _ int) ([]chat.Message, error) {
	return b.newest(peer, groupID, func(m chat.Message) bool { return holds(m, "http") || holds(m, "www.") }), b.Err
}

// newest lists the messages of a chat that meet a condition, newest first.
func (b *Backend) newest(peer string, groupID uint32, want func(chat.Message) bool) []chat.Message {
	var rows []chat.Message
	for _, m := range slices.Backward(b.Chats[Key(peer, groupID)]) {
		if want(m) {
			rows = append(rows, m)
		}
	}
	return rows
}

// FindInChat looks in Chats.
func (b *Backend) FindInChat(peer string, groupID uint32, text string, count int) ([]uint64, error) {
	var mids []uint64
	for _, m := range slices.Backward(b.Chats[Key(peer, groupID)]) {
		if holds(m, text) && len(mids) < count {
			mids = append(mids, m.Mid)
		}
	}
	return mids, b.Err
}

// FindMessages looks in Chats.
func (b *Backend) FindMessages(text string, count int) ([]contacts.Line, error) {
	var lines []contacts.Line
	for key, rows := range b.Chats {
		for _, m := range rows {
			if holds(m, text) {
				lines = append(lines, contacts.NewLine(Message(key, m)))
			}
		}
	}
	slices.SortFunc(lines, func(x, y contacts.Line) int { return y.At.Compare(x.At) })
	return lines[:min(count, len(lines))], b.Err
}

// UnreadMentions looks in Chats.
func (b *Backend) UnreadMentions(groupID uint32) ([]uint64, error) {
	var mids []uint64
	for _, m := range b.Chats[Key("", groupID)] {
		if m.Unread() && slices.Contains(m.Mentions, Self) {
			mids = append(mids, m.Mid)
		}
	}
	return mids, b.Err
}

// Mentioned looks in Chats.
func (b *Backend) Mentioned(groupID uint32, _ int) (bool, error) {
	return slices.ContainsFunc(b.Chats[Key("", groupID)], func(m chat.Message) bool {
		return m.Unread() && slices.Contains(m.Mentions, Self)
	}), b.Err
}

func holds(m chat.Message, text string) bool {
	return strings.Contains(strings.ToLower(m.Text), strings.ToLower(text))
}
