package e2e_test

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// guest writes invitations to a device's diary.
type guest struct{ d *device }

func (g guest) OnGroupInvitation(v *mesibo.GroupInvitation, over bool) {
	if over {
		g.d.note(nil, "invitation over")
		return
	}
	g.d.group(&mesibo.UserProfile{GroupID: v.GroupID})
	g.d.note(nil, "invited to %s by %s", v.Name, v.From.Address)
}

func (g guest) OnGroupMembersInvited(p *mesibo.UserProfile, invited []*mesibo.UserProfile) {
	g.d.note(nil, "%s invites %s", p.Name, invited[0].Address)
}

// TestGroup_invitation: a user who lets no one add them is invited, on all devices, and answers on one of them.
func TestGroup_invitation(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob, laptop := online(t, s.Token("alice")), online(t, s.Token("bob")), online(t, s.Token("bob"))
	for _, d := range []*device{alice, bob, laptop} {
		d.must(d.AddListener(guest{d}))
	}
	if got := bob.GetGroupPrivacy(); got != mesibo.VisibilityPublic {
		t.Errorf("at first: got %v", got)
	}
	bob.must(bob.SetGroupPrivacy(mesibo.VisibilityNone))
	bob.awaitServer("alice")
	for i, name := range []string{"Team", "Spam"} {
		alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: name}, []string{"bob"}, uint32(i+1)))
		alice.awaitLine(name + " invites bob")
		bob.awaitLine(fmt.Sprintf("invited to %s by alice", name))
		laptop.awaitLine(fmt.Sprintf("invited to %s by alice", name))
	}
	list := bob.GetGroupInvitations()
	if len(list) != 2 || list[0].Time.IsZero() || list[0].Members != 1 {
		t.Fatalf("got %+v", list)
	}
	for _, v := range list {
		group := bob.GetGroupProfile(v.GroupID)
		if v.Name == "Spam" {
			bob.must(group.DeclineInvitation())
		} else {
			bob.must(group.AcceptInvitation())
			bob.awaitLine("joined Team")
		}
	}
	if list := bob.GetGroupInvitations(); len(list) != 0 {
		t.Errorf("after the answers: got %+v", list)
	}
	laptop.await("both ends", func() bool { return len(laptop.entries("invitation over")) == 2 })
	if list := laptop.GetGroupInvitations(); len(list) != 0 {
		t.Errorf("on the laptop: got %+v", list)
	}
	alice.awaitLine("added bob")

	phone := online(t, s.Token("bob")) // a new device learns how it is set, and sees no invitation that is over
	phone.awaitLine("joined Team")
	if got := phone.GetGroupPrivacy(); got != mesibo.VisibilityNone {
		t.Errorf("on a new device: got %v", got)
	}
	if list := phone.GetGroupInvitations(); len(list) != 0 {
		t.Errorf("on a new device: got %+v", list)
	}
}
