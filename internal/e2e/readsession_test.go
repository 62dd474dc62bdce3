package e2e_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
)

// numbered sends messages m1, m2 and so on from alice to bob.
func numbered(alice, bob *device, count uint32) {
	alice.t.Helper()
	for id := uint32(1); id <= count; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	bob.awaitLine(fmt.Sprintf("message m%d RECEIVEDNEW", count))
	alice.awaitLine(fmt.Sprintf("status %d DELIVERED", count))
}

func namesOf(from, to int) []string {
	var out []string
	for i := from; i != to; {
		out = append(out, fmt.Sprint("m", i))
		if from < to {
			i++
		} else {
			i--
		}
	}
	return append(out, fmt.Sprint("m", to))
}

// The listener of a session reads on: at the last message, as apps that page do, or in the middle of a page.
func TestRead_by_its_own_listener(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	numbered(alice, bob, 12)
	for name, when := range map[string]func(p *mesibo.MessageParams, text string) bool{
		"at_the_last_of_a_page": func(p *mesibo.MessageParams, _ string) bool {
			return p.IsLastMessage() &&
				p.Flag&mesibo.FlagEORS == 0
		},
		"in_the_middle": func(_ *mesibo.MessageParams, text string) bool { return text == "m11" },
		"at_each":       func(*mesibo.MessageParams, string) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			var s *mesibo.ReadDbSession
			var got []string
			nested := 0
			s = bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
				got = append(got, string(data))
				if when(p, string(data)) {
					n, err := s.Read(5)
					if err != nil {
						t.Error(err)
					}
					nested += n
				}
			}})
			defer s.Stop()
			n, err := s.Read(5)
			for err == nil && n+nested < 12 {
				var more int
				more, err = s.Read(5)
				n += more
			}
			if err != nil || n+nested != 12 || !slices.Equal(got, namesOf(12, 1)) {
				t.Errorf("got %d and %d: %q, %v", n, nested, got, err)
			}
		})
	}
}

func TestRead_by_two_goroutines_takes_turns(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	numbered(alice, bob, 20)
	var got []string // not guarded: one goroutine at a time calls the listener
	s := bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{Message: func(_ *mesibo.MessageParams, data []byte) {
		got = append(got, string(data))
	}})
	defer s.Stop()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for range 2 {
				if n, err := s.Read(5); n != 5 || err != nil {
					t.Errorf("got %d, %v", n, err)
				}
			}
		})
	}
	both.Wait()
	if !slices.Equal(got, namesOf(20, 1)) {
		t.Errorf("got %q", got)
	}
}

// The body of a loop over Messages uses its session, and the session stands where the loop was left.
func TestMessages_used_by_its_loop(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	numbered(alice, bob, 10)
	var got []string
	s := bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{Message: func(_ *mesibo.MessageParams, data []byte) {
		got = append(got, "read "+string(data))
	}})
	defer s.Stop()
	s.EnableReadReceipt(true)
	s.EnableFifo(true)
	for m, err := range s.Messages(0) {
		bob.must(err)
		if got = append(got, string(m.Data)); string(m.Data) == "m2" {
			if n, err := s.Read(2); n != 2 || err != nil {
				t.Errorf("got %d, %v", n, err)
			}
		}
		if string(m.Data) == "m6" {
			break
		}
	}
	if want := []string{"m1", "m2", "read m3", "read m4", "m5", "m6"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	alice.awaitLine("status 6 READ")
	alice.wantLines("status 7", "status 7 SENT", "status 7 DELIVERED")

	next, stop := iter.Pull2(s.Messages(2)) // on a goroutine of its own
	defer stop()
	m, err, _ := next()
	bob.must(err)
	got = nil
	if n, err := s.Read(1); n != 1 || err != nil || string(m.Data) != "m7" || !slices.Equal(got, []string{"read m8"}) {
		t.Errorf("got %s, then %d, %q, %v", m.Data, n, got, err)
	}
}

