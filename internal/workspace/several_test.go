package workspace_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// Accounts beside the first have folders of their own in that of the first.
func TestSeveral(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	srv := mesibotest.NewServer(t)
	k := keeper(t, dir)
	first, err := k.StartLocal(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := k.Others(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("others at first: got %v, %v, want none", list, err)
	}
	another, err := k.Another(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := k.Another(t.Context()); err != nil || again.Key != another.Key {
		t.Errorf("another that was not used: got %v, %v, want %q again", again, err, another.Key)
	}
	second, err := another.Workspace.Join(t.Context(), srv.Token("bob"), "")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, first)
	connect(t, second)
	if a, b := first.Client.GetAddress(), second.Client.GetAddress(); a != "alice" || b != "bob" {
		t.Errorf("addresses: got %q and %q, want alice and bob", a, b)
	}
	list, err := k.Others(t.Context())
	if err != nil || len(list) != 1 || list[0].Key != another.Key {
		t.Fatalf("others: got %v, %v, want %q", list, err, another.Key)
	}
	if next, err := k.Another(t.Context()); err != nil || next.Key == another.Key {
		t.Errorf("another: got %v, %v, want a new one", next, err)
	}
	stopped(t, second)
	resumed, err := list[0].Workspace.Resume(t.Context())
	if err != nil || resumed == nil || resumed.Client.GetAddress() != "bob" {
		t.Fatalf("resumed: got %v, %v, want bob", resumed, err)
	}
	stopped(t, resumed)
	closed(t, first, k)
}

// Signing out revokes the token; what is erased is gone, and nothing else.
func TestErase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	srv := mesibotest.NewServer(t)
	k := keeper(t, dir)
	s, err := k.Join(t.Context(), srv.Token("alice"), "")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	p := mesibo.NewMessageParams("alice", mesibo.FlagDefault)
	if err := s.Client.SendMessageString(p, 1, "a note"); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "letters.txt")
	if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	token := srv.Token("alice")
	if err := s.Client.RemoveDevice(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	stopped(t, s)
	if err := k.Erase(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if name := filepath.Base(path); name != "letters.txt" && !strings.HasPrefix(name, "lock") {
			t.Errorf("left: %s", name)
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file of the user: %v", err)
	}
	again, err := k.Join(t.Context(), token, "")
	if err != nil {
		t.Fatal(err)
	}
	closed(t, again, k)
}

// stopped closes a session, whose folder stays locked.
func stopped(t *testing.T, s *app.Session) {
	t.Helper()
	if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}
