package server_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestCall: a call rings on all devices of the callee, the first that answers has it, and both logs get one record.
func TestCall(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, other, bob := h.phone("alice"), h.phone("alice"), h.phones("bob", 3)
	start := callStart("bob")
	start.Video = true
	reply := alice.start(start)
	id := reply.GetCallId()
	if reply.GetStatus() != wire.CallInProgress {
		t.Fatalf("got %v, want INPROGRESS", reply)
	}
	for _, p := range bob {
		if ch := p.want(id, wire.CallIncoming); ch.GetSdp() != start.GetSdp() || !ch.GetVideo() {
			t.Errorf("got %v, want the offer", ch)
		}
	}
	for _, p := range bob {
		if got := p.status(id, wire.CallRinging); got != wire.CallRinging {
			t.Errorf("ringing: got status %#x", got)
		}
	}
	alice.want(id, wire.CallRinging)
	alice.wantSilence() // it was sent once
	bob[1].wantReply(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "the answer", Video: true}, wire.CallAnswer)
	if ch := alice.want(id, wire.CallAnswer); ch.GetSdp() != "the answer" || !ch.GetVideo() {
		t.Errorf("got %v, want the answer", ch)
	}
	for _, p := range bob {
		p.want(id, wire.CallSwitched)
	}
	if got := bob[0].signal(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "late"}); got != wire.CallSwitched {
		t.Errorf("a late answer: got status %#x, want SWITCHED", got)
	}
	if got := bob[2].status(id, wire.CallComplete); got != wire.CallSwitched {
		t.Errorf("another device hangs up: got status %#x, want SWITCHED", got)
	}
	if got := other.status(id, wire.CallCancel); got != wire.CallBadID {
		t.Errorf("another device of the caller hangs up: got status %#x, want BADCALLID", got)
	}
	bob[1].wantReply(id, &wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
	alice.want(id, wire.CallComplete)
	for _, p := range []*phone{alice, other, bob[0], bob[1], bob[2]} {
		m, r := p.record()
		want := &wire.CallRecord{
			CallId: id, Video: true, Status: wire.CallComplete, Started: r.GetStarted(), Answered: r.GetAnswered(),
			Ended: r.GetEnded(),
		}
		if !proto.Equal(r, want) || r.GetStarted() == 0 || r.GetAnswered() < r.GetStarted() ||
			r.GetEnded() < r.GetAnswered() {
			t.Errorf("%s: got record %v, want %v", p.token.Address, r, want)
		}
		if m.GetFrom() != "alice" || m.GetPeer() != "bob" || m.GetExpires() != 0 || m.GetId()>>32 == 0 ||
			uint32(m.GetId()) == 0 {
			t.Errorf("%s: got message %v", p.token.Address, m)
		}
	}
	alice.wantSilence()
	h.wantRecords([]string{"alice", "bob"}, id)
}

// TestCall_is_declined: one device of the callee declines for all of them.
func TestCall_is_declined(t *testing.T) {
	t.Parallel()
	for name, ch := range map[string]*wire.CallChange{
		"busy, declined": {Status: wire.CallBusy, Declined: true},
		"complete":       {Status: wire.CallComplete},
		"another end":    {Status: 0x7F},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, server.Options{})
			alice, bob := h.phone("alice"), h.phones("bob", 2)
			id := alice.dial("bob")
			for _, p := range bob {
				p.want(id, wire.CallIncoming)
			}
			bob[0].wantReply(id, ch, wire.CallBusy)
			for _, p := range append(bob, alice) {
				if ch := p.want(id, wire.CallBusy); !ch.GetDeclined() {
					t.Errorf("got %v, want that the call was declined", ch)
				}
				if r := p.wantRecord(id, wire.CallBusy); !r.GetDeclined() || r.GetAnswered() != 0 {
					t.Errorf("got record %v, want a declined call", r)
				}
			}
		})
	}
}

// TestCall_busy: the caller gets BUSY when no connected device of the callee can ring.
func TestCall_busy(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phones("bob", 3)
	id := alice.dial("bob")
	busy := &wire.CallChange{Status: wire.CallBusy}
	for _, p := range bob {
		p.want(id, wire.CallIncoming)
	}
	for _, p := range bob[:2] {
		p.wantReply(id, busy, wire.CallInProgress)
	}
	alice.wantSilence()
	bob[0].reconnect() // it can ring now
	bob[0].want(id, wire.CallIncoming)
	bob[2].wantReply(id, busy, wire.CallInProgress)
	bob[0].wantReply(id, busy, wire.CallBusy)
	if ch := alice.want(id, wire.CallBusy); ch.GetDeclined() {
		t.Errorf("got %v, want that the call was not declined", ch)
	}
	if r := bob[1].wantRecord(id, wire.CallBusy); r.GetDeclined() {
		t.Errorf("got record %v, want that the call was not declined", r)
	}
}

