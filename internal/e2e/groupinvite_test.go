package e2e_test

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// TestGroupInvite: a link into a group says what it is for, to who has it, and lets users in: those who were not removed,
// as often as it says, until it is withdrawn.
func TestGroupInvite(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob, carol := online(t, s.Token("alice")), online(t, s.Token("bob")), online(t, s.Token("carol"))
	alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: "Team"}, nil, 1))
	alice.awaitLine("created Team 1")
	gid := alice.lastGroup()
	group := alice.GetGroupProfile(gid)
	made, err := alice.CreateInvite(t.Context(), mesibo.InviteParams{GroupID: gid, Uses: 2, Valid: time.Hour})
	if err != nil || made.GroupID != gid || made.Left != 2 {
		t.Fatalf("got %+v, %v", made, err)
	}

	fresh, err := mesibo.New(mesibo.Options{}) // without a token
	if err != nil {
		t.Fatal(err)
	}
	want := mesibo.InviteDetails{From: "alice", GroupID: gid, GroupName: "Team", Members: 1, UsersOnly: true}
	for _, d := range []*mesibo.Mesibo{fresh, bob.Mesibo} {
		if got, err := d.GetInviteDetails(t.Context(), made.Link); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if _, err := fresh.RedeemInvite(t.Context(), made.Link, mesibo.RedeemParams{Address: "zoe"}); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("a new user: got %v, want ResultDenied", err)
	}
	if got, err := bob.JoinByInvite(t.Context(), made.Link); err != nil || got != gid {
		t.Fatalf("got %d, %v", got, err)
	}
	bob.awaitLine("joined Team")
	alice.awaitLine("added bob")
	if got, err := bob.JoinByInvite(t.Context(), made.Link); err != nil || got != gid {
		t.Errorf("a member: got %d, %v", got, err)
	}
	list, err := group.GetInvites(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].Left != 1 || list[0].Creator != "alice" {
		t.Errorf("got %+v, %v, want one use left", list, err)
	}
	if _, err := bob.GetGroupProfile(gid).GetInvites(t.Context()); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("who may not add members: got %v, want ResultDenied", err)
	}
	if _, err := bob.CreateInvite(t.Context(), mesibo.InviteParams{GroupID: gid}); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("who may not add members: got %v, want ResultDenied", err)
	}

	alice.must(group.RemoveMembers([]string{"bob"}))
	bob.awaitLine("left Team")
	if _, err := bob.JoinByInvite(t.Context(), made.Link); !errors.Is(err, mesibo.ErrRemoved) {
		t.Errorf("who was removed: got %v, want ErrRemoved", err)
	}
	alice.must(alice.RevokeInvite(t.Context(), made.ID))
	if _, err := carol.JoinByInvite(t.Context(), made.Link); !errors.Is(err, mesibo.ErrInviteUsed) {
		t.Errorf("withdrawn: got %v, want ErrInviteUsed", err)
	}
}

// TestGroupInvite_of_another_server: this user's server sees no secret of another one.
func TestGroupInvite_of_another_server(t *testing.T) {
	t.Parallel()
	bob := online(t, mesibotest.NewServer(t).Token("bob"))
	other := wire.NewInvite("http://127.0.0.1:1", nil).Link()
	if _, err := bob.JoinByInvite(t.Context(), other); !errors.Is(err, mesibo.ErrOtherServer) {
		t.Errorf("got %v, want ErrOtherServer", err)
	}
	for _, text := range []string{"", "x", other[:len(other)-3]} {
		if _, err := bob.GetInviteDetails(t.Context(), text); !errors.Is(err, mesibo.ErrInvalidToken) {
			t.Errorf("%q: got %v, want ErrInvalidToken", text, err)
		}
		if _, err := bob.JoinByInvite(t.Context(), text); !errors.Is(err, mesibo.ErrInvalidToken) {
			t.Errorf("%q: got %v, want ErrInvalidToken", text, err)
		}
	}
}
