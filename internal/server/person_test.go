package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func block(address string, blocked bool) *wire.Request {
	return &wire.Request{Op: &wire.Request_Block{Block: &wire.Block{Address: address, Blocked: blocked}}}
}

func setSelf(m *wire.SetSelf) *wire.Request {
	return &wire.Request{Op: &wire.Request_SetSelf{SetSelf: m}}
}

func activity(m *wire.Activity) *wire.Request {
	return &wire.Request{Op: &wire.Request_Activity{Activity: m}}
}

func foreground(yes bool) *wire.Request {
	return &wire.Request{Op: &wire.Request_SetPresence{SetPresence: &wire.SetPresence{Foreground: yes}}}
}

func (d *device) watch(addresses ...string) []*wire.Presence {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: addresses}}})
	if r.GetWatch() == nil {
		d.t.Fatalf("watch: got %v", r)
	}
	return r.GetWatch().GetPresences()
}

func TestBlock(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	laptop := bob.second()
	before := alice.sendText("bob", "before").GetId()
	seq := nextOf(bob, func(e *wire.Event) *wire.Event { return e }).GetSeq()
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", 1)
	bob.must(wire.ResultBadRequest, block("bob", true))
	bob.must(wire.ResultNoSuchUser, block("nobody", true))
	for range 2 {
		bob.must(wire.ResultOK, block("ALICE", true))
	}
	if b := nextOf(laptop, (*wire.Event).GetBlock); b.GetAddress() != "alice" || !b.GetBlocked() {
		t.Errorf("got %v", b)
	}
	for _, flags := range []uint32{both, wire.FlagTransient} {
		m := message("bob", "x")
		m.Flags = flags
		if got := alice.send(m).GetStatus(); got != wire.StatusBlocked {
			t.Errorf("flags %d: got status %#x, want BLOCKED", flags, got)
		}
	}
	alice.must(wire.ResultDenied, modify(&wire.Modify{Peer: "bob", Id: before, Content: content("x")}))
	alice.must(wire.ResultDenied, react(&wire.React{Peer: "bob", Id: before, Emoji: "👍"}))
	bob.markRead("alice", seq) // alice gets no receipt
	bob.sendText("alice", "still")
	for e := alice.next(); text(e.GetMessage()) != "still"; e = alice.next() {
		if e.GetStatus() != nil {
			t.Errorf("got %v, want nothing of what bob does", e)
		}
	}
	h.restart()
	alice.connect()
	bob.connect()
	if got := alice.send(message("bob", "x")).GetStatus(); got != wire.StatusBlocked {
		t.Errorf("after a restart: got status %#x, want BLOCKED", got)
	}
	bob.must(wire.ResultOK, block("alice", false))
	alice.sendText("bob", "after")
	if m := bob.nextMessage(); text(m) != "after" {
		t.Errorf("got %v", m)
	}
}

func TestBlock_does_not_count_in_groups(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, _, gid := trio(t, h, nil)
	bob.must(wire.ResultOK, block("alice", true))
	alice.send(groupMessage(gid, "all"))
	if m := bob.nextMessage(); text(m) != "all" {
		t.Errorf("got %v", m)
	}
}

func TestChatSettings(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, _, _, gid := trio(t, h, nil)
	laptop := alice.second()
	set := func(m *wire.ChatSettings) *wire.Request {
		return &wire.Request{Op: &wire.Request_ChatSettings{ChatSettings: m}}
	}
	one := &wire.ChatSettings{Peer: "bob", Pinned: true, MutedUntil: 77}
	two := &wire.ChatSettings{GroupId: gid, Archived: true, Unread: true}
	zero := &wire.ChatSettings{Peer: "bob"}
	for _, m := range []*wire.ChatSettings{zero, one, one, two, zero, zero} {
		alice.must(wire.ResultOK, set(m))
	}
	alice.must(wire.ResultNoSuchUser, set(&wire.ChatSettings{Peer: "nobody"}))
	alice.must(wire.ResultDenied, set(&wire.ChatSettings{GroupId: gid + 1}))
	alice.must(wire.ResultBadRequest, set(&wire.ChatSettings{}))
	alice.must(wire.ResultBadRequest, set(&wire.ChatSettings{Peer: "bob", MutedUntil: 1 << 63}))
	alice.sendText("bob", "end")
	for _, want := range []*wire.ChatSettings{one, two, zero} {
		if got := nextOf(laptop, (*wire.Event).GetChatSettings); !proto.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if e := laptop.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing said twice", e)
	}
}

