package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	outside "github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/mesibo"
)

// second is another account in the window, at another server.
type second struct {
	keeper  *keeper
	backend *apptest.Backend
}

// withSecond adds an account of Worker, who has a chat with Dora.
func (f *fixture) withSecond() *second {
	f.t.Helper()
	s := f.newSecond()
	s.keeper.session = s.session()
	f.keeper.others = []app.Account{{Key: "account-2", Workspace: s.keeper}}
	return s
}

func (f *fixture) newSecond() *second {
	s := &second{keeper: &keeper{}, backend: apptest.NewBackend(f.queue.Now)}
	s.backend.Own.Name = "Worker"
	s.backend.Profiles["dora"] = mesibo.UserProfile{Name: "Dora Klein"}
	s.backend.Fill("dora", 2, f.queue.Now().Add(-time.Hour))
	return s
}

func (s *second) session() *app.Session {
	return &app.Session{
		Client: s.backend, Server: "work.example.org",
		FileLimit: func(context.Context) (int64, error) { return 0, nil },
		Connect:   func(context.Context) error { s.keeper.started++; return nil },
		Close:     func(context.Context) error { s.keeper.closed++; return nil },
	}
}

// receive lets a message arrive at the second account.
func (s *second) receive(f *fixture, peer, text string) {
	f.t.Helper()
	receiver, ok := s.backend.Listeners[0].(mesibo.MessageReceiver)
	if !ok {
		f.t.Fatal("the second account does not listen")
	}
	receiver.OnReceived(apptest.Message(peer, s.backend.Receive(peer, text)))
	f.queue.Drain()
}

const ctrlAlt = ctrl | fyne.KeyModifierAlt

func TestAccounts_switch(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	s := f.withSecond()
	f.start()
	if f.keeper.started != 1 || s.keeper.started != 1 {
		t.Errorf("connected %d and %d times, want 1 and 1", f.keeper.started, s.keeper.started)
	}
	f.Press("Alice Martin")
	f.Type("a draft")
	f.Keys(ctrlAlt, fyne.Key2)
	f.Wants("Dora Klein")
	f.WantsNot("Alice Martin")
	f.wantTitle("Parley")
	f.Press("Dora Klein")
	f.Type("Hello Dora")
	f.Key(fyne.KeyReturn)
	if len(f.backend.Sent) > 0 || !slices.Equal(s.backend.Sent, []string{"Hello Dora"}) {
		t.Errorf("sent %q and %q, want nothing and Hello Dora", f.backend.Sent, s.backend.Sent)
	}
	f.Keys(ctrlAlt, fyne.Key1)
	f.Wants("Alice Martin", "a draft")
	f.Type(" goes on")
	f.Key(fyne.KeyReturn)
	if !slices.Equal(f.backend.Sent, []string{"a draft goes on"}) {
		t.Errorf("sent %q", f.backend.Sent)
	}
	f.Keys(ctrlAlt, fyne.Key9) // there is none
	f.Wants("Alice Martin")
	f.Keys(ctrlAlt, fyne.Key2)
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	if f.keeper.closed != 1 || s.keeper.closed != 1 {
		t.Errorf("closed %d and %d times, want 1 and 1", f.keeper.closed, s.keeper.closed)
	}
	f.launch() // shows the account that was shown last, with its chat
	f.Wants("Dora Klein", "Hello Dora")
}

