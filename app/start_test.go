package app_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

func TestFirstRun(t *testing.T) {
	f := prepare(t).launch()
	f.Wants("Welcome", "Start on this computer", "Join a server", "Anna")
	for _, s := range apptest.Look(f.Canvas()) {
		for _, word := range []string{"port", "token", "database"} {
			if strings.Contains(strings.ToLower(s.Text), word) {
				t.Errorf("first card: got %q, want no word %q", s.Text, word)
			}
		}
	}
	f.keeper.session = f.session()
	f.Type("Bea") // in place of the suggestion
	f.Key(fyne.KeyReturn)
	f.Wants("Starting…")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages", "Echo", "Connected")
	if got := strings.Join(f.keeper.names, ","); got != "Bea" {
		t.Errorf("name: got %q, want Bea", got)
	}
	if f.keeper.started != 1 {
		t.Errorf("connected: got %d times, want 1", f.keeper.started)
	}
}

func TestFirstRun_JoinRefused(t *testing.T) {
	f := prepare(t).launch()
	f.Press("Join a server")
	f.Type("parley1_x")
	f.keeper.err = &mesibo.Error{Op: "SetAccessToken", Result: mesibo.ResultAuthFail, Cause: mesibo.ErrInvalidToken}
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("That is not a complete invite.", "parley1_x")
	f.keeper.err, f.keeper.session = nil, f.session()
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
	if got := len(f.keeper.invites); got != 2 {
		t.Errorf("invites: got %d, want 2", got)
	}
}

// TestFirstRun_cardsOfOneWidth: what stays in its place does not jump when the cards turn.
func TestFirstRun_cardsOfOneWidth(t *testing.T) {
	f := prepare(t).launch()
	label, _ := apptest.Find(f.Canvas(), "Your name")
	f.Press("Join a server")
	other, ok := apptest.Find(f.Canvas(), "Invite or access token")
	if !ok {
		t.Fatal("field for the invite: got none")
	}
	left := func(s apptest.Sight) float32 {
		return s.At.X - fyne.MeasureText(s.Text, theme.CaptionTextSize(), fyne.TextStyle{Bold: true}).Width/2
	}
	if a, b := left(label), left(other); a-b > 1 || b-a > 1 {
		t.Errorf("left edge: got %v on one card, %v on the other", a, b)
	}
}

func TestStart_Fails(t *testing.T) {
	f := prepare(t)
	f.keeper.err = errors.New("disk gone")
	f.launch()
	f.Wants("Your chats could not be opened", "Try again")
	f.keeper.err, f.keeper.session = nil, f.session()
	f.Press("Try again")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
}

func TestStart_SlowKeyring(t *testing.T) {
	f := prepare(t)
	f.keeper.session = f.session()
	a := app.New(app.Config{FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Logger: slog.New(slog.DiscardHandler)})
	f.Window = apptest.Use(t, f.queue, a.Window())
	f.queue.Advance(time.Second)
	f.Wants("Opening…")
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
	f.WantsNot("Opening…")
}

// The list is on the screen before anything is connected.
func TestStart_ListBeforeConnection(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 3, f.queue.Now())
	f.keeper.session = f.session()
	a := app.New(app.Config{FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Logger: slog.New(slog.DiscardHandler)})
	f.queue.Work(t.Context()) // Resume
	f.Window = apptest.Use(t, f.queue, a.Window())
	f.Wants("Alice Martin")
	if f.keeper.started != 0 {
		t.Errorf("connected: got %d, want 0", f.keeper.started)
	}
}

// TestStart_GroupChange: the newest entry of a chat in the list may be a change of a group, with names.
func TestStart_GroupChange(t *testing.T) {
	f := prepare(t)
	f.backend.AddGroup(7, "Book club", "alice")
	f.backend.Notice(7, apptest.Self, mesibo.GroupChange{Kind: mesibo.GroupRemoved, Members: []string{"alice"}})
	f.keeper.session = f.session()
	f.launch()
	f.Wants("Book club", "You removed Alice")
}

// The system may end the loop without asking: what was typed is kept all the same.
func TestRun_LoopEnds(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.Type("Half a sent")
	f.app.Run()
	if got := f.backend.Profiles["echo"].Draft; got != "Half a sent" {
		t.Errorf("draft: got %q, want %q", got, "Half a sent")
	}
	if got := f.keeper.closed; got != 1 {
		t.Errorf("session closed: got %d times, want 1", got)
	}
}

// endless is the toolkit when its loop does not return: Fyne 2.7.1 waits for an event that was queued as the loop ended.
type endless struct {
	fyne.App

	asked chan struct{} // closed by Quit
}

func (e endless) Quit() { close(e.asked) }

func TestQuit_LoopDoesNotReturn(t *testing.T) {
	f := prepare(t)
	f.keeper.session = f.session()
	toolkit := endless{f.fyne, make(chan struct{})}
	exited := make(chan struct{})
	a := app.New(app.Config{
		FyneApp: toolkit, Workspace: f.keeper, UI: f.queue, Logger: slog.New(slog.DiscardHandler),
		Exit: func() { close(exited) },
	})
	passed := a.LoopLimit()
	f.queue.WorkAll(t.Context())
	a.Quit()
	f.queue.WorkAll(t.Context())
	<-toolkit.asked
	go (<-passed)()
	<-exited
	if got := f.keeper.closed; got != 1 {
		t.Errorf("session closed: got %d times, want 1", got)
	}
}

// The system ends the loop, which does not return.
func TestTerminating_LoopDoesNotReturn(t *testing.T) {
	f := prepare(t).start()
	f.Press("Echo")
	f.Type("Half a sent")
	exited := make(chan struct{})
	f.app.SetExit(func() { close(exited) })
	passed := f.app.LoopLimit()
	f.app.Terminating()
	go (<-passed)()
	<-exited
	if got := f.backend.Profiles["echo"].Draft; got != "Half a sent" {
		t.Errorf("draft: got %q, want %q", got, "Half a sent")
	}
	if got := f.keeper.closed; got != 1 {
		t.Errorf("session closed: got %d times, want 1", got)
	}
}
