package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// This file tests functions of the reference that no scenario uses.

func TestFlags_queue_keep_and_modify(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	queued := mesibo.NewMessageParams("bob", mesibo.FlagDefault|mesibo.FlagQueue)
	alice.must(alice.SendMessageString(queued, 1, "one"))
	alice.must(alice.SendMessageString(queued, 2, "two"))
	kept := mesibo.NewMessageParams("bob", mesibo.FlagDefault|mesibo.FlagDontSend)
	alice.must(alice.SendMessageString(kept, 3, "to myself"))
	if n := alice.OutboxCount(); n != 2 {
		t.Errorf("%d wait, want 2", n)
	}
	bob.wantLines("message")
	alice.SendMessages()
	alice.awaitLine("status 2 DELIVERED")
	alice.must(alice.SendMessageString(mesibo.NewMessageParams("bob", mesibo.FlagModify), 2, "TWO"))
	bob.awaitLine("update 2 TWO")
	alice.must(alice.SendMessageString(queued, 4, "three"))
	alice.send("bob", 5, "four") // sends the queued one too
	alice.awaitLine("status 5 DELIVERED")
	bob.wantHistory("alice", "one RECEIVEDNEW", "TWO RECEIVEDNEW", "three RECEIVEDNEW", "four RECEIVEDNEW")
	alice.await("what was kept", func() bool { return len(alice.history("bob")) == 5 })
}

func TestDelete_several_older_and_by_policy(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	for id := uint32(1); id <= 6; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	alice.awaitLine("status 6 DELIVERED")
	if seconds, kind := alice.DeletePolicy(-1, mesibo.DeleteDefault); seconds != 3600 || kind != mesibo.DeleteRecall {
		t.Errorf("at first: %d, %d", seconds, kind)
	}
	unknown := []uint64{bob.mid("m1"), 12345}
	if err := alice.DeleteMessagesByID(unknown, mesibo.DeleteLocal); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("with one that is not there: %v", err)
	}
	alice.must(alice.DeleteMessagesByID([]uint64{bob.mid("m1"), bob.mid("m2")}, mesibo.DeleteDefault))
	bob.awaitLine("deleted 2")
	bob.awaitLine("deleted 1")
	bob.SetRemoteRetractionPolicy(0)
	alice.must(alice.DeleteMessage(bob.mid("m3"), mesibo.DeleteRemove))
	alice.send("bob", 7, "m7")
	bob.awaitLine("message m7 RECEIVEDNEW")
	bob.wantHistory("alice", " RECEIVEDNEW", " RECEIVEDNEW", "m3 RECEIVEDNEW", "m4 RECEIVEDNEW", "m5 RECEIVEDNEW",
		"m6 RECEIVEDNEW", "m7 RECEIVEDNEW")
	alice.awaitLine("status 7 DELIVERED")
	alice.wantHistory("bob", " DELIVERED", " DELIVERED", "m4 DELIVERED", "m5 DELIVERED", "m6 DELIVERED", "m7 DELIVERED")

	all := bob.messages()
	bob.must(bob.DeleteMessagesBefore(mesibo.MessageParams{Peer: "alice"}, all[len(all)-1].Ts+1))
	bob.wantHistory("alice")
	if _, kind := alice.DeletePolicy(-1, mesibo.DeleteLocal); kind != mesibo.DeleteLocal {
		t.Errorf("got %d", kind)
	}
	alice.must(alice.DeleteMessage(bob.mid("m4"), mesibo.DeleteDefault))
	alice.SetMessageRetractionInterval(1)
	mid := bob.mid("m5")
	alice.await("a second to pass", func() bool {
		err := alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, mid, []byte("m5"))
		return errors.Is(err, mesibo.ErrTooLate) && errors.Is(err, mesibo.ResultDenied)
	})
	if err := alice.DeleteMessage(mid, mesibo.DeleteRecall); !errors.Is(err, mesibo.ErrTooLate) {
		t.Errorf("got %v", err)
	}
	bob.wantLines("deleted", bob.entries("deleted")[:2]...)
	bob.wantLines("update")
}

