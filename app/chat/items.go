package chat

import (
	"strconv"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// items are the rows of the list for the model's messages.
func (s *Screen) items() []messages.Item {
	rows := s.model.Messages()
	now := s.ui.Now()
	divider, dividerWords := s.model.dividerAt()
	list := make([]messages.Item, 0, len(rows))
	clear(s.albums)
	var first, before Message // of the item before, the message before
	var day time.Time         // of the message before
	var dayWords string
	for _, m := range rows {
		if s.model.Hidden(m.Key()) {
			continue
		}
		if m.At.YearDay() != day.YearDay() || m.At.Year() != day.Year() {
			day, dayWords = m.At, format.Date(m.At, now)
		}
		list = append(list, messages.Item{})
		item := &list[len(list)-1]
		item.Key, item.Own, item.Day = itemKey(m.Key()), m.Out, dayWords
		item.At, item.Time = m.At.Unix(), format.Clock(m.At)
		if divider != 0 && m.Key() == divider {
			item.Divider = dividerWords
		}
		if m.isNotice() {
			item.Kind, item.Text = messages.KindSystem, s.model.NoticeText(m)
			before = m
			continue
		}
		s.fill(item, m)
		if n := len(list); n > 1 && item.File != nil && len(list[n-2].Album) < mostAlbum && s.model.joins(&before, &m) {
			next := *item
			list = list[:n-1]
			joinItem(&list[n-2], next)
			s.join(first.Key(), before.Key(), m.Key())
		} else {
			first = m
		}
		before = m
	}
	return list
}

// join notes that a message is shown in one item with those before it, under its own key.
func (s *Screen) join(first, before, key uint64) {
	s.albums[first] = key
	for member, shown := range s.albums {
		if shown == before {
			s.albums[member] = key
		}
	}
	s.albums[key] = key
}

// fill fills an item with a message's content.
func (s *Screen) fill(item *messages.Item, m Message) {
	if name := m.Stranger(); name != "" {
		item.SenderKey, item.SenderName = fold(name), name
	}
	if m.Sender != "" {
		item.SenderKey, item.SenderName = fold(m.Sender), s.model.name(m.Sender)
		item.SenderPicture = s.on.Picture(m.Sender, 0)
	}
	item.State, item.Kept = tick(m), m.Imported != nil
	if m.Deleted {
		item.Text, item.Deleted, item.State = DeletedWords(), true, widgets.StateNone
		return
	}
	if m.Call != nil {
		item.Own, item.File = m.Call.Own, callCard(m.Call, s.model.cfg.Callable)
		return
	}
	item.Text, item.Edited = m.Text, m.Edited
	if m.Failed() {
		item.FailedReason = reason(m)
	}
	if m.Forwarded {
		item.Forwarded = s.model.forwardedWords(m)
	}
	item.Quote = s.quote(m)
	switch {
	case m.Poll != nil:
		item.Text, item.Question, item.Poll = "", m.Poll.Question, s.model.options(m)
		return
	case m.Place != nil:
		item.File = placeCard(m.Place)
	case m.File != nil:
		item.File = s.model.fileCard(m)
		if m.illustrated() && item.File.Width > 0 {
			item.File.Photo = s.album.get(m.Key())
		}
		if m.Pictured() {
			s.adorn(item.File, m)
		}
	}
	item.Link = s.linkCard(m)
	for _, part := range Mentioned(m.Text, m.Mentions) {
		item.Mentions = append(item.Mentions, widgets.Range{Start: part.Start, End: part.End})
	}
	for _, r := range s.model.reactions(m) {
		item.Reactions = append(item.Reactions, messages.Reaction{Emoji: r.Emoji, Count: r.Count, Own: r.Own})
	}
}

func (s *Screen) quote(m Message) *messages.Quote {
	q, ok := s.model.quoted(m)
	switch {
	case !ok:
		return nil
	case q.Mid == 0:
		return &messages.Quote{Name: tr.L("Message"), Text: tr.L("It is not here any more"), Deleted: true}
	}
	key := fold(orElse(q.Sender, q.Stranger()))
	if key == "" && !q.Out {
		key = s.model.faceKey()
	}
	return &messages.Quote{SenderKey: key, Name: s.model.Author(q), Text: q.Preview(), Deleted: q.Deleted}
}

// placeCard is a location: its name and coordinates. There is no map, because none is drawn without asking a server for it.
func placeCard(l *mesibo.Location) *messages.FileCard {
	return &messages.FileCard{
		Name: orElse(l.Title, tr.L("Location")), Size: degrees(l.Lat, l.Lon), State: tr.L("Open in a map"),
		Icon: assets.IconPlace, Narrow: true,
	}
}

// degrees are coordinates, such as 48.85837° N, 2.29448° E.
func degrees(latitude, longitude float64) string {
	ns, ew := tr.L("{{.Degrees}}° N", "Degrees", fixed(latitude)), tr.L("{{.Degrees}}° E", "Degrees", fixed(longitude))
	if latitude < 0 {
		ns = tr.L("{{.Degrees}}° S", "Degrees", fixed(-latitude))
	}
	if longitude < 0 {
		ew = tr.L("{{.Degrees}}° W", "Degrees", fixed(-longitude))
	}
	return ns + ", " + ew
}

func fixed(degrees float64) string { return strconv.FormatFloat(degrees, 'f', 5, 64) }

// callCard is the record of a call, as a card that calls again when it is pressed.
func callCard(c *Call, callable bool) *messages.FileCard {
	card := &messages.FileCard{Name: c.What, Size: c.How, Icon: assets.IconPhone, Narrow: true, Alarm: c.Missed}
	if c.Video {
		card.Icon = assets.IconVideo
	}
	switch {
	case !callable:
	case c.Own, c.Group:
		card.State = tr.L("Call again")
	default:
		card.State = tr.L("Call back")
	}
	return card
}

func tick(m Message) widgets.MessageState {
	if !m.Out || m.Imported != nil {
		return widgets.StateNone
	}
	return format.Tick(m.Status)
}
