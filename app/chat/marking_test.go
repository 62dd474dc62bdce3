package chat_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/app/chat"
)

func texts(rows []chat.Message) string {
	var s strings.Builder
	for _, m := range rows {
		s.WriteString(m.Text + "|")
	}
	return s.String()
}

func TestModel_Mark(t *testing.T) {
	f := prepare()
	for _, text := range []string{"one", "two", "three", "four", "five"} {
		f.backend.Receive(peer, text)
	}
	f.open()
	rows := f.Messages()
	f.Mark(rows[1].Key())
	f.Mark(rows[0].Key())
	want(t, "in order", texts(f.Marked()), "one|two|")
	f.Mark(rows[1].Key())
	want(t, "not any more", texts(f.Marked()), "one|")
	f.MarkThrough(rows[3].Key())
	want(t, "through", texts(f.Marked()), "one|two|three|four|")
	f.Unmark()
	want(t, "none", texts(f.Marked()), "")
	f.MarkThrough(rows[2].Key())
	want(t, "through without a first", texts(f.Marked()), "three|")
	f.MarkThrough(rows[0].Key())
	want(t, "upwards", texts(f.Marked()), "one|two|three|")

	f.Send("waits")
	f.Mark(f.last().Key())
	want(t, "what waits cannot be marked", texts(f.Marked()), "one|two|three|")
	f.Removed(rows[1].Mid)
	want(t, "a recalled one stays", texts(f.Marked()), "one||three|")
}

func TestModel_MarkMany(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 3000, f.queue.Now())
	f.open()
	f.Mark(f.last().Key())
	f.JumpToStart()
	first := f.Messages()[0]
	f.Mark(first.Key())
	want(t, "marked", len(f.Marked()), 2)
	want(t, "the older one first", f.Marked()[0].Key(), first.Key())
	f.MarkThrough(f.last().Key())
	for range 5 {
		f.LoadNewer()
		f.queue.WorkAll(t.Context())
	}
	f.MarkThrough(f.last().Key())
	want(t, "at most", len(f.Marked()), 100)
	want(t, "notice", f.TakeNotice(), "At most 100 messages can be selected.")
}