func TestRead_sessions_stop_seek_and_count(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	withCourier(bob)
	for id := uint32(1); id <= 8; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	alice.must(alice.SendFile(toBob(), 9, &mesibo.FileInfo{URL: "u", Title: "a.txt"}))
	alice.awaitLine("status 9 DELIVERED")
	var got []string
	note := &mesibo.ListenerFuncs{
		Message: func(_ *mesibo.MessageParams, data []byte) { got = append(got, string(data)) },
		File:    func(_ *mesibo.MessageParams, f *mesibo.FileInfo) { got = append(got, f.Title) },
	}
	s := bob.NewReadDbSession("alice", 0, "", note)
	read := func(count int, want ...string) {
		t.Helper()
		got = nil
		n, err := s.Read(count)
		if err != nil || n != len(want) || !slices.Equal(got, want) {
			t.Errorf("got %d %q, %v, want %q", n, got, err, want)
		}
	}
	from, other := mesibo.MessageParams{Peer: "alice"}, mesibo.MessageParams{Peer: "carol"}
	read(2, "a.txt", "m8")
	if !s.IsReading(&from) || !bob.IsReading(&from) || bob.IsReading(&other) {
		t.Error("IsReading is wrong")
	}
	s.Stop()
	read(1)
	if s.IsReading(&from) || bob.IsReading(&from) {
		t.Error("it reads on")
	}
	s.Start()
	read(1, "m7")
	s.Restart()
	read(1, "a.txt")

	bob.must(s.SeekMessage(bob.mid("m3")))
	read(1, "m2")
	bob.must(s.SeekFraction(0))
	if f, err := s.Fraction(bob.mid("m1")); err != nil || f > 0.2 {
		t.Errorf("got %v, %v", f, err)
	}
	bob.must(s.SeekFraction(1))
	read(1, "a.txt")
	bob.must(s.Seek(time.UnixMilli(int64(bob.messages()[len(bob.messages())-1].Ts)).Add(time.Second)))
	read(1, "a.txt")
	if first, err := s.FirstUnread(); err != nil || first != bob.mid("m1") {
		t.Errorf("got %d, %v", first, err)
	}
	if s.GetReceivedMessageCount() != 9 || s.GetTotalMessageCount() != 9 ||
		s.GetMessageCount(mesibo.MsgStatusReceivedNew) != 9 {
		t.Errorf("got %d received of %d", s.GetReceivedMessageCount(), s.GetTotalMessageCount())
	}
	bob.EndAllSessions()
	if bob.IsReading(&from) {
		t.Error("a session goes on")
	}

	s = bob.NewReadDbSession("alice", 0, "", note)
	s.EnableFiles(true)
	read(5, "a.txt")
	bob.must(bob.AddCustomMessage(mesibo.MessageParams{Peer: "alice", Status: mesibo.MsgStatusCallIncoming}, 20,
		[]byte("call")))
	s = bob.NewReadDbSession("alice", 0, "", note)
	defer s.Stop()
	s.EnableIncomingCalls(true)
	s.EnableMessages(false)
	read(5, "call")
}

