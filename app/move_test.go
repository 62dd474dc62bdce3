package app_test

import (
	"context"
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/mesibo"
)

// mover is an account that moves.
type mover struct {
	moving  bool
	address string // that the account got
	err     error
}

func (m *mover) Moving() bool { return m.moving }

func (*mover) Folder() string { return "/home/alice/server" }

func (m *mover) Begin(context.Context) error { m.moving = true; return nil }

func (m *mover) Undo(context.Context) error { m.moving = false; return nil }

func (m *mover) SetServer(_ context.Context, address string) error {
	m.address = address
	return m.err
}

// TestMove: the server on this computer stops for a move, which can be undone, and the account opens anew at the address
// that is entered, unless that is a wrong one.
func TestMove(t *testing.T) {
	f := prepare(t)
	f.local, f.move = true, &mover{}
	f.start()
	f.settings("Account")
	f.Press("Move to a server…")
	f.Press("Stop it and move")
	f.queue.WorkAll(t.Context())
	f.Wants("Moving to a server", "/home/alice/server", "The server on this computer has stopped")
	f.Press("Do not move, go on here")
	f.queue.WorkAll(t.Context())
	f.Wants("Move to a server…")
	f.Press("Move to a server…")
	f.Press("Stop it and move")
	f.queue.WorkAll(t.Context())
	f.Press("Server address…")
	for _, c := range []struct {
		err  error
		says string
	}{
		{fmt.Errorf("%w: nonsense", app.ErrServerAddress), "This is not the address of a server"},
		{&mesibo.Error{Op: "GetDevices", Result: mesibo.ResultAuthFail}, "This server does not know your account"},
		{&mesibo.Error{Op: "GetDevices", Result: mesibo.ResultConnectFail}, "can't be reached"},
	} {
		f.move.err = c.err
		f.Press("Connect there")
		f.queue.WorkAll(t.Context())
		f.Wants(c.says)
	}
	f.move.err, f.local = nil, false
	f.keeper.session = f.session()
	f.Type("https://chat.example.org")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	if f.move.address != "https://chat.example.org" {
		t.Errorf("got %q", f.move.address)
	}
	f.Wants("Saved messages", "The account is at its new address.")
	f.settings("Account")
	f.Wants("Server address…")
	f.WantsNot("Move to a server…")
}
