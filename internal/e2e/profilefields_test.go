package e2e_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// fields lists what a profile says about its chat.
func fields(p *mesibo.UserProfile) string {
	if p == nil {
		return "none"
	}
	return fmt.Sprintf("%s%s muted=%v archived=%v pinned=%v unread=%d draft=%q picture=%v", p.Address, groupName(p),
		p.IsMuted(), p.IsArchived(),
		p.IsPinned(), p.Unread, p.Draft, len(p.Picture) > 0)
}

// Wherever a profile comes from, it says the same about the chat: a notifier asks it whether to make noise.
func TestProfile_fields_everywhere(t *testing.T) {
	t.Parallel()
	srv, alice, bob, _, gid := trio(t, 0)
	second := newDevice(t, srv.Token("bob"), t.TempDir())
	second.start()
	self := alice.GetSelfProfile()
	self.PicturePath = picture(t)
	alice.must(alice.SetSelfProfile(self))
	bob.await("a picture", func() bool { p, ok := bob.GetProfile("alice", 0); return ok && len(p.Picture) > 0 })
	for _, c := range []struct {
		peer  string
		group uint32
	}{{"alice", 0}, {"", gid}} {
		p, ok := bob.GetProfile(c.peer, c.group)
		if !ok {
			p = bob.CreateUserProfile(c.peer, c.group)
		}
		p.ToggleMute()
		p.TogglePin()
		p.ToggleArchive()
		p.Draft = "unsent"
		bob.must(bob.SetProfile(p))
	}
	got := make(chan [2]string, 10)
	bob.must(bob.AddListener(&mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, _ []byte) {
		got <- [2]string{fields(p.Profile), fields(p.GroupProfile)}
	}}))
	want := `alice muted=true archived=true pinned=true unread=1 draft="unsent" picture=true`
	inGroup := `group muted=true archived=true pinned=true unread=1 draft="unsent" picture=false`
	alice.send("bob", 1, "one")
	if told := <-got; told != [2]string{want, "none"} {
		t.Errorf("OnMessage: got %q, want %q", told, want)
	}
	alice.must(alice.SendMessageString(toGroup(gid), 2, "to all"))
	if told := <-got; told != [2]string{want, inGroup} {
		t.Errorf("OnMessage in a group: got %q, want %q and %q", told, want, inGroup)
	}
	alice.awaitLine("status 1 DELIVERED")

	listed := func(name string, all []mesibo.UserProfile) {
		t.Helper()
		var lines []string
		for i := range all {
			lines = append(lines, fields(&all[i]))
		}
		for _, line := range []string{want, inGroup} {
			if !slices.Contains(lines, line) {
				t.Errorf("%s: got %q, want %q", name, lines, line)
			}
		}
	}
	listed("GetProfiles", bob.GetProfiles())
	listed("GetSortedUserProfiles", bob.GetSortedUserProfiles())
	listed("GetRecentProfiles", bob.GetRecentProfiles())
	for name, s := range map[string]*mesibo.ReadDbSession{
		"chat": bob.NewReadDbSession("alice", 0, "", nil), "group": bob.NewReadDbSession("", gid, "", nil),
		"all": bob.NewReadDbSession("", 0, "", nil), "summary": bob.NewReadDbSession("", 0, "", nil),
	} {
		s.EnableSummary(name == "summary")
		for m, err := range s.Messages(0) {
			bob.must(err)
			if fields(m.Profile) != want || m.GroupID != 0 && fields(m.GroupProfile) != inGroup {
				t.Errorf("%s: got %q and %q", name, fields(m.Profile), fields(m.GroupProfile))
			}
		}
		s.Stop()
	}
	found, err := bob.FindMessage(bob.mid("one"))
	if err != nil || fields(found.Profile) != want {
		t.Errorf("FindMessage: got %+v, %v", found, err)
	}

	// What a callback gave can be changed and stored.
	found.Profile.ToggleMute()
	bob.must(bob.SetProfile(found.Profile))
	second.await("no mute", func() bool { // or the message might come before the settings, which archive the chat again
		p, ok := second.GetProfile("alice", 0)
		return ok && p.IsPinned() && !p.IsMuted()
	})
	alice.send("bob", 3, "three")
	if told := <-got; told[0] != `alice muted=false archived=false pinned=true unread=2 draft="unsent" picture=true` {
		t.Errorf("after SetProfile: got %q", told[0])
	}
	bob.must(bob.SendReadReceipt(mesibo.MessageParams{Peer: "alice"}, bob.mid("three")))
	bob.send("alice", 4, "four")
	bob.awaitLine("status 4 DELIVERED")
	if found, err = bob.FindMessage(4); err != nil || found.Profile.Unread != 0 {
		t.Errorf("after reading: got %+v, %v", found, err)
	}
}

// Names are sorted as people sort them.
func TestGetSortedUserProfiles_by_name(t *testing.T) {
	t.Parallel()
	srv, alice, _ := pair(t)
	for address, name := range map[string]string{
		"1": "Zoé", "2": "Ärger", "3": "émile", "4": "Eve", "5": "anna",
		"6": "Øre", "7": "Ole", "8": "Zoe",
	} {
		srv.AddUser(address, name)
	}
	want := []string{"anna", "Ärger", "bob", "émile", "Eve", "Ole", "Øre", "Zoe", "Zoé"}
	var got []string
	alice.await("all", func() bool {
		got = nil
		for _, p := range alice.GetSortedUserProfiles() {
			got = append(got, p.Name)
		}
		return len(got) == len(want)
	})
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
