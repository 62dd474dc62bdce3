package server_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func TestLifeOfAMessage(t *testing.T) {
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")

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
	got := bob.next()
	if got.GetSeq() != 1 || text(got.GetMessage()) != "hello" || got.GetMessage().GetId() != reply.GetId() {
		t.Fatalf("bob: got %v", got)
	}
	if got.GetMessage().GetTime() != reply.GetTime() || got.GetMessage().GetExpires() <= reply.GetTime() {
		t.Errorf("got time %d, expires %d, want time %d and a deadline", got.GetMessage().GetTime(),
			got.GetMessage().GetExpires(), reply.GetTime())
	}

	st := alice.nextStatus()
	if st.GetStatus() != wire.StatusDelivered || st.GetPeer() != "bob" || st.GetUpTo() != reply.GetSeq() {
		t.Errorf("got %v, want DELIVERED by bob up to %d", st, reply.GetSeq())
	}
	if r := bob.markRead("alice", got.GetSeq()); r.GetResult() != wire.ResultOK {
		t.Fatalf("mark read: %v", r)
	}
	if mark := bob.next().GetRead(); mark.GetPeer() != "alice" || mark.GetUpTo() != got.GetSeq() {
		t.Errorf("got %v, want a mark of alice up to %d", mark, got.GetSeq())
	}
	st = alice.nextStatus()
	if st.GetStatus() != wire.StatusRead || st.GetPeer() != "bob" || st.GetUpTo() != reply.GetSeq() {
		t.Errorf("got %v, want READ by bob up to %d", st, reply.GetSeq())
	}
}
