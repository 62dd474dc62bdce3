package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestCall_of_others: a third user, who knows the id of a call, has no part in it.
func TestCall_of_others(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, eve := h.phone("alice"), h.phone("bob"), h.phone("eve")
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	attack := func() {
		t.Helper()
		for _, status := range []uint32{1, 3, 5, 6, 7, 8, 9, 0xB, 0x23, 0x40, 0x41, 0x43, 0x4D, wire.CallMaxStatus} {
			ch := &wire.CallChange{Status: status, Sdp: "eve's", Candidates: []string{"eve's"}, Declined: status%2 == 0}
			eve.wantReply(id, ch, wire.CallBadID)
		}
		alice.wantSilence()
		bob.wantSilence()
	}
	attack()
	bob.answers(id)
	bob.want(id, wire.CallSwitched)
	alice.want(id, wire.CallAnswer)
	attack()
	alice.status(id, wire.CallComplete)
	alice.want(id, wire.CallComplete)
	bob.want(id, wire.CallComplete)
	attack()
	eve.wantSilence()
	h.wantRecords([]string{"alice", "bob"}, id)
	h.wantRecords([]string{"eve"})
}

// TestCall_malformed: what is malformed is refused and changes nothing.
func TestCall_malformed(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, id := established(t, h)
	long := strings.Repeat("x", wire.MaxSDP+1)
	starts := map[string]func(*wire.CallStart){
		"no nonce":        func(m *wire.CallStart) { m.Nonce = nil },
		"long nonce":      func(m *wire.CallStart) { m.Nonce = append(m.Nonce, 0) },
		"no peer":         func(m *wire.CallStart) { m.Peer = "" },
		"long peer":       func(m *wire.CallStart) { m.Peer = strings.Repeat("b", wire.MaxAddress+1) },
		"no offer":        func(m *wire.CallStart) { m.Sdp = "" },
		"long offer":      func(m *wire.CallStart) { m.Sdp = long },
		"offer with NUL":  func(m *wire.CallStart) { m.Sdp = "v=0\x00" },
		"nothing but NUL": func(m *wire.CallStart) { m.Sdp = "\x00" },
	}
	for name, spoil := range starts {
		m := callStart("bob")
		spoil(m)
		if res := alice.call(startRequest(m)); res.GetResult() != wire.ResultBadRequest || res.GetCall() != nil {
			t.Errorf("%s: got %v, want BADREQUEST", name, res)
		}
	}
	many := slices.Repeat([]string{"c"}, wire.MaxCandidates+1)
	signals := map[string]*wire.CallSignal{
		"no number":          {Change: &wire.CallChange{Status: wire.CallMute}},
		"no change":          {Seq: 9},
		"no status":          {Seq: 9, Change: &wire.CallChange{Sdp: "x"}},
		"unknown status":     {Seq: 9, Change: &wire.CallChange{Status: wire.CallMaxStatus + 1}},
		"huge status":        {Seq: 9, Change: &wire.CallChange{Status: 1<<32 - 1}},
		"unknown mute":       {Seq: 9, Change: &wire.CallChange{Status: wire.CallMute, Mute: wire.MuteAll + 1}},
		"long description":   {Seq: 9, Change: &wire.CallChange{Status: wire.CallSDP, Sdp: long}},
		"NUL in description": {Seq: 9, Change: &wire.CallChange{Status: wire.CallSDP, Sdp: "v\x00"}},
		"many candidates":    {Seq: 9, Change: &wire.CallChange{Status: wire.CallSDP, Candidates: many}},
		"long candidate": {Seq: 9, Change: &wire.CallChange{
			Status: wire.CallSDP, Candidates: []string{"c", strings.Repeat("c", wire.MaxCandidate+1)},
		}},
		"NUL in candidate": {Seq: 9, Change: &wire.CallChange{Status: wire.CallSDP, Candidates: []string{"c", "c\x00"}}},
		"empty answer":     {Seq: 9, Change: &wire.CallChange{Status: wire.CallAnswer}},
	}
	for name, m := range signals {
		m.CallId = id
		if res := alice.call(signalRequest(m)); res.GetResult() != wire.ResultBadRequest {
			t.Errorf("%s: got %v, want BADREQUEST", name, res)
		}
	}
	bob.wantSilence()
	biggest := &wire.CallChange{
		Status: wire.CallSDP, Sdp: long[:wire.MaxSDP],
		Candidates: slices.Repeat([]string{strings.Repeat("c", wire.MaxCandidate)}, wire.MaxCandidates),
	}
	alice.wantReply(id, biggest, wire.CallAnswer)
	if got := bob.want(id, wire.CallSDP); len(got.GetSdp()) != wire.MaxSDP ||
		len(got.GetCandidates()) != wire.MaxCandidates {
		t.Error("the longest change was cut")
	}
}

