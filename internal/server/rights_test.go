package server_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// permit changes the permissions of a member and returns the result.
func (d *device) permit(gid uint32, address string, flags, admin uint32) uint32 {
	d.t.Helper()
	_, result := d.group(editMembers(&wire.GroupEditMembers{
		GroupId: gid, Addresses: []string{address}, Permissions: &wire.Permissions{Flags: flags, AdminFlags: admin},
	}))
	return result
}

func (d *device) removeMember(gid uint32, address string) uint32 {
	d.t.Helper()
	_, result := d.group(editMembers(&wire.GroupEditMembers{
		GroupId: gid, Addresses: []string{address}, Remove: true,
	}))
	return result
}

// TestGroupLeave_cannot_be_forbidden_by_users: neither the owner's flags nor an admin's keep a member in a group. Those
// of the application's backend do.
func TestGroupLeave_cannot_be_forbidden_by_users(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) {
		m.Flags = wire.GroupNoSelfDelete
		m.Permissions = &wire.Permissions{Flags: wire.MemberAll | wire.MemberNoSelfDelete}
	})
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Flags: proto.Uint32(wire.GroupNoSelfDelete | wire.GroupLoopback)}))
	alice.permit(gid, "carol", wire.MemberAll|wire.MemberNoSelfDelete, wire.AdminAddUser)
	carol.permit(gid, "bob", wire.MemberAll|wire.MemberNoSelfDelete, 0)
	for _, d := range []*device{bob, carol} {
		if reply, result := d.group(leaveGroup(gid)); result != wire.ResultOK {
			t.Errorf("%s leaves: got %v, %#x", d.token.Address, reply, result)
		}
	}
	if reply, _ := alice.group(getGroup(gid)); reply.GetGroup().GetFlags() != wire.GroupLoopback {
		t.Errorf("got flags %#x, want only what a user may set", reply.GetGroup().GetFlags())
	}

	app := h.appToken()
	g := object(h.works(app, map[string]any{
		"op": "groupadd", "name": "Staff", "flag": wire.GroupNoSelfDelete, "m": []string{"bob"},
	})["group"])
	staff, _ := g["gid"].(float64)
	if reply, result := bob.group(leaveGroup(uint32(staff))); result != wire.ResultDenied ||
		reply.GetError() != wire.GroupErrorDenied {
		t.Errorf("bob leaves the backend's group: got %v, %#x, want DENIED", reply, result)
	}
}

// TestGroupEditMembers_rank: an admin who may only add members changes nothing of an owner or an admin, and the rights
// of an owner are for owners.
func TestGroupEditMembers_rank(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	const adder = wire.AdminAddUser | wire.AdminRemoveUser
	alice.permit(gid, "bob", wire.MemberAll, adder)
	alice.permit(gid, "carol", wire.MemberAll, adder|wire.AdminAddAdmin|wire.AdminRemAdmin|wire.AdminModify)
	for name, tc := range map[string]struct {
		by      *device
		address string
		flags   uint32
		admin   uint32
	}{
		"an adder mutes the owner":                {bob, "alice", wire.MemberRecv, wire.AdminOwnerAll},
		"an adder deafens an admin":               {bob, "carol", wire.MemberSend, adder | wire.AdminAddAdmin},
		"an admin of admins mutes the owner":      {carol, "alice", wire.MemberRecv, wire.AdminOwnerAll},
		"an admin of admins takes owner's rights": {carol, "alice", wire.MemberAll, wire.AdminOwner},
		"an admin of admins unmakes the owner":    {carol, "alice", wire.MemberAll, 0},
	} {
		if result := tc.by.permit(gid, tc.address, tc.flags, tc.admin); result != wire.ResultDenied {
			t.Errorf("%s: got %#x, want DENIED", name, result)
		}
	}
	if got := alice.send(groupMessage(gid, "still here")).GetStatus(); got != wire.StatusSent {
		t.Errorf("the owner sends: got %#x", got)
	}
	if result := carol.permit(gid, "bob", wire.MemberRecv, 0); result != wire.ResultOK {
		t.Errorf("an admin of admins changes an admin: got %#x", result)
	}
}