func TestGroup_rights_and_codes(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	rights := func(d *device) []bool {
		g := d.GetGroupProfile(gid)
		return []bool{
			g.CanSend(), g.CanModify(), g.CanAddMembers(), g.CanRemoveMembers(), g.CanAddAdmins(), g.CanRemoveAdmins(),
			g.CanRemoveOwner(),
			g.CanRemoveGroup(), g.CanEditPins(),
		}
	}
	if got := rights(alice); slices.Contains(got, false) {
		t.Errorf("the owner may %v", got)
	}
	if got := rights(bob); !got[0] || slices.Contains(got[1:], true) {
		t.Errorf("a member may %v", got)
	}
	group := alice.GetGroupProfile(gid)
	alice.must(group.AddMembers([]string{"bob"}, mesibo.MemberPermissions{
		Flags: mesibo.MemberFlagAll, AdminFlags: mesibo.AdminFlagModify | mesibo.AdminFlagAddUser,
	}))
	want := []bool{true, true, true, false, false, false, false, false, false}
	bob.await("rights", func() bool { return slices.Equal(rights(bob), want) })
	bob.must(bob.GetGroupProfile(gid).SetProperties(mesibo.GroupProperties{Name: new("Bob's")}))
	carol.await("a name", func() bool { s, _, _ := carol.GetGroupProfile(gid).Settings(); return s.Name == "Bob's" })
	alice.must(group.GetMembers(0, true))
	alice.awaitLine("members alice bob carol false")
	for _, m := range group.Members() {
		if m.IsOwner() != (m.Address == "alice") || m.IsAdmin() != (m.Address != "carol") {
			t.Errorf("got %+v", m)
		}
	}

	alice.must(group.AddPin(mesibo.GroupPin{Uses: 5}))
	alice.awaitLine("settings Bob's  0 ffff pins 1")
	alice.mu.Lock()
	code := alice.pin
	alice.mu.Unlock()
	alice.must(group.EditPin(mesibo.GroupPin{Code: code, Uses: 1}))
	alice.await("a changed code", func() bool { return len(alice.entries("settings Bob's  0 ffff pins 1")) == 2 })
	alice.must(group.RemovePin(code))
	alice.awaitLine("settings Bob's  0 ffff pins 0")
	bob.must(bob.GetGroupProfile(gid).Leave())
	bob.awaitLine("left Bob's")
	bob.must(bob.JoinGroup(code))
	bob.awaitLine("group error 3")
}

func TestOnline_modes(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	bob.Stop()
	bob.start() // watches alice from now on
	seen := func(want bool, times int) {
		t.Helper()
		line := fmt.Sprintf("presence alice %v", want)
		bob.await(line, func() bool { return len(bob.entries(line)) == times })
	}
	alice.must(alice.SetOnlineStatusMode(mesibo.OnlineModeLogin)) // being connected is enough
	seen(true, 1)
	alice.must(alice.SetOnlineStatusMode(mesibo.OnlineModeForeground))
	seen(false, 1)
	alice.SetAppInForeground(7, true)
	seen(true, 2)
	if !alice.IsAppInForeground() || bob.IsAppInForeground() {
		t.Error("IsAppInForeground is wrong")
	}
	alice.must(alice.SetOnlineStatusMode(mesibo.OnlineModeManual))
	seen(false, 2)
	if err := alice.SetOnlineStatusMode(9); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("an unknown mode: %v", err)
	}
}

func TestBlock_a_group_here(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	p, _ := bob.GetProfile("", gid)
	p.BlockGroupMessages(true)
	bob.must(bob.SetProfile(p))
	alice.must(alice.SendMessageString(toGroup(gid), 1, "noise"))
	carol.awaitLine("message noise RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED of bob")
	p, _ = bob.GetProfile("", gid)
	if !p.IsBlocked() {
		t.Errorf("got %+v", p)
	}
	p.BlockGroupMessages(false)
	bob.must(bob.SetProfile(p))
	alice.must(alice.SendMessageString(toGroup(gid), 2, "news"))
	bob.awaitLine("message news RECEIVEDNEW")
	if got := bob.entries("message noise"); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// The fields of a file that the recipient gets, and those that stay with the application.
func TestFile_fields(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	up, down := withCourier(alice), withCourier(bob)
	own := make(chan mesibo.FileInfo, 10)
	f := &mesibo.FileInfo{
		Path: writeFile(t, "song.mp3", "la la"), Title: "A song", Message: "listen",
		MimeType: "audio/mpeg", Duration: 2 * time.Second,
		Width: 3, Height: 4, UserInteraction: true, Data: 42,
		Listener: &mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) { own <- *f }},
	}
	alice.must(alice.SendFile(toBob(), 1, f))
	job := up.job()
	if !job.UserInteraction || job.Data != 42 || job.Type != mesibo.FileTypeAudio ||
		job.Source != mesibo.FileSourceMessage {
		t.Errorf("the handler got %+v", job)
	}
	up.uploaded(job, "u")
	if got := <-own; got.Progress != 100 || got.Data != 42 || got.GetPath() != f.Path {
		t.Errorf("the file's own listener got %+v", got)
	}
	in := down.job()
	if in.Title != "A song" || in.Message != "listen" || in.MimeType != "audio/mpeg" || in.Size != 5 ||
		in.Duration != 2*time.Second || in.Width != 3 ||
		in.Height != 4 || in.Type != mesibo.FileTypeAudio || in.Data != nil || in.UserInteraction {
		t.Errorf("bob got %+v", in)
	}
}

