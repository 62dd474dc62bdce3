package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// trio connects three users and creates their group, which alice owns.
func trio(t *testing.T, flags mesibo.GroupFlag) (s *mesibotest.Server, alice, bob, carol *device, gid uint32) {
	t.Helper()
	s = mesibotest.NewServer(t)
	alice, bob, carol = online(t, s.Token("alice")), online(t, s.Token("bob")), online(t, s.Token("carol"))
	alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: "Team", Flags: flags}, []string{"bob", "carol"}, 77))
	alice.awaitLine("created Team 77")
	bob.awaitLine("joined Team")
	carol.awaitLine("joined Team")
	return s, alice, bob, carol, alice.lastGroup()
}

func toGroup(gid uint32) mesibo.MessageParams {
	return mesibo.MessageParams{GroupID: gid, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
}

func TestGroup_messages_and_receipts(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	alice.must(alice.SendMessageString(toGroup(gid), 1, "hello all"))
	for _, d := range []*device{bob, carol} {
		d.awaitLine("message hello all RECEIVEDNEW")
		got := d.messages()
		last := got[len(got)-1]
		if last.Peer != "alice" || last.GroupID != gid || last.GroupProfile == nil || last.GroupProfile.Name != "Team" ||
			last.Profile == nil {
			t.Errorf("%s got %+v", d.GetAddress(), last.MessageParams)
		}
	}
	alice.awaitLine("status 1 DELIVERED of bob")
	alice.awaitLine("status 1 DELIVERED of carol")
	for _, d := range []*device{bob, carol} {
		session := d.NewReadDbSession("", gid, "", nil)
		session.EnableReadReceipt(true)
		if n, err := session.Read(10); err != nil || n == 0 {
			t.Fatal(n, err)
		}
		session.Stop()
	}
	alice.awaitLine("status 1 READ of bob")
	alice.awaitLine("status 1 READ of carol")
	session := alice.NewReadDbSession("", gid, "", nil)
	defer session.Stop()
	var last *mesibo.Message
	for m, err := range session.Messages(1) {
		alice.must(err)
		last = m
	}
	if last == nil || last.Status != mesibo.MsgStatusRead {
		t.Fatalf("alice's message is %+v", last)
	}
	receipts, err := alice.GetReceipts(last.Mid)
	if err != nil || len(receipts) != 2 || receipts[0].Read.IsZero() || receipts[1].Delivered.IsZero() {
		t.Errorf("got receipts %+v, %v", receipts, err)
	}
	if got := alice.entries("message hello"); len(got) != 0 {
		t.Errorf("alice got her own message: %q", got)
	}
}

func TestGroup_created_once_for_a_request(t *testing.T) {
	t.Parallel()
	_, alice, bob, _, gid := trio(t, 0)
	alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: "Team"}, []string{"bob"}, 77))
	alice.await("a second answer", func() bool { return len(alice.entries("created Team 77")) == 2 })
	if alice.lastGroup() != gid {
		t.Errorf("made a second group %d beside %d", alice.lastGroup(), gid)
	}
	alice.must(alice.SendMessageString(toGroup(gid), 5, "after"))
	bob.awaitLine("message after RECEIVEDNEW")
	bob.wantLines("joined", "joined Team")
}

func TestGroup_a_partial_update_clears_nothing(t *testing.T) {
	t.Parallel()
	_, alice, bob, _, gid := trio(t, mesibo.GroupFlagSendBySelected)
	group := alice.GetGroupProfile(gid)
	alice.must(group.SetProperties(mesibo.GroupProperties{Status: new("what we talk about")}))
	alice.must(group.SetProperties(mesibo.GroupProperties{Name: new("Crew")}))
	bob.await("the new name", func() bool {
		settings, _, ok := bob.GetGroupProfile(gid).Settings()
		return ok && settings.Name == "Crew" && settings.Status == "what we talk about" &&
			settings.Flags == mesibo.GroupFlagSendBySelected
	})
	alice.must(group.GetSettings())
	alice.awaitLine("settings Crew what we talk about 1 ffff pins 0")
}

