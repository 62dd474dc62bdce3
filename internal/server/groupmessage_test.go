package server_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// trio creates a group of alice, its owner, bob and carol, all connected.
func trio(t *testing.T, h *host, change func(*wire.GroupCreate)) (alice, bob, carol *device, gid uint32) {
	t.Helper()
	alice, bob, carol = h.device("alice"), h.device("bob"), h.device("carol")
	m := create("bob", "carol")
	if change != nil {
		change(m)
	}
	gid = alice.createGroup(m)
	for _, d := range []*device{alice, bob, carol} {
		d.nextChange()
	}
	return alice, bob, carol, gid
}

// TestGroup_life_of_a_message: one copy for each member, statuses for each member, with a restart between.
func TestGroup_life_of_a_message(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	laptop := alice.second()
	carol.acks = false
	m := groupMessage(gid, "hello")
	reply := alice.send(m)
	if reply.GetStatus() != wire.StatusSent || uint32(reply.GetId()) != m.GetId() {
		t.Fatalf("got %v, want SENT", reply)
	}
	if again := alice.send(m); !proto.Equal(again, reply) {
		t.Errorf("again: got %v, want %v", again, reply)
	}
	for _, d := range []*device{bob, carol} {
		got := d.nextMessage()
		if text(got) != "hello" || got.GetFrom() != "alice" || got.GetGroupId() != gid || got.GetPeer() != "" ||
			got.GetId() != reply.GetId() {
			t.Errorf("got %v", got)
		}
	}
	for own := laptop.next(); ; own = laptop.next() {
		if text(own.GetMessage()) == "hello" {
			break
		}
	}
	check := func(status uint32, peer string) {
		t.Helper()
		st := alice.nextStatus()
		checkStatus(t, st, status, peer, reply.GetSeq())
		if st.GetGroupId() != gid {
			t.Errorf("got group %d, want %d", st.GetGroupId(), gid)
		}
	}
	check(wire.StatusDelivered, "bob")
	h.restart()
	for _, d := range []*device{alice, bob, carol} {
		d.acks = true
		d.connect()
	}
	carol.ack(carol.cursor)
	check(wire.StatusDelivered, "carol")
	mark := &wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: bob.cursor}}}
	for range 2 {
		if r := bob.call(mark); r.GetResult() != wire.ResultOK {
			t.Errorf("got %v", r)
		}
	}
	if e := bob.next().GetRead(); e.GetGroupId() != gid || e.GetPeer() != "" {
		t.Errorf("got %v, want a mark of the group", e)
	}
	check(wire.StatusRead, "bob")
	bob.sendText("alice", "end")
	if e := alice.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing said twice", e)
	}
	r := bob.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid + 1, UpTo: 1}}})
	if r.GetResult() != wire.ResultDenied {
		t.Errorf("got %v, want DENIED", r)
	}
}

// TestGroup_read_marks_of_several_senders: one READ for each sender, for the newest of that sender's messages.
func TestGroup_read_marks_of_several_senders(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	var last [2]uint64
	for i := range 3 {
		last[0] = alice.send(groupMessage(gid, fmt.Sprint("a", i))).GetSeq()
		last[1] = bob.send(groupMessage(gid, fmt.Sprint("b", i))).GetSeq()
	}
	for range 6 {
		carol.nextMessage()
	}
	carol.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: carol.cursor}}})
	for i, d := range []*device{alice, bob} {
		for {
			if st := d.nextStatus(); st.GetStatus() == wire.StatusRead {
				checkStatus(t, st, wire.StatusRead, "carol", last[i])
				break
			}
		}
	}
}

// nextSignal reads up to the next signal of a kind.
func nextSignal[T any](d *device, get func(*wire.Signal) *T) *T {
	d.t.Helper()
	for {
		d.until("a signal", func() bool { return len(d.signals) > 0 })
		s := d.signals[0]
		d.signals = d.signals[1:]
		if v := get(s); v != nil {
			return v
		}
	}
}

