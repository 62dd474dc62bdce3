package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// hall is a LiveKit server that is named by URL, and does nothing.
type hall struct {
	*httptest.Server

	mu    sync.Mutex
	asked []string
	more  chan struct{}
}

func newHall(t *testing.T) *hall {
	t.Helper()
	k := &hall{more: make(chan struct{}, 1)}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Name, Room, Identity string }
		_ = json.NewDecoder(r.Body).Decode(&req)
		_, method, _ := strings.Cut(r.URL.Path, "RoomService/")
		k.mu.Lock()
		k.asked = append(k.asked, strings.TrimSpace(method+" "+req.Identity))
		k.mu.Unlock()
		select {
		case k.more <- struct{}{}:
		default:
		}
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(k.Close)
	return k
}

// options name the server.
func (k *hall) options(people int) server.Options {
	return server.Options{SFU: &server.SFU{
		URL: "ws" + strings.TrimPrefix(k.URL, "http"), Key: "key", Secret: "secret of the key", MaxPeople: people,
	}}
}

// await waits until a request has come since the last await, and returns what has.
func (k *hall) await(t *testing.T, want string) (all []string) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		k.mu.Lock()
		all = k.asked
		found := slices.Contains(all, want)
		if found {
			k.asked = nil
		}
		k.mu.Unlock()
		if found {
			return all
		}
		select {
		case <-k.more:
		case <-timer.C:
			t.Fatalf("%s has not come, but %q", want, all)
		}
	}
}

// joinSFU joins as a device that can use an SFU, and returns the status.
func (s *seat) joinSFU() uint32 {
	s.t.Helper()
	res := s.call(&wire.Request{Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{GroupId: s.gid, Sfu: true}}})
	s.ticket, s.seq = res.GetTicket(), 0
	return s.ticket.GetStatus()
}

// key reads signals up to another key.
func (s *seat) key() (key *wire.CallKey) {
	s.t.Helper()
	s.awaitCall("key", func(c *wire.CallSignalled) bool {
		key = c.GetChange().GetKey()
		if key != nil && (c.GetFrom() != 0 || c.GetTo() != s.ticket.GetNumber() || c.GetDevice() != s.id) {
			s.t.Errorf("got %v", c)
		}
		return key != nil
	})
	return key
}

// TestGroupSFU: tickets, and that the SFU follows the roster; another key when someone had to leave.
func TestGroupSFU(t *testing.T) {
	t.Parallel()
	k := newHall(t)
	h := newHost(t, k.options(0))
	list := seats(h, 0, "alice", "bob", "carol", "dave", "eve", "frank")
	alice, bob, carol := list[0], list[1], list[2]
	var keys []*wire.CallKey
	for _, s := range list[:5] {
		if status := s.joinSFU(); status != wire.CallInProgress {
			t.Fatalf("%s: status %#x", s.token.Address, status)
		}
		sfu := s.ticket.GetSfu()
		if sfu.GetUrl() != h.opts.SFU.URL || sfu.GetToken() == "" || len(sfu.GetKey().GetKey()) != wire.CallKeySize {
			t.Errorf("got %v", sfu)
		}
		keys = append(keys, sfu.GetKey())
	}
	if !proto.Equal(keys[0], keys[4]) {
		t.Error("they do not understand each other")
	}
	if status := list[5].join(false); status != wire.CallIncompatible {
		t.Errorf("without an SFU: status %#x", status)
	}
	if alice.ticket.GetSfu().GetToken() == bob.ticket.GetSfu().GetToken() {
		t.Error("one token for two")
	}
	carol.status(0, wire.CallComplete) // by itself: the key stays
	k.await(t, "RemoveParticipant 3")
	alice.status(bob.ticket.GetNumber(), wire.CallNotAllowed)
	k.await(t, "RemoveParticipant 2")
	next := alice.key()
	if next.GetIndex() == keys[0].GetIndex() || string(next.GetKey()) == string(keys[0].GetKey()) {
		t.Errorf("got %v after %v", next, keys[0])
	}
	if again := list[3].key(); !proto.Equal(again, next) {
		t.Errorf("another key: %v, %v", again, next)
	}
	if status := carol.joinSFU(); status != wire.CallInProgress || !proto.Equal(carol.ticket.GetSfu().GetKey(), next) {
		t.Errorf("again: %v", carol.ticket)
	}
	forged := alice.tell(carol.ticket.GetNumber(), &wire.CallChange{Status: wire.CallUpdate, Key: next})
	if forged.GetResult() != wire.ResultBadRequest {
		t.Errorf("a key of a device: %v", forged)
	}
	for _, s := range []*seat{alice, carol, list[3], list[4]} {
		s.status(0, wire.CallComplete)
	}
	k.await(t, "DeleteRoom")
}

// TestGroupSFU_limit: a call has as many participants as the operator wants.
func TestGroupSFU_limit(t *testing.T) {
	t.Parallel()
	h := newHost(t, newHall(t).options(5))
	list := seats(h, 0, "a", "b", "c", "d", "e", "f")
	for i, s := range list {
		want := uint32(wire.CallInProgress)
		if i == 5 {
			want = wire.CallBusy
		}
		if status := s.joinSFU(); status != want {
			t.Errorf("number %d: status %#x", i, status)
		}
	}
}

// TestGroupSFU_not_there: without it a call is between four devices.
func TestGroupSFU_not_there(t *testing.T) {
	t.Parallel()
	k := newHall(t)
	opts := k.options(0)
	opts.Logger = discard()
	h := newHost(t, opts)
	list := seats(h, 0, "a", "b")
	k.Close()
	for _, s := range list {
		if status := s.joinSFU(); status != wire.CallInProgress || s.ticket.GetSfu() != nil {
			t.Errorf("got %v", s.ticket)
		}
	}
}

// TestGroupSFU_old_device: a call that is started without one goes without.
func TestGroupSFU_old_device(t *testing.T) {
	t.Parallel()
	h := newHost(t, newHall(t).options(0))
	list := seats(h, 0, "a", "b")
	list[0].enter("1 a")
	if status := list[1].joinSFU(); status != wire.CallInProgress || list[1].ticket.GetSfu() != nil {
		t.Errorf("got %v", list[1].ticket)
	}
}

// TestGroupSFU_rights: who may send no more cannot send through the SFU either.
func TestGroupSFU_rights(t *testing.T) {
	t.Parallel()
	k := newHall(t)
	h := newHost(t, k.options(0))
	list := seats(h, 0, "alice", "bob")
	for _, s := range list {
		s.joinSFU()
	}
	res := list[0].call(&wire.Request{Op: &wire.Request_GroupSet{GroupSet: &wire.GroupSet{
		GroupId: list[0].gid, Flags: proto.Uint32(wire.GroupPubBySelected),
	}}})
	if res.GetResult() != wire.ResultOK {
		t.Fatalf("got %v", res)
	}
	res = list[0].call(&wire.Request{Op: &wire.Request_GroupEditMembers{GroupEditMembers: &wire.GroupEditMembers{
		GroupId: list[0].gid, Addresses: []string{"bob"}, Permissions: &wire.Permissions{Flags: wire.MemberSend},
	}}})
	if res.GetResult() != wire.ResultOK {
		t.Fatalf("got %v", res)
	}
	k.await(t, "UpdateParticipant 2")
}
