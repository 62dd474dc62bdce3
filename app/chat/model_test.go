package chat_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

const peer = "alice"

// fixture is one open chat and what it reported.
type fixture struct {
	*chat.Model

	backend *apptest.Backend
	queue   *apptest.Queue
	drafts  []string
	updates int
}

func prepare() *fixture {
	q := apptest.NewQueue()
	return &fixture{backend: apptest.NewBackend(q.Now), queue: q}
}

func (f *fixture) open() *fixture {
	f.Model = chat.NewModel(f.config())
	return f
}

// openFilled opens a chat with so many messages.
func openFilled(messages int) *fixture {
	f := prepare()
	f.backend.Fill(peer, messages, f.queue.Now())
	return f.open()
}

func (f *fixture) config() chat.Config {
	return chat.Config{
		Backend:    f.backend,
		Dispatcher: f.queue,
		Peer:       peer,
		Title:      "Alice",
		Explain:    func(err error) string { return "sorry: " + err.Error() },
		Logger:     slog.New(slog.DiscardHandler),
		Changed:    func() {},
		Updated:    func() { f.updates++ },
		Drafted:    func() { f.drafts = append(f.drafts, f.backend.Profiles[peer].Draft) },
		Name:       func(address string) string { return strings.ToUpper(address[:1]) + address[1:] },
		Notice:     func(c *mesibo.GroupChange, by string) string { return by + " changed " + c.Name },
	}
}

func (f *fixture) texts() []string {
	var list []string
	for _, m := range f.Messages() {
		list = append(list, m.Text)
	}
	return list
}

func (f *fixture) last() chat.Message {
	list := f.Messages()
	return list[len(list)-1]
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	apptest.Want(t, what, got, want)
}

func TestModel_Open(t *testing.T) {
	tests := []struct {
		name        string
		read        int
		unread      int
		wantRows    int
		wantView    chat.ViewKind
		wantDivider string
	}{
		{"empty", 0, 0, 0, chat.ViewEnd, ""},
		{"short", 3, 0, 3, chat.ViewEnd, ""},
		{"long", 400, 0, 50, chat.ViewEnd, ""},
		{"one unread", 400, 1, 51, chat.ViewMessage, "1 unread message"},
		{"five unread", 400, 5, 55, chat.ViewMessage, "5 unread messages"},
		{"all unread", 0, 5, 5, chat.ViewMessage, "5 unread messages"},
		{"many unread", 400, 900, 150, chat.ViewMessage, "900 unread messages"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare()
			f.backend.Fill(peer, tt.read, f.queue.Now().Add(-time.Hour))
			for range tt.unread {
				f.backend.Receive(peer, "new")
			}
			f.open()
			want(t, "rows", len(f.Messages()), tt.wantRows)
			view := f.TakeView()
			want(t, "view", view.Kind, tt.wantView)
			key, divider := f.Divider()
			if key != 0 {
				want(t, "divider is where the view is", key, view.Key)
				m, _ := f.Message(key)
				want(t, "message after the divider", m.Text, "new")
			}
			want(t, "divider", divider, tt.wantDivider)
		})
	}
}

func TestModel_Send(t *testing.T) {
	f := prepare().open()
	want(t, "accepted", f.Send("  hello \n"), true)
	want(t, "blank accepted", f.Send(" \n"), false)
	sent := f.last()
	want(t, "text", sent.Text, "hello")
	want(t, "waits", sent.Waits(), true)
	want(t, "view", f.TakeView().Kind, chat.ViewEnd)
	key := sent.Key()

	mid := f.backend.SetStatus(peer, sent.ID(), mesibo.MsgStatusSent)
	f.StatusChanged(mid, mesibo.MsgStatusSent)
	want(t, "status", f.last().Status, mesibo.MsgStatusSent)
	want(t, "mid", f.last().Mid, mid)
	want(t, "key stays", f.last().Key(), key)
}

func TestModel_SendRefused(t *testing.T) {
	f := prepare().open()
	f.SetDraft("hello")
	f.backend.Err = errors.New("no room")
	want(t, "accepted", f.Send("hello"), false)
	want(t, "notice", f.TakeNotice(), "sorry: no room")
	want(t, "draft", f.Draft(), "hello")
	want(t, "rows", len(f.Messages()), 0)
}

func TestModel_StatusOrder(t *testing.T) {
	const (
		outbox    = mesibo.MsgStatusOutbox
		sent      = mesibo.MsgStatusSent
		delivered = mesibo.MsgStatusDelivered
		read      = mesibo.MsgStatusRead
		expired   = mesibo.MsgStatusExpired
		blocked   = mesibo.MsgStatusBlocked
	)
	tests := []struct {
		name   string
		events []mesibo.MsgStatus
		want   mesibo.MsgStatus
	}{
		{"in order", []mesibo.MsgStatus{sent, delivered, read}, read},
		{"twice", []mesibo.MsgStatus{sent, sent, delivered, delivered}, delivered},
		{"delivered before sent", []mesibo.MsgStatus{delivered, sent}, delivered},
		{"read first", []mesibo.MsgStatus{read, sent, delivered}, read},
		{"back to outbox", []mesibo.MsgStatus{sent, outbox}, sent},
		{"refused", []mesibo.MsgStatus{blocked}, blocked},
		{"refused, then late sent", []mesibo.MsgStatus{blocked, sent}, blocked},
		{"expired after sent", []mesibo.MsgStatus{sent, expired}, expired},
		{"expired after delivered", []mesibo.MsgStatus{sent, delivered, expired}, delivered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare().open()
			f.Send("hello")
			id := f.last().ID()
			for _, status := range tt.events {
				f.StatusChanged(9<<32|uint64(id), status)
			}
			want(t, "status", f.last().Status, tt.want)
		})
	}
}

