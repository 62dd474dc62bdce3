package contacts_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

const echo = "echo"

type fixture struct {
	*contacts.Model

	backend *apptest.Backend
	queue   *apptest.Queue
	changes int
	pins    []string
}

func prepare() *fixture {
	q := apptest.NewQueue()
	f := &fixture{backend: apptest.NewBackend(q.Now), queue: q}
	f.backend.Profiles["alice"] = mesibo.UserProfile{Name: "Alice Martin"}
	f.backend.Profiles["bob"] = mesibo.UserProfile{Name: "Bob"}
	f.backend.Fill("alice", 5, q.Now().Add(-time.Hour))
	f.backend.Fill("bob", 5, q.Now().Add(-2*time.Hour))
	return f
}

func (f *fixture) open(t *testing.T) *fixture {
	t.Helper()
	m, err := contacts.NewModel(f.config())
	if err != nil {
		t.Fatalf("NewModel: %v", err)
	}
	f.Model = m
	return f
}

func (f *fixture) config() contacts.Config {
	return contacts.Config{
		Backend:     f.backend,
		Dispatcher:  f.queue,
		Echo:        echo,
		Logger:      slog.New(slog.DiscardHandler),
		Changed:     func() { f.changes++ },
		PinsChanged: func(keys []string) { f.pins = keys },
		Notice:      func(c *mesibo.GroupChange, by string) string { return by + " changed " + c.Name },
	}
}

func person(address string) contacts.ID { return contacts.ID{Peer: address} }

func (f *fixture) receive(peer, text string) {
	f.Received(contacts.NewLine(apptest.Message(peer, f.backend.Receive(peer, text))))
}

func (f *fixture) wantOrder(t *testing.T, when, want string) {
	t.Helper()
	names := make([]string, 0, 8)
	for _, r := range f.Rows() {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("%s: got %s, want %s", when, got, want)
	}
}

func TestModel_Rows(t *testing.T) {
	f := prepare().open(t)
	f.wantOrder(t, "at the start", "Alice Martin, Bob, Echo, Saved messages")
	rows := f.Rows()
	if rows[0].Preview(f.Notice) == "" || rows[0].Line.At.IsZero() {
		t.Errorf("Alice's line: got %+v, want text and time", rows[0].Line)
	}
	if !rows[2].Echo || rows[2].Preview(f.Notice) != "Writes back what you write" {
		t.Errorf("Echo: got %+v, want its hint", rows[2])
	}
	if !rows[3].Saved || rows[3].Preview(f.Notice) != "Notes to yourself" {
		t.Errorf("Saved messages: got %+v, want its hint", rows[3])
	}
}

func TestModel_Received(t *testing.T) {
	f := prepare().open(t)
	f.receive("bob", "one")
	f.receive("bob", "two\nlines")
	f.wantOrder(t, "after Bob wrote", "Bob, Alice Martin, Echo, Saved messages")
	row := f.Rows()[0]
	if row.Unread != 2 || row.Preview(f.Notice) != "two lines" || f.Unread() != 2 {
		t.Errorf("got %d unread, %q, %d in all, want 2, %q, 2", row.Unread, row.Preview(f.Notice), f.Unread(), "two lines")
	}
	f.queue.Advance(time.Minute)
	f.receive("zoe", "hello")
	f.wantOrder(t, "after a stranger wrote", "zoe, Bob, Alice Martin, Echo, Saved messages")
	f.UnreadChanged(person("BOB"), 0)
	if got := f.Unread(); got != 1 {
		t.Errorf("unread after another device read: got %d, want 1", got)
	}
}

func TestModel_Reading(t *testing.T) {
	f := prepare().open(t)
	f.SetReading(person("bob"))
	f.receive("bob", "one")
	if got := f.Unread(); got != 0 {
		t.Errorf("unread while it is being read: got %d, want 0", got)
	}
	f.SetReading(contacts.ID{})
	f.receive("bob", "two")
	if got := f.Unread(); got != 2 {
		t.Errorf("unread when nobody reads any more: got %d, want 2", got)
	}
}