func TestLocation_fields(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	sent := mesibo.Location{
		Lat: -33.9, Lon: 18.4, Zoom: 12, URL: "https://maps.example/1", Title: "The harbour", Message: "1 Dock Road",
		Accuracy: 5, Data: "mine",
	}
	alice.must(alice.SendLocation(toBob(), 1, sent))
	bob.awaitLine("location The harbour -33.9,18.4 RECEIVEDNEW")
	found, err := bob.FindMessage(bob.mid("The harbour"))
	bob.must(err)
	want := sent
	want.Mid, want.Data = found.Mid, nil
	if found.Location == nil || *found.Location != want {
		t.Errorf("got %+v, want %+v", found.Location, want)
	}
}

// A file is sent with the place where it belongs.
func TestFile_with_location(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	withCourier(bob)
	place := mesibo.Location{
		Lat: 0, Lon: -18.4, Zoom: 3, Title: "The harbour", Message: "1 Dock Road",
		URL: "https://maps.example", Accuracy: 5,
	}
	f := &mesibo.FileInfo{URL: "u", Title: "a.txt", Message: "there", Location: &place}
	alice.must(alice.SendFile(toBob(), 1, f))
	alice.awaitLine("status 1 DELIVERED")
	want := place
	read := func(d *device) *mesibo.Message {
		t.Helper()
		var last *mesibo.Message
		d.await("a file", func() bool {
			s := d.NewReadDbSession("", 0, "", nil)
			defer s.Stop()
			for m, err := range s.Messages(0) {
				d.must(err)
				if m.File != nil {
					last = m
				}
			}
			return last != nil
		})
		want.Mid = last.Mid
		if last.File.Location == nil || *last.File.Location != want {
			t.Errorf("%s got %+v, want %+v", d.GetAddress(), last.File.Location, want)
		}
		return last
	}
	bob.must(bob.ForwardMessage(mesibo.NewMessageParams("carol", mesibo.FlagDefault), 2, read(bob).Mid))
	read(carol)
	alice.must(alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, 1, []byte("here")))
	bob.awaitLine("update 1 here")
	read(bob)
	bad := &mesibo.FileInfo{URL: "u", Title: "a.txt", Location: &mesibo.Location{Lat: 91}}
	if err := alice.SendFile(toBob(), 3, bad); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("a place beyond the pole: %v", err)
	}
}

func TestProfile_other_stays_here(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	second := newDevice(t, s.Token("alice"), t.TempDir())
	second.start()
	p, _ := alice.GetProfile("bob", 0)
	p.Other = []int{1}
	alice.must(alice.SetProfile(p))
	p, _ = alice.GetProfile("bob", 0)
	if fmt.Sprint(p.Other) != "[1]" || p.Timestamp == 0 {
		t.Errorf("got %+v", p)
	}
	second.await("bob", func() bool { p, ok := second.GetProfile("bob", 0); return ok && p.Name == "bob" })
	if p, _ := second.GetProfile("bob", 0); p.Other != nil {
		t.Errorf("another device has %v", p.Other)
	}
}