func TestModel_StatusOfUnknownMessage(t *testing.T) {
	f := prepare().open()
	f.StatusChanged(4711, mesibo.MsgStatusRead)
	want(t, "rows", len(f.Messages()), 0)
}

func TestModel_WaitingMessagesStandLast(t *testing.T) {
	f := prepare().open()
	f.Send("one")
	f.Send("two")
	f.Received(f.backend.Receive(peer, "hers"))
	if got, want := f.texts(), []string{"hers", "one", "two"}; !slices.Equal(got, want) {
		t.Errorf("waiting: got %q, want %q", got, want)
	}
	f.StatusChanged(9<<32|uint64(f.Messages()[1].ID()), mesibo.MsgStatusSent)
	f.Received(f.backend.Receive(peer, "hers again"))
	if got, want := f.texts(), []string{"hers", "one", "hers again", "two"}; !slices.Equal(got, want) {
		t.Errorf("first sent: got %q, want %q", got, want)
	}
}

func TestModel_ReceivedTwice(t *testing.T) {
	f := prepare().open()
	m := f.backend.Receive(peer, "hi")
	f.Received(m)
	f.Received(m)
	want(t, "rows", len(f.Messages()), 1)
}

func TestModel_ReceivedOutOfSight(t *testing.T) {
	f := openFilled(100)
	f.TakeView()
	f.Scrolled(f.Messages()[20].Key(), false)
	f.Received(f.backend.Receive(peer, "hi"))
	want(t, "below", f.Below(), 1)
	want(t, "view", f.TakeView().Kind, chat.ViewKeep)
	f.JumpToEnd()
	want(t, "below", f.Below(), 0)
	want(t, "view", f.TakeView().Kind, chat.ViewEnd)
}

func TestModel_BelowFallsWhileReading(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 100, f.queue.Now().Add(-time.Hour))
	for range 60 {
		f.backend.Receive(peer, "new")
	}
	f.open()
	f.SetFocused(true)
	want(t, "below at first", f.Below(), 60)
	f.Scrolled(f.Messages()[59].Key(), false)
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	want(t, "below after ten were seen", f.Below(), 50)
	f.Received(f.backend.Receive(peer, "one more"))
	want(t, "below after one arrived", f.Below(), 51)
	f.Scrolled(f.last().Key(), true)
	want(t, "below at the end", f.Below(), 0)
}

func TestModel_RetryAndWithdraw(t *testing.T) {
	f := prepare().open()
	f.Send("one")
	one := f.last()
	f.StatusChanged(one.Mid, mesibo.MsgStatusBlocked)
	want(t, "failed", f.last().Failed(), true)
	f.Retry(one.Key())
	want(t, "waits", f.last().Waits(), true)
	want(t, "resent", len(f.backend.Resent), 1)
	f.Withdraw(one.Key())
	want(t, "rows", len(f.Messages()), 0)
	want(t, "withdrawn", f.backend.Cancelled[0], one.ID())
}

func TestModel_WithdrawSentMessage(t *testing.T) {
	f := prepare().open()
	f.Send("one")
	f.StatusChanged(f.last().Mid, mesibo.MsgStatusSent)
	f.Withdraw(f.last().Key())
	want(t, "rows", len(f.Messages()), 1)
	want(t, "withdrawn", len(f.backend.Cancelled), 0)
}

func TestModel_Paging(t *testing.T) {
	f := openFilled(3000)
	for range 80 {
		f.LoadOlder()
		f.queue.WorkAll(t.Context())
	}
	rows := f.Messages()
	want(t, "rows kept", len(rows), 1000)
	want(t, "oldest", uint32(rows[0].Mid), 1)
	want(t, "at end", f.AtEnd(), false)
	for range 80 {
		f.LoadNewer()
		f.queue.WorkAll(t.Context())
	}
	rows = f.Messages()
	want(t, "newest", uint32(f.last().Mid), 3000)
	want(t, "at end", f.AtEnd(), true)
	for i := range rows[1:] {
		if rows[i+1].Mid <= rows[i].Mid {
			t.Fatalf("row %d: got mid %x after %x, want growing", i+1, rows[i+1].Mid, rows[i].Mid)
		}
	}
}

func TestModel_NothingIsFetchedTwice(t *testing.T) {
	f := openFilled(300)
	reads := f.backend.Reads
	f.LoadOlder()
	f.LoadOlder()
	f.LoadNewer()
	f.queue.WorkAll(t.Context())
	want(t, "pages read", f.backend.Reads-reads, 1)
	want(t, "rows", len(f.Messages()), 100)
}

