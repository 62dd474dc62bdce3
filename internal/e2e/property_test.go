package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// world is a server and three devices, two of them alice's, that a test treats badly.
type world struct {
	t       *testing.T
	srv     *mesibotest.Server
	devices []*device // alice's, alice's second, bob's
	gid     uint32
	next    uint32          // the last id
	taken   map[uint32]bool // ids of messages that may have been recalled before they were sent
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, srv: mesibotest.NewServer(t), taken: make(map[uint32]bool)}
	for _, user := range []string{"alice", "alice", "bob"} {
		w.devices = append(w.devices, newDevice(t, w.srv.Token(user), t.TempDir()))
	}
	for _, d := range w.devices {
		d.SetMessageRetractionInterval(0)
		d.start()
	}
	alice := w.devices[0]
	alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: "Two"}, []string{"bob"}, 1))
	alice.awaitLine("created Two 1")
	w.gid = alice.lastGroup()
	return w
}

func (w *world) close() {
	for _, d := range w.devices {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if err := d.Shutdown(ctx); err != nil {
			w.t.Error(err)
		}
		cancel()
	}
	w.srv.Stop()
}

func (w *world) device(rt *rapid.T) *device {
	return w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(rt, "device")]
}

// place draws a chat: the other user, or the group.
func (w *world) place(rt *rapid.T, d *device) mesibo.MessageParams {
	p := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	if d.GetAddress() == "bob" {
		p.Peer = "alice"
	}
	if rapid.Bool().Draw(rt, "group") {
		p.Peer, p.GroupID = "", w.gid
	}
	return p
}

// pick draws a stored message of a chat, or returns nil when none matches.
func (w *world) pick(rt *rapid.T, d *device, p mesibo.MessageParams, ok func(*mesibo.Message) bool) *mesibo.Message {
	var all []*mesibo.Message
	s := d.NewReadDbSession(p.Peer, p.GroupID, "", nil)
	defer s.Stop()
	for m, err := range s.Messages(0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if !m.IsDeleted() && !m.IsCustom() && ok(m) {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(rt, "message")]
}

func isOwn(m *mesibo.Message) bool   { return m.IsOutgoing() }
func isThere(m *mesibo.Message) bool { return m.Mid > 1<<32 } // the server knows it

// ignore accepts the errors that an operation on an unsent message may have.
func (w *world) ignore(err error) {
	if r := mesibo.ResultOf(err); err != nil && r != mesibo.ResultReqInProgress && r != mesibo.ResultBadRequest &&
		r != mesibo.ResultDenied {
		w.t.Fatal(err)
	}
}

func (w *world) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"send": func(rt *rapid.T) {
			d := w.device(rt)
			w.next++
			if err := d.SendMessageString(w.place(rt, d), w.next, fmt.Sprintf("m%d", w.next)); err != nil {
				rt.Fatal(err)
			}
		},
		"edit": func(rt *rapid.T) {
			d := w.device(rt)
			p := w.place(rt, d)
			if m := w.pick(rt, d, p, isOwn); m != nil {
				w.ignore(d.SendUpdate(p, m.Mid, append(m.Data, '+')))
			}
		},
		"recall": func(rt *rapid.T) {
			d := w.device(rt)
			p := w.place(rt, d)
			if m := w.pick(rt, d, p, isOwn); m != nil {
				w.taken[uint32(m.Mid)] = w.taken[uint32(m.Mid)] || m.Status == mesibo.MsgStatusOutbox
				w.ignore(d.DeleteMessage(m.Mid, mesibo.DeleteRecall))
			}
		},
		"react": func(rt *rapid.T) {
			d := w.device(rt)
			p := w.place(rt, d)
			if m := w.pick(rt, d, p, isThere); m != nil {
				w.ignore(d.SendReaction(p, m.Mid, rapid.SampledFrom([]string{"", "👍", "❤"}).Draw(rt, "reaction")))
			}
		},
		"read": func(rt *rapid.T) {
			d := w.device(rt)
			p := w.place(rt, d)
			s := d.NewReadDbSession(p.Peer, p.GroupID, "", nil)
			defer s.Stop()
			s.EnableReadReceipt(true)
			if _, err := s.Read(rapid.IntRange(1, 20).Draw(rt, "count")); err != nil {
				rt.Fatal(err)
			}
		},
		"stop":  func(rt *rapid.T) { w.device(rt).Stop() },
		"start": func(rt *rapid.T) { w.ignore(w.device(rt).Start()) },
		"reopen": func(rt *rapid.T) {
			d := w.device(rt)
			d.end()
			if err := d.SetDatabase("test.db", 0); err != nil {
				rt.Fatal(err)
			}
		},
		"kick": func(rt *rapid.T) { w.srv.Kick(w.device(rt).GetAddress()) },
		"kill": func(*rapid.T) { w.srv.Kill(); w.srv.Start() },
		"clock": func(rt *rapid.T) {
			w.srv.SetClock(time.Duration(rapid.IntRange(-7200, 7200).Draw(rt, "seconds")) * time.Second)
		},
		"wait": func(rt *rapid.T) { // lets some of the queued messages out
			d := w.device(rt)
			if d.GetConnectionStatus() == mesibo.StatusOnline {
				d.await("an empty outbox", func() bool {
					return d.OutboxCount() == 0 || d.GetConnectionStatus() != mesibo.StatusOnline
				})
			}
		},
	}
}

