package app

import (
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

func TestTypists(t *testing.T) {
	const typing, cleared = mesibo.ActivityTyping, mesibo.ActivityTypingCleared
	alice, club := contacts.ID{Peer: "Alice"}, contacts.ID{Group: 7}
	q := apptest.NewQueue()
	said := map[string]string{}
	people := newTyping(q, func(address string) string { return strings.ToUpper(address) + " Lastname" },
		func(id contacts.ID, words string) { said[id.Folded().Key()] = words })
	want := func(when string, id contacts.ID, words string) {
		t.Helper()
		if got := said[id.Folded().Key()]; got != words || people.words(id) != words {
			t.Errorf("%s: got %q, want %q", when, got, words)
		}
	}
	people.activity(alice, "Alice", typing)
	want("one", alice, "typing…")
	q.Advance(5 * time.Second)
	people.activity(alice, "alice", typing)
	q.Advance(5 * time.Second)
	want("again", alice, "typing…")
	q.Advance(2 * time.Second)
	want("six seconds later", alice, "")

	people.activity(club, "bob", typing)
	want("one in a group", club, "BOB is typing…")
	people.activity(club, "eva", typing)
	want("two", club, "BOB and EVA are typing…")
	people.activity(club, "kim", typing)
	want("three", club, "3 people are typing…")
	people.stopped(club, "eva")
	people.activity(club, "bob", cleared)
	want("one is left", club, "KIM is typing…")
	people.close()
	if q.Timers() != 0 {
		t.Errorf("timers left: got %d", q.Timers())
	}
}

func TestNoticeWords(t *testing.T) {
	name := func(address string) string { return strings.ToUpper(address[:1]) + address[1:] }
	change := func(kind mesibo.GroupChangeKind, members ...string) *mesibo.GroupChange {
		return &mesibo.GroupChange{Kind: kind, Name: "Book club", Members: members}
	}
	rights := func(admin mesibo.AdminFlag, member mesibo.MemberFlag, members ...string) *mesibo.GroupChange {
		c := change(mesibo.GroupPermissions, members...)
		c.Permissions = mesibo.MemberPermissions{Flags: member, AdminFlags: admin}
		return c
	}
	tests := []struct {
		change *mesibo.GroupChange
		by     string
		want   string
	}{
		{change(mesibo.GroupCreated), "ME", "You created the group “Book club”"},
		{change(mesibo.GroupJoined, "bob", "eva", "kim", "zoe"), "alice", "Alice added Bob and 3 others"},
		{change(mesibo.GroupJoined, "bob", "me"), "alice", "Alice added Bob and you"},
		{change(mesibo.GroupJoined, "bob"), "bob", "Bob joined the group"},
		{change(mesibo.GroupRemoved, "me"), "alice", "Alice removed you"},
		{change(mesibo.GroupLeft), "bob", "Bob left the group"},
		{change(mesibo.GroupPermissions, "bob"), "me", "You changed what Bob may do"},
		{rights(mesibo.AdminFlagModify, 0, "me"), "alice", "Alice made you an admin"},
		{rights(mesibo.AdminFlagModify, 0, "bob", "eva"), "me", "You made Bob and Eva admins"},
		{rights(mesibo.AdminFlagOwnerAll, 0, "bob"), "alice", "Alice made Bob the owner"},
		{rights(0, mesibo.MemberFlagAll, "me"), "alice", "Alice made you an ordinary member"},
		{rights(0, mesibo.MemberFlagRecv, "bob"), "me", "You changed what Bob may do"},
		{change(mesibo.GroupSettingsSet), "bob", "Bob changed the details of the group"},
		{change(mesibo.GroupDeleted), "bob", "Bob deleted the group"},
		{change(99), "bob", "Bob changed the group"},
	}
	for _, tt := range tests {
		if got := groupNotice(tt.change, tt.by, "me", name); got != tt.want {
			t.Errorf("kind %d: got %q, want %q", tt.change.Kind, got, tt.want)
		}
	}
}