// TestCall_is_canceled by the caller, and rings on a device that connects before.
func TestCall_is_canceled(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.token("bob")
	alice := h.phone("alice")
	id := alice.dial("bob")
	bob := h.phones("bob", 2) // they connect while it rings
	for _, p := range bob {
		p.want(id, wire.CallIncoming)
		p.wantSilence()
	}
	bob[1].close()
	alice.wantReply(id, &wire.CallChange{Status: wire.CallNoAnswer}, wire.CallCancel)
	bob[0].want(id, wire.CallCancel)
	alice.want(id, wire.CallCancel)
	bob[1].reconnect()
	bob[1].wantSilence()
	bob[1].wantReply(id, &wire.CallChange{Status: wire.CallRinging}, wire.CallCancel) // it asks
	bob[1].wantRecord(id, wire.CallCancel)
}

// TestCall_without_an_answer ends after the ring timeout.
func TestCall_without_an_answer(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{RingTimeout: time.Millisecond})
	alice, bob := h.phone("alice"), h.phone("bob")
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	alice.want(id, wire.CallNoAnswer)
	bob.want(id, wire.CallNoAnswer)
	alice.wantRecord(id, wire.CallNoAnswer)
	bob.wantRecord(id, wire.CallNoAnswer)
	if got := bob.signal(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "late"}); got != wire.CallNoAnswer {
		t.Errorf("a late answer: got status %#x, want NOANSWER", got)
	}
	h.wantRecords([]string{"alice", "bob"}, id)
}

// TestCall_glare: when both call each other, there is one call.
func TestCall_glare(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	first := alice.request(startRequest(callStart("bob")))
	second := bob.request(startRequest(callStart("alice")))
	one, other := alice.answer(first).GetCall(), bob.answer(second).GetCall()
	caller, callee := alice, bob
	if one.GetStatus() == wire.CallIncoming {
		caller, callee, one, other = bob, alice, other, one
	}
	if one.GetStatus() != wire.CallInProgress || other.GetStatus() != wire.CallIncoming ||
		other.GetCallId() != one.GetCallId() || other.GetSdp() != "the offer" {
		t.Fatalf("got %v and %v, want one call and INCOMING with its offer", one, other)
	}
	id := one.GetCallId()
	callee.answers(id)
	caller.want(id, wire.CallAnswer)
	if reply := callee.start(callStart(caller.token.Address)); reply.GetStatus() != wire.CallInProgress {
		t.Errorf("a call during the call: got %v, want another call", reply)
	}
}

// TestCall_relays changes from one party's device to the other's, and early ones once there is an answer.
func TestCall_relays(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, carol, bob := h.phone("alice"), h.phone("carol"), h.phones("bob", 2)
	id := alice.dial("bob")
	sdp := func(candidate string) *wire.CallChange {
		return &wire.CallChange{Status: wire.CallSDP, Sdp: "more", Candidates: []string{candidate}}
	}
	for i := range 20 {
		alice.wantReply(id, sdp(fmt.Sprint("early ", i)), wire.CallInProgress)
	}
	for _, p := range bob {
		p.want(id, wire.CallIncoming)
		p.wantSilence()
	}
	bob[1].wantReply(id, sdp("unanswered"), wire.CallInProgress) // of a device that has no part yet
	bob[0].answers(id)
	for _, p := range bob {
		p.want(id, wire.CallSwitched)
	}
	for i := range 16 {
		if ch := bob[0].want(id, wire.CallSDP); !proto.Equal(ch, sdp(fmt.Sprint("early ", i))) {
			t.Fatalf("got %v, want early change %d", ch, i)
		}
	}
	alice.want(id, wire.CallAnswer)
	for _, ch := range []*wire.CallChange{
		sdp("more"),
		{Status: wire.CallMute, Mute: 3},
		{Status: wire.CallUnmute, Mute: 1},
		{Status: wire.CallHold},
		{Status: wire.CallUnhold},
		{Status: wire.CallDTMF, Digit: '5'},
		{Status: wire.CallUpdate, Video: true},
	} {
		alice.wantReply(id, ch, wire.CallAnswer)
		if got := bob[0].want(id, ch.GetStatus()); !proto.Equal(got, ch) {
			t.Errorf("bob got %v, want %v", got, ch)
		}
		bob[0].wantReply(id, ch, wire.CallAnswer)
		if got := alice.want(id, ch.GetStatus()); !proto.Equal(got, ch) {
			t.Errorf("alice got %v, want %v", got, ch)
		}
		if got := bob[1].signal(id, ch); got != wire.CallSwitched {
			t.Errorf("the other device sends %v: got status %#x, want SWITCHED", ch, got)
		}
	}
	for _, status := range []uint32{wire.CallInfo, wire.CallInProgress, wire.CallRinging, wire.CallIncoming, 4, 0x20} {
		alice.wantReply(id, &wire.CallChange{Status: status}, wire.CallAnswer)
	}
	alice.wantReply(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "mine"}, wire.CallAnswer)
	for _, p := range []*phone{alice, carol, bob[0], bob[1]} {
		p.wantSilence()
	}
}