func TestGroup_membership(t *testing.T) {
	t.Parallel()
	s, alice, bob, carol, gid := trio(t, 0)
	dave := online(t, s.Token("dave"))
	dave.must(dave.SendMessageString(toGroup(gid), 1, "may I?"))
	dave.awaitLine("status 1 NOTMEMBER")
	if err := bob.GetGroupProfile(gid).AddMembers([]string{"dave"}, mesibo.MemberPermissions{}); err != nil {
		t.Fatal(err)
	}
	bob.awaitLine("group error 2")

	group := alice.GetGroupProfile(gid)
	alice.must(group.AddMembers([]string{"dave"}, mesibo.MemberPermissions{}))
	dave.awaitLine("joined Team")
	bob.awaitLine("added dave")
	carol.awaitLine("message alice added dave CUSTOM")
	dave.must(dave.SendMessageString(toGroup(gid), 2, "thanks"))
	carol.awaitLine("message thanks RECEIVEDNEW")

	alice.must(group.GetMembers(0, true))
	alice.awaitLine("members alice bob carol dave false")
	if got := len(group.Members()); got != 4 {
		t.Errorf("alice knows %d members", got)
	}
	carol.must(carol.GetGroupProfile(gid).Leave())
	carol.awaitLine("left Team")
	bob.awaitLine("removed carol")
	alice.must(group.RemoveMembers([]string{"bob"}))
	bob.awaitLine("left Team")
	if bob.GetGroupProfile(gid).IsMember() || !alice.GetGroupProfile(gid).IsOwner() {
		t.Error("memberships are wrong")
	}
	bob.must(bob.SendMessageString(toGroup(gid), 9, "still here?"))
	bob.awaitLine("status 9 NOTMEMBER")
	alice.must(group.DeleteGroup())
	dave.awaitLine("left Team")
}

func TestGroup_join_by_code(t *testing.T) {
	t.Parallel()
	s, alice, _, _, gid := trio(t, 0)
	alice.must(alice.GetGroupProfile(gid).AddPin(mesibo.GroupPin{Uses: 1}))
	alice.await("a code", func() bool { return len(alice.entries("settings Team")) > 0 })
	alice.mu.Lock()
	code := alice.pin
	alice.mu.Unlock()
	dave, erin := online(t, s.Token("dave")), online(t, s.Token("erin"))
	dave.must(dave.JoinGroup(code))
	dave.awaitLine("joined Team")
	alice.awaitLine("message dave joined CUSTOM")
	erin.must(erin.JoinGroup(code)) // used up
	erin.awaitLine("group error 3")
}

func TestGroup_kinds(t *testing.T) {
	t.Parallel()
	t.Run("broadcast", func(t *testing.T) {
		t.Parallel()
		_, alice, bob, carol, gid := trio(t, mesibo.GroupFlagSendBySelected)
		alice.must(alice.GetGroupProfile(gid).AddMembers([]string{"bob"},
			mesibo.MemberPermissions{Flags: mesibo.MemberFlagRecv}))
		bob.await("fewer rights", func() bool { return !bob.GetGroupProfile(gid).CanSend() })
		bob.must(bob.SendMessageString(toGroup(gid), 1, "no"))
		bob.awaitLine("status 1 NOTMEMBER")
		alice.must(alice.SendMessageString(toGroup(gid), 1, "news"))
		carol.awaitLine("message news RECEIVEDNEW")
	})
	t.Run("loopback", func(t *testing.T) {
		t.Parallel()
		_, alice, _, _, gid := trio(t, mesibo.GroupFlagLoopback)
		alice.must(alice.SendMessageString(toGroup(gid), 1, "echo"))
		alice.awaitLine("message echo RECEIVEDNEW")
	})
	t.Run("round_robin", func(t *testing.T) {
		t.Parallel()
		_, alice, bob, carol, gid := trio(t, mesibo.GroupFlagRoundRobin)
		for i := range uint32(4) {
			alice.must(alice.SendMessageString(toGroup(gid), i+1, "job"))
		}
		count := func(d *device) int { return len(d.entries("message job")) }
		alice.await("four deliveries", func() bool { return count(bob)+count(carol) == 4 })
		if count(bob) != 2 || count(carol) != 2 {
			t.Errorf("bob got %d, carol %d", count(bob), count(carol))
		}
	})
	t.Run("pause", func(t *testing.T) {
		t.Parallel()
		_, alice, bob, _, gid := trio(t, 0)
		alice.must(alice.GetGroupProfile(gid).SetProperties(mesibo.GroupProperties{Flags: new(mesibo.GroupFlagPause)}))
		bob.await("the pause", func() bool { return !bob.GetGroupProfile(gid).CanSend() })
		bob.must(bob.SendMessageString(toGroup(gid), 1, "hm"))
		bob.awaitLine("status 1 GROUPPAUSED")
	})
}

