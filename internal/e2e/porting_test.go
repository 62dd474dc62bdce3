package e2e_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// The parameters of a received group message, which name its sender as well, name the group for every function.
func TestPorting_received_group_parameters(t *testing.T) {
	t.Parallel()
	_, alice, bob, carol, gid := trio(t, 0)
	alice.must(alice.SendMessageString(toGroup(gid), 1, "hello all"))
	bob.awaitLine("message hello all RECEIVEDNEW")
	got := bob.messages()
	p := got[len(got)-1].MessageParams
	if p.Peer != "alice" || p.GroupID != gid {
		t.Fatalf("received with %+v", p)
	}
	p.Expiry = mesibo.ExpiryDefault
	bob.must(bob.SendMessageString(p, 11, "text"))
	bob.must(bob.SendLocation(p, 12, mesibo.Location{Title: "a place"}))
	bob.must(bob.ForwardMessage(p, 13, p.Mid))
	bob.must(bob.SendActivity(p, 0, mesibo.ActivityTyping, 0))
	bob.must(bob.SendReaction(p, p.Mid, "👍"))
	bob.must(bob.SendReadReceipt(p, p.Mid))
	bob.must(bob.AddCustomMessage(p, 14, []byte("a note")))
	carol.awaitLine("message text RECEIVEDNEW")
	carol.awaitLine("location a place 0,0 RECEIVEDNEW")
	carol.awaitLine(fmt.Sprintf("activity bob %d 3", gid))
	bob.awaitLine("message a note CUSTOM")
	alice.await("the reaction", func() bool { return len(alice.entries("update 1 hello all bob👍")) == 1 })
	if got := bob.history("alice"); len(got) != 0 {
		t.Errorf("something went to alice: %q", got)
	}
	if n, err := bob.NewReadDbSession(p.Peer, p.GroupID, "", nil).Read(3); err != nil || n != 3 {
		t.Errorf("a session of the group: got %d, %v", n, err)
	}
}

func TestPorting_MayBeRecalled_and_MayBeModified(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	alice.send("bob", 1, "one")
	alice.awaitLine("status 1 DELIVERED")
	mid := bob.mid("one")
	want := func(d *device, what string, mid uint64, recall, modify bool) {
		t.Helper()
		if got := d.MayBeRecalled(mid); got != recall {
			t.Errorf("%s: may be recalled: got %v", what, got)
		}
		if got := d.MayBeModified(mid); got != modify {
			t.Errorf("%s: may be modified: got %v", what, got)
		}
	}
	want(alice, "an own message", mid, true, true)
	want(bob, "somebody else's", mid, false, false)
	want(alice, "none", 12345, false, false)

	alice.Stop()
	alice.must(alice.SendMessageString(toBob(), 2, "waits"))
	want(alice, "a waiting one", 2, true, true)
	alice.start()
	alice.awaitLine("status 2 DELIVERED")
	alice.send("nobody", 3, "fails")
	alice.awaitLine("status 3 INVALIDDEST")
	for m, err := range alice.NewReadDbSession("nobody", 0, "", nil).Messages(1) {
		alice.must(err)
		want(alice, "a failed one", m.Mid, false, false)
	}

	if got := alice.GetMessageRetractionInterval(); got != 3600 {
		t.Errorf("interval: got %d s, want 3600", got)
	}
	alice.SetMessageRetractionInterval(1)
	alice.await("a second to pass", func() bool { return !alice.MayBeRecalled(mid) })
	want(alice, "too old", mid, false, false)
	alice.SetMessageRetractionInterval(0)
	want(alice, "without limit", mid, true, true)
	alice.must(alice.DeleteMessage(mid, mesibo.DeleteRecall))
	want(alice, "recalled", mid, false, false)
	if _, err := alice.FindMessage(mid); err != nil {
		t.Error(err)
	}
}

func TestPorting_typing_and_chatting(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	p := mesibo.MessageParams{Peer: "bob"}
	for _, step := range []struct {
		activity         mesibo.Activity
		typing, chatting bool
	}{
		{mesibo.ActivityJoined, false, true},
		{mesibo.ActivityTyping, true, true},
		{mesibo.ActivityTypingCleared, false, true},
		{mesibo.ActivityTyping, true, true},
		{mesibo.ActivityLeft, false, false},
	} {
		before := len(bob.entries("activity"))
		alice.must(alice.SendActivity(p, 0, step.activity, 0))
		bob.await("the activity", func() bool { return len(bob.entries("activity")) > before })
		typing, chatting := bob.IsTyping("Alice", 0), bob.IsChatting("Alice", 0)
		if typing != step.typing || chatting != step.chatting {
			t.Errorf("after %d: typing %v, chatting %v", step.activity, typing, chatting)
		}
	}
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 0))
	bob.await("typing", func() bool { return bob.IsTyping("alice", 0) })
	alice.send("bob", 5, "typed")
	bob.awaitLine("message typed RECEIVEDNEW")
	if bob.IsTyping("alice", 0) {
		t.Error("alice has sent what she typed, and types")
	}
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 0))
	bob.await("typing", func() bool { return bob.IsTyping("alice", 0) })
	bob.Stop()
	if bob.IsTyping("alice", 0) {
		t.Error("alice is typing, without a connection")
	}
}

