package server_test

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// statuses sends count messages and returns how many got each status.
func (d *device) statuses(count int, m func() *wire.Send) map[uint32]int {
	d.t.Helper()
	got := make(map[uint32]int)
	for range count {
		got[d.send(m()).GetStatus()]++
	}
	return got
}

// TestInbox_shares: a stranger fills a share of an inbox and no more, with messages, reactions and changes, also after
// a restart; contacts are not held back. What is delivered makes room.
func TestInbox_shares(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxUndelivered: 100, MaxFromStranger: 20})
	eve, alice, bob := h.device("eve"), h.device("alice"), h.device("bob")
	bob.sendText("alice", "a contact")
	kick(t, h, bob)
	toBob := func() *wire.Send { return message("bob", "x") }
	id := eve.sendText("bob", "first").GetId()
	for i := range 5 {
		eve.must(wire.ResultOK, modify(&wire.Modify{Peer: "bob", Id: id, Content: content(fmt.Sprint(i))}))
		eve.must(wire.ResultOK, react(&wire.React{Peer: "bob", Id: id, Emoji: []string{"👍", "🎉"}[i%2]}))
	}
	if got := eve.statuses(6, toBob); got[wire.StatusSent] != 6 {
		t.Errorf("within the share: got %v", got)
	}
	h.restart()
	for _, d := range []*device{eve, alice} {
		d.connect()
	}
	if got := eve.statuses(6, toBob); got[wire.StatusSent] != 3 || got[wire.StatusInboxFull] != 3 {
		t.Errorf("around the share: got %v, want 3 SENT and 3 INBOXFULL", got)
	}
	eve.must(wire.ResultInboxFull, modify(&wire.Modify{Peer: "bob", Id: id, Content: content("more")}))
	eve.must(wire.ResultInboxFull, react(&wire.React{Peer: "bob", Id: id, Emoji: "❤️"}))
	if got := alice.statuses(40, toBob); got[wire.StatusSent] != 40 {
		t.Errorf("a contact: got %v, want 40 SENT", got)
	}
	if got := h.device("carol").statuses(20, toBob); got[wire.StatusSent] != 20 {
		t.Errorf("another stranger: got %v, want 20 SENT", got)
	}
	if got := alice.statuses(30, toBob); got[wire.StatusSent] < 10 || got[wire.StatusInboxFull] < 10 {
		t.Errorf("around the limit: got %v, want about 20 SENT and 10 INBOXFULL", got)
	}
	head := bob.connect().GetHead()
	bob.until("the log", func() bool { return bob.cursor >= head })
	bob.markRead("eve", bob.cursor) // the Ack before it has been handled, too
	if got := eve.statuses(20, toBob); got[wire.StatusSent] != 20 {
		t.Errorf("after the delivery: got %v, want 20 SENT", got)
	}
}

// TestGroup_changes_collapse: of the changes of a group's settings only the newest waits in the log of a member who is
// away, unless something else has happened in between; none of them takes the room of messages.
func TestGroup_changes_collapse(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxUndelivered: 10})
	eve, bob := h.device("eve"), h.device("bob")
	h.token("carol")
	h.token("dave")
	gid := eve.createGroup(create("bob"))
	bob.nextChange()
	bob.must(wire.ResultOK, block("eve", true)) // which does not end the membership
	kick(t, h, bob)
	rename := func(name string) {
		t.Helper()
		eve.group(setGroup(&wire.GroupSet{GroupId: gid, Name: new(name)}))
	}
	for i := range 50 {
		rename(fmt.Sprint("first ", i))
	}
	eve.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol"}}))
	for i := range 50 {
		rename(fmt.Sprint("second ", i))
	}
	for i := range 10 {
		eve.permit(gid, "carol", wire.MemberAll, uint32(i%2)) // changes that are not alike do not collapse
	}
	alice := h.device("alice")
	if got := alice.statuses(5, func() *wire.Send { return message("bob", "x") }); got[wire.StatusSent] != 5 {
		t.Errorf("messages beside many changes: got %v, want 5 SENT", got)
	}
	bob.connect()
	for _, want := range []string{"first 49", "first 49", "second 49"} {
		_, c := bob.nextChange()
		if c.GetGroup().GetName() != want {
			t.Errorf("got %v, want %q", c, want)
		}
	}
	for e := bob.next(); text(e.GetMessage()) != "x"; e = bob.next() {
		if c := e.GetMessage().GetContent().GetGroup(); c.GetKind() != wire.GroupChange_PERMISSIONS {
			t.Errorf("got %v, want no other change of the settings", e)
		}
	}
	rename("connected")
	rename("still connected")
	for _, want := range []string{"connected", "still connected"} {
		if _, c := bob.nextChange(); c.GetGroup().GetName() != want {
			t.Errorf("got %v, want %q", c, want)
		}
	}
}

// TestGroup_changes_have_a_share: who is no contact cannot flood a member with notices, but what concerns the member
// comes.
func TestGroup_changes_have_a_share(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxFromStranger: 2}) // 20 through groups
	eve, bob := h.device("eve"), h.device("bob")
	h.token("carol")
	gid := eve.createGroup(create("bob", "carol"))
	bob.nextChange()
	kick(t, h, bob)
	for i := range 40 {
		eve.permit(gid, "carol", wire.MemberAll, uint32(i%2))
	}
	eve.removeMember(gid, "bob")
	bob.connect()
	bob.until("the removal", func() bool {
		return len(bob.events) > 0 &&
			bob.events[len(bob.events)-1].GetMessage().GetContent().GetGroup().GetKind() == wire.GroupChange_REMOVED
	})
	if n := len(bob.events); n > 22 {
		t.Errorf("got %d notices, want about 20", n)
	}
}
