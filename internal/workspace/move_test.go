package workspace_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/internal/certificate"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// serveAt runs a server on a folder with its own certificate, and returns its address as parleyd address prints it.
func serveAt(t *testing.T, dir string) string {
	t.Helper()
	cert, err := certificate.Own(dir)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url, pin := "https://"+ln.Addr().String(), wire.PinOf(cert.Leaf)
	srv, err := server.Open(t.Context(), server.Options{Dir: dir, TLS: certificate.Config(cert), PublicURL: url, Pin: pin})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(context.WithoutCancel(t.Context()), ln) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	return wire.ServerText(url, pin)
}

// texts returns what a chat has, newest first.
func texts(t *testing.T, s *app.Session, peer string) (list []string) {
	t.Helper()
	page, err := s.Client.ReadPage(chat.Query{Peer: peer, Count: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page {
		list = append(list, m.Text)
	}
	return list
}

// TestMove: a local workspace with a second person moves to a server. History, what is unread, what was on its way and
// what waited in the outbox are there afterwards, each once; the folder does not start a server any more.
func TestMove(t *testing.T) {
	aliceDir, bobDir, moved := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b"), t.TempDir()
	aliceKeeper, bobKeeper := keeper(t, aliceDir), keeper(t, bobDir)
	alice, err := aliceKeeper.StartLocal(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, alice)
	await(t, alice, "echo", "Hi Alice!")
	if err := alice.Network.Open(t.Context(), "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	bob, err := bobKeeper.Join(t.Context(), invite(t, alice, mesibo.InviteParams{}).Link, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, bob)
	write(t, alice, "bob", 11, "one")
	await(t, bob, "alice", "one")
	closed(t, bob, bobKeeper)
	write(t, alice, "bob", 12, "two") // waits for Bob at the server
	sent(t, alice, "bob")

	if err := alice.Move.SetServer(t.Context(), "chat.example.org"); !errors.Is(err, app.ErrServerAddress) {
		t.Errorf("no address: got %v", err)
	}
	if err := alice.Move.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, alice, "bob", 13, "three") // waits in the outbox
	closed(t, alice, aliceKeeper)
	aliceKeeper = keeper(t, aliceDir)
	if alice, err = aliceKeeper.Resume(t.Context()); err != nil || !alice.Move.Moving() {
		t.Fatalf("resume: %v", err)
	}
	connect(t, alice) // nothing starts
	empty := serveAt(t, t.TempDir())
	if err := alice.Move.SetServer(t.Context(), empty); !errors.Is(err, mesibo.ResultAuthFail) {
		t.Errorf("a server without the account: got %v", err)
	}

	if _, err := backup.Import(t.Context(), filepath.Join(aliceDir, "server"), moved, false, time.Now()); err != nil {
		t.Fatal(err)
	}
	if problems, err := backup.Check(t.Context(), moved, true); err != nil || len(problems) > 0 {
		t.Fatalf("check: %v, %v", problems, err)
	}
	address := serveAt(t, moved)
	if err := alice.Move.SetServer(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	closed(t, alice, aliceKeeper)
	aliceKeeper = keeper(t, aliceDir)
	if alice, err = aliceKeeper.Resume(t.Context()); err != nil || alice.Local || alice.Move.Moving() {
		t.Fatalf("resume at the server: %v", err)
	}
	connect(t, alice)

	bobKeeper = keeper(t, bobDir)
	if bob, err = bobKeeper.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := bob.Move.SetServer(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	closed(t, bob, bobKeeper)
	bobKeeper = keeper(t, bobDir)
	if bob, err = bobKeeper.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect(t, bob)
	await(t, bob, "alice", "three", "two", "one")
	sent(t, alice, "bob")
	want := []string{"three", "two", "one"}
	if a, b := texts(t, alice, "bob"), texts(t, bob, "alice"); !slices.Equal(a, want) || !slices.Equal(b, want) {
		t.Errorf("alice has %q, bob has %q", a, b)
	}
	if p, ok := bob.Client.GetProfile("alice", 0); !ok || p.Unread != 3 {
		t.Errorf("unread: got %+v", p)
	}
	write(t, alice, "echo", 14, "Still there?")
	await(t, alice, "echo", "Still there?", "Still there?", "Hi Alice!")
	closed(t, alice, aliceKeeper)
	closed(t, bob, bobKeeper)
}

// TestMove_undo: who has not moved goes on.
func TestMove_undo(t *testing.T) {
	k := keeper(t, filepath.Join(t.TempDir(), "a"))
	s, err := k.StartLocal(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	online(t, s, true)
	if err := s.Move.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	online(t, s, false)
	if err := s.Move.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	online(t, s, true)
	closed(t, s, k)
}

// sent waits until the newest message of a chat has reached the server.
func sent(t *testing.T, s *app.Session, peer string) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		page, err := s.Client.ReadPage(chat.Query{Peer: peer, Count: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 1 && page[0].Status != mesibo.MsgStatusOutbox {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("not sent: %+v", page)
		}
	}
}
