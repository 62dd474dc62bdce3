package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// texts returns the texts that a session reads.
func texts(t *testing.T, s *mesibo.ReadDbSession) []string {
	t.Helper()
	defer s.Stop()
	var out []string
	for m, err := range s.Messages(0) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(m.Data))
	}
	return out
}

func TestRead_query(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	for i, text := range []string{
		"the invoice of May", "Crème brûlée for all", "会議は明日です", "50% off_price", "a \"quoted\" word",
		"INVOICES are late", "zz",
	} {
		alice.send("bob", uint32(i+1), text)
	}
	bob.awaitLine("message zz RECEIVEDNEW")
	for query, want := range map[string][]string{
		"oice":          {"INVOICES are late", "the invoice of May"},
		"creme BRULEE":  {"Crème brûlée for all"},
		"brûlée creme":  {"Crème brûlée for all"},
		"会議":            {"会議は明日です"},
		"明日で":           {"会議は明日です"},
		"zz":            {"zz"},
		"0% ff_p":       {"50% off_price"},
		`"quoted"`:      {"a \"quoted\" word"},
		"in of":         {"the invoice of May"},
		"nothing there": nil,
		"* OR invoice":  nil,
	} {
		for _, peer := range []string{"", "alice"} {
			if got := texts(t, bob.NewReadDbSession(peer, 0, query, nil)); !slices.Equal(got, want) {
				t.Errorf("%q in %q: got %q, want %q", query, peer, got, want)
			}
		}
	}
	session := bob.NewReadDbSession("alice", 0, "oice", nil)
	session.EnableFifo(true)
	if got := texts(t, session); !slices.Equal(got, []string{"the invoice of May", "INVOICES are late"}) {
		t.Errorf("oldest first: got %q", got)
	}
	mid := bob.mid("INVOICES are late")
	alice.must(alice.SendUpdate(mesibo.MessageParams{Peer: "bob"}, mid, []byte("bills are late")))
	bob.awaitLine("update 6 bills are late")
	if got := texts(t, bob.NewReadDbSession("alice", 0, "oice", nil)); !slices.Equal(got, []string{"the invoice of May"}) {
		t.Errorf("after an edit: got %q", got)
	}
	if got := texts(t, bob.NewReadDbSession("alice", 0, "bills", nil)); len(got) != 1 {
		t.Errorf("after an edit: got %q", got)
	}
}

// synced waits for OnSync.
type synced struct {
	mu    sync.Mutex
	count []int
}

func (s *synced) OnSync(count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count = append(s.count, count)
}

func (s *synced) told() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.count)
}

func TestRead_sync(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	for i := range 25 {
		alice.send("bob", uint32(i+1), fmt.Sprint("m", i))
		bob.send("alice", uint32(i+1), fmt.Sprint("r", i))
	}
	bob.await("all", func() bool { return len(bob.messages()) == 25 && len(bob.entries("status 25 DELIVERED")) == 1 })
	reading := bob.NewReadDbSession("alice", 0, "", nil)
	reading.EnableReadReceipt(true)
	if _, err := reading.Read(100); err != nil {
		t.Fatal(err)
	}
	reading.Stop()
	alice.awaitLine("status 25 READ")
	want := bob.history("alice")
	bob.must(bob.DeleteMessage(bob.mid("m3"), mesibo.DeleteLocal))
	want = slices.DeleteFunc(want, func(line string) bool { return line == "m3 RECEIVEDREAD" })
	bob.end()

	bob.must(bob.SetDatabase("test.db", mesibo.DBTableMessages)) // the log is not read again from its start
	bob.start()
	bob.wantHistory("alice")
	session := bob.NewReadDbSession("alice", 0, "", nil)
	defer session.Stop()
	var first, rest, none synced
	bob.must(session.Sync(10, &first))
	bob.await("ten messages", func() bool { return slices.Equal(first.told(), []int{10}) })
	if got := bob.history("alice"); !slices.Equal(got, want[len(want)-10:]) {
		t.Errorf("got %q", got)
	}
	bob.must(session.Sync(100, &rest))
	bob.await("the rest", func() bool { return slices.Equal(rest.told(), []int{len(want) - 10}) })
	bob.wantHistory("alice", want...)
	bob.must(session.Sync(1, &none))
	bob.await("nothing", func() bool { return slices.Equal(none.told(), []int{0}) })
	if n := session.GetUnreadMessageCount(); n != 0 {
		t.Errorf("%d messages are unread", n)
	}
}

