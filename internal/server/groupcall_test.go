package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// seat is a device that may take part in the call of one group.
type seat struct {
	*phone

	gid    uint32
	ticket *wire.CallTicketReply
	seq    uint32
}

func (h *host) seat(address string, gid uint32) *seat {
	return &seat{phone: h.phone(address), gid: gid}
}

// join joins and returns the status.
func (s *seat) join(ring bool) uint32 {
	s.t.Helper()
	res := s.call(&wire.Request{Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{GroupId: s.gid, Ring: ring}}})
	if res.GetResult() != wire.ResultOK || res.GetTicket() == nil {
		s.t.Fatalf("%s joins: got %v", s.token.Address, res)
	}
	if status := res.GetTicket().GetStatus(); status != wire.CallInProgress {
		want := &wire.CallTicketReply{Status: status}
		if !proto.Equal(res.GetTicket(), want) {
			s.t.Errorf("got %v, want %v", res.GetTicket(), want)
		}
		return status
	}
	s.ticket, s.seq = res.GetTicket(), 0
	return wire.CallInProgress
}

// enter joins and checks who takes part then.
func (s *seat) enter(want string) {
	s.t.Helper()
	if status := s.join(false); status != wire.CallInProgress {
		s.t.Fatalf("%s joins: status %#x", s.token.Address, status)
	}
	if got := people(s.ticket.GetRoster()); got != want {
		s.t.Errorf("%s: got %s, want %s", s.token.Address, got, want)
	}
	s.wantPeople(want)
}

// tell signals a change to a participant, 0 for the call.
func (s *seat) tell(to uint32, ch *wire.CallChange) *wire.Response {
	s.t.Helper()
	s.seq++
	return s.call(signalRequest(&wire.CallSignal{
		CallId: s.ticket.GetCallId(), GroupId: s.gid, To: to, Seq: s.seq, Change: ch,
	}))
}

// status is tell with a status alone. It returns the replied one.
func (s *seat) status(to, status uint32) uint32 {
	s.t.Helper()
	res := s.tell(to, &wire.CallChange{Status: status})
	if res.GetResult() != wire.ResultOK {
		s.t.Fatalf("%s signals %#x: got %v", s.token.Address, status, res)
	}
	return res.GetCall().GetStatus()
}