func TestMessage_edit_react_recall(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob := online(t, s.Token("alice")), online(t, s.Token("bob"))
	second := newDevice(t, s.Token("alice"), t.TempDir())
	second.start()
	alice.send("bob", 1, "helo")
	alice.awaitLine("status 1 DELIVERED")
	mid := bob.mid("helo")

	alice.must(alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, mid, []byte("hello")))
	bob.awaitLine("update 1 hello")
	second.awaitLine("update 1 hello")
	alice.awaitLine("update 1 hello")
	bob.must(bob.SendReaction(mesibo.MessageParams{Peer: "alice"}, mid, "👍"))
	alice.awaitLine("update 1 hello bob👍")
	second.awaitLine("update 1 hello bob👍")
	bob.must(bob.SendReaction(mesibo.MessageParams{Peer: "alice"}, mid, ""))
	alice.await("no reaction", func() bool { return len(alice.entries("update 1 hello")) == 3 })
	found, err := bob.FindMessage(mid)
	if err != nil || string(found.Data) != "hello" || !found.IsModified() || len(found.Reactions) != 0 {
		t.Errorf("bob has %+v, %v", found, err)
	}

	if err := bob.DeleteMessage(mid, mesibo.DeleteRecall); mesibo.ResultOf(err) != mesibo.ResultDenied {
		t.Errorf("bob takes alice's message back: %v", err)
	}
	alice.must(alice.DeleteMessage(mid, mesibo.DeleteRecall))
	for _, d := range []*device{alice, bob, second} {
		d.awaitLine("deleted 1")
		found, err := d.FindMessage(mid)
		if err != nil || len(found.Data) != 0 || !found.IsDeleted() {
			t.Errorf("%s has %+v, %v", d.GetAddress(), found, err)
		}
	}
	third := newDevice(t, s.Token("bob"), t.TempDir())
	third.start()
	alice.send("bob", 2, "later")
	third.awaitLine("message later RECEIVEDNEW")
	if all := strings.Join(third.entries("message"), "|"); strings.Contains(all, "hel") {
		t.Errorf("a new device got the content: %q", all)
	}
}

func TestMessage_edited_and_deleted_before_it_was_sent(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob := newDevice(t, s.Token("alice"), t.TempDir()), online(t, s.Token("bob"))
	alice.send("bob", 1, "one")
	alice.send("bob", 2, "two")
	alice.must(alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, 1, []byte("ONE")))
	alice.must(alice.DeleteMessage(2, mesibo.DeleteDefault))
	alice.start()
	alice.awaitLine("status 1 DELIVERED")
	bob.wantLines("message", "message ONE RECEIVEDNEW")
	bob.wantLines("update")
}

func TestMessage_deleted_here_stays_away(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob := online(t, s.Token("alice")), online(t, s.Token("bob"))
	alice.send("bob", 1, "mine")
	alice.awaitLine("status 1 DELIVERED")
	bob.must(bob.DeleteMessage(bob.mid("mine"), mesibo.DeleteLocal))
	bob.wantHistory("alice")
	alice.wantHistory("bob", "mine DELIVERED")
	alice.must(alice.DeleteMessages(mesibo.MessageParams{Peer: "bob"}))
	alice.wantHistory("bob")
}