func TestSetSelf(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	for name, m := range map[string]*wire.SetSelf{
		"name":       {Name: new("a\u202eb")},
		"status":     {Status: new(strings.Repeat("x", wire.MaxStatusText+1))},
		"picture":    {Picture: []byte("<svg/>")},
		"url":        {PictureUrl: new(strings.Repeat("x", wire.MaxURL+1))},
		"visibility": {Visibility: new(uint32(9))},
	} {
		if r := alice.call(setSelf(m)); r.GetResult() != wire.ResultBadRequest {
			t.Errorf("%s: got %v", name, r)
		}
	}
	bob.sendText("alice", "so that they know each other")
	picture := smallPNG(t)
	alice.must(
		wire.ResultOK,
		setSelf(&wire.SetSelf{Status: new("busy"), Picture: picture, PictureUrl: new("https://x/y")}),
	)
	alice.must(wire.ResultOK, setSelf(&wire.SetSelf{Name: new("Alice M.")}))
	bob.until("both changes", func() bool {
		return slices.ContainsFunc(bob.signals, func(s *wire.Signal) bool { return s.GetProfile().GetRevision() == 4 })
	})
	sync := func() *wire.ProfileSyncReply {
		return bob.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: 2}}}).
			GetProfileSync()
	}
	p := sync().GetProfiles()[0]
	if p.GetAddress() != "alice" || p.GetName() != "Alice M." || p.GetStatus() != "busy" ||
		!bytes.Equal(p.GetPicture(), picture) ||
		p.GetPictureUrl() != "https://x/y" ||
		p.GetChanged() == 0 {
		t.Errorf("got %v", p)
	}
	alice.must(wire.ResultOK, setSelf(&wire.SetSelf{Name: new("Alice M."), Visibility: new(uint32(wire.VisibilityNone))}))
	if got := sync(); got.GetRevision() != 4 {
		t.Errorf("got revision %d, want nothing new", got.GetRevision())
	}
	alice.must(wire.ResultOK, setSelf(&wire.SetSelf{Picture: []byte{}}))
	if p := sync().GetProfiles()[0]; len(p.GetPicture()) != 0 || p.GetStatus() != "busy" {
		t.Errorf("got %v, want only the picture gone", p)
	}
	for range 20 {
		if r := alice.call(setSelf(&wire.SetSelf{})); r.GetResult() == wire.ResultRateLimit {
			return
		}
	}
	t.Error("20 changes at once were taken")
}

// TestProfileSync_pages: replies fit into frames, and no change is left out.
func TestProfileSync_pages(t *testing.T) {
	t.Parallel()
	const users = 40
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	picture := append(smallPNG(t), make([]byte, wire.MaxThumbnail-200)...)
	want := map[string]bool{"alice": true, "Team": true}
	var members []string
	for i := range users {
		address := fmt.Sprintf("user%d", i)
		d := h.device(address)
		d.must(wire.ResultOK, setSelf(&wire.SetSelf{Picture: picture}))
		d.close()
		want[address] = true
		members = append(members, address)
		if i == users/2 {
			m := create(members...)
			m.Picture = picture
			alice.createGroup(m)
		}
	}
	got := make(map[string]bool)
	revision, pages := uint64(0), 0
	for more := true; more; pages++ {
		r := alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: revision}}}).
			GetProfileSync()
		for _, p := range r.GetProfiles() {
			got[p.GetAddress()] = true
		}
		for _, g := range r.GetGroups() {
			got[g.GetName()] = true
			if g.GetMembers() != users/2+2 {
				t.Errorf("got %d members", g.GetMembers())
			}
		}
		if r.GetRevision() <= revision && r.GetMore() {
			t.Fatalf("revision %d follows on %d", r.GetRevision(), revision)
		}
		revision, more = r.GetRevision(), r.GetMore()
	}
	if len(got) != len(want) || pages < 4 {
		t.Errorf("got %d of %d in %d pages", len(got), len(want), pages)
	}
}