func TestRead_calls(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	p := mesibo.MessageParams{Peer: "alice", Status: mesibo.MsgStatusCallMissed, Type: 1}
	bob.must(bob.AddCustomMessage(p, 31, nil))
	p.Status, p.Type = mesibo.MsgStatusCallOutgoing, 0
	bob.must(bob.AddCustomMessage(p, 32, nil))
	bob.must(bob.AddCustomMessage(mesibo.MessageParams{Peer: "alice"}, 33, []byte("a note")))
	err := bob.AddCustomMessage(mesibo.MessageParams{Peer: "alice"}, 33, nil)
	if mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("the same id again: %v", err)
	}
	statuses := func(enable func(*mesibo.ReadDbSession)) []mesibo.MsgStatus {
		s := bob.NewReadDbSession("alice", 0, "", nil)
		defer s.Stop()
		enable(s)
		var out []mesibo.MsgStatus
		for m, err := range s.Messages(0) {
			bob.must(err)
			out = append(out, m.Status)
			if m.Status == mesibo.MsgStatusCallMissed && (!m.IsVideoCall() || !m.IsMissedCall() || m.IsVoiceCall()) {
				t.Errorf("the missed call is %+v", m.MessageParams)
			}
		}
		return out
	}
	for _, c := range []struct {
		name   string
		enable func(*mesibo.ReadDbSession)
		want   []mesibo.MsgStatus
	}{
		{"plain", func(*mesibo.ReadDbSession) {}, []mesibo.MsgStatus{0x20, 2, 0x12}},
		{"missed", func(s *mesibo.ReadDbSession) { s.EnableMissedCalls(true) }, []mesibo.MsgStatus{0x20, 0x15, 2, 0x12}},
		{"all", func(s *mesibo.ReadDbSession) { s.EnableCalls(true) }, []mesibo.MsgStatus{0x20, 0x17, 0x15, 2, 0x12}},
		{
			"log", func(s *mesibo.ReadDbSession) { s.EnableCalls(true); s.EnableMessages(false) },
			[]mesibo.MsgStatus{0x17, 0x15},
		},
		{
			"outgoing", func(s *mesibo.ReadDbSession) { s.EnableOutgoingCalls(true); s.EnableMessages(false) },
			[]mesibo.MsgStatus{0x17},
		},
	} {
		if got := statuses(c.enable); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	s := bob.NewReadDbSession("alice", 0, "", nil)
	defer s.Stop()
	if s.GetTotalMessageCount() != 5 || s.GetUnreadMessageCount() != 1 || s.GetSentMessageCount() != 1 ||
		s.GetFailedMessageCount() != 0 ||
		s.GetMessageCount(mesibo.MsgStatusCallMissed) != 1 {
		t.Error("counts are wrong")
	}
}

// filter drops incoming messages of type 1 and rude ones.
type filter struct{}

func (filter) OnMessageFilter(p *mesibo.MessageParams, d mesibo.FilterDirection, data []byte) bool {
	return (d != mesibo.FilterIncoming || p.Type != 1) && string(data) != "rude"
}

func TestFilter(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	bob.must(bob.AddListener(filter{}))
	alice.must(alice.AddListener(filter{}))
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	p.Type = 1
	alice.must(alice.SendMessageString(p, 1, "for the program"))
	alice.must(alice.SendMessageString(p, 2, "rude"))
	alice.send("bob", 3, "for people")
	bob.awaitLine("message for people RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED")
	alice.awaitLine("status 3 DELIVERED")
	bob.wantHistory("alice", "for people RECEIVEDNEW")
	alice.wantHistory("bob", "for the program DELIVERED", "for people DELIVERED")
}

// With read receipts off, this user's other devices learn what was read, and the sender does not.
func TestSetReadReceipts(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	other := newDevice(t, srv.Token("bob"), t.TempDir())
	other.start()
	bob.SetReadReceipts(false)
	alice.send("bob", 1, "in secret")
	bob.awaitLine("message in secret RECEIVEDNEW")
	other.awaitLine("message in secret RECEIVEDNEW")
	bob.must(bob.MarkRead("alice", 0))
	other.awaitLine("read alice 0")
	alice.send("bob", 2, "the next")
	alice.awaitLine("status 2 DELIVERED")
	alice.wantLines("status 1 ", "status 1 SENT", "status 1 DELIVERED")
	bob.SetReadReceipts(true)
	bob.must(bob.MarkRead("alice", 0))
	alice.awaitLine("status 2 READ")
}
