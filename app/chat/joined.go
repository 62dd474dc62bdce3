package chat

import (
	"slices"

	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// mostAlbum is how many pictures are shown in one bubble.
const mostAlbum = 10

// joins reports whether a picture is shown in one bubble with the message before it: they were sent at once, and nothing is
// said of it alone.
func (m *Model) joins(before, msg *Message) bool {
	return msg.Album != 0 && msg.Album == before.Album && msg.Out == before.Out && msg.Sender == before.Sender &&
		before.joinable() && msg.joinable() && msg.Text == "" && msg.RefID == 0 && msg.Forwarded == before.Forwarded &&
		msg.Origin == before.Origin && msg.Key() != m.divider && msg.At.YearDay() == before.At.YearDay()
}

// joinable reports whether the message may be a part of an album.
func (m Message) joinable() bool { return m.Pictured() && !m.Failed() }

// joinItem adds a picture to the item of the one before it; the item has the key of the last one.
func joinItem(item *messages.Item, next messages.Item) {
	if len(item.Album) == 0 {
		item.Album, item.File = []messages.AlbumPhoto{{Key: item.Key, File: item.File}}, nil
	}
	item.Album = append(item.Album, messages.AlbumPhoto{Key: next.Key, File: next.File})
	item.Key, item.At, item.Time, item.State = next.Key, next.At, next.Time, worse(item.State, next.State)
	for _, r := range next.Reactions {
		i := slices.IndexFunc(item.Reactions, func(other messages.Reaction) bool { return other.Emoji == r.Emoji })
		if i < 0 {
			item.Reactions = append(item.Reactions, r)
			continue
		}
		item.Reactions[i].Count += r.Count
		item.Reactions[i].Own = item.Reactions[i].Own || r.Own
	}
}

// worse is the state of two messages together: waiting until both are sent, and so on.
func worse(a, b widgets.MessageState) widgets.MessageState {
	order := []widgets.MessageState{
		widgets.StateWaiting, widgets.StateSent, widgets.StateDelivered, widgets.StateRead,
	}
	i, j := slices.Index(order, a), slices.Index(order, b)
	if i < 0 || j < 0 {
		return a
	}
	return order[min(i, j)]
}

// shownKey is the key of the item that shows a message: of an album its last.
func (s *Screen) shownKey(key uint64) uint64 {
	if shown, ok := s.albums[key]; ok {
		return shown
	}
	return key
}

// joined are the keys of the messages that are shown in one item with a message.
func (s *Screen) joined(key uint64) []uint64 {
	shown := s.shownKey(key)
	var keys []uint64
	for member, of := range s.albums {
		if of == shown {
			keys = append(keys, member)
		}
	}
	if len(keys) == 0 {
		return []uint64{key}
	}
	slices.SortFunc(keys, func(a, b uint64) int { return s.model.hist.index(a) - s.model.hist.index(b) })
	return keys
}
