package server_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// checkStatus checks the status, the peer and the number of a status event.
func checkStatus(t *testing.T, got *wire.Status, status uint32, peer string, upTo uint64) {
	t.Helper()
	if got.GetStatus() != status || got.GetPeer() != peer || got.GetUpTo() != upTo || got.GetTime() == 0 {
		t.Errorf("got %v, want status %d, peer %s, up to %d", got, status, peer, upTo)
	}
}

func TestReceipts_follow_flags(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name            string
		flags           uint32
		delivered, read bool
	}{
		{"none", 0, false, false},
		{"delivery", wire.FlagDeliveryReceipt, true, false},
		{"read", wire.FlagReadReceipt, false, true},
		{"both", both, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHost(t, server.Options{})
			alice, bob := h.device("alice"), h.device("bob")
			m := message("bob", "x")
			m.Flags = tc.flags
			reply := alice.send(m)
			seq := bob.next().GetSeq()
			bob.markRead("alice", seq)
			bob.sendText("alice", "end")
			var delivered, read bool
			for e := alice.next(); text(e.GetMessage()) != "end"; e = alice.next() {
				switch e.GetStatus().GetStatus() {
				case wire.StatusDelivered:
					checkStatus(t, e.GetStatus(), wire.StatusDelivered, "bob", reply.GetSeq())
					delivered = true
					if read {
						t.Error("DELIVERED came after READ")
					}
				case wire.StatusRead:
					checkStatus(t, e.GetStatus(), wire.StatusRead, "bob", reply.GetSeq())
					read = true
				}
			}
			if delivered != tc.delivered || read != tc.read {
				t.Errorf("got delivered %v, read %v, want %v, %v", delivered, read, tc.delivered, tc.read)
			}
		})
	}
}

// TestMarkRead_before_ack: a read mark implies the delivery, so the sender gets both statuses in order.
func TestMarkRead_before_ack(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.acks = false
	alice.sendText("bob", "1")
	last := alice.sendText("bob", "2")
	bob.next()
	seq := bob.next().GetSeq()
	bob.markRead("alice", seq)
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", last.GetSeq())
	checkStatus(t, alice.nextStatus(), wire.StatusRead, "bob", last.GetSeq())
	bob.ack(seq)
	bob.markRead("alice", seq)   // again
	bob.markRead("alice", seq-1) // older
	bob.sendText("alice", "end")
	if e := alice.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing said twice", e)
	}
	if r := bob.markRead("nobody", 1); r.GetResult() != wire.ResultNoSuchUser {
		t.Errorf("got %v, want NOSUCHUSER", r)
	}
	if r := bob.markRead("alice", 0); r.GetResult() != wire.ResultBadRequest {
		t.Errorf("got %v, want BADREQUEST", r)
	}
}

// TestReceipts_end: acknowledging a status creates no event; otherwise two clients would exchange events forever.
func TestReceipts_end(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	alice.sendText("bob", "x")
	seq := bob.next().GetSeq()
	bob.markRead("alice", seq)
	bob.next()
	for alice.nextStatus().GetStatus() != wire.StatusRead {
	}
	alice.markRead("bob", alice.cursor)
	for alice.next().GetRead() == nil {
	}
	aliceHead, bobHead := alice.cursor, bob.cursor
	if got := alice.connect().GetHead(); got != aliceHead {
		t.Errorf("alice's log grew from %d to %d", aliceHead, got)
	}
	if got := bob.connect().GetHead(); got != bobHead {
		t.Errorf("bob's log grew from %d to %d", bobHead, got)
	}
}
