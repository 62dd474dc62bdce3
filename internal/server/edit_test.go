package server_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func recall(m *wire.Recall) *wire.Request { return &wire.Request{Op: &wire.Request_Recall{Recall: m}} }

func modify(m *wire.Modify) *wire.Request { return &wire.Request{Op: &wire.Request_Modify{Modify: m}} }

func react(m *wire.React) *wire.Request { return &wire.Request{Op: &wire.Request_React{React: m}} }

func content(text string) *wire.Content { return &wire.Content{Data: []byte(text)} }

// must fails the test unless a request has this result.
func (d *device) must(result uint32, r *wire.Request) {
	d.t.Helper()
	res := d.call(r)
	if res.GetResult() != result || (result == wire.ResultOK) != (res.GetReason() == "") {
		d.t.Errorf("%v: got %#x, %q, want %#x", r, res.GetResult(), res.GetReason(), result)
	}
}

// fresh returns another device of a user that reads the log from the start.
func (d *device) fresh() *device {
	d.t.Helper()
	f := &device{t: d.t, h: d.h, token: d.h.token(d.token.Address), acks: true}
	f.open()
	d.t.Cleanup(f.close)
	hello := &wire.Hello{Version: wire.Version, App: "test", Cursor: proto.Uint64(0)}
	r := f.call(&wire.Request{Op: &wire.Request_Hello{Hello: hello}})
	f.epoch = r.GetHello().GetEpoch()
	return f
}

// nextOf reads up to the next event of a kind.
func nextOf[T any](d *device, get func(*wire.Event) *T) *T {
	d.t.Helper()
	for {
		if v := get(d.next()); v != nil {
			return v
		}
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	laptop := alice.second()
	m := message("bob", "secret")
	id := alice.send(m).GetId()
	kept := alice.sendText("bob", "kept").GetId()
	alice.must(wire.ResultOK, modify(&wire.Modify{Peer: "bob", Id: id, Content: content("another secret")}))
	bob.must(wire.ResultDenied, recall(&wire.Recall{Peer: "alice", Ids: []uint64{id}}))
	alice.must(wire.ResultNoSuchUser, recall(&wire.Recall{Peer: "bob", Ids: []uint64{kept, id + 1}}))
	alice.must(wire.ResultNoSuchUser, recall(&wire.Recall{Peer: "alice", Ids: []uint64{id}}))
	alice.must(wire.ResultNoSuchUser, recall(&wire.Recall{Peer: "nobody", Ids: []uint64{id}}))
	alice.must(wire.ResultBadRequest, recall(&wire.Recall{Peer: "bob"}))
	alice.must(wire.ResultBadRequest, recall(&wire.Recall{Ids: []uint64{id}}))
	for range 2 { // the second time nothing changes
		alice.must(wire.ResultOK, recall(&wire.Recall{Peer: "bob", Ids: []uint64{id, id}}))
	}
	alice.must(wire.ResultDenied, modify(&wire.Modify{Peer: "bob", Id: id, Content: content("x")}))
	bob.must(wire.ResultDenied, react(&wire.React{Peer: "alice", Id: id, Emoji: "👍"}))
	alice.sendText("bob", "end")
	for _, d := range []*device{alice, laptop, bob} {
		r := nextOf(d, (*wire.Event).GetRecalled)
		if r.GetFrom() != "alice" || r.GetPeer() != "bob" || !slices.Equal(r.GetIds(), []uint64{id}) || r.GetTime() == 0 {
			t.Errorf("%s: got %v", d.token.Address, r)
		}
		if e := nextOf(d, (*wire.Event).GetMessage); text(e) != "end" {
			t.Errorf("got %v, want nothing said twice", e)
		}
	}
	h.restart()
	for _, d := range []*device{alice, bob} {
		f := d.fresh()
		for {
			e := f.next()
			if text(e.GetMessage()) == "end" {
				break
			}
			if strings.Contains(e.String(), "secret") {
				t.Errorf("%s: the log still holds %v", d.token.Address, e)
			}
			got := e.GetMessage()
			if got.GetId() == id &&
				(!got.GetRecalled() || got.GetTime() == 0 || string(got.GetNonce()) != string(m.GetNonce()) ||
					got.GetContent() != nil) {
				t.Errorf("got %v, want id, time and nonce", got)
			}
		}
	}
}

func TestModify(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	id := alice.sendText("bob", "frist").GetId()
	bob.must(wire.ResultDenied, modify(&wire.Modify{Peer: "alice", Id: id, Content: content("mine")}))
	alice.must(
		wire.ResultBadRequest,
		modify(&wire.Modify{Peer: "bob", Id: id, Content: &wire.Content{Group: &wire.GroupChange{}}}),
	)
	for _, s := range []string{"second", "second", "first"} {
		alice.must(wire.ResultOK, modify(&wire.Modify{Peer: "bob", Id: id, Content: content(s)}))
	}
	for _, d := range []*device{alice, bob} {
		for _, want := range []string{"second", "first"} {
			got := nextOf(d, (*wire.Event).GetModified)
			if got.GetFrom() != "alice" || got.GetPeer() != "bob" || got.GetId() != id ||
				string(got.GetContent().GetData()) != want {
				t.Errorf("got %v, want %q", got, want)
			}
		}
	}
	alice.sendText("bob", "end")
	f := bob.fresh()
	got := f.next().GetMessage()
	if text(got) != "first" || got.GetModified() == 0 {
		t.Errorf("got %v, want what it says now", got)
	}
	if e := nextOf(f, (*wire.Event).GetModified); string(e.GetContent().GetData()) != "first" {
		t.Errorf("got %v, want only the last change", e)
	}
}

func TestReact(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, eve := h.device("alice"), h.device("bob"), h.device("eve")
	id := alice.sendText("bob", "x").GetId()
	eve.must(wire.ResultNoSuchUser, react(&wire.React{Peer: "alice", Id: id, Emoji: "👍"}))
	for name, emoji := range map[string]string{
		"long": strings.Repeat("x", wire.MaxEmoji+1), "control": "\x07", "space": "a b",
	} {
		if r := bob.call(react(&wire.React{Peer: "alice", Id: id, Emoji: emoji})); r.GetResult() != wire.ResultBadRequest {
			t.Errorf("%s: got %v", name, r)
		}
	}
	for _, emoji := range []string{"👍", "👍", "❤️", "", ""} {
		bob.must(wire.ResultOK, react(&wire.React{Peer: "alice", Id: id, Emoji: emoji}))
	}
	alice.must(wire.ResultOK, react(&wire.React{Peer: "bob", Id: id, Emoji: "🎉"}))
	for _, d := range []*device{alice, bob} {
		for _, want := range []string{"👍", "❤️", "", "🎉"} {
			got := nextOf(d, (*wire.Event).GetReaction)
			from, peer := "bob", "alice"
			if want == "🎉" {
				from, peer = peer, from
			}
			if got.GetFrom() != from || got.GetPeer() != peer || got.GetId() != id || got.GetEmoji() != want ||
				got.GetTime() == 0 {
				t.Errorf("%s: got %v, want %q", d.token.Address, got, want)
			}
		}
	}
}

func TestRetractWindow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		window time.Duration
		hello  uint32
		result uint32
	}{
		{"over", time.Nanosecond, 0, wire.ResultDenied},
		{"any age", -1, 0, wire.ResultOK},
		{"two days", 0, 48 * 3600, wire.ResultOK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHost(t, server.Options{RetractWindow: tc.window})
			alice, _ := h.device("alice"), h.device("bob")
			id := alice.sendText("bob", "x").GetId()
			waitMS(t)
			if got := alice.connect().GetMaxRetract(); got != tc.hello {
				t.Errorf("got %d, want %d", got, tc.hello)
			}
			alice.must(tc.result, modify(&wire.Modify{Peer: "bob", Id: id, Content: content("y")}))
			alice.must(tc.result, recall(&wire.Recall{Peer: "bob", Ids: []uint64{id}}))
		})
	}
}

