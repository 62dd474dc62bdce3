package server_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

func TestAccounts_of_another_process(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	laptop := alice.second()
	other, err := server.OpenAccounts(h.opts.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	if err := other.RevokeToken(t.Context(), alice.token.ID()); err != nil {
		t.Fatal(err)
	}
	if bye := alice.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("revoked: got %v, want AUTHFAIL", bye)
	}
	if err := other.DisableUser(t.Context(), "bob", true); err != nil {
		t.Fatal(err)
	}
	if bye := bob.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("disabled: got %v, want AUTHFAIL", bye)
	}
	// The other users are unaffected and get the change of bob's profile.
	carol.until("a change of profiles", func() bool { return len(carol.signals) > 0 })
	if got := carol.send(message("bob", "still there?")).GetStatus(); got != wire.StatusInvalidDest {
		t.Errorf("to a disabled user: got status %#x, want INVALIDDEST", got)
	}
	carol.sendText("alice", "hi")
	if got := text(laptop.nextMessage()); got != "hi" {
		t.Errorf("got %q, want %q", got, "hi")
	}
}

func TestProfileSync(t *testing.T) {
	t.Parallel()
	const users = 601 // two pages
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	for i := 1; i < users; i++ {
		if err := h.srv.AddUser(t.Context(), fmt.Sprintf("user%d", i), "Somebody"); err != nil {
			t.Fatal(err)
		}
	}
	sync := func(rev uint64) *wire.ProfileSyncReply {
		t.Helper()
		return alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: rev}}}).
			GetProfileSync()
	}
	seen := make(map[string]*wire.Profile)
	var rev uint64
	pages := 0
	for more := true; more; pages++ {
		page := sync(rev)
		for _, p := range page.GetProfiles() {
			seen[p.GetAddress()] = p
		}
		rev, more = page.GetRevision(), page.GetMore()
	}
	if len(seen) != users || pages != 2 {
		t.Errorf("got %d profiles in %d pages, want %d in 2", len(seen), pages, users)
	}
	if p := sync(rev); len(p.GetProfiles()) != 0 || p.GetRevision() != rev || p.GetMore() {
		t.Errorf("got %v, want nothing new", p)
	}
	if err := h.srv.SetUserName(t.Context(), "user7", "Seven"); err != nil {
		t.Fatal(err)
	}
	if err := h.srv.DisableUser(t.Context(), "user8", true); err != nil {
		t.Fatal(err)
	}
	alice.until("the news", func() bool {
		return len(alice.signals) > 0 && alice.signals[len(alice.signals)-1].GetProfile().GetRevision() >= rev+2
	})
	got := sync(rev).GetProfiles()
	if len(got) != 2 || got[0].GetName() != "Seven" || got[0].GetDeleted() || !got[1].GetDeleted() {
		t.Errorf("got %v, want user7 renamed and user8 deleted", got)
	}
	if reply := alice.connect(); reply.GetProfileRevision() != rev+2 {
		t.Errorf("hello: got revision %d, want %d", reply.GetProfileRevision(), rev+2)
	}
}

func TestAddUser(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	for _, tc := range []struct {
		address, name string
		want          error
	}{
		{"Zoë", "Zoë", nil},
		{"Zoë", "Zoë", nil},
		{"ZOË", "Zoë", nil},
		{"zoe\u0308", "Somebody else", accounts.ErrUserExists},
	} {
		if err := h.srv.AddUser(t.Context(), tc.address, tc.name); !errors.Is(err, tc.want) {
			t.Errorf("%q, %q: got %v, want %v", tc.address, tc.name, err, tc.want)
		}
	}
	for _, address := range []string{"", " a", "a\n", "\xff", strings.Repeat("a", 64)} {
		if err := h.srv.AddUser(t.Context(), address, "x"); err == nil {
			t.Errorf("%q: got no error", address)
		}
	}
	if users, err := h.srv.Users(t.Context()); err != nil || len(users) != 1 || users[0].Address != "Zoë" {
		t.Errorf("got %v, %v, want Zoë alone", users, err)
	}
	for _, name := range []string{"Bob\u202Emoc.live", "Bob\nBy", "\xff", "B\u200Bob"} {
		if err := h.srv.SetUserName(t.Context(), "user7", name); err == nil {
			t.Errorf("name %q was accepted", name)
		}
	}
	if err := h.srv.SetUserName(t.Context(), "nobody", "x"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("rename nobody: got %v, want %v", err, accounts.ErrNoUser)
	}
}

func TestKick(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	if n, err := h.srv.Kick(t.Context(), "alice"); n != 1 || err != nil {
		t.Errorf("got %d, %v, want 1", n, err)
	}
	if bye := alice.ended(); bye.GetStatus() != wire.ConnOffline {
		t.Errorf("got %v, want OFFLINE", bye)
	}
	alice.connect()
}

// TestMarkRead_of_a_disabled_user: what was written earlier can still be read.
func TestMarkRead_of_a_disabled_user(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.sendText("alice", "goodbye")
	seq := alice.next().GetSeq()
	if err := h.srv.DisableUser(t.Context(), "bob", true); err != nil {
		t.Fatal(err)
	}
	bob.ended()
	if r := alice.markRead("bob", seq); r.GetResult() != wire.ResultOK {
		t.Errorf("got %v, want success", r)
	}
	if e := alice.next(); e.GetRead().GetUpTo() != seq {
		t.Errorf("got %v, want a read mark", e)
	}
}