// TestCall_not_UTF8: bad text ends the connection of the sender alone.
func TestCall_not_UTF8(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, id := established(t, h)
	// Request 99, CallSignal{id, 9, CallChange{SDP, "\xff"}}, by hand: an encoder refuses it.
	change := []byte{0x08, wire.CallSDP, 0x12, 1, 0xff}
	signal := append([]byte{0x08, 1, 0x10, 9, 0x1a, byte(len(change))}, change...)
	body := append([]byte{0x08, 99, 0xd2, 0x01, byte(len(signal))}, signal...)
	alice.writeRaw(2, append([]byte{0x0a, byte(len(body))}, body...))
	if bye := alice.ended(); !strings.Contains(bye.GetReason(), "protocol error") {
		t.Errorf("got goodbye %v, want a protocol error", bye)
	}
	bob.wantReply(id, &wire.CallChange{Status: wire.CallInfo}, wire.CallAnswer)
	bob.wantSilence()
}

// TestCall_limits: a user cannot start many calls at the same time or in a short time.
func TestCall_limits(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	ids := []uint64{alice.dial("bob")}
	for i := range 3 {
		name := fmt.Sprintf("friend%d", i)
		h.device(name)
		alice.dial(name)
	}
	h.device("another")
	if res := alice.call(startRequest(callStart("another"))); res.GetResult() != wire.ResultDenied {
		t.Errorf("a fifth call: got %v, want DENIED", res)
	}
	for i := range 7 {
		other := h.phone(fmt.Sprintf("other%d", i))
		ids = append(ids, other.dial("bob"))
	}
	if reply := h.phone("last").start(callStart("bob")); reply.GetStatus() != wire.CallBusy {
		t.Errorf("a ninth call to bob: got %v, want BUSY", reply)
	}
	for range ids {
		s := (*wire.CallSignalled)(nil)
		bob.until("a ring", func() bool { s = bob.takeCall(); return s != nil })
		if !slices.Contains(ids, s.GetCallId()) || s.GetChange().GetStatus() != wire.CallIncoming {
			t.Fatalf("got %v, want INCOMING", s)
		}
	}
	for i := range 10 {
		res := alice.call(startRequest(callStart("another")))
		if res.GetResult() == wire.ResultRateLimit {
			break
		}
		if i == 9 {
			t.Error("a user may start calls without a limit")
		}
	}
	bob.wantSilence()
}

// TestCall_flood: signals of a device beyond the rate are read slowly, and reach a device that reads.
func TestCall_flood(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, id := established(t, h)
	const count = 230
	start := time.Now()
	requests := make([]uint64, 0, count)
	for i := range count {
		alice.sent[id]++
		requests = append(requests, alice.request(signalRequest(&wire.CallSignal{
			CallId: id, Seq: alice.sent[id], Change: &wire.CallChange{Status: wire.CallDTMF, Digit: uint32(i)},
		})))
		if i >= 30 {
			alice.answer(requests[i-30])
		}
	}
	alice.answer(requests[count-1])
	if took := time.Since(start); took < 400*time.Millisecond {
		t.Errorf("%d signals took %v, want about half a second", count, took)
	}
	for i := range count {
		if got := bob.want(id, wire.CallDTMF).GetDigit(); got != uint32(i) {
			t.Fatalf("got digit %d, want %d", got, i)
		}
	}
}

