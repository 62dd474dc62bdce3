package app_test

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/mesibo"
)

// openMenu presses the button of the program's menu.
func (f *fixture) openMenu() {
	f.t.Helper()
	menu, ok := findIcon(f, "menu")
	if !ok {
		f.t.Fatal("menu button: got none")
	}
	test.TapCanvas(f.Canvas(), menu.At)
}

// TestInvite_people: the menu leads to a code and a link, or to what to do where only others may.
func TestInvite_people(t *testing.T) {
	f := prepare(t).start()
	f.openMenu()
	f.Press("Invite people")
	f.queue.WorkAll(t.Context())
	f.Wants("Copy link", "Whoever opens this link first")
	f.Press("Copy link")
	if got := f.fyne.Clipboard().Content(); got != "parley:join/parleyinvite1_" {
		t.Errorf("got %q", got)
	}
	f.Key(fyne.KeyEscape)
	f.backend.Err = &mesibo.Error{Op: "CreateInvite", Result: mesibo.ResultDenied, Cause: errors.New("403")}
	f.openMenu()
	f.Press("Invite people")
	f.queue.WorkAll(t.Context())
	f.Wants("On this server only administrators invite people.")
}

// TestInvite_not_allowed: who may not invite is not offered it.
func TestInvite_not_allowed(t *testing.T) {
	f := prepare(t)
	f.backend.NoInvites = true
	f.start()
	f.openMenu()
	f.Wants("Settings")
	f.WantsNot("Invite people")
}

// TestInvite_local: nobody else reaches the server on this computer.
func TestInvite_local(t *testing.T) {
	f := prepare(t)
	f.local = true
	f.start()
	f.openMenu()
	f.Wants("Settings")
	f.WantsNot("Invite people")
}

// TestFirstRun_Join_with_an_invite: the name is asked for before anything is done.
func TestFirstRun_Join_with_an_invite(t *testing.T) {
	f := prepare(t).launch()
	f.Press("Join a server")
	f.Type("parleyinvite1_x")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Your name", "Back")
	if len(f.keeper.invites) != 0 {
		t.Fatal("joined without a name")
	}
	f.keeper.err = &mesibo.Error{Op: "RedeemInvite", Result: mesibo.ResultBadRequest, Cause: mesibo.ErrAddressTaken}
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Another user of this server has this name.")
	f.keeper.err, f.keeper.session = nil, f.session()
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Saved messages")
	if got := len(f.keeper.invites); got != 2 {
		t.Errorf("invites: got %d, want 2", got)
	}
}