// people describes a roster: numbers and users, with + for one who sends and - for one who may not.
func people(r *wire.CallRoster) string {
	var list []string
	for _, p := range r.GetParticipants() {
		text := fmt.Sprint(p.GetNumber(), " ", p.GetAddress())
		if p.GetPublishes() {
			text += "+"
		}
		if p.GetListens() {
			text += "-"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// wantPeople reads the next signal, which must be for all devices and say who takes part.
func (s *seat) wantPeople(want string) *wire.CallSignalled {
	s.t.Helper()
	status := uint32(wire.CallInProgress)
	if want == "" {
		status = wire.CallComplete
	}
	got := s.signalled(status)
	if got.GetDevice() != "" || people(got.GetRoster()) != want {
		s.t.Fatalf("%s got %v, want the participants %s", s.token.Address, got, want)
	}
	return got
}

// signalled reads the next signal, which must have a status.
func (s *seat) signalled(status uint32) *wire.CallSignalled {
	s.t.Helper()
	var got *wire.CallSignalled
	s.until(fmt.Sprintf("call signal %#x", status), func() bool {
		got = s.takeCall()
		return got != nil
	})
	if got.GetGroupId() != s.gid || got.GetChange().GetStatus() != status || got.GetPeer() != "" {
		s.t.Fatalf("%s got %v, want status %#x", s.token.Address, got, status)
	}
	return got
}

// awaitCall reads signals up to one.
func (s *seat) awaitCall(what string, found func(*wire.CallSignalled) bool) {
	s.t.Helper()
	s.until(what, func() bool {
		for c := s.takeCall(); c != nil; c = s.takeCall() {
			if found(c) {
				return true
			}
		}
		return false
	})
}

// wantChange reads the next signal, which must be for this participant.
func (s *seat) wantChange(from uint32, want *wire.CallChange) {
	s.t.Helper()
	got := s.signalled(want.GetStatus())
	if got.GetFrom() != from || got.GetTo() != s.ticket.GetNumber() || got.GetDevice() != s.id ||
		!proto.Equal(got.GetChange(), want) {
		s.t.Errorf("%s got %v, want %v from %d", s.token.Address, got, want, from)
	}
}

// seats returns a device of each user. The first has made a group with the others.
func seats(h *host, flags uint32, users ...string) []*seat {
	h.t.Helper()
	list := make([]*seat, len(users))
	for i, u := range users {
		list[i] = h.seat(u, 0)
	}
	m := create(users[1:]...)
	m.Flags = flags
	gid := list[0].createGroup(m)
	for _, s := range list {
		s.gid = gid
	}
	return list
}

// TestGroupCall: members join, learn of each other, signal to each other and leave, and the group gets one record.
func TestGroupCall(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob", "carol", "dave")
	alice, bob, carol, dave := list[0], list[1], list[2], list[3]
	alice.enter("1 alice")
	bob.wantPeople("1 alice")
	bob.enter("1 alice, 2 bob")
	alice.wantPeople("1 alice, 2 bob")
	if bob.ticket.GetCallId() != alice.ticket.GetCallId() || bob.ticket.GetControls() || !alice.ticket.GetRemoves() {
		t.Errorf("tickets %v and %v", alice.ticket, bob.ticket)
	}
	carol.wantPeople("1 alice")
	carol.wantPeople("1 alice, 2 bob")
	carol.enter("1 alice, 2 bob, 3 carol")
	alice.wantPeople("1 alice, 2 bob, 3 carol")
	bob.wantPeople("1 alice, 2 bob, 3 carol")

	offer := &wire.CallChange{Status: wire.CallSDP, Sdp: "v=0", Candidates: []string{"c"}}
	bob.tell(alice.ticket.GetNumber(), offer)
	alice.wantChange(2, offer)
	carol.wantSilence()
	publish := &wire.CallChange{Status: wire.CallPublish, Publishes: true, Video: true, Mute: wire.MuteAudio, Sid: 5}
	bob.tell(0, publish)
	for _, s := range []*seat{alice, bob, carol} {
		got := s.wantPeople("1 alice, 2 bob+, 3 carol").GetRoster().GetParticipants()[1]
		if !got.GetVideo() || got.GetMute() != wire.MuteAudio || got.GetSid() != 5 {
			t.Errorf("got %v", got)
		}
	}
	bob.seq--
	bob.tell(0, &wire.CallChange{Status: wire.CallPublish}) // repeated
	alice.wantSilence()

	if got := carol.status(0, wire.CallComplete); got != wire.CallComplete {
		t.Errorf("leave: got %#x", got)
	}
	if got := carol.status(0, wire.CallInfo); got != wire.CallBadID {
		t.Errorf("after leaving: got %#x", got)
	}
	alice.wantPeople("1 alice, 2 bob+")
	bob.wantPeople("1 alice, 2 bob+")
	alice.status(0, wire.CallComplete)
	bob.wantPeople("2 bob+")
	bob.status(0, wire.CallComplete)
	for _, s := range []*seat{alice, bob, carol, dave} {
		s.awaitCall("the end", func(c *wire.CallSignalled) bool { return c.GetChange().GetStatus() == wire.CallComplete })
		s.wantSilence()
		m, r := s.record()
		if r.GetPeople() != 3 || r.GetStatus() != wire.CallComplete || r.GetAnswered() < r.GetStarted() ||
			r.GetEnded() < r.GetAnswered() || m.GetFrom() != "alice" || m.GetGroupId() != s.gid || m.GetPeer() != "" {
			t.Errorf("got record %v", m)
		}
	}
	h.wantRecords([]string{"alice", "bob", "dave"}, alice.ticket.GetCallId())
}

// TestGroupCall_alone: a call that no other member joined leaves nothing; one that has rung was missed.
func TestGroupCall_alone(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob")
	alice, bob := list[0], list[1]
	alice.enter("1 alice")
	alice.status(0, wire.CallComplete)
	bob.wantPeople("1 alice")
	bob.wantPeople("")
	if alice.join(true) != wire.CallInProgress {
		t.Fatal("not joined")
	}
	bob.wantPeople("1 alice")
	if got := bob.signalled(wire.CallIncoming); got.GetFrom() != 1 || people(got.GetRoster()) != "1 alice" {
		t.Errorf("got %v", got)
	}
	late := h.seat("bob", bob.gid) // it rings on a device that connects
	late.signalled(wire.CallIncoming)
	alice.status(0, wire.CallComplete)
	if r := bob.wantRecord(alice.ticket.GetCallId(), wire.CallNoAnswer); r.GetAnswered() != 0 || r.GetPeople() != 1 {
		t.Errorf("got record %v", r)
	}
	h.wantRecords([]string{"alice", "bob"}, alice.ticket.GetCallId())
}

// TestGroupCall_full: a fifth device is refused, a device that joins again is not a further one.
func TestGroupCall_full(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "a", "b", "c", "d", "e")
	for _, s := range list[:wire.MaxMesh] {
		if status := s.join(false); status != wire.CallInProgress {
			t.Fatalf("status %#x", status)
		}
	}
	e := list[4]
	if status := e.join(true); status != wire.CallBusy {
		t.Errorf("the fifth: status %#x", status)
	}
	if status := list[1].join(false); status != wire.CallInProgress ||
		people(list[1].ticket.GetRoster()) != "1 a, 3 c, 4 d, 5 b" {
		t.Errorf("again: status %#x, %v", status, list[1].ticket)
	}
	list[0].status(0, wire.CallComplete)
	if status := e.join(false); status != wire.CallInProgress || e.ticket.GetNumber() != 6 {
		t.Errorf("a place was free: status %#x, %v", status, e.ticket)
	}
}

// TestGroupCall_refused: who is not a member, or may not take part, gets nothing, and cannot signal into the call.
func TestGroupCall_refused(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob")
	alice, bob := list[0], list[1]
	eve := h.seat("eve", alice.gid)
	alice.enter("1 alice")
	if status := eve.join(true); status != wire.CallNotAllowed {
		t.Errorf("a stranger: status %#x", status)
	}
	for _, gid := range []uint32{alice.gid + 1, 1<<32 - 1} {
		other := h.seat("eve", gid)
		if status := other.join(false); status != wire.CallNotAllowed {
			t.Errorf("no group: status %#x", status)
		}
	}
	none := eve.call(&wire.Request{Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{}}})
	if none.GetResult() != wire.ResultBadRequest {
		t.Errorf("group 0: %v", none)
	}
	eve.ticket, bob.ticket = alice.ticket, alice.ticket
	for _, s := range []*seat{eve, bob} { // bob is a member, and not in the call
		for _, status := range []uint32{wire.CallSDP, wire.CallMute, wire.CallPublish, wire.CallComplete, wire.CallInfo} {
			if got := s.status(1, status); got != wire.CallBadID {
				t.Errorf("%s signals %#x: got %#x", s.token.Address, status, got)
			}
			if got := s.status(0, status); got != wire.CallBadID {
				t.Errorf("%s signals %#x: got %#x", s.token.Address, status, got)
			}
		}
	}
	if got := eve.signal(alice.ticket.GetCallId(), &wire.CallChange{Status: wire.CallComplete}); got != wire.CallBadID {
		t.Errorf("without the group: got %#x", got)
	}
	alice.wantSilence()
	eve.wantSilence()
	alice.tell(99, &wire.CallChange{Status: wire.CallSDP, Sdp: "x"}) // has left
	alice.wantSilence()
}

// TestGroupCall_listens: in a group where few send, the others only listen, as long as that is so.
func TestGroupCall_listens(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, wire.GroupSendBySelected, "alice", "bob")
	alice, bob := list[0], list[1]
	alice.group(editMembers(&wire.GroupEditMembers{
		GroupId: alice.gid, Addresses: []string{"bob"}, Permissions: &wire.Permissions{Flags: wire.MemberRecv},
	}))
	bob.join(true) // it rings at no one
	if people(bob.ticket.GetRoster()) != "1 bob-" {
		t.Errorf("got %v", bob.ticket)
	}
	alice.wantPeople("1 bob-")
	alice.wantSilence()
	publish := &wire.CallChange{Status: wire.CallPublish, Publishes: true}
	if res := bob.tell(0, publish); res.GetResult() != wire.ResultDenied {
		t.Errorf("got %v", res)
	}
	alice.wantSilence()
	for flags, want := range map[uint32]string{
		wire.GroupPubByAnyone | wire.GroupSendBySelected: "1 bob", wire.GroupPubBySelected: "1 bob-",
		wire.GroupPause: "1 bob-",
	} {
		alice.group(setGroup(&wire.GroupSet{GroupId: alice.gid, Flags: &flags}))
		alice.wantPeople(want)
	}
	flags := uint32(wire.GroupSubBySelected)
	alice.group(setGroup(&wire.GroupSet{GroupId: alice.gid, Flags: &flags}))
	alice.wantPeople("")
	if status := bob.join(false); status != wire.CallNotAllowed {
		t.Errorf("status %#x", status)
	}
}

