package mesibo

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// TestCalls_hostile_signals: a server that breaks the protocol, or passes what a peer made up, does no harm.
func TestCalls_hostile_signals(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of, at := talk(alice, bob, false)
	r := bob.running()
	alice.forget()
	bob.forget()
	id := at.GetCallProperties().CallID
	long := strings.Repeat("x", wire.MaxSDP+1)
	many := make([]string, wire.MaxCandidates+1)
	const seq = 1 << 20
	for _, s := range []*wire.CallSignalled{
		{},
		{CallId: id},
		{CallId: id, Peer: "alice", Change: &wire.CallChange{Status: 0xC0}},
		{CallId: id, Peer: "alice", Device: "other", Seq: seq, Change: &wire.CallChange{Status: wire.CallComplete}},
		{CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq, Change: &wire.CallChange{Status: wire.CallSDP, Sdp: long}},
		{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq,
			Change: &wire.CallChange{Status: wire.CallSDP, Candidates: many},
		},
		{CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq, Change: &wire.CallChange{
			Status: wire.CallSDP, Candidates: []string{strings.Repeat("x", wire.MaxCandidate+1)},
		}},
		{CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: 1, Change: &wire.CallChange{Status: wire.CallComplete}}, // had
		{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq,
			Change: &wire.CallChange{Status: wire.CallSDP, Sdp: "no offer"},
		},
		{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq + 1,
			Change: &wire.CallChange{Status: wire.CallDTMF, Digit: 99},
		},
		{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq + 2,
			Change: &wire.CallChange{Status: wire.CallAnswer, Sdp: "x"},
		},
		{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: seq + 3,
			Change: &wire.CallChange{Status: wire.CallMute, Mute: 0xFFFF},
		},
		{CallId: id, Peer: "alice", Change: &wire.CallChange{Status: wire.CallSwitched}},
		{CallId: id, Peer: "alice", Change: &wire.CallChange{Status: wire.CallIncoming, Sdp: "x"}},
		{CallId: id + 1, Peer: "alice", Change: &wire.CallChange{Status: wire.CallIncoming}},
		{CallId: id + 2, Peer: "alice", Change: &wire.CallChange{Status: wire.CallCancel}},
		{CallId: id + 3, Peer: "alice", Device: *r.device.Load(), Seq: 9, Change: &wire.CallChange{Status: wire.CallMute}},
	} {
		bob.calls.signalled(r, s)
	}
	bob.await("mute true true true")
	bob.want(nil, "mute true true true")
	if n := len(bob.calls.live()); n != 1 {
		t.Errorf("there are %d calls", n)
	}
	for i := range 3 * mostTasks {
		bob.calls.signalled(r, &wire.CallSignalled{
			CallId: id, Peer: "alice", Device: *r.device.Load(), Seq: uint32(seq + 10 + i), Change: &wire.CallChange{Status: wire.CallDTMF},
		})
	}
	for i := range uint64(3 * mostRinging) { // none of them is known to the server
		bob.calls.signalled(r, &wire.CallSignalled{
			CallId: id + 10 + i, Peer: "alice", Change: &wire.CallChange{Status: wire.CallIncoming, Sdp: "x"},
		})
	}
	bob.until("one call", func() bool {
		bob.calls.mu.Lock()
		defer bob.calls.mu.Unlock()
		return len(bob.calls.list) == 1
	})
	if !at.IsLinkUp() {
		t.Error("the call does not go on")
	}
	bob.must(at.Hangup()) // the numbers of the server's own signals are too low now
	alice.await("hangup REMOTE")
	if of.IsCallInProgress() {
		t.Error("the call goes on")
	}
}

// TestCalls_are_bounded: a server that makes up calls, and answers nothing, costs little.
func TestCalls_are_bounded(t *testing.T) {
	t.Parallel()
	srv, alice, _ := phones(t)
	r := alice.running()
	srv.Kill()
	for i := range uint64(3 * mostKnown) {
		alice.calls.signalled(r, &wire.CallSignalled{
			CallId: 1 + i, Peer: "bob", Change: &wire.CallChange{Status: wire.CallIncoming, Sdp: "x"},
		})
	}
	alice.calls.mu.Lock()
	defer alice.calls.mu.Unlock()
	if n := len(alice.calls.list); n != mostKnown {
		t.Errorf("there are %d calls", n)
	}
}

// TestCalls_held_signals are bounded.
func TestCalls_held_signals(t *testing.T) {
	t.Parallel()
	_, alice, _ := phones(t)
	c := newCall(alice.Mesibo, CallProperties{User: alice.CreateUserProfile("bob", 0)}) // its worker is the test
	c.start = &wire.CallStart{}
	alice.calls.mu.Lock()
	alice.calls.list = append(alice.calls.list, c)
	alice.calls.mu.Unlock()
	r := alice.running()
	for i := range uint64(3 * mostHeld) {
		alice.calls.signalled(r, &wire.CallSignalled{
			CallId: 1000 + i, Peer: "bob", Change: &wire.CallChange{Status: wire.CallIncoming, Sdp: "x"},
		})
	}
	alice.calls.mu.Lock()
	n := len(alice.calls.held)
	alice.calls.mu.Unlock()
	if n != mostHeld {
		t.Errorf("%d are held", n)
	}
	alice.calls.forget(c) // they ring now, and the server knows none of them
	alice.until("no calls", func() bool {
		alice.calls.mu.Lock()
		defer alice.calls.mu.Unlock()
		return len(alice.calls.list) == 0
	})
}
