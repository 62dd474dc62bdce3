package chat

import (
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// items makes what the list shows of the model's messages.
func (s *Screen) items() []widgets.MessageItem {
	rows := s.model.Messages()
	now := s.ui.Now()
	divider, dividerWords := s.model.Divider()
	list := make([]widgets.MessageItem, len(rows))
	var day time.Time // of the message before
	var dayWords string
	for i, m := range rows {
		if m.At.YearDay() != day.YearDay() || m.At.Year() != day.Year() {
			day, dayWords = m.At, DateWords(m.At, now)
		}
		item := &list[i]
		item.Key, item.Own, item.Day = itemKey(m.Key()), m.Out, dayWords
		item.At, item.Time = m.At.Unix(), m.At.Format("15:04")
		if divider != 0 && m.Key() == divider {
			item.Divider = dividerWords
		}
		if m.Change != nil || m.Status == mesibo.MsgStatusCustom {
			item.Kind, item.Text = widgets.MessageSystem, s.model.NoticeWords(m)
			continue
		}
		s.fill(item, m)
	}
	return list
}

// fill puts what a message says into its item.
func (s *Screen) fill(item *widgets.MessageItem, m Message) {
	if m.Sender != "" {
		item.SenderKey, item.SenderName = fold(m.Sender), s.model.Name(m.Sender)
		item.SenderPicture = s.on.Picture(m.Sender, 0)
	}
	item.State = state(m)
	if m.Deleted {
		item.Text, item.Deleted, item.State = DeletedWords, true, widgets.StateNone
		return
	}
	item.Text, item.Edited = m.Text, m.Edited
	if m.Failed() {
		item.FailedReason = reason(m)
	}
	if m.Forwarded {
		item.Forwarded = "Forwarded"
	}
	item.Quote = s.quote(m)
	item.Place = place(m.Place)
	if m.File != nil {
		item.File = s.model.fileCard(m)
		if m.Pictured() && item.File.Width > 0 {
			item.File.Photo = s.album.get(m.Key())
		}
	}
	for _, part := range Mentioned(m.Text, m.Mentions) {
		item.Mentions = append(item.Mentions, widgets.Range{Start: part.Start, End: part.End})
	}
	for _, r := range s.model.Reactions(m) {
		item.Reactions = append(item.Reactions, widgets.Reaction{Emoji: r.Emoji, Count: r.Count, Own: r.Own})
	}
}

func (s *Screen) quote(m Message) *widgets.Quote {
	q, ok := s.model.Quoted(m)
	switch {
	case !ok:
		return nil
	case q.Mid == 0:
		return &widgets.Quote{Name: "Message", Text: "It is not here any more", Deleted: true}
	}
	key := fold(q.Sender)
	if key == "" && !q.Out {
		key = s.model.FaceKey()
	}
	return &widgets.Quote{SenderKey: key, Name: s.model.Author(q), Text: q.Gist(), Deleted: q.Deleted}
}

func place(l *mesibo.Location) *widgets.Place {
	if l == nil {
		return nil
	}
	return &widgets.Place{Title: l.Title, Latitude: l.Lat, Longitude: l.Lon}
}

func state(m Message) widgets.MessageState {
	switch {
	case !m.Out:
		return widgets.StateNone
	case m.Failed():
		return widgets.StateFailed
	}
	switch m.Status {
	case mesibo.MsgStatusSent:
		return widgets.StateSent
	case mesibo.MsgStatusDelivered:
		return widgets.StateDelivered
	case mesibo.MsgStatusRead:
		return widgets.StateRead
	default:
		return widgets.StateWaiting
	}
}
