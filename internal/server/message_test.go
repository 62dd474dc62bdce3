package server_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestLifeOfAMessage follows a message from OUTBOX to READ, with and without a restart of the server between the
// steps.
func TestLifeOfAMessage(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(*host, ...*device){
		"running": func(*host, ...*device) {},
		"restarted": func(h *host, devices ...*device) {
			h.restart()
			for _, d := range devices {
				d.connect()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, server.Options{})
			alice, bob := h.device("alice"), h.device("bob")
			between(h, alice, bob)

			m := message("bob", "hello")
			reply := alice.send(m)
			if reply.GetStatus() != wire.StatusSent || reply.GetSeq() != 1 {
				t.Fatalf("got status %#x, seq %d, want SENT, 1", reply.GetStatus(), reply.GetSeq())
			}
			if got, want := uint32(reply.GetId()), m.GetId(); got != want {
				t.Errorf("low half of the id: got %d, want %d", got, want)
			}
			own := alice.next().GetMessage()
			if own.GetFrom() != "alice" || own.GetPeer() != "bob" || string(own.GetNonce()) != string(m.GetNonce()) {
				t.Errorf("own copy: got %v", own)
			}
			bob.acks = false
			got := bob.next()
			if got.GetSeq() != 1 || text(got.GetMessage()) != "hello" || got.GetMessage().GetId() != reply.GetId() {
				t.Fatalf("bob: got %v", got)
			}
			if got.GetMessage().GetTime() != reply.GetTime() || got.GetMessage().GetExpires() <= reply.GetTime() {
				t.Errorf("got time %d, expires %d, want time %d and a deadline", got.GetMessage().GetTime(),
					got.GetMessage().GetExpires(), reply.GetTime())
			}
			between(h, alice, bob) // bob's cursor now replaces the missing acknowledgement
			bob.acks = true
			bob.ack(got.GetSeq())
			checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq())
			between(h, alice, bob)

			if r := bob.markRead("alice", got.GetSeq()); r.GetResult() != wire.ResultOK {
				t.Fatalf("mark read: %v", r)
			}
			if mark := bob.next().GetRead(); mark.GetPeer() != "alice" || mark.GetUpTo() != got.GetSeq() {
				t.Errorf("got %v, want a mark of alice up to %d", mark, got.GetSeq())
			}
			checkStatus(t, alice.nextStatus(), wire.StatusRead, "bob", reply.GetSeq())
			between(h, alice, bob)

			// No events are left: a new message is the next event on both sides.
			bob.sendText("alice", "end")
			if m := alice.next().GetMessage(); text(m) != "end" {
				t.Errorf("got %v, want the end", m)
			}
		})
	}
}

func TestSend_repeated_gets_the_first_answer(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	m := message("bob", "once")
	first := alice.send(m)
	// Probably in one batch with the original.
	ids := []uint64{
		alice.request(&wire.Request{Op: &wire.Request_Send{Send: m}}),
		alice.request(&wire.Request{Op: &wire.Request_Send{Send: m}}),
	}
	for _, id := range ids {
		if got := alice.answer(id).GetSend(); !proto.Equal(got, first) {
			t.Errorf("got %v, want %v", got, first)
		}
	}
	h.restart()
	alice.connect()
	bob.connect()
	if got := alice.send(m); !proto.Equal(got, first) {
		t.Errorf("after a restart: got %v, want %v", got, first)
	}
	alice.sendText("bob", "twice")
	if got := text(bob.nextMessage()); got != "once" {
		t.Errorf("got %q, want %q", got, "once")
	}
	if got := text(bob.nextMessage()); got != "twice" {
		t.Errorf("got %q, want %q", got, "twice")
	}

	// The same nonce of another user is another message.
	back := message("alice", "mine")
	back.Nonce = m.GetNonce()
	if got := bob.send(back); got.GetStatus() != wire.StatusSent || got.GetId() == first.GetId() {
		t.Errorf("same nonce of another sender: got %v", got)
	}
}

func TestSend_keeps_order(t *testing.T) {
	t.Parallel()
	const count = 1000
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	ids := make([]uint64, 0, count)
	var lastSeq uint64
	for i := range count {
		ids = append(ids, alice.request(&wire.Request{Op: &wire.Request_Send{Send: message("bob", fmt.Sprint(i))}}))
		if i < wire.MaxInFlight-1 {
			continue
		}
		seq := alice.answer(ids[i-wire.MaxInFlight+1]).GetSend().GetSeq()
		if seq <= lastSeq {
			t.Fatalf("message %d has number %d, the one before has %d", i, seq, lastSeq)
		}
		lastSeq = seq
	}
	alice.answer(ids[count-1])
	for i := range count {
		if got, want := text(bob.nextMessage()), fmt.Sprint(i); got != want {
			t.Fatalf("got message %s, want %s", got, want)
		}
	}
}

