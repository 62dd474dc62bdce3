package server_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// aboutGroup returns a copy of a request that is about a group, about another one; nil if it is about no group.
func aboutGroup(r *wire.Request, gid uint32) *wire.Request {
	r = proto.CloneOf(r)
	m := r.ProtoReflect()
	op := m.Get(m.WhichOneof(m.Descriptor().Oneofs().ByName("op"))).Message()
	f := op.Descriptor().Fields().ByName("group_id")
	if f == nil || !op.Has(f) {
		return nil
	}
	op.Set(f, protoreflect.ValueOfUint32(gid))
	return r
}

// TestGroup_cannot_be_found_out: who is not in a group gets the same answers for one that exists, one that was deleted and
// one that has never been there, to every operation, and pays the same for them.
func TestGroup_cannot_be_found_out(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	h.token("bob")
	h.token("dave")
	there, deleted := alice.createGroup(create("bob")), alice.createGroup(create("bob"))
	id := alice.send(groupMessage(there, "x")).GetId()
	alice.group(&wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: deleted}}})
	eve := h.device("eve")
	eve.sendText("eve", "a mark for what is read needs something in the log")
	const never = 4_000_000_000
	requests := walk(there, there, id, "")
	for name, status := range map[string]uint32{"send, transient": wire.FlagTransient, "send, unstored": 0} {
		m := groupMessage(there, "x")
		m.Flags |= status
		m.Expiry = 0
		requests[name] = walked{request: &wire.Request{Op: &wire.Request_Send{Send: m}}}
	}
	tried := 0
	for name, e := range requests {
		if aboutGroup(e.request, never) == nil {
			continue
		}
		tried++
		var first *wire.Response
		for _, gid := range []uint32{never, there, deleted} {
			got := eve.call(aboutGroup(e.request, gid))
			got.Id = 0
			if s := got.GetSend(); s != nil {
				s.Id, s.Time = 0, 0
			}
			switch {
			case first == nil:
				first = got
			case !proto.Equal(first, got):
				t.Errorf("%s: got %v for group %d, %v for one that does not exist", name, got, gid, first)
			}
		}
	}
	if tried < 15 {
		t.Errorf("tried %d operations about groups", tried)
	}
}