// TestCall_device_that_returns gets no more signals than its connection holds, whatever its peers have sent.
func TestCall_device_that_returns(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob := h.phone("bob")
	var callers []*phone
	var ids []uint64
	for i := range 6 {
		p := h.phone(fmt.Sprintf("caller%d", i))
		id := p.dial("bob")
		bob.want(id, wire.CallIncoming)
		bob.answers(id)
		bob.want(id, wire.CallSwitched)
		callers, ids = append(callers, p), append(ids, id)
	}
	bob.close()
	for i, p := range callers {
		for range 100 {
			p.signal(ids[i], &wire.CallChange{Status: wire.CallDTMF})
		}
	}
	bob.reconnect()
	for _, id := range ids {
		bob.wantReply(id, &wire.CallChange{Status: wire.CallInfo}, wire.CallAnswer)
	}
	signals := 0
	for bob.takeCall() != nil {
		signals++
	}
	if signals < 100 || signals > 200 {
		t.Errorf("got %d signals, want some of the kept ones", signals)
	}
}

// TestCall_nonce_of_a_message: a message with the call's nonce does not hide the record of the call.
func TestCall_nonce_of_a_message(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.phone("alice"), h.phone("bob")
	start := callStart("bob")
	id := alice.start(start).GetCallId()
	bob.want(id, wire.CallIncoming)
	note := message("alice", "hidden?")
	note.Nonce = start.GetNonce()
	alice.send(note)
	alice.status(id, wire.CallCancel)
	bob.wantRecord(id, wire.CallCancel)
	after := callStart("bob")
	after.Nonce = note.GetNonce()
	if reply := alice.start(after); reply.GetStatus() != wire.CallCancel || reply.GetCallId() != id {
		t.Errorf("got %v, want the call that has ended", reply)
	}
	sent := message("alice", "first")
	alice.send(sent)
	after.Nonce = sent.GetNonce()
	if reply := alice.start(after); reply.GetStatus() != wire.CallBadID {
		t.Errorf("a call with the nonce of a message: got %v, want BADCALLID", reply)
	}
	h.wantRecords([]string{"alice", "bob"}, id)
}

// TestCall_clock: a clock that is set does not end calls, and a call does not end before its start.
func TestCall_clock(t *testing.T) {
	t.Parallel()
	var clock clock
	h := newHost(t, server.Options{Clock: clock.time})
	alice, bob := h.phone("alice"), h.phone("bob")
	id := alice.dial("bob")
	bob.want(id, wire.CallIncoming)
	bob.answers(id)
	clock.jump(-time.Hour)
	alice.status(id, wire.CallComplete)
	r := bob.wantRecord(id, wire.CallComplete)
	if r.GetAnswered() < r.GetStarted() || r.GetEnded() < r.GetAnswered() {
		t.Errorf("got record %v, want its times in order", r)
	}
}

// TestCall_shutdown: a server stops at once while calls ring.
func TestCall_shutdown(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	var ids []uint64
	bob := h.phone("bob")
	for i := range 8 {
		ids = append(ids, h.phone(fmt.Sprintf("caller%d", i)).dial("bob"))
	}
	bob.wantReply(1, &wire.CallChange{Status: wire.CallInfo}, wire.CallBadID)
	h.stop()
	h.opts.RingTimeout = time.Nanosecond
	h.start()
	bob.reconnect()
	for range ids {
		bob.record()
	}
	h.wantRecords([]string{"bob"}, ids...)
}

// TestCall_rate_of_connections: a user who connects again and again does not start more calls.
func TestCall_rate_of_connections(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.phone("bob")
	eve := h.phone("eve")
	started := 0
	for range 5 {
		for range 12 {
			res := eve.call(startRequest(callStart("bob")))
			if res.GetResult() == wire.ResultRateLimit {
				break
			}
			started++
			if id := res.GetCall().GetCallId(); id != 0 {
				eve.status(id, wire.CallCancel)
			}
		}
		eve.close()
		eve.reconnect()
	}
	if started > 20 {
		t.Errorf("a user has started %d calls at once", started)
	}
}

// TestCall_blocked_while_it_rings: who is blocked does not ring at a device that connects later.
func TestCall_blocked_while_it_rings(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob, eve := h.phone("bob"), h.phone("eve")
	id := eve.dial("bob")
	bob.want(id, wire.CallIncoming)
	if res := bob.call(block("eve", true)); res.GetResult() != wire.ResultOK {
		t.Fatal(res)
	}
	h.phone("bob").wantSilence()
}