// TestReact_needs_rights: who may not send does not react, and who does not get the message is not told of it.
func TestReact_needs_rights(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) {
		m.Flags = wire.GroupSendBySelected | wire.GroupRecvBySelected
	})
	id := alice.send(groupMessage(gid, "x")).GetId()
	like := react(&wire.React{GroupId: gid, Id: id, Emoji: "👍"})
	bob.must(wire.ResultOK, like)
	alice.permit(gid, "bob", wire.MemberRecv, 0)
	alice.permit(gid, "carol", wire.MemberSend, 0)
	bob.must(wire.ResultDenied, react(&wire.React{GroupId: gid, Id: id, Emoji: "🎉"}))
	bob.must(wire.ResultOK, react(&wire.React{GroupId: gid, Id: id})) // taking the own one away is always possible
	alice.must(wire.ResultOK, react(&wire.React{GroupId: gid, Id: id, Emoji: "❤️"}))
	h.token("dave")
	waitMS(t)
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"dave"}}))
	alice.must(wire.ResultOK, like)
	dave := h.device("dave")
	alice.must(wire.ResultOK, recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}}))
	alice.sendText("carol", "end")
	alice.sendText("dave", "end")
	for d, want := range map[*device]int{carol: 1, dave: 0} {
		got, recalls := 0, 0
		for e := d.next(); text(e.GetMessage()) != "end"; e = d.next() {
			if e.GetReaction() != nil {
				got++
			}
			if e.GetRecalled() != nil {
				recalls++
			}
		}
		if got != want || recalls != want {
			t.Errorf("%s: got %d reactions and %d recalls, want %d of each", d.token.Address, got, recalls, want)
		}
	}
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Flags: proto.Uint32(wire.GroupPause)}))
	other := alice.sendText("bob", "y").GetId()
	alice.must(wire.ResultNoSuchUser, react(&wire.React{GroupId: gid, Id: other, Emoji: "👍"}))
}

// TestReact_is_one_emoji: what else fits into 32 bytes is refused. The number of an option is a vote in a poll, only.
func TestReact_is_one_emoji(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	id := alice.sendText("bob", "x").GetId()
	poll := message("bob", "Tea?\nYes\nNo")
	poll.Type = wire.TypePoll
	question := alice.send(poll).GetId()
	for _, emoji := range []string{
		"👍", "👍🏽", "❤️", "❤", "1️⃣", "🇨🇭", "👩‍❤️‍💋‍👨", "🏳️‍🌈", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"©️", "☺️", "▶️", "🫩",
	} {
		bob.must(wire.ResultOK, react(&wire.React{Peer: "alice", Id: id, Emoji: emoji}))
	}
	for _, s := range []string{"buy this", "x", "1", "👍👍", "👍ok", "🇨", "🅱️🅱️", "\u200d", "1\ufe0f", "👍\u200d", "é"} {
		bob.must(wire.ResultBadRequest, react(&wire.React{Peer: "alice", Id: id, Emoji: s}))
	}
	bob.must(wire.ResultOK, react(&wire.React{Peer: "alice", Id: question, Emoji: "2"}))
	bob.must(wire.ResultBadRequest, react(&wire.React{Peer: "alice", Id: question, Emoji: "11"}))
	bob.must(wire.ResultBadRequest, react(&wire.React{Peer: "alice", Id: question, Emoji: "02"}))
}

// TestModify_is_not_for_former_members: what is written into a message after a member has left is not in the member's
// log, on a new device or in the history, also when the member comes back. What is recalled is gone there, too.
func TestModify_is_not_for_former_members(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	id := alice.send(groupMessage(gid, "before")).GetId()
	edited := func(s string) {
		t.Helper()
		alice.must(wire.ResultOK, modify(&wire.Modify{GroupId: gid, Id: id, Content: content(s)}))
	}
	edited("seen by all")
	alice.removeMember(gid, "bob")
	carol.group(leaveGroup(gid))
	waitMS(t)
	edited("AFTERWARDS")
	edited("AFTERWARDS too")
	waitMS(t)
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol"}}))
	edited("AFTERWARDS three")

	h.restart()
	check := func(d *device, want string, recalled bool) {
		t.Helper()
		d.connect()
		r := d.call(&wire.Request{Op: &wire.Request_History{History: &wire.History{GroupId: gid, Count: 100}}}).GetHistory()
		if m := messageOf(r.GetEvents(), id); text(m) != want || m.GetRecalled() != recalled {
			t.Errorf("%s: history has %q, want %q", d.token.Address, text(m), want)
		}
		f := d.fresh()
		f.until("the log", func() bool { return f.cursor >= d.cursor && messageOf(f.events, id) != nil })
		if m := messageOf(f.events, id); text(m) != want || m.GetRecalled() != recalled {
			t.Errorf("%s: a new device gets %q, want %q", d.token.Address, text(m), want)
		}
		for _, e := range f.events {
			if s := string(e.GetModified().GetContent().GetData()); s != "" && s != want {
				t.Errorf("%s: a new device gets the change %q", d.token.Address, s)
			}
		}
	}
	check(bob, "seen by all", false)
	check(carol, "seen by all", false)
	check(alice, "AFTERWARDS three", false)
	alice.must(wire.ResultOK, recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}}))
	check(bob, "", true)
	check(carol, "", true)
}