func TestMessage_location_forward_reply_mention(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob, carol := online(t, s.Token("alice")), online(t, s.Token("bob")), online(t, s.Token("carol"))
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	alice.must(alice.SendLocation(p, 1, mesibo.Location{Lat: 48.85, Lon: 2.35, Title: "Paris", Message: "Rue de Rivoli"}))
	bob.awaitLine("location Paris 48.85,2.35 RECEIVEDNEW")
	place := bob.mid("Paris")
	bob.must(bob.ForwardMessage(mesibo.NewMessageParams("carol", mesibo.FlagDefault), 2, place))
	carol.awaitLine("location Paris 48.85,2.35 RECEIVEDNEW")
	if got := carol.messages()[0]; !got.IsForwarded() || got.Peer != "bob" || got.ForwardedFrom != "alice" {
		t.Errorf("carol got %+v", got.MessageParams)
	}
	reply := mesibo.NewMessageParams("alice", mesibo.FlagDefault)
	reply.RefID, reply.Mentions, reply.Album = place, []string{"alice", "carol"}, 5
	bob.must(bob.SendMessageString(reply, 3, "nice, @alice"))
	alice.awaitLine("message nice, @alice RECEIVEDNEW")
	if got := alice.messages()[0]; got.RefID != place || got.Album != 5 || !slices.Equal(got.Mentions, []string{"alice", "carol"}) {
		t.Errorf("alice got %+v", got.MessageParams)
	}
	if err := alice.SendLocation(p, 9, mesibo.Location{Lat: 91}); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("a place off the earth: %v", err)
	}
}

// A refused change is undone everywhere: in the database, in the search, and in the last call of listeners.
func TestMessage_refused_changes_are_undone(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	bob.must(bob.SendMessageString(toGroup(gid), 1, "orig"))
	carol.awaitLine("message orig RECEIVEDNEW")
	alice.awaitLine("message orig RECEIVEDNEW")
	mid := alice.mid("orig")
	bob.awaitLine("status 1 DELIVERED of carol")
	bob.Stop()
	alice.must(alice.GetGroupProfile(gid).RemoveMembers([]string{"bob"}))
	carol.awaitLine("removed bob")
	where := mesibo.MessageParams{GroupID: gid}
	bob.must(bob.SendUpdate(where, mid, []byte("e1")))
	bob.must(bob.SendUpdate(where, mid, []byte("e2")))
	bob.must(bob.SendReaction(where, mid, "👍"))
	err := bob.SendReaction(mesibo.MessageParams{Peer: "alice"}, mid, "👍")
	if mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("a reaction in the wrong conversation: %v", err)
	}
	bob.start()
	bob.await("the old text", func() bool {
		m, err := bob.FindMessage(mid)
		return err == nil && string(m.Data) == "orig" && !m.IsModified() && len(m.Reactions) == 0
	})
	bob.await("the listeners' last word", func() bool {
		updates := bob.entries("update")
		return len(updates) > 0 && updates[len(updates)-1] == "update 1 orig"
	})
}

func TestMessage_edit_and_reaction_of_two_devices(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	second := newDevice(t, s.Token("alice"), t.TempDir())
	second.start()
	alice.send("bob", 1, "orig")
	second.awaitLine("message orig SENT")
	mid := second.mid("orig")
	bob.awaitLine("message orig RECEIVEDNEW")
	alice.await("its id", func() bool { _, err := alice.FindMessage(mid); return err == nil })
	second.Stop()
	second.must(second.SendReaction(mesibo.MessageParams{Peer: "bob"}, mid, "👍"))
	alice.must(alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, mid, []byte("edited")))
	bob.awaitLine("update 1 edited")
	second.start()
	for _, d := range []*device{alice, second, bob} {
		d.await("both", func() bool {
			m, err := d.FindMessage(mid)
			return err == nil && string(m.Data) == "edited" && len(m.Reactions) == 1
		})
	}
}

func TestGroup_bad_input(t *testing.T) {
	t.Parallel()
	_, alice, _, _, gid := trio(t, 0)
	group := alice.GetGroupProfile(gid)
	for name, err := range map[string]error{
		"no name":            alice.CreateGroup(mesibo.GroupSettings{}, nil, 1),
		"a name not UTF-8":   alice.CreateGroup(mesibo.GroupSettings{Name: "\xff"}, nil, 1),
		"an empty name":      group.SetProperties(mesibo.GroupProperties{Name: new("")}),
		"a status not UTF-8": group.SetProperties(mesibo.GroupProperties{Status: new("\xff")}),
		"no such member":     group.AddMembers([]string{""}, mesibo.MemberPermissions{}),
		"negative uses":      group.AddPin(mesibo.GroupPin{Uses: -5}),
		"too many uses":      group.AddPin(mesibo.GroupPin{Uses: 1 << 32}),
		"no code":            group.EditPin(mesibo.GroupPin{}),
		"a code not UTF-8":   alice.JoinGroup("\xff"),
	} {
		if mesibo.ResultOf(err) != mesibo.ResultBadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}