// TestCall_that_is_none: who cannot be called.
func TestCall_that_is_none(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	h.token("eve")
	if err := h.srv.DisableUser(t.Context(), "eve", true); err != nil {
		t.Fatal(err)
	}
	for _, peer := range []string{"nobody", "eve", "alice", "bo\x00b"} {
		if reply := alice.start(callStart(peer)); reply.GetStatus() != wire.CallInvalidDest || reply.GetCallId() != 0 {
			t.Errorf("%q: got %v, want INVALIDDEST", peer, reply)
		}
	}
	block := func(blocked bool) {
		bob.call(&wire.Request{Op: &wire.Request_Block{Block: &wire.Block{Address: "alice", Blocked: blocked}}})
	}
	block(true)
	if reply := alice.start(callStart("bob")); reply.GetStatus() != wire.CallBlocked {
		t.Errorf("got %v, want BLOCKED", reply)
	}
	if reply := bob.start(callStart("alice")); reply.GetStatus() != wire.CallNotAllowed {
		t.Errorf("got %v, want NOTALLOWED", reply)
	}
	alice.wantSilence()
	bob.wantSilence()
	block(false)
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	h.wantRecords([]string{"alice", "bob"})
}

// TestCall_repeats: a repeated request has no effect, as long as the server runs and afterwards.
func TestCall_repeats(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	start := callStart("bob")
	ids := []uint64{alice.request(startRequest(start)), alice.request(startRequest(start))}
	id := alice.answer(ids[0]).GetCall().GetCallId()
	if again := alice.answer(ids[1]).GetCall(); again.GetCallId() != id || id == 0 {
		t.Fatalf("got %v, want call %d again", again, id)
	}
	bob.want(id, wire.CallIncoming)
	bob.status(id, wire.CallRinging)
	alice.want(id, wire.CallRinging)
	if reply := alice.start(start); reply.GetCallId() != id || reply.GetStatus() != wire.CallRinging {
		t.Errorf("got %v, want RINGING", reply)
	}
	bob.answers(id)
	bob.want(id, wire.CallSwitched)
	alice.want(id, wire.CallAnswer)
	if got := bob.repeat(id, &wire.CallChange{Status: wire.CallAnswer, Sdp: "the answer"}); got != wire.CallAnswer {
		t.Errorf("repeated answer: got status %#x", got)
	}
	digit := &wire.CallChange{Status: wire.CallDTMF, Digit: '1'}
	bob.signal(id, digit)
	bob.repeat(id, digit)
	alice.want(id, wire.CallDTMF)
	alice.wantSilence()
	end := &wire.CallChange{Status: wire.CallComplete}
	alice.signal(id, end)
	if got := alice.repeat(id, end); got != wire.CallComplete {
		t.Errorf("repeated end: got status %#x", got)
	}
	alice.want(id, wire.CallComplete)
	bob.want(id, wire.CallComplete)
	if reply := alice.start(start); reply.GetCallId() != id || reply.GetStatus() != wire.CallComplete {
		t.Errorf("after the end: got %v, want COMPLETE", reply)
	}
	h.restart()
	alice.connect()
	bob.connect()
	if reply := alice.start(start); reply.GetStatus() != wire.CallBadID {
		t.Errorf("after a restart: got %v, want BADCALLID", reply)
	}
	if got := alice.repeat(id, end); got != wire.CallBadID {
		t.Errorf("repeated end after a restart: got status %#x", got)
	}
	bob.wantSilence()
	h.wantRecords([]string{"alice", "bob"}, id)
}