// TestGroupCall_leaves_with_the_group: a member who is removed, or leaves the group, leaves its call at once.
func TestGroupCall_leaves_with_the_group(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(alice, bob *seat){
		"removed": func(alice, _ *seat) {
			alice.group(editMembers(&wire.GroupEditMembers{GroupId: alice.gid, Addresses: []string{"bob"}, Remove: true}))
		},
		"left": func(_, bob *seat) { bob.group(leaveGroup(bob.gid)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, server.Options{})
			list := seats(h, 0, "alice", "bob")
			alice, bob := list[0], list[1]
			alice.enter("1 alice")
			bob.wantPeople("1 alice")
			bob.enter("1 alice, 2 bob")
			alice.wantPeople("1 alice, 2 bob")
			act(alice, bob)
			alice.wantPeople("1 alice")
			bob.wantChange(0, &wire.CallChange{Status: wire.CallNotAllowed})
			bob.awaitCall("the end", func(c *wire.CallSignalled) bool { return c.GetChange().GetStatus() == wire.CallComplete })
			if got := bob.status(1, wire.CallSDP); got != wire.CallBadID {
				t.Errorf("got %#x", got)
			}
			if status := bob.join(false); status != wire.CallNotAllowed {
				t.Errorf("joins again: status %#x", status)
			}
			bob.connect()
			bob.wantSilence()
		})
	}
}

