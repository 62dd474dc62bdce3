package app_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// joinLink is a link into a group, complete as far as its form goes.
const joinLink = "parley:join/parleyinvite1_abc"

// follow opens a link from elsewhere.
func (f *fixture) follow(link string) {
	f.t.Helper()
	f.app.Open(link, "", false)
	f.queue.WorkAll(f.t.Context())
}

// TestGroupLink_make: who may add members chooses how many a link lets in and until when, copies it, and revokes the open
// ones, also those of others.
func TestGroupLink_make(t *testing.T) {
	f := club(t)
	f.backend.Links = []mesibo.Invite{
		{ID: "old", Creator: "bob", Left: 3, Used: 2, Expires: f.queue.Now().Add(time.Hour)},
	}
	f.Press("Book club")
	f.Keys(ctrl, fyne.KeyI)
	f.Resize(fyne.NewSize(1180, 1400))
	f.Press("Invite with a link")
	f.queue.WorkAll(t.Context())
	f.Wants("Whoever opens the link can join “Book club”, also", "Lets in", "1 person", "Valid for", "1 week",
		"Open links", "3 people left", "by Bob Keller, until", "Revoke")
	last, _ := apptest.Find(f.Canvas(), "Revoke")
	if button, _ := apptest.Find(f.Canvas(), "Create link"); button.At.Y-last.At.Y > 100 {
		t.Errorf("Revoke is at %v, the button at %v: the sheet is too high", last.At, button.At)
	}
	f.Press("1 person")
	f.Press("20 people")
	f.Press("1 week")
	f.Press("1 day")
	f.Press("Create link")
	f.queue.WorkAll(t.Context())
	f.Wants("It lets in 20 people, until", "Copy link")
	f.Press("Copy link")
	if got := f.fyne.Clipboard().Content(); got != "parley:join/parleyinvite1_" {
		t.Errorf("copied: got %q", got)
	}
	f.Key(fyne.KeyEscape)
	f.Press("Invite with a link")
	f.queue.WorkAll(t.Context())
	f.Press("Revoke")
	f.queue.WorkAll(t.Context())
	f.Wants("Create link")
	f.WantsNot("Open links", "Revoke")
	f.Key(fyne.KeyEscape)
	for _, want := range []string{"invite 20 into group 7 for 24h0m0s", "revoke old"} {
		if !slices.Contains(f.backend.Calls, want) {
			t.Errorf("got %q, want %q in it", f.backend.Calls, want)
		}
	}
}

// TestGroupLink_not_allowed: who may not add members is not offered a link; of who may not invite to the server it says
// whom it lets in.
func TestGroupLink_not_allowed(t *testing.T) {
	f := club(t)
	f.backend.NoInvites = true
	f.Press("Book club")
	f.Keys(ctrl, fyne.KeyI)
	f.Resize(fyne.NewSize(1180, 1400))
	f.Press("Invite with a link")
	f.queue.WorkAll(t.Context())
	f.Wants("They need")
	f.WantsNot("also")
	f.Key(fyne.KeyEscape)
	f.backend.Groups[7].Left = true
	f.group().OnGroupMembers(f.groupProfile(7), nil, false)
	f.queue.Drain()
	f.WantsNot("Invite with a link")
}