func TestActivity(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	eve := h.device("eve")
	alice.must(wire.ResultOK, activity(&wire.Activity{Peer: "bob", Activity: wire.ActivityTyping}))
	if s := nextSignal(bob, (*wire.Signal).GetActivity); s.GetFrom() != "alice" ||
		s.GetActivity() != wire.ActivityTyping ||
		s.GetTime() == 0 {
		t.Errorf("got %v", s)
	}
	alice.must(wire.ResultOK, activity(&wire.Activity{GroupId: gid, Activity: 5000}))
	for _, d := range []*device{bob, carol} {
		if s := nextSignal(d, (*wire.Signal).GetActivity); s.GetGroupId() != gid || s.GetActivity() != 5000 {
			t.Errorf("got %v", s)
		}
	}
	alice.must(wire.ResultNoSuchUser, activity(&wire.Activity{Peer: "nobody", Activity: 3}))
	alice.must(wire.ResultDenied, activity(&wire.Activity{GroupId: gid + 1, Activity: 3}))
	alice.must(wire.ResultBadRequest, activity(&wire.Activity{Peer: "bob"}))
	alice.must(wire.ResultBadRequest, activity(&wire.Activity{Activity: 3}))
	eve.must(wire.ResultDenied, activity(&wire.Activity{GroupId: gid, Activity: 3}))
	bob.must(wire.ResultOK, block("eve", true))
	for _, d := range []*device{bob, eve} { // in neither direction
		peer := map[*device]string{bob: "eve", eve: "bob"}[d]
		d.must(wire.ResultOK, activity(&wire.Activity{Peer: peer, Activity: 3}))
	}
	m := message("eve", "end")
	m.Flags = wire.FlagTransient
	bob.send(m)
	for _, s := range append(eve.signals, bob.signals...) {
		if s.GetActivity() != nil {
			t.Errorf("got %v, want no activity of who is blocked", s)
		}
	}
	limited := false
	for range 40 {
		limited = limited ||
			carol.call(activity(&wire.Activity{Peer: "alice", Activity: 3})).GetResult() == wire.ResultRateLimit
	}
	if !limited {
		t.Error("40 activities at once were taken")
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	laptop := bob.second()
	got := alice.watch("BOB", "nobody")
	if len(got) != 1 || got[0].GetAddress() != "bob" || got[0].GetOnline() || got[0].GetLastSeen() != 0 {
		t.Errorf("got %v, want bob, never seen", got)
	}
	bob.must(wire.ResultOK, foreground(true))
	if p := nextSignal(alice, (*wire.Signal).GetPresence); p.GetAddress() != "bob" || !p.GetOnline() {
		t.Errorf("got %v, want bob online", p)
	}
	laptop.must(wire.ResultOK, foreground(true))
	bob.must(wire.ResultOK, foreground(false)) // the laptop is still in the foreground
	kick(t, h, laptop)
	p := nextSignal(alice, (*wire.Signal).GetPresence)
	if p.GetOnline() || p.GetLastSeen() == 0 {
		t.Errorf("got %v, want bob to be gone", p)
	}
	h.restart()
	alice.connect()
	if got := alice.watch("bob"); len(got) != 1 || got[0].GetLastSeen() != p.GetLastSeen() {
		t.Errorf("after a restart: got %v, want last seen %d", got, p.GetLastSeen())
	}
	alice.watch() // watches no user
	bob.connect()
	bob.must(wire.ResultOK, foreground(true))
	bob.sendText("alice", "end")
	alice.nextMessage()
	for _, s := range alice.signals {
		if s.GetPresence() != nil {
			t.Errorf("got %v, want nothing unasked", s)
		}
	}
	tooMany := &wire.Watch{Addresses: make([]string, wire.MaxWatch+1)}
	r := alice.call(&wire.Request{Op: &wire.Request_Watch{Watch: tooMany}})
	if r.GetResult() != wire.ResultBadRequest {
		t.Errorf("got %v, want BADREQUEST", r)
	}
}

func TestPresence_visibility(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.must(wire.ResultOK, foreground(true))
	sees := func(want bool, when string) {
		t.Helper()
		got := alice.watch("bob")
		if want != (len(got) == 1 && got[0].GetOnline()) || (!want && len(got) != 0) {
			t.Errorf("%s: got %v, want visible %v", when, got, want)
		}
	}
	sees(true, "at first")
	bob.must(wire.ResultOK, setSelf(&wire.SetSelf{Visibility: new(uint32(wire.VisibilityNone))}))
	if p := nextSignal(alice, (*wire.Signal).GetPresence); p.GetOnline() || p.GetLastSeen() != 0 {
		t.Errorf("got %v, want nothing to be seen", p)
	}
	sees(false, "nobody")
	bob.must(wire.ResultOK, setSelf(&wire.SetSelf{Visibility: new(uint32(wire.VisibilityContact))}))
	sees(false, "contacts")
	alice.sendText("bob", "hello") // does not make alice one of bob's contacts
	sees(false, "written to")
	bob.sendText("alice", "hello")
	sees(true, "a contact")
	bob.must(wire.ResultOK, block("alice", true))
	sees(false, "blocked")
	bob.must(wire.ResultOK, block("alice", false))
	alice.must(wire.ResultOK, block("bob", true))
	sees(false, "blocking")
	alice.must(wire.ResultOK, block("bob", false))
	sees(true, "allowed again")
}
