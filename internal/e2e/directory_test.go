package e2e_test

import (
	"errors"
	"testing"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// Where the server lists only those with whom a user has to do, a stranger is found by the exact address, and the
// profile of who writes comes with the first message.
func TestDirectory(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.SetDirectory(accounts.ListExact)
	srv.Restart()
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	eve := newDevice(t, srv.Token("eve"), t.TempDir())
	alice.start()
	eve.start()
	if p, ok := eve.GetProfile("alice", 0); ok {
		t.Errorf("got %v, want that eve does not know alice", p)
	}
	p, err := eve.LookupProfile(t.Context(), "Alice")
	if err != nil || p.Address != "alice" || p.Name == "" {
		t.Errorf("got %v, %v, want alice", p, err)
	}
	if _, err := eve.LookupProfile(t.Context(), "nobody"); !errors.Is(err, mesibo.ResultNoSuchUser) {
		t.Errorf("got %v, want ResultNoSuchUser", err)
	}
	eve.send("alice", 1, "do I know you?")
	alice.await("the profile of eve", func() bool {
		p, ok := alice.GetProfile("eve", 0)
		return ok && p.Name == "eve"
	})
}
