package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// DeleteMessages deletes what meets all criteria, and nothing when one of them cannot be met.
func TestDeleteMessages_by_criteria(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	send := func(id uint32, text string, change func(p *mesibo.MessageParams)) {
		p := toBob()
		change(&p)
		alice.must(alice.SendMessageString(p, id, text))
	}
	send(1, "plain", func(*mesibo.MessageParams) {})
	send(2, "typed", func(p *mesibo.MessageParams) { p.Type = 7 })
	send(3, "answer", func(p *mesibo.MessageParams) { p.RefID, p.Type = 99, 7 })
	send(4, "no receipts", func(p *mesibo.MessageParams) { p.Flag = 0 })
	bob.awaitLine("message no receipts RECEIVEDNEW")
	alice.must(alice.ForwardMessage(toBob(), 5, 1))
	bob.await("all", func() bool { return len(bob.messages()) == 5 })
	bob.send("alice", 6, "mine")
	bob.awaitLine("status 6 DELIVERED")
	all := []string{
		"plain RECEIVEDNEW", "typed RECEIVEDNEW", "answer RECEIVEDNEW", "no receipts RECEIVEDNEW",
		"plain RECEIVEDNEW", "mine DELIVERED",
	}
	bob.wantHistory("alice", all...)

	for name, p := range map[string]mesibo.MessageParams{
		"nobody": {Type: 7}, "mentions": {Peer: "alice", Mentions: []string{"bob"}}, "expiry": {Peer: "alice", Expiry: 60},
		"reactions": {Peer: "alice", Reactions: []mesibo.Reaction{{}}}, "flag": {Peer: "alice", Flag: mesibo.FlagLastMessage},
		"origin": {Peer: "alice", Origin: mesibo.OriginDBSummary}, "type": {Peer: "alice", Type: -1},
		"change": {Peer: "alice", GroupChange: &mesibo.GroupChange{}}, "online": {Peer: "alice", Expiry: mesibo.ExpiryOnline},
	} {
		if err := bob.DeleteMessages(p); !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("%s: got %v, want ResultBadRequest", name, err)
		}
	}
	bob.must(bob.DeleteMessages(mesibo.MessageParams{Peer: "alice", Type: 9}))
	if err := bob.DeleteMessages(mesibo.MessageParams{Peer: "alice", Mid: 1 << 40}); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("an id that does not exist: %v", err)
	}
	bob.wantHistory("alice", all...)

	left := func(p mesibo.MessageParams, want ...string) {
		t.Helper()
		bob.must(bob.DeleteMessages(p))
		bob.wantHistory("alice", want...)
	}
	left(mesibo.MessageParams{Peer: "alice", Type: 7, RefID: 99}, slices.Delete(slices.Clone(all), 2, 3)...)
	left(mesibo.MessageParams{Peer: "alice", Type: 7}, all[0], all[3], all[4], all[5])
	left(mesibo.MessageParams{Peer: "alice", Flag: mesibo.FlagForwarded}, all[0], all[3], all[5])
	left(mesibo.MessageParams{Peer: "alice", Mid: bob.mid("no receipts")}, all[0], all[5])
	left(mesibo.MessageParams{Peer: "alice", Mid: 6}, all[0]) // the id given to SendMessage
	received := bob.messages()[0].MessageParams
	bob.must(bob.DeleteMessages(received))
	bob.wantHistory("alice")
	if n := bob.UnreadCount(); n != 0 {
		t.Errorf("%d are unread", n)
	}
	bob.end()
	bob.must(bob.SetDatabase("test.db", 0))
	bob.start()
	bob.wantHistory("alice")
}

// In a group, peer is who sent the messages to delete.
func TestDeleteMessages_of_a_member(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	alice.must(alice.SendMessageString(toGroup(gid), 1, "from alice"))
	bob.awaitLine("message from alice RECEIVEDNEW")
	carol.must(carol.SendMessageString(toGroup(gid), 1, "from carol"))
	bob.awaitLine("message from carol RECEIVEDNEW")
	bob.must(bob.SendMessageString(toGroup(gid), 1, "from bob"))
	bob.awaitLine("status 1 DELIVERED of alice")
	left := func() (out []string) {
		s := bob.NewReadDbSession("", gid, "", nil)
		defer s.Stop()
		for m, err := range s.Messages(0) {
			bob.must(err)
			if !m.IsCustom() {
				out = append(out, string(m.Data))
			}
		}
		return out
	}
	bob.must(bob.DeleteMessages(mesibo.MessageParams{Peer: "carol", GroupID: gid}))
	if got := left(); !slices.Equal(got, []string{"from bob", "from alice"}) {
		t.Errorf("got %q", got)
	}
	bob.must(bob.DeleteMessages(mesibo.MessageParams{Peer: "bob", GroupID: gid}))
	if got := left(); !slices.Equal(got, []string{"from alice"}) {
		t.Errorf("got %q", got)
	}
}

