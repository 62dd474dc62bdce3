package server_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func TestExpiry_not_fetched_in_time(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.close()
	short := message("bob", "short")
	short.Expiry = 1
	reply := alice.send(short)
	alice.sendText("bob", "long")

	st := alice.nextStatus()
	if st.GetStatus() != wire.StatusExpired || st.GetId() != reply.GetId() || st.GetPeer() != "bob" || st.GetUpTo() != 0 {
		t.Errorf("got %v, want EXPIRED for %d", st, reply.GetId())
	}
	bob.connect()
	if e := bob.next(); e.GetSeq() != 1 || e.GetGone() == nil {
		t.Errorf("got %v, want event 1, gone", e)
	}
	if e := bob.next(); text(e.GetMessage()) != "long" {
		t.Errorf("got %v, want the long one", e)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq()+1)

	// The sender's copy stays: a device that reads from the start sees it.
	alice.cursor = 0
	alice.connect()
	if e := alice.next(); text(e.GetMessage()) != "short" {
		t.Errorf("got %v, want the sender's own copy", e)
	}
}

func TestExpiry_over_a_restart(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.close()
	m := message("bob", "short")
	m.Expiry = 1
	alice.send(m)
	h.restart()
	alice.connect()
	if st := alice.nextStatus(); st.GetStatus() != wire.StatusExpired {
		t.Errorf("got %v, want EXPIRED", st)
	}
}

func TestExpiry_delivered_messages_stay(t *testing.T) {
	// Not parallel: the recipient has to acknowledge within a second.
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	kept, lost := message("bob", "kept"), message("bob", "lost")
	kept.Expiry, lost.Expiry = 1, 2
	alice.send(kept)
	bob.next()
	alice.nextStatus()
	bob.close()
	alice.send(lost)
	if st := alice.nextStatus(); st.GetStatus() != wire.StatusExpired {
		t.Fatalf("got %v, want EXPIRED", st)
	}
	// Both deadlines have passed: a new device gets what was delivered.
	bob.cursor = 0
	bob.connect()
	if e := bob.next(); text(e.GetMessage()) != "kept" {
		t.Errorf("got %v, want the message that was delivered", e)
	}
	if e := bob.next(); e.GetGone() == nil {
		t.Errorf("got %v, want gone", e)
	}
}

// TestExpiry_in_transit: while a message has been sent to a device and is not acknowledged, the sender gets no EXPIRED.
func TestExpiry_in_transit(t *testing.T) {
	// Not parallel: the recipient has to get a message within a second.
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	bob.acks = false
	m := message("bob", "short")
	m.Expiry = 1
	reply := alice.send(m)
	seq := bob.next().GetSeq()
	<-time.After(1500 * time.Millisecond)
	bob.ack(seq)
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq())

	// A message to a connection that was cut expires.
	m = message("bob", "shorter")
	m.Expiry = 1
	reply = alice.send(m)
	bob.next()
	bob.close()
	if st := alice.nextStatus(); st.GetStatus() != wire.StatusExpired || st.GetId() != reply.GetId() {
		t.Errorf("got %v, want EXPIRED", st)
	}
}

func TestExpiry_zero(t *testing.T) {
	// Not parallel: the recipient has to acknowledge within a second.
	h := newHost(t, server.Options{OnlineExpiry: time.Second})
	alice, bob := h.device("alice"), h.device("bob")
	m := message("bob", "now")
	m.Expiry = 0
	reply := alice.send(m)
	if reply.GetStatus() != wire.StatusSent {
		t.Fatalf("got status %#x, want SENT", reply.GetStatus())
	}
	if e := bob.next(); text(e.GetMessage()) != "now" {
		t.Errorf("got %v", e)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", reply.GetSeq())

	bob.acks = false
	m = message("bob", "missed")
	m.Expiry = 0
	reply = alice.send(m)
	bob.close()
	if st := alice.nextStatus(); st.GetStatus() != wire.StatusExpired || st.GetId() != reply.GetId() {
		t.Errorf("got %v, want EXPIRED", st)
	}
	// A repeated request gets the first reply, although the recipient is offline by now.
	if got := alice.send(m); got.GetStatus() != wire.StatusSent || got.GetId() != reply.GetId() {
		t.Errorf("repeat: got %v, want %v", got, reply)
	}
}