// TestCall_resumes: each party gets what it has missed when it connects again.
func TestCall_resumes(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	alice.close()
	bob.status(id, wire.CallRinging)
	bob.answers(id)
	bob.want(id, wire.CallSwitched)
	bob.signal(id, &wire.CallChange{Status: wire.CallMute, Mute: 1})
	alice.reconnect()
	alice.want(id, wire.CallRinging)
	alice.want(id, wire.CallAnswer)
	alice.want(id, wire.CallMute)
	alice.wantReply(id, &wire.CallChange{Status: wire.CallInfo}, wire.CallAnswer)
	bob.close()
	for i := range 200 { // more than are kept
		alice.signal(id, &wire.CallChange{Status: wire.CallDTMF, Digit: uint32(i)})
	}
	bob.reconnect()
	if first := bob.want(id, wire.CallDTMF).GetDigit(); first != 200-64 {
		t.Errorf("got digit %d first, want the last 64", first)
	}
	for i := range 63 {
		if got := bob.want(id, wire.CallDTMF).GetDigit(); got != uint32(i+200-63) {
			t.Fatalf("got digit %d, want %d", got, i+200-63)
		}
	}
	alice.close()
	for range 200 {
		bob.signal(id, &wire.CallChange{Status: wire.CallHold})
	}
	alice.had = make(map[uint64]uint32) // the program has started again
	alice.reconnect()
	alice.want(id, wire.CallAnswer) // is never dropped
	bob.status(id, wire.CallComplete)
	alice.wantRecord(id, wire.CallComplete)
}

// TestCall_record is like a message, but cannot be sent or changed.
func TestCall_record(t *testing.T) {
	t.Parallel()
	var clock clock
	h := newHost(t, server.Options{Clock: clock.time})
	alice, bob := h.phone("alice"), h.phone("bob")
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	alice.status(id, wire.CallCancel)
	m, _ := alice.record()
	got, _ := bob.record()
	if !proto.Equal(m, got) {
		t.Errorf("the records differ: %v and %v", m, got)
	}
	for name, r := range map[string]*wire.Request{
		"recall": recall(&wire.Recall{Peer: "bob", Ids: []uint64{m.GetId()}}),
		"modify": modify(&wire.Modify{Peer: "bob", Id: m.GetId(), Content: content("x")}),
		"react":  react(&wire.React{Peer: "bob", Id: m.GetId(), Emoji: "👍"}),
	} {
		if res := alice.call(r); res.GetResult() != wire.ResultDenied {
			t.Errorf("%s: got %v, want DENIED", name, res)
		}
	}
	forged := message("bob", "")
	forged.Content = &wire.Content{Call: &wire.CallRecord{CallId: 7, Status: wire.CallCancel}}
	if res := alice.call(&wire.Request{Op: &wire.Request_Send{Send: forged}}); res.GetResult() != wire.ResultBadRequest {
		t.Errorf("send: got %v, want BADREQUEST", res)
	}
	mid := alice.sendText("bob", "missed you").GetId()
	own := modify(&wire.Modify{Peer: "bob", Id: mid, Content: forged.GetContent()})
	if res := alice.call(own); res.GetResult() != wire.ResultBadRequest {
		t.Errorf("modify: got %v, want BADREQUEST", res)
	}
	for _, p := range []*phone{alice, bob} {
		peer := map[*phone]string{alice: "bob", bob: "alice"}[p]
		res := p.call(&wire.Request{Op: &wire.Request_History{History: &wire.History{Peer: peer, Count: 10}}})
		var calls int
		for _, e := range res.GetHistory().GetEvents() {
			if e.GetMessage().GetContent().GetCall().GetCallId() == id {
				calls++
			}
		}
		if calls != 1 {
			t.Errorf("%s: the history is %v, want the call once", p.token.Address, res)
		}
	}
	bob.nextMessage()
	if res := bob.markRead("alice", bob.cursor); res.GetResult() != wire.ResultOK {
		t.Errorf("mark as read: got %v", res)
	}
	clock.jump(2 * 365 * 24 * time.Hour)
	h.restart()
	h.wantRecords([]string{"alice", "bob"}, id)
}

// TestCall_user_is_gone: a call of a disabled user or a revoked token ends like any other.
func TestCall_user_is_gone(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, id := established(t, h)
	if err := h.srv.DisableUser(t.Context(), "alice", true); err != nil {
		t.Fatal(err)
	}
	alice.ended()
	bob.signal(id, &wire.CallChange{Status: wire.CallMute, Mute: 1})
	bob.wantReply(id, &wire.CallChange{Status: wire.CallComplete}, wire.CallComplete)
	bob.wantRecord(id, wire.CallComplete)
	if err := h.srv.DisableUser(t.Context(), "alice", false); err != nil {
		t.Fatal(err)
	}
	alice.reconnect()
	alice.wantRecord(id, wire.CallComplete)

	id = bob.dial("alice")
	alice.want(id, wire.CallIncoming)
	if err := h.srv.RevokeToken(t.Context(), bob.id); err != nil {
		t.Fatal(err)
	}
	bob.ended()
	alice.wantReply(id, &wire.CallChange{Status: wire.CallBusy, Declined: true}, wire.CallBusy)
	alice.wantRecord(id, wire.CallBusy)
}