// TestGroupCall_deleted_group.
func TestGroupCall_deleted_group(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob")
	alice, bob := list[0], list[1]
	alice.join(false)
	bob.join(false)
	alice.group(&wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: alice.gid}}})
	for _, s := range list {
		s.awaitCall("the end", func(c *wire.CallSignalled) bool { return c.GetChange().GetStatus() == wire.CallNotAllowed })
		if got := s.status(0, wire.CallInfo); got != wire.CallBadID {
			t.Errorf("got %#x", got)
		}
	}
	h.wantRecords([]string{"alice", "bob"}) // the group has no messages any more
}

// TestGroupCall_admin: who has the right mutes and removes others, and no others do.
func TestGroupCall_admin(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob", "carol")
	alice, bob, carol := list[0], list[1], list[2]
	for _, s := range list {
		s.join(false)
	}
	second := h.seat("bob", bob.gid)
	second.join(false)
	mute := &wire.CallChange{Status: wire.CallMute, Mute: wire.MuteAudio}
	for _, ch := range []*wire.CallChange{mute, {Status: wire.CallComplete}, {Status: wire.CallBusy}} {
		if res := carol.tell(2, ch); res.GetResult() != wire.ResultDenied {
			t.Errorf("%v: got %v", ch, res)
		}
	}
	for len(bob.signals) > 0 {
		bob.takeCall()
	}
	alice.tell(2, mute)
	bob.awaitCall("the mute",
		func(c *wire.CallSignalled) bool { return c.GetTo() == 2 && proto.Equal(c.GetChange(), mute) })
	alice.tell(2, &wire.CallChange{Status: wire.CallComplete})
	carol.awaitCall("removal", func(c *wire.CallSignalled) bool { return people(c.GetRoster()) == "1 alice, 3 carol" })
	for _, s := range []*seat{bob, second} { // the user, not the device alone
		s.awaitCall("the end", func(c *wire.CallSignalled) bool { return c.GetChange().GetStatus() == wire.CallNotAllowed })
		if status := s.join(false); status != wire.CallNotAllowed {
			t.Errorf("joins again: status %#x", status)
		}
	}
}

// TestGroupCall_device: what is for a device is repeated when it connects again, and a token that is revoked leaves.
func TestGroupCall_device(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "alice", "bob")
	alice, bob := list[0], list[1]
	alice.join(false)
	bob.join(false)
	alice.close()
	change := &wire.CallChange{Status: wire.CallSDP, Sdp: "v=0"}
	bob.tell(1, change)
	alice.connect()
	alice.wantPeople("1 alice, 2 bob")
	alice.wantChange(2, change)
	if got := alice.status(0, wire.CallInfo); got != wire.CallInProgress {
		t.Errorf("got %#x", got)
	}
	if err := h.srv.RevokeToken(t.Context(), alice.id); err != nil {
		t.Fatal(err)
	}
	bob.awaitCall("alice is gone", func(c *wire.CallSignalled) bool { return people(c.GetRoster()) == "2 bob" })
}