// waitMS waits longer than the precision of a message's time.
func waitMS(t *testing.T) {
	t.Helper()
	<-time.After(2 * time.Millisecond)
}

func TestEdit_in_a_group(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	id := bob.send(groupMessage(gid, "one")).GetId()
	h.token("dave")
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"dave"}}))
	dave, eve := h.device("dave"), h.device("eve")
	eve.must(wire.ResultDenied, react(&wire.React{GroupId: gid, Id: id, Emoji: "👍"}))
	eve.must(wire.ResultDenied, recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}}))
	carol.must(wire.ResultDenied, recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}}))
	carol.must(wire.ResultOK, react(&wire.React{GroupId: gid, Id: id, Emoji: "👍"}))
	alice.must(wire.ResultDenied, modify(&wire.Modify{GroupId: gid, Id: id, Content: content("mine")}))
	waitMS(t)
	bob.must(wire.ResultOK, modify(&wire.Modify{GroupId: gid, Id: id, Content: content("two")}))
	alice.must(wire.ResultOK, recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}}))
	m, _ := dave.nextChange()
	alice.must(wire.ResultDenied, recall(&wire.Recall{GroupId: gid, Ids: []uint64{m.GetId()}}))
	for _, d := range []*device{alice, bob, carol} {
		if e := nextOf(d, (*wire.Event).GetReaction); e.GetFrom() != "carol" || e.GetPeer() != "" || e.GetGroupId() != gid {
			t.Errorf("got %v", e)
		}
		if e := nextOf(d, (*wire.Event).GetModified); e.GetFrom() != "bob" || e.GetGroupId() != gid ||
			string(e.GetContent().GetData()) != "two" {
			t.Errorf("got %v", e)
		}
		if e := nextOf(d, (*wire.Event).GetRecalled); e.GetFrom() != "alice" || e.GetGroupId() != gid ||
			!slices.Equal(e.GetIds(), []uint64{id}) {
			t.Errorf("got %v", e)
		}
	}
	// A later member learns nothing of an earlier message.
	alice.sendText("dave", "end")
	if e := dave.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing of the message", e)
	}
}