func TestSend_while_the_recipient_is_away(t *testing.T) {
	t.Parallel()
	const count = 700 // more than one frame and one window
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.close()
	last := alice.sendTexts("bob", count, func(i int) string { return fmt.Sprint(i) })
	bob.connect()
	for i := range count {
		if got, want := text(bob.nextMessage()), fmt.Sprint(i); got != want {
			t.Fatalf("got message %s, want %s", got, want)
		}
	}
	// Far fewer statuses than messages, the last one for all of them.
	var upTo uint64
	n := 0
	for upTo < last.GetSeq() {
		st := alice.nextStatus()
		if st.GetStatus() != wire.StatusDelivered || st.GetUpTo() <= upTo {
			t.Fatalf("got %v after up to %d", st, upTo)
		}
		upTo = st.GetUpTo()
		n++
	}
	if n > 10 {
		t.Errorf("%d messages made %d statuses, want them coalesced", count, n)
	}
}

// preview is the preview of a link with a URL, a title and a thumbnail of these lengths.
func preview(url, title, thumbnail int) *wire.LinkPreview {
	return &wire.LinkPreview{
		Url: strings.Repeat("u", url), Title: strings.Repeat("t", title), Thumbnail: make([]byte, thumbnail),
	}
}

func TestSend_refusals(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxUndelivered: 3})
	alice := h.device("alice")
	h.token("bob")
	full := func(m *wire.Send) {
		for range 3 {
			alice.sendText(m.GetPeer(), "fill")
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*wire.Send)
		status uint32 // 0: refused as a bad request
	}{
		{"unknown recipient", func(m *wire.Send) { m.Peer = "nobody" }, wire.StatusInvalidDest},
		{"group", func(m *wire.Send) { m.Peer, m.GroupId = "", 7 }, wire.StatusNotMember},
		{"offline, expiry 0", func(m *wire.Send) { m.Expiry = 0 }, wire.StatusUserOffline},
		{"offline, transient", func(m *wire.Send) { m.Flags = wire.FlagTransient }, wire.StatusUserOffline},
		{
			"transient to nobody", func(m *wire.Send) { m.Peer, m.Flags = "nobody", wire.FlagTransient },
			wire.StatusInvalidDest,
		},
		{"inbox full", full, wire.StatusInboxFull},
		{"text too long", func(m *wire.Send) { m.Content.Data = make([]byte, wire.MaxText+1) }, 0},
		{"long waveform", func(m *wire.Send) { m.Content.File = &wire.File{Waveform: make([]byte, wire.MaxWaveform+1)} }, 0},
		{"preview without a URL", func(m *wire.Send) { m.Content.LinkPreview = &wire.LinkPreview{Title: "x"} }, 0},
		{"long URL of a preview", func(m *wire.Send) { m.Content.LinkPreview = preview(wire.MaxURL+1, 0, 0) }, 0},
		{"long title of a preview", func(m *wire.Send) { m.Content.LinkPreview = preview(1, wire.MaxLinkText+1, 0) }, 0},
		{"large picture of a preview", func(m *wire.Send) { m.Content.LinkPreview = preview(1, 0, wire.MaxThumbnail+1) }, 0},
		{
			"preview beside a file",
			func(m *wire.Send) { m.Content.File, m.Content.LinkPreview = &wire.File{Url: "x"}, preview(1, 1, 1) }, 0,
		},
		{"no nonce", func(m *wire.Send) { m.Nonce = nil }, 0},
		{"long nonce", func(m *wire.Send) { m.Nonce = make([]byte, 17) }, 0},
		{"id 0", func(m *wire.Send) { m.Id = 0 }, 0},
		{"type too large", func(m *wire.Send) { m.Type = 65536 }, 0},
		{"no destination", func(m *wire.Send) { m.Peer = "" }, 0},
		{"two destinations", func(m *wire.Send) { m.GroupId = 7 }, 0},
		{"long address", func(m *wire.Send) { m.Peer = string(make([]byte, 64)) }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := message("bob", "x")
			tc.change(m)
			r := alice.call(&wire.Request{Op: &wire.Request_Send{Send: m}})
			if tc.status == 0 {
				if r.GetResult() != wire.ResultBadRequest || r.GetReason() == "" || r.GetSend() != nil {
					t.Errorf("got %v, want BADREQUEST with a reason", r)
				}
				return
			}
			if got := r.GetSend(); r.GetResult() != wire.ResultOK || got.GetStatus() != tc.status || got.GetSeq() != 0 {
				t.Errorf("got %v, want status %#x and no number", r, tc.status)
			}
		})
	}
	// The longest allowed text, and no text.
	carol := h.device("carol")
	long := message("carol", string(make([]byte, wire.MaxText)))
	if got := alice.send(long).GetStatus(); got != wire.StatusSent {
		t.Errorf("longest text: got status %#x", got)
	}
	alice.sendText("carol", "")
	if got := len(text(carol.nextMessage())); got != wire.MaxText {
		t.Errorf("got %d bytes, want %d", got, wire.MaxText)
	}
	if got := text(carol.nextMessage()); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestSend_id_in_use(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	first := message("bob", "a")
	seen := map[uint64]bool{alice.send(first).GetId(): true}
	for range 3 {
		m := message("bob", "b")
		m.Id = first.GetId()
		got := alice.send(m)
		if got.GetStatus() != wire.StatusSent || uint32(got.GetId()) != first.GetId() || seen[got.GetId()] {
			t.Fatalf("got %v, want another id with the same low half", got)
		}
		seen[got.GetId()] = true
	}
	var refused *wire.Response
	for range 100 {
		m := message("bob", "c")
		m.Id = first.GetId()
		if r := alice.call(&wire.Request{Op: &wire.Request_Send{Send: m}}); r.GetResult() != wire.ResultOK {
			refused = r
			break
		}
	}
	if refused.GetResult() != wire.ResultBadRequest {
		t.Errorf("an id used without end: got %v, want BADREQUEST", refused)
	}
	alice.sendText("bob", "other")
	for text(bob.nextMessage()) != "other" {
	}
}

