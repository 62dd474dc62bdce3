package e2e_test

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// pinned lists the texts of the messages that are pinned in a chat.
func (d *device) pinned(peer string, group uint32) string {
	list, err := d.PinnedMessages(peer, group)
	d.must(err)
	var texts []string
	for _, m := range list {
		texts = append(texts, string(m.Data))
	}
	return strings.Join(texts, " ")
}

func TestPin_of_two(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob := online(t, s.Token("alice")), online(t, s.Token("bob"))
	alice.send("bob", 1, "one")
	alice.send("bob", 2, "two")
	bob.awaitLine("message two RECEIVEDNEW")
	alice.awaitLine("status 2 DELIVERED")
	one, two := bob.mid("one"), bob.mid("two")
	p, back := mesibo.MessageParams{Peer: "bob"}, mesibo.MessageParams{Peer: "alice"}
	alice.must(alice.PinMessage(p, 11, one, true))
	alice.must(alice.PinMessage(p, 12, two, true))
	bob.await("two pins", func() bool { return bob.pinned("alice", 0) == "two one" })
	if p, _ := bob.GetProfile("alice", 0); p.Unread != 2 {
		t.Errorf("unread: got %d, want 2, without the pins", p.Unread)
	}
	bob.must(bob.PinMessage(back, 13, two, false))
	alice.await("bob's change", func() bool { return alice.pinned("bob", 0) == "one" })
	laptop := newDevice(t, s.Token("bob"), t.TempDir())
	laptop.start()
	laptop.await("the pin on another device", func() bool { return laptop.pinned("alice", 0) == "one" })
	alice.must(alice.DeleteMessage(one, mesibo.DeleteRecall))
	bob.await("the recall", func() bool { return bob.pinned("alice", 0) == "" })
	if err := bob.PinMessage(back, 14, 4711, true); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("a message that is not there: %v", err)
	}
}

func TestPin_in_a_group(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	bob.must(bob.SendMessageString(toGroup(gid), 1, "rules"))
	carol.awaitLine("message rules RECEIVEDNEW")
	alice.awaitLine("message rules RECEIVEDNEW")
	mid := carol.mid("rules")
	where := mesibo.MessageParams{GroupID: gid}
	if err := carol.PinMessage(where, 2, mid, true); mesibo.ResultOf(err) != mesibo.ResultDenied {
		t.Errorf("a member without the right: %v", err)
	}
	forged := toGroup(gid)
	forged.Type, forged.RefID = mesibo.TypePin, mid
	carol.must(carol.SendMessageString(forged, 3, ""))
	carol.awaitLine("status 3 NOTMEMBER")
	alice.must(alice.PinMessage(where, 4, mid, true))
	carol.await("the pin", func() bool { return carol.pinned("", gid) == "rules" })
	bob.await("the pin", func() bool { return bob.pinned("", gid) == "rules" })
}