func TestGroup_who_may_send(t *testing.T) {
	t.Parallel()
	speaker := &wire.Permissions{Flags: wire.MemberSend | wire.MemberRecv}
	silent := &wire.Permissions{Flags: wire.MemberRecv}
	for _, tc := range []struct {
		name          string
		flags         uint32
		permissions   *wire.Permissions
		bob, stranger uint32
	}{
		{"members", 0, silent, wire.StatusSent, wire.StatusNotMember},
		{"selected", wire.GroupSendBySelected, silent, wire.StatusNotMember, wire.StatusNotMember},
		{"selected, bob too", wire.GroupSendBySelected, speaker, wire.StatusSent, wire.StatusNotMember},
		{"anyone", wire.GroupSendByAnyone, silent, wire.StatusSent, wire.StatusSent},
		{"paused", wire.GroupPause, speaker, wire.StatusGroupPaused, wire.StatusNotMember},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHost(t, server.Options{})
			_, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) { m.Flags, m.Permissions = tc.flags, tc.permissions })
			stranger := h.device("stranger")
			for d, want := range map[*device]uint32{bob: tc.bob, stranger: tc.stranger} {
				for _, flags := range []uint32{both, wire.FlagTransient} {
					m := groupMessage(gid, d.token.Address)
					m.Flags = flags
					if got := d.send(m).GetStatus(); got != want {
						t.Errorf("%s, flags %d: got status %#x, want %#x", d.token.Address, flags, got, want)
					}
				}
				if want == wire.StatusSent {
					if m := carol.nextMessage(); text(m) != d.token.Address {
						t.Errorf("got %v, want a message from %s", m, d.token.Address)
					}
					if m := nextSignal(carol, (*wire.Signal).GetMessage); m.GetGroupId() != gid || text(m) != d.token.Address {
						t.Errorf("got %v, want a transient message", m)
					}
				}
			}
		})
	}
}

func TestGroup_who_receives(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) {
		m.Flags = wire.GroupRecvBySelected | wire.GroupLoopback
		m.Permissions = &wire.Permissions{Flags: wire.MemberSend}
	})
	alice.group(
		editMembers(
			&wire.GroupEditMembers{
				GroupId:     gid,
				Addresses:   []string{"bob"},
				Permissions: &wire.Permissions{Flags: wire.MemberAll},
			},
		),
	)
	alice.send(groupMessage(gid, "for bob"))
	alice.nextChange()
	if own := alice.next().GetMessage(); !own.GetLoopback() || text(own) != "for bob" {
		t.Errorf("got %v, want an own copy with loopback", own)
	}
	bob.nextChange()
	if m := bob.nextMessage(); text(m) != "for bob" {
		t.Errorf("got %v", m)
	}
	carol.nextChange()
	alice.sendText("carol", "end")
	if m := carol.nextMessage(); text(m) != "end" {
		t.Errorf("got %v, want nothing of the group", m)
	}
}

func TestGroup_round_robin(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) { m.Flags = wire.GroupRoundRobin })
	h.token("dave") // never online
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"dave"}}))
	for i := range 4 {
		alice.send(groupMessage(gid, fmt.Sprint(i)))
	}
	for i := range 4 {
		d := []*device{bob, carol}[i%2]
		if i < 2 {
			d.nextChange()
		}
		if m := d.nextMessage(); text(m) != fmt.Sprint(i) {
			t.Errorf("%s: got %q, want %d", d.token.Address, text(m), i)
		}
	}
	dave := h.device("dave")
	dave.nextChange()
	alice.sendText("dave", "end")
	if m := dave.nextMessage(); text(m) != "end" {
		t.Errorf("got %v, want no message of the group", m)
	}
}

func TestGroup_without_storage(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, func(m *wire.GroupCreate) { m.Flags = wire.GroupNoStorage })
	kick(t, h, carol)
	alice.send(groupMessage(gid, "now"))
	if m := bob.nextMessage(); text(m) != "now" {
		t.Errorf("got %v", m)
	}
	carol.connect()
	alice.sendText("carol", "end")
	if m := carol.nextMessage(); text(m) != "end" {
		t.Errorf("got %v, want nothing stored", m)
	}
	kick(t, h, bob)
	kick(t, h, carol)
	if got := alice.send(groupMessage(gid, "nobody there")).GetStatus(); got != wire.StatusUserOffline {
		t.Errorf("got status %#x, want USEROFFLINE", got)
	}
}

// kick closes a device's connection on the server, so that the server has noticed it.
func kick(t *testing.T, h *host, d *device) {
	t.Helper()
	if _, err := h.srv.Kick(t.Context(), d.token.Address); err != nil {
		t.Fatal(err)
	}
	d.ended()
	for n := 1; n > 0; {
		var err error
		if n, err = h.srv.Kick(t.Context(), d.token.Address); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGroup_full_inbox: a member with a full inbox does not prevent messages to the group.
func TestGroup_full_inbox(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxUndelivered: 3})
	alice, bob, carol, gid := trio(t, h, nil)
	carol.acks = false
	for i := range 5 {
		if got := alice.send(groupMessage(gid, fmt.Sprint(i))).GetStatus(); got != wire.StatusSent {
			t.Fatalf("got status %#x, want SENT", got)
		}
		if m := bob.nextMessage(); text(m) != fmt.Sprint(i) {
			t.Errorf("got %v", m)
		}
		bob.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: bob.cursor}}})
	}
	for i := range 3 {
		if m := carol.nextMessage(); text(m) != fmt.Sprint(i) {
			t.Errorf("got %q, want %d", text(m), i)
		}
	}
	carol.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: carol.cursor}}})
	bob.sendText("carol", "end")
	if m := carol.nextMessage(); text(m) != "end" {
		t.Errorf("got %q, want that she was left out", text(m))
	}
}