// An account that is not shown receives and notifies; nothing of it counts as read.
func TestAccounts_background(t *testing.T) {
	f := prepare(t).withShell()
	f.backend.Fill("alice", 2, f.queue.Now())
	s := f.withSecond()
	f.start()
	f.pass(time.Second)
	f.app.SetForeground(true)
	f.Press("Alice Martin")
	s.receive(f, "dora", "The report, please")
	f.wantNote("account-2|user:dora", "Dora Klein · Worker", "The report, please")
	f.wantTitle("(1) Alice Martin – Parley")
	if s.backend.Profiles["dora"].Unread != 1 || s.backend.Foreground || !f.backend.Foreground {
		t.Errorf("unread %d, in front %v and %v", s.backend.Profiles["dora"].Unread, f.backend.Foreground, s.backend.Foreground)
	}
	f.invoke(outside.Invocation{Key: "account-2|user:dora", Action: outside.ActionReply, Text: "Soon"})
	if !slices.Equal(s.backend.Sent, []string{"Soon"}) || len(f.backend.Sent) > 0 {
		t.Errorf("answered %q and %q, want the second account to say Soon", f.backend.Sent, s.backend.Sent)
	}
	f.Wants("Alice Martin")
	s.receive(f, "dora", "Thanks")
	f.wantShown("account-2|user:dora")
	f.invoke(outside.Invocation{Key: "account-2|user:dora", Action: outside.ActionOpen})
	f.Wants("Dora Klein", "Thanks")
	f.WantsNot("Alice Martin")
	if !s.backend.Foreground || f.backend.Foreground {
		t.Errorf("in front: %v and %v, want the second", f.backend.Foreground, s.backend.Foreground)
	}
}

func TestAccounts_add(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	s := f.newSecond()
	f.keeper.another = app.Account{Key: "account-2", Workspace: s.keeper}
	f.settings("Account")
	f.Press("Add an account…")
	f.queue.WorkAll(t.Context())
	f.Wants("Join a server")
	f.Press("Cancel")
	f.Wants("Alice Martin")
	f.Type("back")
	f.settings("Account")
	f.Press("Add an account…")
	f.queue.WorkAll(t.Context())
	f.Type("parley1_xyz")
	s.keeper.session = s.session()
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Dora Klein")
	if !slices.Equal(s.keeper.invites, []string{"parley1_xyz"}) || len(f.keeper.invites) > 0 {
		t.Errorf("joined with %q and %q", f.keeper.invites, s.keeper.invites)
	}
	f.Keys(ctrlAlt, fyne.Key1)
	f.Wants("Alice Martin", "back")
}

func TestAccounts_signOut(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	f.backend.Files = "/data"
	s := f.withSecond()
	f.start()
	f.settings("Account")
	f.Press("Sign out…")
	f.Wants("Sign out?", "stay on this computer, in /data")
	f.Press("Sign out")
	f.Wants("Dora Klein") // at once
	f.queue.WorkAll(t.Context())
	f.Wants("Dora Klein", "You are signed out.")
	if want := []string{"sign out "}; !slices.Equal(f.backend.Calls, want) || f.keeper.forgot != 1 || f.keeper.erased != 0 {
		t.Errorf("asked for %q, forgotten %d, erased %d", f.backend.Calls, f.keeper.forgot, f.keeper.erased)
	}
	s.backend.Err = mesibo.ResultConnectFail
	f.settings("Account")
	f.Press("Sign out…")
	f.Press("Delete them from this computer")
	f.Press("Sign out")
	f.Wants("Signing out…")
	f.WantsNot("Dora Klein")
	f.queue.WorkAll(t.Context())
	f.Wants("Welcome", "The server could not be told")
	if s.keeper.erased != 1 || s.keeper.forgot != 0 || s.keeper.closed != 1 {
		t.Errorf("erased %d, forgotten %d, closed %d, want 1, 0, 1", s.keeper.erased, s.keeper.forgot, s.keeper.closed)
	}
}

// The accounts are at the left edge of a wide window, and in the menu of a narrow one.
func TestAccounts_rail(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	s := f.withSecond()
	f.start()
	f.Resize(fyne.NewSize(1180, 760))
	s.receive(f, "dora", "one")
	f.Wants("1", "W")
	f.Press("W")
	f.Wants("Dora Klein")
	f.Resize(fyne.NewSize(800, 600))
	f.WantsNot("MM")
	f.Press("Dora Klein")
	f.Wants("Dora Klein")
}
