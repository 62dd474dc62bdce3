package workspace_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/mesibo"
)

// online waits until a session is connected, or is not.
func online(t *testing.T, s *app.Session, want bool) {
	t.Helper()
	changed := make(chan struct{}, 1)
	l := &mesibo.ListenerFuncs{ConnectionStatus: func(mesibo.ConnectionStatus) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}}
	if err := s.Client.AddListener(l); err != nil {
		t.Fatal(err)
	}
	defer s.Client.RemoveListener(l)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for (s.Client.GetConnectionStatus() == mesibo.StatusOnline) != want {
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("got status %v", s.Client.GetConnectionStatus())
		}
	}
}

func state(t *testing.T, s *app.Session) app.NetworkState {
	t.Helper()
	n, err := s.Network.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNetwork: a person and a second device join a local workspace by its address and the pin in the link, lose it when
// it is closed, and have it again when it is opened, also after a restart of the program.
func TestNetwork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "alice")
	k := keeper(t, dir)
	alice, err := k.StartLocal(t.Context(), "Alice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Network.State(t.Context()); err == nil {
		t.Error("the network of a server that does not run: got no error")
	}
	connect(t, alice)
	if n := state(t, alice); n.Open {
		t.Errorf("got %+v at the start", n)
	}
	if err := alice.Network.Open(t.Context(), "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	opened := state(t, alice)
	if !opened.Open || opened.Host != "127.0.0.1" || opened.Port == 0 || opened.Problem != nil {
		t.Errorf("got %+v", opened)
	}
	forBob := invite(t, alice, mesibo.InviteParams{})
	bobsKeeper := keeper(t, filepath.Join(t.TempDir(), "bob"))
	bob, err := bobsKeeper.Join(t.Context(), forBob.Link, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, bob)
	phonesKeeper := keeper(t, filepath.Join(t.TempDir(), "phone"))
	phone, err := phonesKeeper.Join(t.Context(), invite(t, alice, mesibo.InviteParams{Address: "alice"}).Link, "")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, phone)
	write(t, alice, "bob", 1, "Welcome")
	await(t, bob, "alice", "Welcome")
	await(t, phone, "bob", "Welcome")

	if err := alice.Network.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	online(t, bob, false)
	online(t, phone, false)
	online(t, alice, true)
	write(t, alice, "bob", 2, "Are you there?")
	write(t, bob, "alice", 2, "I wait")
	if err := alice.Network.Open(t.Context(), "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if again := state(t, alice); again.Port != opened.Port {
		t.Errorf("got port %d, want %d", again.Port, opened.Port)
	}
	await(t, alice, "bob", "I wait", "Are you there?")
	await(t, bob, "alice", "I wait", "Are you there?", "Welcome")

	closed(t, alice, k)
	online(t, bob, false)
	k = keeper(t, dir)
	if alice, err = k.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect(t, alice)
	online(t, bob, true)
	write(t, bob, "alice", 3, "Back again")
	await(t, alice, "bob", "Back again")
	closed(t, bob, bobsKeeper)
	closed(t, phone, phonesKeeper)
	closed(t, alice, k)
}

func invite(t *testing.T, s *app.Session, p mesibo.InviteParams) mesibo.Invite {
	t.Helper()
	online(t, s, true)
	i, err := s.Client.CreateInvite(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