// state describes the chats on a device, apart from who has read what.
func (w *world) state(d *device) []string {
	var out []string
	peer := "bob"
	if d.GetAddress() == "bob" {
		peer = "alice"
	}
	for _, target := range []mesibo.MessageParams{{Peer: peer}, {GroupID: w.gid}} {
		s := d.NewReadDbSession(target.Peer, target.GroupID, "", nil)
		for m, err := range s.Messages(0) {
			if err != nil {
				w.t.Fatal(err)
			}
			line := fmt.Sprintf("%d %x %s", target.GroupID, m.Mid, m.Data)
			if m.IsCustom() {
				line = fmt.Sprintf("%d %x notice", target.GroupID, m.Mid)
			}
			if m.IsDeleted() {
				line += " deleted"
			}
			if m.IsModified() {
				line += " modified"
			}
			out = append(out, line+reactions(&m.MessageParams))
		}
		s.Stop()
	}
	slices.Sort(out) // users may have different orders
	return out
}

// statuses describes the statuses of a user's messages, which are the same on all devices of the user.
func (w *world) statuses(d *device) string {
	var out strings.Builder
	for _, target := range []mesibo.MessageParams{{Peer: "bob"}, {GroupID: w.gid}} {
		s := d.NewReadDbSession(target.Peer, target.GroupID, "", nil)
		for m, err := range s.Messages(0) {
			if err != nil {
				w.t.Fatal(err)
			}
			fmt.Fprintf(&out, "%x %v\n", m.Mid, m.Status)
		}
		fmt.Fprintf(&out, "unread %d\n", s.GetUnreadMessageCount())
		s.Stop()
	}
	return out.String()
}

// wrongCounts compares the stored counts with the messages.
func (w *world) wrongCounts(d *device) string {
	unread := 0
	s := d.NewReadDbSession("", 0, "", nil)
	for m, err := range s.Messages(0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if m.Status == mesibo.MsgStatusReceivedNew && !m.IsDeleted() {
			unread++
		}
	}
	s.Stop()
	if got := d.UnreadCount(); got != unread {
		return fmt.Sprintf("%s: %d unread messages, counted as %d", d.GetAddress(), unread, got)
	}
	if n := d.OutboxCount(); n != 0 {
		return fmt.Sprintf("%s: %d messages wait", d.GetAddress(), n)
	}
	return ""
}

func (w *world) settled() (string, bool) {
	first := w.state(w.devices[0])
	for _, d := range w.devices {
		if wrong := w.wrongCounts(d); wrong != "" {
			return wrong, false
		}
		if got := w.state(d); !slices.Equal(got, first) {
			all, alices := strings.Join(got, "\n"), strings.Join(first, "\n")
			return fmt.Sprintf("%s has\n%s\nand alice\n%s", d.GetAddress(), all, alices), false
		}
	}
	if a, b := w.statuses(w.devices[0]), w.statuses(w.devices[1]); a != b {
		return "alice's devices have\n" + a + "and\n" + b, false
	}
	return "", true
}

// Whatever happens in whatever order: in the end all devices have the same, each message once, and right counts.
func TestProperty_all_stores_become_equal(t *testing.T) {
	t.Parallel()
	for part := range propertyParts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { stressWorld(t, rt) })
		})
	}
}

// propertyParts is the number of runs of the property test that share its checks.
const propertyParts = 5

// stressWorld does random things to a world, and checks what all devices have when it has come to rest.
func stressWorld(t *testing.T, rt *rapid.T) {
	t.Helper()
	w := newWorld(t)
	defer w.close()
	rt.Repeat(w.actions())
	for _, d := range w.devices {
		d.start()
	}
	deadline := time.Now().Add(patience)
	for {
		problem, ok := w.settled()
		if ok {
			break
		}
		if time.Now().After(deadline) {
			rt.Fatal(problem)
		}
		w.devices[0].awaitAnything(50 * time.Millisecond)
	}
	w.checkAllThere(rt)
}

// checkAllThere fails when a message that was accepted is missing or exists twice.
func (w *world) checkAllThere(rt *rapid.T) {
	seen := make(map[uint32]int)
	for _, line := range w.state(w.devices[0]) {
		var gid uint32
		var mid uint64
		if _, err := fmt.Sscanf(line, "%d %x", &gid, &mid); err != nil {
			rt.Fatal(err)
		}
		seen[uint32(mid)]++
	}
	for id := uint32(1); id <= w.next; id++ {
		if seen[id] > 1 || seen[id] == 0 && !w.taken[id] {
			rt.Fatalf("message %d is there %d times", id, seen[id])
		}
	}
}
