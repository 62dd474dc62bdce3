package e2e_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	d := newDevice(t, srv.Token("alice"), t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	d.awaitLine("ONLINE")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want nil after its context ended", err)
	}
	d.wantLines("", "CONNECTING", "ONLINE", "OFFLINE", "STOPPED")

	revoked := srv.Token("bob")
	srv.RevokeToken(revoked)
	if err := newDevice(t, revoked, t.TempDir()).Run(t.Context()); !errors.Is(err, mesibo.ResultAuthFail) {
		t.Errorf("got %v, want ResultAuthFail", err)
	}
}

// The order of calls in the reference's samples, with the setters instead of Options.
func TestSetters_in_the_reference_order(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	online := make(chan struct{}, 1)
	listener := &mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		if s == mesibo.StatusOnline {
			online <- struct{}{}
		}
	}}
	dir := filepath.Join(t.TempDir(), "new")
	for _, err := range []error{
		m.Init(), m.SetPath(dir), m.AddListener(listener), m.AddListener(listener), m.SetAppName("chat"),
		m.SetAccessToken(srv.TokenFor("alice", "chat")), m.SetDatabase("m.db", 0), m.SetSecureConnection(true), m.Start(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	<-online
	for name, err := range map[string]error{
		"SetAppName": m.SetAppName("x"), "SetPath": m.SetPath(dir), "SetSecureConnection": m.SetSecureConnection(false),
		"SetAccessToken": m.SetAccessToken(srv.Token("alice")), "SetDatabase": m.SetDatabase("other.db", 0),
	} {
		if !errors.Is(err, mesibo.ResultReqInProgress) {
			t.Errorf("%s while started: got %v, want ResultReqInProgress", name, err)
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "m-alice-*.db")); err != nil || len(files) != 1 {
		t.Errorf("got files %v, %v, want one database of alice's own", files, err)
	}
	if err := m.Reset(); err != nil {
		t.Fatal(err)
	}
	if m.GetConnectionStatus() != mesibo.StatusUnknown || m.GetAddress() != "" {
		t.Errorf("after Reset: got %v, %q", m.GetConnectionStatus(), m.GetAddress())
	}
	if err := m.SendMessageString(mesibo.NewMessageParams("bob", 0), 1, "x"); !errors.Is(err, mesibo.ResultFail) {
		t.Errorf("after Reset: got %v, want ResultFail", err)
	}
}

func TestSetDatabase_empties_tables(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	token, dir := srv.Token("alice"), t.TempDir()
	d := newDevice(t, token, dir)
	d.send("bob", 1, "hi")
	d.end()
	d = newDevice(t, token, dir)
	d.wantHistory("bob", "hi OUTBOX")
	if err := d.SetDatabase("test.db", mesibo.DBTableMessages); err != nil {
		t.Fatal(err)
	}
	d.wantHistory("bob")
}

func TestProfiles_and_drafts(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob Keller")
	alice := online(t, srv.Token("alice"))
	alice.await("bob's name", func() bool { p, ok := alice.GetProfile("bob", 0); return ok && p.Name == "Bob Keller" })
	srv.AddUser("bob", "Bobby")
	alice.await("bob's new name", func() bool { p, _ := alice.GetProfile("bob", 0); return p.Name == "Bobby" })
	if err := alice.SetProfile(&mesibo.UserProfile{Address: "bob", Draft: "unsent"}); err != nil {
		t.Fatal(err)
	}
	if p, _ := alice.GetProfile("bob", 0); p.Draft != "unsent" || p.Name != "Bobby" {
		t.Errorf("got %+v", p)
	}
	if got := alice.GetSortedUserProfiles(); len(got) != 1 || got[0].Address != "bob" {
		t.Errorf("got %+v, want bob alone", got)
	}
}

// A listener may stop one run and start the next.
func TestStop_and_Start_by_a_listener(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	var once sync.Once
	alice.must(alice.AddListener(&mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		if s == mesibo.StatusOnline {
			once.Do(func() {
				alice.Stop()
				alice.must(alice.Start())
			})
		}
	}}))
	alice.start()
	alice.await("online again", func() bool { return len(alice.entries("ONLINE")) == 2 })
	alice.wantLines("", "CONNECTING", "ONLINE", "OFFLINE", "STOPPED", "CONNECTING", "ONLINE")
}