func TestSend_address_in_another_case(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("Älice"), h.device("Bob")
	alice.sendText("bOB", "hi")
	m := bob.nextMessage()
	if m.GetFrom() != "Älice" || m.GetPeer() != "Bob" {
		t.Errorf("got from %q to %q, want the addresses as they were registered", m.GetFrom(), m.GetPeer())
	}
	bob.sendText("ÄLICE", "back")
	if got := text(alice.nextMessage()); got != "back" {
		t.Errorf("got %q, want %q", got, "back")
	}
}

func TestSend_to_oneself(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	phone := h.device("alice")
	laptop := phone.second()
	reply := phone.sendText("alice", "note")
	for _, d := range []*device{phone, laptop} {
		e := d.next()
		if e.GetSeq() != reply.GetSeq() || text(e.GetMessage()) != "note" || e.GetMessage().GetExpires() != 0 {
			t.Errorf("got %v", e)
		}
	}
	laptop.markRead("alice", reply.GetSeq())
	if e := phone.next(); e.GetRead().GetUpTo() != reply.GetSeq() {
		t.Errorf("got %v, want a read mark", e)
	}
	phone.sendText("alice", "more")
	if e := phone.next(); text(e.GetMessage()) != "more" {
		t.Errorf("got %v, want the next note and no receipts", e)
	}
}

func TestDevices_of_one_user(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, phone := h.device("alice"), h.device("bob")
	laptop := phone.second()

	// Both receive it; the sender gets one status.
	reply := alice.sendText("bob", "to both")
	seq := phone.next().GetSeq()
	if e := laptop.next(); e.GetSeq() != seq || text(e.GetMessage()) != "to both" {
		t.Fatalf("laptop: got %v, want event %d", e, seq)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq())

	// A message sent on one device appears on the other as the user's own.
	m := message("alice", "from the phone")
	sent := phone.send(m)
	own := laptop.next()
	if own.GetSeq() != sent.GetSeq() || own.GetMessage().GetFrom() != "bob" ||
		string(own.GetMessage().GetNonce()) != string(m.GetNonce()) {
		t.Errorf("laptop: got %v, want the phone's message", own)
	}
	if e := phone.next(); e.GetSeq() != sent.GetSeq() {
		t.Errorf("phone: got %v, want its own copy", e)
	}

	// Reading on one device marks it as read on the other.
	laptop.markRead("alice", seq)
	if mark := phone.next().GetRead(); mark.GetPeer() != "alice" || mark.GetUpTo() != seq {
		t.Errorf("phone: got %v, want a mark up to %d", mark, seq)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusRead, "bob", reply.GetSeq())

	// A device that was offline gets everything, and its acknowledgement creates no second status.
	laptop.close()
	reply = alice.sendText("bob", "one away")
	if got := text(phone.nextMessage()); got != "one away" {
		t.Errorf("phone: got %q", got)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq())
	laptop.connect()
	if got := text(laptop.nextMessage()); got != "one away" {
		t.Errorf("laptop: got %q", got)
	}
	laptop.sendText("alice", "done")
	for e := alice.next(); text(e.GetMessage()) != "done"; e = alice.next() {
		if e.GetStatus().GetStatus() == wire.StatusDelivered {
			t.Errorf("got %v a second time", e)
		}
	}
}

func TestTransient(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	m := message("bob", "now or never")
	m.Flags = wire.FlagTransient
	got := alice.send(m)
	if got.GetStatus() != wire.StatusSent || got.GetSeq() != 0 || uint32(got.GetId()) != m.GetId() {
		t.Errorf("got %v, want SENT without a number", got)
	}
	sig := nextSignal(bob, (*wire.Signal).GetMessage) // there are also signals of profiles
	if text(sig) != "now or never" || sig.GetFrom() != "alice" || sig.GetId() != got.GetId() {
		t.Errorf("got %v", sig)
	}
	for _, d := range []*device{alice, bob} {
		if head := d.connect().GetHead(); head != 0 {
			t.Errorf("%s: got head %d, want nothing stored", d.token.Address, head)
		}
	}
}
