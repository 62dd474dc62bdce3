package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func (d *device) history(m *wire.History) *wire.HistoryReply {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_History{History: m}})
	if r.GetHistory() == nil {
		d.t.Fatalf("history: got %v", r)
	}
	return r.GetHistory()
}

// all requests all pages and returns the texts, oldest first.
func (d *device) all(m *wire.History) []string {
	d.t.Helper()
	var texts []string
	for more := true; more; {
		r := d.history(m)
		var page []string
		last := uint64(0)
		for _, e := range r.GetEvents() {
			if e.GetSeq() <= last || (m.GetBefore() != 0 && e.GetSeq() >= m.GetBefore()) {
				d.t.Errorf("event %d follows on %d, before %d", e.GetSeq(), last, m.GetBefore())
			}
			last = e.GetSeq()
			page = append(page, text(e.GetMessage()))
		}
		if len(page) > int(m.GetCount()) {
			d.t.Errorf("got %d messages, %d were asked for", len(page), m.GetCount())
		}
		texts = append(page, texts...)
		m.Before, more = r.GetBefore(), r.GetBefore() != 0
	}
	return texts
}

func TestHistory(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	var withBob, inGroup []string
	for i := range 25 {
		s := fmt.Sprint(i)
		switch i % 4 {
		case 0:
			alice.sendText("bob", s)
			withBob = append(withBob, s)
		case 1:
			bob.sendText("alice", s)
			withBob = append(withBob, s)
		case 2:
			bob.send(groupMessage(gid, s))
			inGroup = append(inGroup, s)
		default:
			carol.sendText("alice", s)
		}
	}
	if got := alice.all(&wire.History{Peer: "bob", Count: 3}); !slices.Equal(got, withBob) {
		t.Errorf("got %v, want %v", got, withBob)
	}
	inGroup = append([]string{""}, inGroup...) // the notice of the creation
	if got := alice.all(&wire.History{GroupId: gid, Count: 200}); !slices.Equal(got, inGroup) {
		t.Errorf("got %v, want %v", got, inGroup)
	}
	if got := alice.all(&wire.History{Peer: "alice", Count: 200}); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
	for _, n := range []uint32{0, wire.MaxHistory + 1} {
		alice.must(
			wire.ResultBadRequest,
			&wire.Request{Op: &wire.Request_History{History: &wire.History{Peer: "bob", Count: n}}},
		)
	}
	alice.must(
		wire.ResultNoSuchUser,
		&wire.Request{Op: &wire.Request_History{History: &wire.History{Peer: "nobody", Count: 1}}},
	)
}

// TestHistory_long_messages: a reply fits into a frame.
func TestHistory_long_messages(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprint(i, strings.Repeat("x", wire.MaxText-1)))
		alice.sendText("alice", want[i])
	}
	if got := alice.all(&wire.History{Peer: "alice", Count: 200}); !slices.Equal(got, want) {
		t.Errorf("got %d messages, want %d", len(got), len(want))
	}
}

func TestHistory_marks(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	first := alice.sendText("bob", "1").GetSeq()
	bob.nextMessage()
	bob.markRead("alice", bob.cursor)
	second := alice.sendText("bob", "2").GetSeq()
	bob.nextMessage()
	for st := alice.nextStatus(); st.GetUpTo() != second; st = alice.nextStatus() {
	}
	kick(t, h, bob)
	alice.sendText("bob", "3")
	bob.connect()
	bob.sendText("alice", "4")
	alice.nextMessage()
	alice.markRead("bob", alice.cursor)
	for st := alice.nextStatus(); st.GetStatus() != wire.StatusDelivered; st = alice.nextStatus() {
	}
	r := alice.history(&wire.History{Peer: "bob", Count: 10})
	if r.GetRead() == 0 || r.GetPeerRead() != first || r.GetPeerDelivered() <= second || len(r.GetEvents()) != 4 {
		t.Errorf(
			"got read %d, peer read %d, peer delivered %d, want peer read %d, delivered beyond %d",
			r.GetRead(),
			r.GetPeerRead(),
			r.GetPeerDelivered(),
			first,
			second,
		)
	}
	bob.must(wire.ResultOK, block("alice", true))
	if r := alice.history(&wire.History{Peer: "bob", Count: 10}); r.GetPeerRead() != 0 || r.GetPeerDelivered() != 0 {
		t.Errorf("got %d, %d, want nothing of who blocks", r.GetPeerRead(), r.GetPeerDelivered())
	}
}