func TestModel_MessageWhilePaging(t *testing.T) {
	f := openFilled(300)
	f.LoadOlder()
	f.Received(f.backend.Receive(peer, "in between"))
	f.queue.WorkAll(t.Context())
	want(t, "rows", len(f.Messages()), 101)
	want(t, "newest", f.last().Text, "in between")
}

func TestModel_MessageAfterLastPageWasRead(t *testing.T) {
	f := openFilled(60)
	f.JumpToStart()
	f.LoadNewer()
	late := f.backend.Receive(peer, "late")
	page := f.backend.Chats[peer]
	f.backend.Chats[peer] = page[:60] // the page is read before the message is stored
	f.queue.Post(func() {
		f.backend.Chats[peer] = page
		f.Received(late)
	})
	f.queue.Work(t.Context())
	f.queue.WorkAll(t.Context())
	want(t, "newest", f.last().Text, "late")
	want(t, "at end", f.AtEnd(), true)
	want(t, "rows", len(f.Messages()), 61)
}

func TestModel_PageAfterJumpIsDropped(t *testing.T) {
	f := openFilled(3000)
	f.LoadOlder()
	f.JumpToStart()
	f.queue.WorkAll(t.Context())
	want(t, "rows", len(f.Messages()), 50)
	want(t, "oldest", uint32(f.Messages()[0].Mid), 1)
}

func TestModel_PageAfterCloseIsDropped(t *testing.T) {
	f := openFilled(3000)
	f.LoadOlder()
	f.Close()
	f.queue.WorkAll(t.Context())
	want(t, "rows", len(f.Messages()), 50)
}

func TestModel_PageError(t *testing.T) {
	f := openFilled(300)
	f.backend.Err = errors.New("disk gone")
	f.LoadOlder()
	f.queue.WorkAll(t.Context())
	want(t, "notice", f.TakeNotice(), "sorry: disk gone")
	want(t, "asked again at once", f.queue.Busy(), false)
	f.backend.Err = nil
	f.queue.Advance(5 * time.Second)
	f.queue.WorkAll(t.Context())
	want(t, "rows", len(f.Messages()), 100)
}

func TestModel_JumpToDateThenEnd(t *testing.T) {
	f := openFilled(3000)
	day := f.queue.Now().AddDate(0, 0, -2)
	f.JumpToDate(day)
	view := f.TakeView()
	m, ok := f.Message(view.Key)
	want(t, "found", ok, true)
	want(t, "day", m.At.Day(), day.Day())
	want(t, "at end", f.AtEnd(), false)
	f.Received(f.backend.Receive(peer, "meanwhile"))
	want(t, "below", f.Below(), 1)
	f.JumpToEnd()
	want(t, "newest", f.last().Text, "meanwhile")
	want(t, "below", f.Below(), 0)
}

func TestModel_JumpToDateOutside(t *testing.T) {
	f := prepare()
	f.backend.Fill(peer, 100, f.queue.Now().AddDate(0, 0, -7))
	f.open()
	f.JumpToDate(f.queue.Now())
	want(t, "after the last: view", f.TakeView().Kind, chat.ViewEnd)
	f.JumpToDate(f.queue.Now().AddDate(-3, 0, 0))
	m, _ := f.Message(f.TakeView().Key)
	want(t, "before the first: message", m.ID(), 1)
}

func TestModel_Place(t *testing.T) {
	f := openFilled(3000)
	position, part := f.Place(f.Messages()[40].Key(), f.last().Key())
	if position < 0.999 || part < 0.002 || part > 0.006 {
		t.Errorf("at the end: got %v and part %v, want 1 and a part of about 1/300", position, part)
	}
	for _, place := range []float64{0, 0.1, 0.25, 0.5, 0.9, 1} {
		f.JumpToPlace(place)
		rows := f.Messages()
		at := 0
		switch v := f.TakeView(); v.Kind {
		case chat.ViewEnd:
			at = len(rows) - 10
		default:
			at = slices.IndexFunc(rows, func(m chat.Message) bool { return m.Key() == v.Key })
		}
		last := min(at+9, len(rows)-1)
		if got, _ := f.Place(rows[at].Key(), rows[last].Key()); got < place-0.01 || got > place+0.01 {
			t.Errorf("after the jump to %v: got %v", place, got)
		}
	}
	f = prepare()
	f.backend.Fill(peer, 30, f.queue.Now())
	f.open()
	_, part = f.Place(f.Messages()[0].Key(), f.last().Key())
	want(t, "part of a short conversation", part, 0)
}

func TestModel_SendWhileFarUp(t *testing.T) {
	f := openFilled(3000)
	f.JumpToStart()
	f.Send("hello")
	want(t, "newest", f.last().Text, "hello")
	want(t, "rows", len(f.Messages()), 50)
	want(t, "view", f.TakeView().Kind, chat.ViewEnd)
}

func TestModel_ReadError(t *testing.T) {
	f := prepare()
	f.backend.Err = errors.New("disk gone")
	f.open()
	want(t, "notice", f.TakeNotice(), "sorry: disk gone")
}
