package app_test

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// club opens the window of a user with a group in which Bob wrote.
func club(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	f.backend.AddGroup(7, "Book club", "alice", "bob")
	f.backend.Notice(7, apptest.Self, mesibo.GroupChange{
		Kind: mesibo.GroupJoined, Name: "Book club", Members: []string{"alice", "bob"},
	})
	f.backend.ReceiveIn(7, "bob", "Which book?")
	return f.start()
}

// group is what the program listens to about groups.
func (f *fixture) group() mesibo.GroupListener { //nolint:ireturn // what the SDK would call
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.GroupListener)
	if !ok {
		f.t.Fatal("the program does not listen to groups")
	}
	return l
}

func (f *fixture) groupProfile(id uint32) *mesibo.UserProfile {
	p, _ := f.backend.GetProfile("", id)
	return p
}

// profile reports to the program that a user's profile changed, as the SDK does.
func (f *fixture) profile(address string) {
	f.t.Helper()
	l, ok := f.backend.Listeners[0].(mesibo.ProfileListener)
	if !ok {
		f.t.Fatal("the program does not listen to profiles")
	}
	p, _ := f.backend.GetProfile(address, 0)
	l.OnUserProfileUpdated(p)
	f.queue.Drain()
}

func TestGroup_Chat(t *testing.T) {
	f := club(t)
	f.Wants("Book club", "Bob:", "Which book?")
	f.Press("Book club")
	f.Wants("3 members", "Bob Keller", "You added Alice Martin and Bob Keller")
	m := f.sent("#7", "This one, @alice")
	if got, want := m.Mentions, []string{"alice"}; !slices.Equal(got, want) {
		t.Errorf("mentions: got %q, want %q", got, want)
	}
	m = f.sent("#7", "It is short")
	f.WantsMark("It is short", apptest.Sent)
	f.listener().OnMessageStatus(&mesibo.MessageParams{Mid: m.Mid, GroupID: 7, Peer: "bob", Status: mesibo.MsgStatusRead})
	f.queue.Drain()
	f.WantsMark("It is short", apptest.Read)
	f.backend.Info[m.ID()] = []mesibo.Receipt{{Address: "bob", Delivered: time.UnixMilli(1), Read: f.queue.Now()}}
	f.PressRight("It is short")
	f.Press("Message info")
	f.Wants("Sent 14:02", "Bob Keller", "Alice Martin")
	f.Press("Close")
	f.icon(assets.IconTickBoth)
	f.Wants("Sent 14:02")
	f.Press("Close")

	f.Press("Message Book club")
	f.Type("Ask @al")
	f.Wants("Alice Martin  @alice")
	f.Key(fyne.KeyReturn)
	f.Type("please")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent[2]; got != "Ask @alice please" {
		t.Errorf("completed: got %q", got)
	}

	f.backend.Groups[7].Left = true
	f.group().OnGroupLeft(f.groupProfile(7))
	f.queue.Drain()
	f.Wants("You are no longer in this group.")
}

func TestGroup_New(t *testing.T) {
	f := prepare(t).start()
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyN)
	f.Wants("New group")
	f.Press("Bob Keller")
	f.Press("Next")
	f.Wants("With Bob Keller")
	f.Press("Create group")
	f.Wants("A group needs a name.")
	f.Press("Name of the group")
	f.Type("Book club")
	f.Press("Create group")
	f.wantCalls(`create "Book club" with [bob]`)
	f.backend.AddGroup(9, "Book club", "bob")
	f.group().OnGroupCreated(f.groupProfile(9), f.backend.Random()-1)
	f.queue.Drain()
	f.wantTitle("Book club – Parley")
	f.Wants("Say hello to everybody in Book club")
}

