package server_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func answerInvitation(gid uint32, accept bool) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupAnswer{GroupAnswer: &wire.GroupAnswer{GroupId: gid, Accept: accept}}}
}

// letAdd sets who may add a user to groups.
func (d *device) letAdd(who uint32) {
	d.t.Helper()
	d.must(wire.ResultOK, setSelf(&wire.SetSelf{GroupAdds: new(who)}))
}

// TestGroup_blocked_users_add_no_one: neither a new group nor an old one gets a member who has blocked who wants it.
func TestGroup_blocked_users_add_no_one(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	eve, bob := h.device("eve"), h.device("bob")
	bob.must(wire.ResultOK, block("eve", true))
	reply, _ := eve.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create("bob")}})
	gid := reply.GetGroup().GetGroupId()
	again, _ := eve.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}}))
	for _, r := range []*wire.GroupReply{reply, again} {
		if !slices.Equal(r.GetRefused(), []string{"bob"}) || len(r.GetInvited()) != 0 || r.GetGroup().GetMembers() != 1 {
			t.Errorf("got %v, want bob refused", r)
		}
	}
	eve.send(groupMessage(gid, "hello"))
	bob.sendText("bob", "end")
	bob.next() // the block, on all devices
	if e := bob.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing of eve", e)
	}
}

// TestGroup_invitation: who may not be added is asked, on all devices, and is a member once the answer is yes.
func TestGroup_invitation(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	laptop := bob.second()
	bob.letAdd(wire.VisibilityNone)
	carol.letAdd(wire.VisibilityContact)
	carol.sendText("alice", "hello") // alice is a contact of carol's now
	reply, _ := alice.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create("bob", "carol", "bob")}})
	gid := reply.GetGroup().GetGroupId()
	if !slices.Equal(reply.GetInvited(), []string{"bob"}) || reply.GetGroup().GetMembers() != 2 ||
		len(reply.GetRefused()) != 0 {
		t.Fatalf("got %v, want carol added and bob invited", reply)
	}
	for range 2 { // the second time nothing changes
		again, _ := alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}}))
		if !slices.Equal(again.GetInvited(), []string{"bob"}) {
			t.Errorf("again: got %v", again)
		}
	}
	if _, result := bob.group(getGroup(gid)); result != wire.ResultDenied {
		t.Errorf("an invited user asks for the group: got %#x, want DENIED", result)
	}
	h.restart()
	for _, d := range []*device{alice, bob, carol, laptop} {
		d.connect()
	}
	for _, d := range []*device{bob.fresh(), laptop.fresh()} {
		v := nextOf(d, (*wire.Event).GetGroupInvitation)
		if v.GetGroupId() != gid || v.GetFrom() != "alice" || v.GetName() != "Team" || v.GetMembers() != 2 ||
			v.GetTime() == 0 || v.GetOver() {
			t.Errorf("got %v", v)
		}
	}
	for range 2 {
		reply, result := bob.group(answerInvitation(gid, true))
		if result != wire.ResultOK || reply.GetGroup().GetMembers() != 3 || reply.GetOwn().GetFlags() != wire.MemberAll {
			t.Errorf("bob accepts: got %v, %#x", reply, result)
		}
	}
	alice.checkChange(wire.GroupChange_JOINED, "bob", "bob")
	over := func(e *wire.Event) bool { return e.GetGroupInvitation().GetOver() }
	laptop.until("the end of the invitation", func() bool { return slices.ContainsFunc(laptop.events, over) })
	if got := bob.send(groupMessage(gid, "hi")).GetStatus(); got != wire.StatusSent {
		t.Errorf("bob sends: got %#x", got)
	}
}

// TestGroup_invitation_ends: declined, taken back, or of a group that has gone; then there is nothing to accept, and
// who has declined is left alone for a while.
func TestGroup_invitation_ends(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.letAdd(wire.VisibilityNone)
	invite := func() uint32 {
		t.Helper()
		gid := alice.createGroup(create("bob"))
		if v := nextOf(bob, (*wire.Event).GetGroupInvitation); v.GetGroupId() != gid || v.GetOver() {
			t.Fatalf("got %v", v)
		}
		return gid
	}
	for name, end := range map[string]func(gid uint32){
		"declined":   func(gid uint32) { bob.group(answerInvitation(gid, false)) },
		"taken back": func(gid uint32) { alice.removeMember(gid, "bob") },
		"left":       func(gid uint32) { alice.group(leaveGroup(gid)) },
		"deleted": func(gid uint32) {
			alice.group(&wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: gid}}})
		},
	} {
		gid := invite()
		end(gid)
		if v := nextOf(bob, (*wire.Event).GetGroupInvitation); v.GetGroupId() != gid || !v.GetOver() {
			t.Errorf("%s: got %v, want the end", name, v)
		}
		if reply, result := bob.group(answerInvitation(gid, true)); result != wire.ResultDenied ||
			reply.GetError() != wire.GroupErrorDenied {
			t.Errorf("%s: bob accepts: got %v, %#x, want DENIED", name, reply, result)
		}
		if name == "declined" {
			reply, _ := alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}}))
			if !slices.Equal(reply.GetRefused(), []string{"bob"}) {
				t.Errorf("alice asks again: got %v, want bob refused", reply)
			}
		}
	}
}

// TestGroup_invitations_are_few: one user cannot bury another one under invitations.
func TestGroup_invitations_are_few(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	eve, alice, bob := h.device("eve"), h.device("alice"), h.device("bob")
	bob.letAdd(wire.VisibilityNone)
	refused := 0
	for range 20 {
		reply, _ := eve.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create("bob")}})
		refused += len(reply.GetRefused())
	}
	if refused != 10 {
		t.Errorf("got %d of 20 refused, want 10", refused)
	}
	reply, _ := alice.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create("bob")}})
	if len(reply.GetInvited()) != 1 {
		t.Errorf("alice invites: got %v", reply)
	}
}

// TestHello_group_adds: a new device learns who may add its user.
func TestHello_group_adds(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob := h.device("bob")
	for _, want := range []uint32{wire.VisibilityPublic, wire.VisibilityContact, wire.VisibilityNone} {
		if want != wire.VisibilityPublic { // which is so at first
			bob.letAdd(want)
		}
		if got := bob.connect(); got.GroupAdds == nil || got.GetGroupAdds() != want {
			t.Errorf("got %v, want %d", got, want)
		}
	}
	if r := bob.call(setSelf(&wire.SetSelf{GroupAdds: proto.Uint32(3)})); r.GetResult() != wire.ResultBadRequest {
		t.Errorf("got %v, want BADREQUEST", fmt.Sprint(r))
	}
}