// TestGroup_expiry: the sender gets EXPIRED only if no member has the message.
func TestGroup_expiry(t *testing.T) {
	// Not parallel: a member has to acknowledge within a second.
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	kick(t, h, carol)
	short := func(text string) *wire.Send {
		m := groupMessage(gid, text)
		m.Flags, m.Expiry = 0, 1
		return m
	}
	alice.send(short("bob has it"))
	if m := bob.nextMessage(); text(m) != "bob has it" {
		t.Errorf("got %v", m)
	}
	bob.call(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: bob.cursor}}})
	kick(t, h, bob)
	lost := alice.send(short("nobody has it"))
	st := alice.nextStatus()
	if st.GetStatus() != wire.StatusExpired || st.GetId() != lost.GetId() || st.GetGroupId() != gid || st.GetPeer() != "" {
		t.Errorf("got %v, want that only %d has expired", st, lost.GetId())
	}
	carol.connect()
	for range 2 {
		if e := carol.next(); e.GetGone() == nil {
			t.Errorf("got %v, want gone", e)
		}
	}
	bob.connect()
	for e := bob.next(); e.GetGone() == nil; e = bob.next() {
		if e.GetRead() == nil {
			t.Errorf("got %v, want gone", e)
		}
	}
}

// TestGroup_many_members: the logs of many members have no gaps, even with other events in the same
// commit and after a restart.
func TestGroup_many_members(t *testing.T) {
	t.Parallel()
	const members, rounds = 40, 5
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	names := make([]string, members)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
		h.token(names[i])
	}
	gid := alice.createGroup(create(names...))
	var want []string
	for i := range rounds {
		var ids []uint64
		for j := range 4 { // in one commit, most likely
			s := fmt.Sprint(i, j)
			want = append(want, s, s+" alone")
			ids = append(ids, alice.request(&wire.Request{Op: &wire.Request_Send{Send: groupMessage(gid, s)}}),
				alice.request(&wire.Request{Op: &wire.Request_Send{Send: message("user7", s+" alone")}}))
		}
		for _, id := range ids {
			if got := alice.answer(id).GetSend(); got.GetStatus() != wire.StatusSent {
				t.Fatalf("got %v", got)
			}
		}
		if i == rounds/2 {
			h.restart()
			alice.connect()
		}
	}
	for _, name := range names {
		d := h.device(name)
		d.nextChange()
		for i, s := range want {
			if i%2 == 1 && name != "user7" {
				continue
			}
			if m := d.nextMessage(); text(m) != s {
				t.Fatalf("%s: got %q, want %q", name, text(m), s)
			}
		}
		d.close()
	}
	if got := integrity(t, h.opts.Dir); got != "ok" {
		t.Errorf("the database is damaged: %s", got)
	}
}

// TestGroup_failing_disk: a failed commit does not change the group.
func TestGroup_failing_disk(t *testing.T) {
	t.Parallel()
	var pages atomic.Int64
	h := newHost(t, server.WithWriterPragmas(server.Options{Logger: discard()}, func() []string {
		if n := pages.Load(); n != 0 {
			return []string{fmt.Sprintf("max_page_count(%d)", n)}
		}
		return nil
	}))
	alice, bob, carol, gid := trio(t, h, nil)
	pages.Store(1) // no more than there are
	h.restart()
	alice.connect()
	m := create("bob")
	m.Name = strings.Repeat("x", wire.MaxName)
	m.Picture = append(smallPNG(t), make([]byte, wire.MaxThumbnail-200)...)
	id := alice.request(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: m}})
	if alice.ended(); alice.responses[id] != nil {
		t.Fatalf("got %v, want a failure", alice.responses[id])
	}
	var queue []*wire.Send
	for i := range 40 {
		queue = append(queue, groupMessage(gid, fmt.Sprint(i, strings.Repeat("x", 4000))))
	}
	failures := 0
	for done := 0; done < len(queue); {
		alice.connect()
		answered, ok := alice.pipeline(queue[done:])
		if done += answered; ok {
			continue
		}
		if failures++; failures == 2 {
			pages.Store(1 << 20)
		}
	}
	second := alice.createGroup(m)
	for _, d := range []*device{bob, carol} {
		d.connect()
		for i := range queue {
			if got, want := text(d.nextMessage())[:len(fmt.Sprint(i))], fmt.Sprint(i); got != want {
				t.Fatalf("got message %q, want %q", got, want)
			}
		}
	}
	if c := bob.checkChange(wire.GroupChange_CREATED, "alice", "alice", "bob"); c.GetGroup().GetGroupId() != second {
		t.Errorf("got %v, want the second group", c)
	}
}