func TestPorting_MarkRead_and_EnableUnread(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	bob.must(bob.MarkRead("alice", 0)) // nothing is there yet
	for id := uint32(1); id <= 3; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	bob.awaitLine("message m3 RECEIVEDNEW")
	bob.must(bob.SendReadReceipt(mesibo.MessageParams{Peer: "alice"}, bob.mid("m1")))
	bob.send("alice", 9, "mine")

	unread := func() (texts []string) {
		s := bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{
			Received: func(m *mesibo.Message) { texts = append(texts, string(m.Data)) },
		})
		defer s.Stop()
		s.EnableUnread(true)
		if _, err := s.Read(10); err != nil {
			t.Error(err)
		}
		return texts
	}
	if got := fmt.Sprint(unread()); got != "[m3 m2]" {
		t.Errorf("unread: got %s", got)
	}
	bob.must(bob.MarkRead("alice", 0))
	bob.awaitLine("read alice 0")
	alice.awaitLine("status 3 READ")
	if got := unread(); len(got) != 0 || bob.UnreadCount() != 0 {
		t.Errorf("after MarkRead: unread %q, count %d", got, bob.UnreadCount())
	}
	bob.must(bob.MarkRead("alice", 0))
	bob.wantLines("read", "read alice 2", "read alice 0")
}

// oneAtATime is a listener that is registered and given to a read session as well, and has no lock.
type oneAtATime struct {
	mesibo.ListenerFuncs

	busy, clashes atomic.Int32
}

func (l *oneAtATime) OnReceived(*mesibo.Message) {
	if l.busy.Add(1) > 1 {
		l.clashes.Add(1)
	}
	l.busy.Add(-1)
}

// With Post, the callbacks of a read session and those of real time are of one goroutine, and so in order.
func TestPorting_Post(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	l := &oneAtATime{}
	bob.must(bob.AddListener(l))
	const count = 100
	for id := uint32(1); id <= count; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
		bob.Post(func() {
			s := bob.NewReadDbSession("alice", 0, "", l)
			defer s.Stop()
			if _, err := s.Read(5); err != nil {
				t.Error(err)
			}
		})
	}
	bob.awaitLine(fmt.Sprintf("message m%d RECEIVEDNEW", count))
	order := make(chan string, 3)
	bob.Post(func() { panic("is logged") })
	bob.Post(func() {
		bob.Post(func() { order <- "second" }) // from the goroutine itself it does not wait
		order <- "first"
	})
	if got := <-order + " " + <-order; got != "first second" {
		t.Errorf("got %s", got)
	}
	if n := l.clashes.Load(); n != 0 {
		t.Errorf("the listener was called twice at once %d times", n)
	}
}

func TestPorting_names_and_ids(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	p, ok := bob.GetProfile("alice", 0)
	if !ok || p.GetNameOrAddress() != p.Name && p.GetNameOrAddress() != "alice" {
		t.Errorf("got %+v", p)
	}
	if got := bob.CreateUserProfile("dave", 0).GetNameOrAddress(); got != "dave" {
		t.Errorf("of somebody unknown: got %q", got)
	}
	if got := bob.CreateUserProfile("", 77).GetNameOrAddress(); got != "77" {
		t.Errorf("of a group without a name: got %q", got)
	}
	if got := bob.GetLastProfileUpdateTimestamp(); got < p.Timestamp {
		t.Errorf("profiles changed at %d, one of them at %d", got, p.Timestamp)
	}
	own := bob.messages()[0].MessageParams
	if own.GetSenderMessageID() != 1001 || own.Mid == 1001 {
		t.Errorf("got id %d of %#x", own.GetSenderMessageID(), own.Mid)
	}
	if err := bob.SetAppName("an app"); !errors.Is(err, mesibo.ErrRunning) {
		t.Errorf("while started: %v", err)
	}
	bob.Stop()
	bob.must(bob.SetAppName("an app"))
	if got := bob.GetAppName(); got != "an app" {
		t.Errorf("got %q", got)
	}
}

func TestPorting_ToggleFileTransfer(t *testing.T) {
	t.Parallel()
	s, alice, _ := pair(t)
	s.AddUser("bob", "Bob")
	up := withCourier(alice)
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	job := up.job()
	up.report(job, 40, mesibo.FileStatusInProgress)
	if !f.IsTransferInProgress() || f.IsTransferRequired() || f.IsTransferFailed() {
		t.Errorf("in progress: status %d", f.GetStatus())
	}
	alice.must(alice.ToggleFileTransfer(f))
	<-up.stopped
	if f.IsTransferInProgress() || !f.IsTransferRequired() || f.IsTransferFailed() {
		t.Errorf("stopped: status %d", f.GetStatus())
	}
	alice.must(alice.ToggleFileTransfer(f))
	up.uploaded(up.job(), "u")
	alice.awaitSent(1)
	if f.IsTransferInProgress() || f.IsTransferRequired() {
		t.Errorf("uploaded: status %d, %d%%", f.GetStatus(), f.GetProgress())
	}
}