// messageOf returns the message with an id, nil if it is not among the events.
func messageOf(events []*wire.Event, id uint64) *wire.Message {
	for _, e := range events {
		if m := e.GetMessage(); m.GetId() == id {
			return m
		}
	}
	return nil
}

// TestGroupJoin_after_removal: who was removed does not come back with a code that is still valid, until invited. Who
// left does.
func TestGroupJoin_after_removal(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	pin, _ := alice.group(editPin(&wire.GroupEditPin{
		GroupId: gid, Nonce: message("x", "").GetNonce(), Pin: &wire.GroupPin{},
	}))
	code := pin.GetPins()[0].GetCode()
	alice.removeMember(gid, "bob")
	carol.group(leaveGroup(gid))
	h.restart()
	for _, d := range []*device{alice, bob, carol} {
		d.connect()
	}
	if reply, result := bob.group(joinGroup(code)); result != wire.ResultDenied ||
		reply.GetError() != wire.GroupErrorDenied {
		t.Errorf("bob comes back: got %v, %#x, want DENIED", reply, result)
	}
	if _, result := carol.group(joinGroup(code)); result != wire.ResultOK {
		t.Errorf("carol comes back: got %#x", result)
	}
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}}))
	bob.group(leaveGroup(gid))
	if _, result := bob.group(joinGroup(code)); result != wire.ResultOK {
		t.Errorf("bob comes back after he was added: got %#x", result)
	}
}

// TestPresence_cannot_be_found_out: what a stranger sends to a user who lets no one see the presence is answered in the
// same way whether the user is connected or not, and brings neither DELIVERED nor EXPIRED.
func TestPresence_cannot_be_found_out(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{OnlineExpiry: 50 * time.Millisecond})
	eve, bob := h.device("eve"), h.device("bob")
	bob.must(wire.ResultOK, setSelf(&wire.SetSelf{Visibility: proto.Uint32(wire.VisibilityNone)}))
	gid := eve.createGroup(&wire.GroupCreate{
		Nonce: message("x", "").GetNonce(), Name: "Trap", Flags: wire.GroupNoStorage, Members: []string{"bob"},
	})
	ask := func(when string) {
		t.Helper()
		ordinary, now, transient := message("bob", "a"), message("bob", "b"), message("bob", "c")
		ordinary.Expiry, now.Expiry, transient.Flags = 3600, 0, wire.FlagTransient
		group, passing := groupMessage(gid, "d"), groupMessage(gid, "e")
		passing.Flags = wire.FlagTransient
		for _, m := range []*wire.Send{ordinary, now, transient, group, passing} {
			if got := eve.send(m).GetStatus(); got != wire.StatusSent {
				t.Errorf("%s: %q got status %#x, want SENT", when, text(&wire.Message{Content: m.GetContent()}), got)
			}
		}
	}
	ask("connected")
	bob.until("both transient messages", func() bool {
		return slices.ContainsFunc(bob.signals, func(s *wire.Signal) bool { return text(s.GetMessage()) == "e" })
	})
	kick(t, h, bob)
	ask("away")
	h.token("carol")
	control := message("carol", "expires later than what bob has not got")
	control.Expiry = 1
	eve.send(control)
	if st := eve.nextStatus(); st.GetStatus() != wire.StatusExpired || st.GetPeer() != "carol" {
		t.Errorf("got %v, want that only the message to carol has expired", st)
	}
	bob.connect()
	bob.until("what has expired", func() bool {
		return slices.ContainsFunc(bob.events, func(e *wire.Event) bool { return e.GetGone() != nil })
	})
	bob.markRead("eve", bob.cursor)
	r := eve.call(&wire.Request{Op: &wire.Request_History{History: &wire.History{Peer: "bob", Count: 10}}}).GetHistory()
	if r.GetPeerDelivered() != r.GetPeerRead() || r.GetPeerRead() == 0 {
		t.Errorf("history: got delivered %d, read %d", r.GetPeerDelivered(), r.GetPeerRead())
	}
	eve.sendText("eve", "end")
	for e := eve.next(); text(e.GetMessage()) != "end"; e = eve.next() {
		if s := e.GetStatus(); s != nil && s.GetStatus() != wire.StatusRead {
			t.Errorf("got %v, want only READ", s)
		}
	}
}