func TestGroup_Join(t *testing.T) {
	f := prepare(t).start()
	f.Keys(ctrl, fyne.KeyN)
	f.Press("Join a group with a code")
	f.Type(" ABC123 ")
	f.Key(fyne.KeyReturn)
	f.wantCalls("join by ABC123")
	f.backend.Calls = nil
	f.group().OnGroupError(nil, mesibo.GroupErrorBadPin)
	f.queue.Drain()
	f.Wants("This code is wrong")
	f.Keys(ctrl, fyne.KeyN)
	f.Press("Join a group with a code")
	f.Type("ABC124")
	f.Key(fyne.KeyReturn)
	f.backend.AddGroup(9, "Choir", "bob")
	f.group().OnGroupJoined(f.groupProfile(9))
	f.queue.Drain()
	f.wantTitle("Choir – Parley")
}

func TestGroup_Info(t *testing.T) {
	f := club(t)
	f.Press("Book club")
	f.Keys(ctrl, fyne.KeyI)
	f.Resize(fyne.NewSize(1180, 1400))
	f.Wants("Group info", "Create a join code", "Add members", "owner")
	f.Press("Create a join code")
	pins := []mesibo.GroupPin{{Code: "ABC123"}}
	f.group().OnGroupSettings(f.groupProfile(7), mesibo.GroupSettings{}, mesibo.MemberPermissions{}, pins)
	f.queue.Drain()
	f.Wants("ABC123")
	f.Press("Copy the code")
	if got := f.fyne.Clipboard().Content(); got != "ABC123" {
		t.Errorf("copied: got %q", got)
	}
	f.Press("Remove the code")
	f.Wants("Create a join code")
	f.Press("Add members")
	f.Wants("Already a member")
	f.Press("Chiara Rossi")
	if !apptest.PressLowest(f.Canvas(), "Add") {
		t.Fatal("button: got none")
	}
	f.queue.Drain()
	f.Wants("4 members", "Chiara Rossi")
	f.PressRight("Chiara Rossi")
	f.Press("Make an admin")
	f.Wants("admin")
	f.PressRight("Chiara Rossi")
	f.Press("Remove from the group…")
	f.Press("Remove")
	f.WantsNot("Chiara Rossi")
	f.wantCalls("ask group 7", "make a code for group 7", "remove code ABC123 of group 7",
		"add chiara to group 7", "add chiara to group 7")
	f.Press("Delete group…")
	f.Wants("Delete Book club for everyone?")
	f.Press("Delete for everyone")
	f.group().OnGroupLeft(f.groupProfile(7))
	f.queue.Drain()
	f.Wants("You are no longer in this group.")
}

func TestInfo_Person(t *testing.T) {
	f := prepare(t)
	f.backend.Profiles["alice"] = mesibo.UserProfile{Name: "Alice Martin", Status: "On the road", Online: true}
	f.backend.Fill("alice", 3, f.queue.Now())
	f.backend.AddGroup(7, "Book club", "alice")
	f.backend.AddGroup(8, "Choir", "bob")
	f.start()
	f.Resize(fyne.NewSize(1180, 964))
	f.Press("Alice Martin")
	f.Keys(ctrl, fyne.KeyI)
	f.Wants("Profile", "On the road", "online", "alice", "Groups you share")
	f.WantsNot("Choir")
	f.Press("Pin to the top")
	f.Press("Mute")
	f.Wants("For 1 hour", "Always")
	f.Press("For 8 hours")
	f.Wants("until 22:02")
	p := f.backend.Profiles["alice"]
	if !p.IsPinned() || p.Flag&mesibo.UserFlagMute == 0 {
		t.Errorf("flags: got %x, want pinned and muted", p.Flag)
	}
	f.Press("Block Alice Martin")
	f.Wants("Block Alice Martin?")
	f.Press("Cancel")
	f.Press("Block Alice Martin")
	f.Press("Block")
	f.profile("alice")
	f.Wants("You have blocked Alice Martin. Unblock to write.", "Unblock Alice Martin")
	f.Press("Unblock Alice Martin")
	f.profile("alice")
	f.WantsNot("You have blocked")
	f.Key(fyne.KeyEscape)
	f.WantsNot("On the road")
}