// TestGroupLink_join: a link is followed, or pasted where codes are; the user is asked, and joins as who the user is.
func TestGroupLink_join(t *testing.T) {
	for name, follow := range map[string]func(f *fixture){
		"followed": func(f *fixture) { f.follow(joinLink) },
		"pasted": func(f *fixture) {
			f.Keys(ctrl, fyne.KeyN)
			f.Press("Join a group with a code")
			f.Type(joinLink[len("parley:join/"):])
			f.Key(fyne.KeyReturn)
			f.queue.WorkAll(t.Context())
		},
		"for another account": func(f *fixture) {
			f.keeper.another = app.Account{Key: "account-2", Workspace: &keeper{}}
			f.settings("Account")
			f.Press("Add an account…")
			f.queue.WorkAll(t.Context())
			f.Type(joinLink)
			f.Key(fyne.KeyReturn)
			f.queue.WorkAll(t.Context())
			f.WantsNot("Join a server")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := prepare(t).start()
			f.backend.Offer = &mesibo.InviteDetails{From: "bob", GroupID: 7, GroupName: "Book club", Members: 12}
			follow(f)
			f.Wants("Join Book club?", "12 members", "Bob Keller invites you. The members will see that")
			f.Press("Join")
			f.queue.WorkAll(t.Context())
			if got := f.backend.Calls; !slices.ContainsFunc(got, func(s string) bool {
				return s == "join by "+joinLink || s == "join by "+joinLink[len("parley:join/"):]
			}) {
				t.Errorf("got %q", got)
			}
			f.backend.AddGroup(7, "Book club", "bob")
			f.group().OnGroupJoined(f.groupProfile(7))
			f.queue.Drain()
			f.wantTitle("Book club – Parley")
		})
	}
}

// TestGroupLink_refused: why a link lets no one in is said in words; of another server it is an account.
func TestGroupLink_refused(t *testing.T) {
	f := prepare(t).start()
	for cause, want := range map[error]string{
		mesibo.ErrInviteUsed:  "This link lets no one in any more.",
		mesibo.ErrRemoved:     "You were removed from this group.",
		mesibo.ErrGroupFull:   "This group is full.",
		errors.New("offline"): "The server can't be reached.",
	} {
		f.backend.Err = &mesibo.Error{Op: "GetInviteDetails", Result: mesibo.ResultConnectFail, Cause: cause}
		f.follow(joinLink)
		f.Wants(want)
		f.WantsNot("Add account")
	}
	f.backend.Err = nil
	f.follow(joinLink)
	f.Wants("Invite to a server", "Add account")
	f.Key(fyne.KeyEscape)
	f.backend.Offer = &mesibo.InviteDetails{} // for a new user of the same server
	f.follow(joinLink)
	f.Wants("Invite to a server", "Add account")
}

// TestGroupLink_member: a link into a group of this user opens it.
func TestGroupLink_member(t *testing.T) {
	f := club(t)
	f.backend.Offer = &mesibo.InviteDetails{GroupID: 7, GroupName: "Book club", Joined: true}
	f.follow(joinLink)
	f.WantsNot("Join Book club?")
	f.Wants("Which book?", "Message")
}

// TestGroupLink_removed_user_makes_no_second_account: the card for another account does not go round a removal.
func TestGroupLink_removed_user_makes_no_second_account(t *testing.T) {
	f := prepare(t).start()
	other := &keeper{}
	f.keeper.another = app.Account{Key: "account-2", Workspace: other}
	f.settings("Account")
	f.Press("Add an account…")
	f.queue.WorkAll(t.Context())
	f.backend.Err = &mesibo.Error{Op: "GetInviteDetails", Result: mesibo.ResultDenied, Cause: mesibo.ErrRemoved}
	f.Type(joinLink)
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("You were removed from this group.")
	f.WantsNot("Type the name that others will see.")
}

// TestFirstRun_group_link: the name of the group is on the card before its user is made; a link for users only says so.
func TestFirstRun_group_link(t *testing.T) {
	f := prepare(t).launch()
	f.keeper.offer = mesibo.InviteDetails{GroupID: 7, GroupName: "Book club", Members: 12, UsersOnly: true}
	f.Press("Join a server")
	f.Type(joinLink)
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("This link is for those who have an account on its server.")
	f.keeper.offer.UsersOnly = false
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("You join the group “Book club”", "Anna")
	f.Press("Back")
	f.keeper.offer = mesibo.InviteDetails{}
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Type the name that others will see.")
	f.WantsNot("Book club")
}
