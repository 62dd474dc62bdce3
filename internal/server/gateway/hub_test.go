package gateway

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/presence"
	"github.com/parley-chat/parley/internal/wire"
)

// testNode is a node without sockets: its connections only queue what would be written.
type testNode struct {
	hub     *Hub
	gateway *Gateway
}

func newTestNode(t *testing.T, l *bus.Local) *testNode {
	t.Helper()
	b := l.Join()
	t.Cleanup(func() { _ = b.Close() })
	log := slog.New(slog.DiscardHandler)
	p := presence.New(presence.Config{Bus: b, Logger: log, Clock: time.Now})
	h := NewHub(p, b, log, Limits{MaxDevices: 2, SendRate: 1, SendBurst: 1})
	return &testNode{hub: h, gateway: New(&Config{Presence: p, Bus: b, Logger: log}, h)}
}

func testDevice(uid uint32, token byte) *accounts.Device {
	hash := [32]byte{token}
	return &accounts.Device{UserRef: accounts.UserRef{UID: uid}, ID: wire.TokenID(hash), Hash: hash}
}

// connect registers a connection without a socket. token distinguishes the devices of a user.
func (n *testNode) connect(t *testing.T, uid uint32, token byte) *conn {
	t.Helper()
	c := newConn(n.gateway, nil, testDevice(uid, token), "")
	c.writing = true // no writing goroutine is started
	if replaced, full := n.hub.register(c); replaced != nil || full {
		t.Fatalf("register: replaced %v, full %v", replaced, full)
	}
	n.hub.presence.Connect(uid)
	return c
}

// disconnect removes a connection.
func (n *testNode) disconnect(c *conn) {
	n.hub.unregister(c)
	n.hub.presence.Disconnect(c.device.UID)
}

// TestHub_signal_to_another_node: a signal is queued once on each connection of its users, on all nodes.
func TestHub_signal_to_another_node(t *testing.T) {
	t.Parallel()
	const alice, bob, carol = 1, 2, 3
	var l bus.Local
	a, b := newTestNode(t, &l), newTestNode(t, &l)
	local, remote, second := a.connect(t, alice, 1), b.connect(t, bob, 2), b.connect(t, bob, 3)
	other := b.connect(t, carol, 4)

	sig := &wire.Signal{Body: &wire.Signal_Profile{Profile: &wire.ProfileChange{Revision: 7}}}
	reached, err := a.hub.Signal([]uint32{alice, bob}, sig, false)
	if err != nil || !reached {
		t.Fatalf("got %v, %v, want that it was sent", reached, err)
	}
	want, err := proto.Marshal(&wire.ServerFrame{Body: &wire.ServerFrame_Signal{Signal: sig}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*conn{"local": local, "remote": remote, "second device": second} {
		if len(c.outbox) != 1 || !bytes.Equal(c.outbox[0].raw, want) {
			t.Errorf("%s: got %v, want the signal once", name, c.outbox)
		}
	}
	if len(other.outbox) != 0 {
		t.Errorf("another user got %v", other.outbox)
	}

	b.disconnect(remote)
	b.disconnect(second)
	if reached, err := a.hub.Signal([]uint32{bob}, sig, false); err != nil || reached {
		t.Errorf("disconnected: got %v, %v, want that no connection was reached", reached, err)
	}
}

// TestHub_publish_to_another_node: a committed event is queued on the connections of its user, on all nodes.
func TestHub_publish_to_another_node(t *testing.T) {
	t.Parallel()
	const alice = 1
	var l bus.Local
	a, b := newTestNode(t, &l), newTestNode(t, &l)
	conns := []*conn{a.connect(t, alice, 1), b.connect(t, alice, 2)}
	a.hub.Publish([]eventlog.Push{{UID: alice, Event: eventlog.Event{Seq: 1, Raw: []byte("event")}}})
	for i, c := range conns {
		if len(c.live.events) != 1 || c.live.events[0].Seq != 1 {
			t.Errorf("connection %d: got %v, want event 1", i, c.live.events)
		}
	}
	if !a.hub.InTransit(alice, 1) {
		t.Error("the event is not in transit, though the user is connected to another node")
	}
}

// TestHub_register: a connection with the same token replaces the older one, and the number of devices is limited.
func TestHub_register(t *testing.T) {
	t.Parallel()
	const alice = 1
	var l bus.Local
	n := newTestNode(t, &l)
	first := n.connect(t, alice, 1)
	n.connect(t, alice, 2)
	device := func(token byte) *conn {
		c := newConn(n.gateway, nil, testDevice(alice, token), "")
		c.writing = true
		return c
	}
	if replaced, full := n.hub.register(device(3)); replaced != nil || !full {
		t.Errorf("a third device: got %v, %v, want that it is refused", replaced, full)
	}
	if replaced, full := n.hub.register(device(1)); replaced != first || full {
		t.Errorf("the same token: got %v, %v, want that the first connection is replaced", replaced, full)
	}
	n.hub.unregister(first) // it was replaced already
	if got := len(n.hub.connsOf(alice)); got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
}
