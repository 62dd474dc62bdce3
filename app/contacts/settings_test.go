package contacts_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

const clubKey = "#7"

func club() contacts.ID { return contacts.ID{Group: 7} }

// withClub adds a group in which Bob wrote.
func (f *fixture) withClub() *fixture {
	f.backend.AddGroup(7, "Book club", "alice", "bob")
	f.backend.ReceiveIn(7, "bob", "Which book?")
	return f
}

func (f *fixture) receiveIn(sender, text string, mentions ...string) {
	m := f.backend.ReceiveIn(7, sender, text)
	m.Mentions = mentions
	f.Received(contacts.NewLine(apptest.Message(clubKey, m)))
}

func TestID(t *testing.T) {
	tests := []struct {
		id  contacts.ID
		key string
	}{
		{contacts.ID{}, ""},
		{person("Alice"), "user:Alice"},
		{club(), "group:7"},
		{person("group:x"), "user:group:x"},
		{person("user:x"), "user:user:x"},
	}
	for _, tt := range tests {
		if got := tt.id.Key(); got != tt.key {
			t.Errorf("Key of %v: got %q, want %q", tt.id, got, tt.key)
		}
		if got := contacts.ParseID(tt.key); got != tt.id {
			t.Errorf("ParseID(%q): got %v, want %v", tt.key, got, tt.id)
		}
	}
	if got := contacts.ParseID("alice"); got != person("alice") {
		t.Errorf("plain address: got %v", got)
	}
	if !person("ALICE").Is(person("alice")) || person("alice").Is(club()) {
		t.Error("Is: addresses differ in case only, groups are no people")
	}
}

func TestModel_Groups(t *testing.T) {
	f := prepare().withClub().open(t)
	f.wantOrder(t, "at the start", "Book club, Alice Martin, Bob, Echo, Saved messages")
	row := f.Rows()[0]
	if row.Line.Sender != "bob" || row.Preview(f.Notice) != "Which book?" || row.Unread != 1 {
		t.Errorf("row: got %+v", row)
	}
	f.receive("bob", "hello")
	if r, _ := f.Row(club()); r.Preview(f.Notice) != "Which book?" {
		t.Errorf("group after Bob wrote to me: got %q", r.Preview(f.Notice))
	}
	notice := f.backend.Notice(7, "alice", mesibo.GroupChange{Kind: mesibo.GroupLeft, Name: "Book club"})
	f.Received(contacts.NewLine(apptest.Message(clubKey, notice)))
	if r, _ := f.Row(club()); r.Preview(f.Notice) != "alice changed Book club" {
		t.Errorf("notice: got %q", r.Preview(f.Notice))
	}
	if got := f.Title(club()); got != "Book club" {
		t.Errorf("title: got %q", got)
	}
}