func TestInfo_Places(t *testing.T) {
	f := startWithAlice(t, 30)
	f.Keys(ctrl, fyne.KeyI)
	composer := func() float32 {
		s, ok := apptest.Find(f.Canvas(), "Message Alice")
		if !ok {
			return 0
		}
		return s.At.X
	}
	f.Wants("Profile")
	docked := composer()
	f.Keys(ctrl, fyne.KeyI)
	if got := composer(); got != docked || docked == 0 {
		t.Errorf("the conversation beside the panel begins elsewhere: got %v, want %v", got, docked)
	}
	f.Resize(fyne.NewSize(400, 800))
	f.Keys(ctrl, fyne.KeyI)
	f.Wants("Profile", "Block Alice Martin")
	f.Key(fyne.KeyEscape)
	f.Wants("Message Alice Martin…")
	f.WantsNot("Block Alice Martin")
	f.Key(fyne.KeyEscape)
	f.Wants("Saved messages")
}

func TestInfo_OwnProfile(t *testing.T) {
	f := prepare(t).start()
	f.Keys(ctrl, fyne.KeyI)
	f.Wants("Your profile", "Me Myself", "Your address", "Everybody")
	f.Press("A line about you")
	f.Type("Reading until Thursday")
	f.Key(fyne.KeyReturn)
	f.Press("Everybody")
	f.Press("Nobody")
	if got := f.backend.Own.Status; got != "Reading until Thursday" {
		t.Errorf("about: got %q", got)
	}
	if got := f.backend.Visible; got != mesibo.VisibilityNone {
		t.Errorf("visible: got %v, want to nobody", got)
	}
	f.icon(assets.IconClose)
	f.WantsNot("Your profile")
}

func TestList_PinMuteArchive(t *testing.T) {
	f := prepare(t)
	for i, who := range []string{"alice", "bob", "chiara"} {
		f.backend.Fill(who, 2, f.queue.Now().Add(-time.Duration(i+1)*time.Hour))
	}
	f.start()
	f.PressRight("Chiara Rossi")
	f.Press("Pin")
	f.PressRight("Alice Martin")
	f.Press("Archive")
	f.queue.Advance(3 * time.Second)
	f.WantsNot("Alice Martin")
	first, _ := apptest.Find(f.Canvas(), "Chiara Rossi")
	second, _ := apptest.Find(f.Canvas(), "Bob Keller")
	if first.At.Y >= second.At.Y {
		t.Errorf("pinned: got Chiara at %v and Bob at %v, want her above", first.At.Y, second.At.Y)
	}
	f.Press("Archived (1)")
	f.Wants("Alice Martin", "Archived chats")
	f.WantsNot("Bob Keller")
	f.Press("Archived chats")
	f.receive("alice", "Hello again")
	f.Wants("Alice Martin")
	f.WantsNot("Archived (1)")
	f.Press("Unread")
	f.WantsNot("Bob Keller")
	f.Press("Groups")
	f.Wants("No groups yet")
}

func TestMarkUnread(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("bob", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.PressRight("Bob Keller")
	f.Press("Mark as unread")
	f.Press("Unread")
	f.Wants("Bob Keller")
	f.WantsNot("Alice Martin")
	f.Press("All")
	f.Press("Bob Keller") // opened, so it is read
	f.wantTitle("Bob Keller – Parley")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyU)
	f.Wants("Marked as unread")
	f.wantTitle("(1) Bob Keller – Parley")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyU)
	f.wantTitle("Bob Keller – Parley")
}

func TestDraft_SurvivesRestart(t *testing.T) {
	f := prepare(t).start()
	f.Keys(ctrl, fyne.KeyN)
	f.Press("Chiara Rossi")
	f.Type("I have not sent this")
	f.Press("Echo")
	f.queue.Advance(3 * time.Second) // rows wait for the pointer
	f.Wants("Draft:")
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	f.launch()
	f.Wants("Draft:", "I have not sent this")
}