func TestModel_RowsStayUnderThePointer(t *testing.T) {
	const before, after = "Alice Martin, Bob, Echo, Saved messages", "Bob, Alice Martin, Echo, Saved messages"
	t.Run("until it leaves", func(t *testing.T) {
		f := prepare().open(t)
		f.Hover(true)
		f.receive("bob", "hi")
		f.wantOrder(t, "pointer there", before)
		if got, want := f.Rows()[1].Preview(f.Notice), "hi"; got != want {
			t.Errorf("the line changes at once: got %q, want %q", got, want)
		}
		f.Hover(false)
		f.wantOrder(t, "pointer gone", after)
		if got := f.queue.Timers(); got != 0 {
			t.Errorf("timers left: got %d, want 0", got)
		}
	})
	t.Run("for two seconds", func(t *testing.T) {
		f := prepare().open(t)
		f.Hover(true)
		f.receive("bob", "hi")
		f.queue.Advance(1900 * time.Millisecond)
		f.wantOrder(t, "early", before)
		f.queue.Advance(200 * time.Millisecond)
		f.wantOrder(t, "late", after)
	})
	t.Run("but a line of the first row changes nothing", func(t *testing.T) {
		f := prepare().open(t)
		f.Hover(true)
		f.receive("alice", "hi")
		if got := f.queue.Timers(); got != 0 {
			t.Errorf("timers: got %d, want 0", got)
		}
	})
}

func TestModel_Batch(t *testing.T) {
	f := prepare().open(t)
	f.changes = 0
	f.Batch(func() {
		for range 100 {
			f.receive("bob", "hi")
			f.receive("alice", "hi")
		}
	})
	if f.changes != 1 {
		t.Errorf("changes shown: got %d, want 1", f.changes)
	}
	if got := f.Unread(); got != 200 {
		t.Errorf("unread: got %d, want 200", got)
	}
}

func TestModel_StatusChanged(t *testing.T) {
	f := prepare().open(t)
	if err := f.backend.SendMessageString(mesibo.MessageParams{Peer: "bob"}, 77, "hello"); err != nil {
		t.Fatal(err)
	}
	f.Reload(person("bob"))
	steps := []struct{ status, want mesibo.MsgStatus }{
		{mesibo.MsgStatusSent, mesibo.MsgStatusSent},
		{mesibo.MsgStatusRead, mesibo.MsgStatusRead},
		{mesibo.MsgStatusDelivered, mesibo.MsgStatusRead},
	}
	for _, s := range steps {
		f.StatusChanged(person("Bob"), 5<<32|77, s.status, false)
		if got := f.Rows()[0].Line.Status; got != s.want {
			t.Errorf("after %v: got %v, want %v", s.status, got, s.want)
		}
	}
	f.StatusChanged(person("bob"), 4711, mesibo.MsgStatusFail, false)
	f.StatusChanged(person("nobody"), 77, mesibo.MsgStatusFail, false)
	if got := f.Rows()[0].Line.Status; got != mesibo.MsgStatusRead {
		t.Errorf("after another message failed: got %v, want READ", got)
	}
}

func TestModel_WaitingLineStays(t *testing.T) {
	f := prepare().open(t)
	if err := f.backend.SendMessageString(mesibo.MessageParams{Peer: "bob"}, 77, "mine"); err != nil {
		t.Fatal(err)
	}
	f.Reload(person("bob"))
	f.receive("bob", "his")
	if got, want := f.Rows()[0].Preview(f.Notice), "mine"; got != want {
		t.Errorf("line: got %q, want %q", got, want)
	}
}

func TestModel_Draft(t *testing.T) {
	f := prepare().open(t)
	f.backend.Profiles["bob"] = mesibo.UserProfile{Name: "Bob", Draft: "I wanted"}
	f.Reload(person("bob"))
	row, _ := f.Row(person("bob"))
	if row.Draft != "I wanted" {
		t.Errorf("draft: got %q, want %q", row.Draft, "I wanted")
	}
}