// A summary leaves out the calls that were switched off, and shows what was before them.
func TestSummary_without_missed_calls(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 1, "from alice")
	bob.awaitLine("message from alice RECEIVEDNEW")
	carol.send("bob", 2, "from carol")
	bob.awaitLine("message from carol RECEIVEDNEW")
	for i, peer := range []string{"alice", "alice", "dave"} {
		bob.must(bob.AddCustomMessage(mesibo.MessageParams{Peer: peer, Status: mesibo.MsgStatusCallMissed}, uint32(31+i),
			[]byte("call")))
	}
	bob.must(bob.AddCustomMessage(mesibo.MessageParams{Peer: "carol", Status: mesibo.MsgStatusCallOutgoing}, 34,
		[]byte("call")))
	list := func(enable func(*mesibo.ReadDbSession), page int) []string {
		var rows []string
		s := bob.NewReadDbSession("", 0, "", &mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
			rows = append(rows, fmt.Sprintf("%s: %s", p.Peer, data))
		}})
		defer s.Stop()
		s.EnableSummary(true)
		enable(s)
		for {
			n, err := s.Read(page)
			bob.must(err)
			if n < page {
				return rows
			}
		}
	}
	for name, c := range map[string]struct {
		enable func(*mesibo.ReadDbSession)
		want   []string
	}{
		"not_said": {func(*mesibo.ReadDbSession) {}, []string{"carol: call", "dave: call", "alice: call"}},
		"no_missed": {func(s *mesibo.ReadDbSession) { s.EnableMissedCalls(false) }, []string{
			"carol: call",
			"alice: from alice",
		}},
		"no_calls": {func(s *mesibo.ReadDbSession) { s.EnableCalls(false) }, []string{
			"carol: from carol",
			"alice: from alice",
		}},
		"missed": {func(s *mesibo.ReadDbSession) { s.EnableMissedCalls(true) }, []string{
			"carol: call", "dave: call",
			"alice: call",
		}},
	} {
		for page := 1; page <= 4; page += 3 {
			if got := list(c.enable, page); !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: got %q, want %q", name, page, got, c.want)
			}
		}
	}
}

// Switching receipts on reports what a session of everything has handed over.
func TestReceipts_of_all_messages_switched_on_late(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 1, "from alice")
	carol.send("bob", 2, "from carol")
	bob.await("both", func() bool { return len(bob.messages()) == 2 })
	s := bob.NewReadDbSession("", 0, "", nil)
	defer s.Stop()
	if n, err := s.Read(10); n != 2 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	alice.send("bob", 3, "while it is open")
	bob.awaitLine("message while it is open RECEIVEDNEW")
	s.EnableReadReceipt(true)
	alice.awaitLine("status 1 READ")
	alice.awaitLine("status 3 READ")
	carol.awaitLine("status 2 READ")
}

// A session with a query reports what matches it: from the database, and as it comes.
func TestReceipts_of_a_query(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 1, "the invoice")
	alice.send("bob", 2, "something else")
	bob.awaitLine("message something else RECEIVEDNEW")
	s := bob.NewReadDbSession("", 0, "ínvoice", nil)
	s.EnableReadReceipt(true)
	if n, err := s.Read(10); n != 1 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	alice.awaitLine("status 1 READ")
	carol.send("bob", 3, "hello")
	carol.send("bob", 4, "my INVOICES")
	carol.awaitLine("status 4 READ") // and with it what came before
	alice.wantLines("status 2", "status 2 SENT", "status 2 DELIVERED")
	if p := (mesibo.MessageParams{Peer: "carol"}); bob.IsReading(&p) {
		t.Error("a search counts as reading")
	}
	s.Stop()
	carol.send("bob", 5, "another invoice")
	carol.awaitLine("status 5 DELIVERED")
	carol.wantLines("status 5", "status 5 SENT", "status 5 DELIVERED")
}

// counted counts what is said of reading.
type counted struct {
	mu    sync.Mutex
	reads int
}

func (c *counted) OnRead(string, uint32, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
}

// Sessions that were never stopped cost a message nothing: it is reported once, however many there are.
func TestReceipts_of_many_sessions_are_one(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	reads := &counted{}
	bob.must(bob.AddListener(reads))
	var last *mesibo.ReadDbSession
	for range 10_000 {
		last = bob.NewReadDbSession("alice", 0, "", nil)
		last.EnableReadReceipt(true)
	}
	numbered(alice, bob, 50)
	alice.awaitLine("status 50 READ")
	reads.mu.Lock()
	if reads.reads > 50 {
		t.Errorf("%d reports for 50 messages", reads.reads)
	}
	reads.mu.Unlock()
	from := mesibo.MessageParams{Peer: "ALICE"}
	if !bob.IsReading(&from) {
		t.Error("they do not count")
	}
	last.Stop()
	if !bob.IsReading(&from) || last.IsReading(&from) {
		t.Error("stopping one stops others")
	}
	bob.EndAllSessions()
	if bob.IsReading(&from) {
		t.Error("they go on")
	}
	alice.send("bob", 51, "unread")
	alice.awaitLine("status 51 DELIVERED")
	if p, _ := bob.GetProfile("alice", 0); p.Unread != 1 {
		t.Errorf("%d are unread", p.Unread)
	}
}

// partial is a MessageListener that would hear nothing of edits.
type partial struct{ mesibo.ListenerFuncs }

func (*partial) OnMessageUpdate(*mesibo.MessageParams, string) {}

func TestRead_refuses_a_listener_that_is_half(t *testing.T) {
	t.Parallel()
	_, _, bob := pair(t)
	s := bob.NewReadDbSession("alice", 0, "", &partial{})
	defer s.Stop()
	_, err := s.Read(1)
	if !errors.Is(err, mesibo.ErrPartialListener) || !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("Read: %v", err)
	}
	for _, err := range s.Messages(0) {
		if !errors.Is(err, mesibo.ErrPartialListener) {
			t.Errorf("Messages: %v", err)
		}
	}
}
