package server_test

import (
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func accept(address string) *wire.Request {
	return &wire.Request{Op: &wire.Request_Accept{Accept: &wire.Accept{Address: address}}}
}

// TestMessageRequest: of a stranger one message comes, marked as a request, and nothing else until it is accepted;
// meanwhile the stranger learns nothing.
func TestMessageRequest(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MessageRequests: true})
	eve, bob := h.device("eve"), h.device("bob")
	laptop := bob.second()
	first := eve.sendText("bob", "who are you?")
	got := bob.nextMessage()
	if text(got) != "who are you?" || !got.GetRequest() {
		t.Errorf("got %v, want a request", got)
	}
	bob.markRead("eve", bob.cursor)
	refused := func(when string) {
		t.Helper()
		transient := message("bob", "x")
		transient.Flags = wire.FlagTransient
		for _, m := range []*wire.Send{message("bob", "more"), transient} {
			if got := eve.send(m).GetStatus(); got != wire.StatusNotAccepted {
				t.Errorf("%s: got status %#x, want NOTACCEPTED", when, got)
			}
		}
		eve.must(wire.ResultDenied, modify(&wire.Modify{Peer: "bob", Id: first.GetId(), Content: content("more")}))
		eve.must(wire.ResultDenied, react(&wire.React{Peer: "bob", Id: first.GetId(), Emoji: "👍"}))
		eve.must(wire.ResultOK, activity(&wire.Activity{Peer: "bob", Activity: wire.ActivityTyping}))
		r := eve.call(&wire.Request{Op: &wire.Request_CallStart{CallStart: &wire.CallStart{
			Nonce: message("x", "").GetNonce(), Peer: "bob", Sdp: "v=0",
		}}})
		if r.GetCall().GetStatus() != wire.CallNotAllowed {
			t.Errorf("%s: a call: got %v, want NOTALLOWED", when, r)
		}
	}
	refused("at first")
	h.restart()
	for _, d := range []*device{eve, bob, laptop} {
		d.connect()
	}
	refused("after a restart")
	reply, _ := eve.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create("bob")}})
	if !slices.Equal(reply.GetInvited(), []string{"bob"}) {
		t.Errorf("a group: got %v, want bob invited", reply)
	}
	for range 2 {
		bob.must(wire.ResultOK, accept("EVE"))
	}
	if a := nextOf(laptop, (*wire.Event).GetAccept); a.GetAddress() != "eve" {
		t.Errorf("got %v, want that eve is accepted", a)
	}
	eve.sendText("bob", "thanks")
	if got := bob.nextMessage(); text(got) != "thanks" || got.GetRequest() {
		t.Errorf("got %v, want an ordinary message", got)
	}
	bob.markRead("eve", bob.cursor)
	for {
		if s := eve.nextStatus(); s.GetUpTo() <= first.GetSeq() {
			t.Errorf("got %v about the request", s)
		} else if s.GetStatus() == wire.StatusRead {
			break
		}
	}
	for _, s := range bob.signals {
		t.Errorf("got %v of a stranger", s)
	}
}

// TestMessageRequest_answer: an answer accepts, and who has been written to needs no request.
func TestMessageRequest_answer(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MessageRequests: true})
	alice, bob := h.device("alice"), h.device("bob")
	alice.sendText("bob", "hello")
	bob.sendText("alice", "hello yourself") // an answer is no request
	if got := alice.nextMessage(); got.GetRequest() {
		t.Errorf("got %v, want an ordinary message", got)
	}
	alice.sendText("bob", "one")
	alice.sendText("bob", "two")
	if got := bob.nextMessage(); !got.GetRequest() {
		t.Errorf("got %v, want the request", got)
	}
	if got := bob.nextMessage(); text(got) != "one" || got.GetRequest() {
		t.Errorf("got %v, want an ordinary message", got)
	}
	app := h.appToken()
	h.token("carol")
	for range 3 { // the operator's messages are not held back
		h.works(app, map[string]any{"op": "message", "from": "carol", "to": "bob", "msg": "notice"})
	}
	h.works(app, map[string]any{"op": "message", "from": "bob", "to": "bob", "msg": "to oneself"})
}

// TestMessageRequest_expired: a request that never reached the user can be made again.
func TestMessageRequest_expired(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MessageRequests: true})
	eve := h.device("eve")
	h.token("bob")
	m := message("bob", "soon gone")
	m.Expiry = 1
	eve.send(m)
	checkStatus(t, eve.nextStatus(), wire.StatusExpired, "bob", 0)
	eve.sendText("bob", "again")
}