func TestModel_DraftOfEmptyConversation(t *testing.T) {
	f := prepare().open(t)
	f.backend.Profiles["zoe"] = mesibo.UserProfile{Name: "Zoe", Draft: "Hello Zoe"}
	f.DraftChanged(person("zoe"))
	f.wantOrder(t, "typed", "Zoe, Alice Martin, Bob, Echo, Saved messages")
	begun := f.Drafts()
	if !slices.Equal(begun, []string{"user:zoe"}) {
		t.Errorf("begun: got %q, want zoe", begun)
	}

	cfg := f.config()
	cfg.Drafts = append(begun, "nobody")
	m, err := contacts.NewModel(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.Model = m
	f.wantOrder(t, "after a restart", "Zoe, Alice Martin, Bob, Echo, Saved messages")

	f.backend.Profiles["zoe"] = mesibo.UserProfile{Name: "Zoe"}
	f.DraftChanged(person("zoe"))
	f.wantOrder(t, "taken back", "Alice Martin, Bob, Echo, Saved messages")
}

func TestModel_Delete(t *testing.T) {
	f := prepare().open(t)
	f.receive(echo, "you wrote")
	for _, peer := range []string{"bob", echo, apptest.Self} {
		if err := f.Delete(person(peer)); err != nil {
			t.Fatalf("Delete(%q): %v", peer, err)
		}
	}
	f.wantOrder(t, "deleted", "Alice Martin, Echo, Saved messages")
	if got, want := f.Rows()[1].Preview(f.Notice), "Writes back what you write"; got != want {
		t.Errorf("Echo's line: got %q, want %q", got, want)
	}
	f.EchoRemoved()
	f.wantOrder(t, "Echo removed", "Alice Martin, Saved messages")
}

func TestModel_Step(t *testing.T) {
	f := prepare().open(t)
	steps := []struct {
		selected string
		by       int
		want     string
	}{
		{"", 1, "alice"},
		{"", -1, apptest.Self},
		{"alice", 1, "bob"},
		{"alice", -1, "alice"},
		{apptest.Self, 1, apptest.Self},
		{"bob", 1, echo},
	}
	for _, s := range steps {
		f.Select(person(s.selected))
		if got, _ := f.Step(s.by); got.Peer != s.want {
			t.Errorf("%d from %q: got %q, want %q", s.by, s.selected, got.Peer, s.want)
		}
	}
}

func TestModel_Search(t *testing.T) {
	f := prepare().open(t)
	f.Search(" mart")
	found := func() (chats, people []string, messages int) {
		for _, r := range f.FoundChats() {
			chats = append(chats, r.Name)
		}
		for _, p := range f.FoundPeople() {
			people = append(people, p.Name)
		}
		return chats, people, len(f.FoundMessages())
	}
	chats, people, messages := found()
	if !slices.Equal(chats, []string{"Alice Martin"}) || !slices.Equal(people, []string{"mart"}) || messages != 0 {
		t.Errorf("by second name: got %q, %q and %d messages", chats, people, messages)
	}
	f.Search("train")
	f.queue.Advance(100 * time.Millisecond)
	f.Search("workshop")
	if f.queue.Advance(100 * time.Millisecond); f.queue.Busy() {
		t.Error("asked before 150 ms were over")
	}
	f.queue.Advance(100 * time.Millisecond)
	f.Search("Thursday") // the answer about the workshop is not wanted any more
	f.queue.WorkAll(t.Context())
	if _, _, messages := found(); messages != 0 {
		t.Errorf("stale answer: got %d messages, want none", messages)
	}
	f.queue.Advance(time.Second)
	f.queue.WorkAll(t.Context())
	if _, _, messages := found(); messages != 2 {
		t.Errorf("Thursday: got %d messages, want 2", messages)
	}
	f.Search("")
	if f.Searching() != "" || f.queue.Timers() != 0 {
		t.Errorf("ended: got %q and %d timers", f.Searching(), f.queue.Timers())
	}
}

func TestModel_People(t *testing.T) {
	f := prepare().open(t)
	tests := []struct {
		typed string
		want  []string
	}{
		{"", []string{"Saved messages", "Alice Martin", "Bob"}},
		{"al", []string{"Alice Martin", "al"}},
		{"ALICE", []string{"Alice Martin"}},
		{"zoe", []string{"zoe"}},
		{"zoe and more", nil},
		{apptest.Self, []string{"Saved messages"}},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range f.People(tt.typed) {
			got = append(got, p.Name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("People(%q): got %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestTimeWords(t *testing.T) {
	now := time.Date(2026, time.November, 16, 14, 2, 0, 0, time.Local)
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, ""},
		{now, "14:02"},
		{now.Add(-14 * time.Hour), "00:02"},
		{now.Add(-15 * time.Hour), "Sun"},
		{now.AddDate(0, 0, -6), "Tue"},
		{now.AddDate(0, 0, -7), "9 Nov"},
		{now.AddDate(-1, 0, 0), "16 Nov 2025"},
	}
	for _, tt := range tests {
		if got := contacts.TimeWords(tt.at, now); got != tt.want {
			t.Errorf("TimeWords(%v): got %q, want %q", tt.at, got, tt.want)
		}
	}
}