// TestGroupCall_restart: after a restart of the server the participants join again, which is another call; of the one
// before there is a record.
func TestGroupCall_restart(t *testing.T) {
	t.Parallel()
	restarts(t, func(t *testing.T, again func(*host)) {
		t.Helper()
		h := newHost(t, server.Options{Logger: discard()})
		list := seats(h, 0, "alice", "bob")
		alice, bob := list[0], list[1]
		alice.join(false)
		bob.join(false)
		first := bob.ticket.GetCallId()
		for h.rows("group_calls WHERE people = 2") == 0 { // it is stored a moment after the answer
		}
		again(h)
		for _, s := range list {
			s.signals = nil
			s.connect()
			if got := s.status(0, wire.CallInfo); got != wire.CallBadID {
				t.Errorf("got %#x", got)
			}
		}
		alice.enter("1 alice")
		bob.wantPeople("1 alice")
		bob.enter("1 alice, 2 bob")
		alice.status(0, wire.CallComplete)
		bob.status(0, wire.CallComplete)
		bob.wantRecord(first, wire.CallComplete)
		bob.wantRecord(alice.ticket.GetCallId(), wire.CallComplete)
		again(h)
		h.wantRecords([]string{"alice", "bob"}, first, alice.ticket.GetCallId())
	})
}

// TestGroupCall_record_once: the record is stored once though the storage fails, or fails after it has stored it.
func TestGroupCall_record_once(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprint("stored ", stored), func(t *testing.T) {
			t.Parallel()
			f := &failing{stored: stored, failed: make(chan struct{}, 10)}
			h := newFailingHost(t, f)
			list := seats(h, 0, "alice", "bob")
			alice, bob := list[0], list[1]
			alice.join(false)
			bob.join(false)
			f.rows.Store(true)
			alice.status(0, wire.CallComplete)
			bob.status(0, wire.CallComplete)
			<-f.failed
			f.rows.Store(false)
			bob.close() // or the server has ended the connection: an Ack of bob's may have failed with the record
			bob.signals = nil
			bob.connect()
			bob.wantRecord(bob.ticket.GetCallId(), wire.CallComplete)
			h.wantRecords([]string{"alice", "bob"}, alice.ticket.GetCallId())
		})
	}
}

// TestGroupCall_rate: a user joins as often as a user calls.
func TestGroupCall_rate(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := seats(h, 0, "alice", "bob")[0]
	join := &wire.Request{Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{GroupId: alice.gid}}}
	var results []uint32
	for range 12 {
		results = append(results, alice.call(join).GetResult())
	}
	if results[0] != wire.ResultOK || !slices.Contains(results, wire.ResultRateLimit) {
		t.Errorf("results %v", results)
	}
}

// TestGroupCall_rings_again: the calls of a group do not ring at its members without an end.
func TestGroupCall_rings_again(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "eve", "bob")
	eve, bob := list[0], list[1]
	for range 5 {
		eve.join(true)
		eve.status(0, wire.CallComplete)
	}
	bob.call(signalRequest(&wire.CallSignal{CallId: 1, Seq: 1, Change: &wire.CallChange{Status: wire.CallInfo}}))
	rings := 0
	for c := bob.takeCall(); c != nil; c = bob.takeCall() {
		if c.GetChange().GetStatus() == wire.CallIncoming {
			rings++
		}
	}
	if rings > 1 {
		t.Errorf("it rang %d times at once", rings)
	}
}

// TestGroupCall_blocked: who is blocked by a member does not ring at that member.
func TestGroupCall_blocked(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	list := seats(h, 0, "eve", "bob")
	eve, bob := list[0], list[1]
	if res := bob.call(block("eve", true)); res.GetResult() != wire.ResultOK {
		t.Fatal(res)
	}
	eve.join(true)
	bob.call(signalRequest(&wire.CallSignal{CallId: 1, Seq: 1, Change: &wire.CallChange{Status: wire.CallInfo}}))
	for c := bob.takeCall(); c != nil; c = bob.takeCall() {
		if c.GetChange().GetStatus() == wire.CallIncoming {
			t.Error("eve rings at bob, who has blocked eve")
		}
	}
}