func TestModel_Pin(t *testing.T) {
	f := prepare().withClub().open(t)
	for _, id := range []contacts.ID{person("bob"), person(echo)} {
		if err := f.Pin(id, true); err != nil {
			t.Fatal(err)
		}
	}
	f.wantOrder(t, "pinned", "Echo, Bob, Book club, Alice Martin, Saved messages")
	if want := []string{"user:echo", "user:bob"}; !slices.Equal(f.pins, want) {
		t.Errorf("remembered: got %q, want %q", f.pins, want)
	}
	f.receive("alice", "hi")
	f.wantOrder(t, "after a message", "Echo, Bob, Alice Martin, Book club, Saved messages")
	cfg := f.config()
	cfg.Pins = f.pins
	m, err := contacts.NewModel(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.Model = m
	f.wantOrder(t, "after a restart", "Echo, Bob, Alice Martin, Book club, Saved messages")
	if err := f.Pin(person("bob"), false); err != nil {
		t.Fatal(err)
	}
	f.wantOrder(t, "unpinned", "Echo, Alice Martin, Book club, Bob, Saved messages")
}

func TestModel_Mute(t *testing.T) {
	f := prepare().open(t)
	f.receive("bob", "hi")
	if err := f.MuteFor(person("bob"), time.Hour); err != nil {
		t.Fatal(err)
	}
	row, _ := f.Row(person("bob"))
	until := f.backend.Profiles["bob"].MutedUntil
	if f.Unread() != 0 || row.Unread != 1 || !until.Equal(f.queue.Now().Add(time.Hour)) {
		t.Errorf("muted: got %d in all, %d in the row, until %v", f.Unread(), row.Unread, until)
	}
	if got := f.queue.Timers(); got != 1 {
		t.Errorf("timers for the end: got %d, want 1", got)
	}
	if err := f.Unmute(person("bob")); err != nil {
		t.Fatal(err)
	}
	if f.Unread() != 1 || f.queue.Timers() != 0 {
		t.Errorf("unmuted: got %d in all and %d timers, want 1 and none", f.Unread(), f.queue.Timers())
	}
}

func TestModel_Archive(t *testing.T) {
	f := prepare().open(t)
	for _, who := range []string{"alice", "bob"} {
		if err := f.Archive(person(who), true); err != nil {
			t.Fatal(err)
		}
	}
	f.wantOrder(t, "archived", "Echo, Saved messages")
	f.ShowArchive(true)
	f.wantOrder(t, "the archive", "Alice Martin, Bob")
	f.ShowArchive(false)
	if err := f.MuteFor(person("bob"), 0); err != nil {
		t.Fatal(err)
	}
	f.receive("alice", "hi")
	f.receive("bob", "hi")
	f.wantOrder(t, "a message brings back, unless muted", "Alice Martin, Echo, Saved messages")
	if chats, unread := f.Archived(); chats != 1 || unread != 1 {
		t.Errorf("left in the archive: got %d with %d unread, want 1 and 1", chats, unread)
	}
	if f.backend.Profiles["alice"].Flag&mesibo.UserFlagArchive != 0 {
		t.Error("alice: still archived in the database")
	}
	f.ShowArchive(true)
	if err := f.Archive(person("bob"), false); err != nil {
		t.Fatal(err)
	}
	if f.InArchive() {
		t.Error("empty archive: still shown")
	}
}

func TestModel_Views(t *testing.T) {
	f := prepare().withClub().open(t)
	f.receive("bob", "hi")
	f.SetView(contacts.ViewUnread)
	f.wantOrder(t, "unread", "Bob, Book club")
	f.Select(person("bob"))
	f.UnreadChanged(person("bob"), 0)
	f.wantOrder(t, "the open one stays", "Bob, Book club")
	f.SetView(contacts.ViewGroups)
	f.wantOrder(t, "groups", "Book club")
	f.SetView(contacts.ViewAll)
	if err := f.MarkRead(club()); err != nil {
		t.Fatal(err)
	}
	if got := f.Unread(); got != 0 {
		t.Errorf("marked read: got %d unread, want 0", got)
	}
}

func TestModel_Mention(t *testing.T) {
	f := prepare().withClub().open(t)
	f.receiveIn("bob", "@me and @alice", apptest.Self, "alice")
	f.receiveIn("bob", "hello")
	mention := func() bool {
		r, _ := f.Row(club())
		return r.Mention
	}
	if !mention() {
		t.Error("named: got no mark, want one")
	}
	f.UnreadChanged(club(), 0)
	if mention() {
		t.Error("read: got a mark, want none")
	}

	rows := f.backend.Chats[clubKey]
	rows[1].Mentions, rows[1].Status = []string{apptest.Self}, mesibo.MsgStatusReceivedNew
	f.open(t)
	f.queue.WorkAll(t.Context())
	if !mention() {
		t.Error("named before the start: got no mark, want one")
	}
}

func TestModel_EditedAndDeleted(t *testing.T) {
	f := prepare().open(t)
	m := f.backend.Receive("bob", "hte")
	f.Received(contacts.NewLine(apptest.Message("bob", m)))
	if err := f.backend.SendUpdate(mesibo.MessageParams{}, m.Mid, []byte("the")); err != nil {
		t.Fatal(err)
	}
	f.Edited(person("bob"), m.Mid)
	if got := f.Rows()[0].Preview(f.Notice); got != "the" {
		t.Errorf("edited: got %q", got)
	}
	if err := f.backend.DeleteMessage(m.Mid, mesibo.DeleteRecall); err != nil {
		t.Fatal(err)
	}
	f.StatusChanged(person("bob"), m.Mid, m.Status, true)
	if got := f.Rows()[0].Preview(f.Notice); got != contacts.DeletedWords() {
		t.Errorf("taken back: got %q", got)
	}
}

func TestModel_Typing(t *testing.T) {
	f := prepare().open(t)
	f.SetTyping(person("ALICE"), "typing…")
	if r, _ := f.Row(person("alice")); r.Typing != "typing…" {
		t.Errorf("typing: got %q", r.Typing)
	}
	f.SetTyping(person("stranger"), "typing…")
	if _, ok := f.Row(person("stranger")); ok {
		t.Error("a stranger who types: got a row, want none")
	}
}

func TestAround(t *testing.T) {
	long := strings.Repeat("é and more ", 500)
	tests := []struct{ text, query, want string }{
		{"a\n needle", "needle", "a needle"},
		{"nothing", "needle", "nothing"},
		{long + "needle " + long, "needle", "needle"},
	}
	for _, tt := range tests {
		got := contacts.Around(tt.text, tt.query)
		if !strings.Contains(got, tt.want) || len(got) > 310 || !utf8.ValidString(got) {
			t.Errorf("Around(%.20q…): got %q, want a line with %q", tt.text, got, tt.want)
		}
	}
}

// A reaction to a place does not change the row.
func TestModel_ReactionToPlace(t *testing.T) {
	f := prepare().open(t)
	m := f.backend.Receive("bob", "")
	rows := f.backend.Chats["bob"]
	rows[len(rows)-1].Place = &mesibo.Location{Title: "Brandenburg Gate"}
	f.Received(contacts.NewLine(apptest.Message("bob", rows[len(rows)-1])))
	f.Edited(person("bob"), m.Mid)
	if got := f.Rows()[0].Preview(f.Notice); got != "📍 Brandenburg Gate" {
		t.Errorf("row: got %q, want the place", got)
	}
}

func TestModel_MarkUnread(t *testing.T) {
	f := prepare().open(t)
	marked := func() bool {
		r, _ := f.Row(person("bob"))
		return r.Marked
	}
	if err := f.MarkUnread(person("bob")); err != nil {
		t.Fatal(err)
	}
	if !marked() || f.UnreadChats() != 1 || f.Unread() != 1 {
		t.Errorf("marked: got %v, %d chats, %d messages, want true, 1, 1", marked(), f.UnreadChats(), f.Unread())
	}
	if p := f.backend.Profiles["bob"]; !p.IsMarkedUnread() {
		t.Error("in the database: got not marked, want marked")
	}
	if err := f.MarkRead(person("bob")); err != nil {
		t.Fatal(err)
	}
	if marked() || f.Unread() != 0 {
		t.Errorf("read: got %v, %d messages, want false, 0", marked(), f.Unread())
	}
}