// A message that is sent and not delivered can be cancelled; its recipient never reads it.
func TestCancel_sent_and_not_delivered(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bobToken := online(t, srv.Token("alice")), srv.Token("bob")
	alice.send("bob", 1, "no")
	alice.send("bob", 2, "yes")
	alice.awaitLine("status 2 SENT")
	to := mesibo.MessageParams{Peer: "bob"}
	alice.must(alice.Cancel(to, 1))
	alice.wantHistory("bob", "yes SENT")
	if err := alice.Cancel(to, 1); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	alice.awaitServer("bob")
	bob := online(t, bobToken)
	bob.awaitLine("message yes RECEIVEDNEW")
	alice.awaitLine("status 2 DELIVERED")
	bob.wantLines("message no")
	bob.wantHistory("alice", " RECEIVEDNEW", "yes RECEIVEDNEW")
	if err := alice.Cancel(to, 2); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("after delivery: %v", err)
	}
	if n := bob.UnreadCount(); n != 1 {
		t.Errorf("%d are unread, one can be read", n)
	}
}

// A recalled message is not unread any more, whether it was recalled before it came or later.
func TestUnread_without_recalled_messages(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bobToken := online(t, srv.Token("alice")), srv.Token("bob")
	alice.send("bob", 1, "early")
	alice.awaitLine("status 1 SENT")
	alice.must(alice.DeleteMessage(1, mesibo.DeleteRecall))
	alice.awaitServer("bob")
	bob := online(t, bobToken)
	alice.send("bob", 2, "kept")
	alice.send("bob", 3, "late")
	bob.awaitLine("message late RECEIVEDNEW")
	unread := func(want int) {
		t.Helper()
		s := bob.NewReadDbSession("alice", 0, "", nil)
		defer s.Stop()
		p, _ := bob.GetProfile("alice", 0)
		if got := []int{bob.UnreadCount(), p.Unread, s.GetUnreadMessageCount()}; !slices.Equal(got, []int{want, want, want}) {
			t.Errorf("got %v unread, want %d", got, want)
		}
	}
	unread(2)
	if first, err := bob.NewReadDbSession("alice", 0, "", nil).FirstUnread(); err != nil || first != bob.mid("kept") {
		t.Errorf("the first unread one is %d, %v", first, err)
	}
	alice.awaitLine("status 3 SENT")
	alice.must(alice.DeleteMessage(3, mesibo.DeleteRecall))
	bob.awaitLine("deleted 3")
	bob.awaitLine("read alice 1")
	unread(1)
}

// The id given to SendMessage names the message also when it has its 64-bit one.
func TestOwn_id_names_the_message_for_good(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 77, "hello")
	alice.awaitLine("status 77 DELIVERED")
	mid := bob.mid("hello")
	found, err := alice.FindMessage(77)
	if err != nil || found.Mid != mid {
		t.Fatalf("got %+v, %v", found, err)
	}
	to := mesibo.MessageParams{Peer: "bob"}
	alice.must(alice.SendUpdate(to, 77, []byte("hello!")))
	bob.awaitLine("update 77 hello!")
	alice.must(alice.SendReaction(to, 77, "👍"))
	bob.awaitLine("update 77 hello! alice👍")
	alice.must(alice.ForwardMessage(mesibo.NewMessageParams("carol", mesibo.FlagDefault), 78, 77))
	carol.awaitLine("message hello! RECEIVEDNEW")
	if receipts, err := alice.GetReceipts(77); err != nil || len(receipts) != 1 {
		t.Errorf("got %v, %v", receipts, err)
	}
	if _, err := bob.FindMessage(77); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("it names somebody else's message: %v", err)
	}
	s := alice.NewReadDbSession("bob", 0, "", nil)
	defer s.Stop()
	alice.must(s.SeekMessage(77))

	alice.send("carol", 77, "the same id")
	alice.await("delivered", func() bool { return len(alice.entries("status 77 DELIVERED")) == 2 })
	if err := alice.DeleteMessage(77, mesibo.DeleteRecall); !errors.Is(err, mesibo.ErrAmbiguousID) || !errors.Is(err,
		mesibo.ResultBadRequest) {
		t.Errorf("one of two: %v", err)
	}
	alice.must(alice.SendUpdate(to, 77, []byte("hello?"))) // the conversation tells them apart
	bob.awaitLine("update 77 hello? alice👍")
	alice.must(alice.DeleteMessage(78, mesibo.DeleteRecall))
	carol.awaitLine("deleted 78")
}

// A recalled message does not show that it was edited, in whatever order a device learns of both.
func TestRecalled_is_not_modified(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bob := online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	alice.send("bob", 1, "one")
	bob.awaitLine("message one RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED")
	to := mesibo.MessageParams{Peer: "bob"}
	alice.must(alice.SendUpdate(to, 1, []byte("two")))
	bob.awaitLine("update 1 two")
	alice.must(alice.DeleteMessage(1, mesibo.DeleteRecall))
	bob.awaitLine("deleted 1")
	second := online(t, srv.Token("alice")) // has only the end of it
	second.await("the mark", func() bool { return len(second.history("bob")) == 1 })
	for _, d := range []*device{alice, bob, second} {
		peer := "bob"
		if d == bob {
			peer = "alice"
		}
		var got []string
		s := d.NewReadDbSession(peer, 0, "", nil)
		for m, err := range s.Messages(0) {
			d.must(err)
			got = append(got, fmt.Sprintf("deleted %v modified %v", m.IsDeleted(), m.IsModified()))
		}
		s.Stop()
		if !slices.Equal(got, []string{"deleted true modified false"}) {
			t.Errorf("%s has %q", d.GetAddress(), got)
		}
	}
}
