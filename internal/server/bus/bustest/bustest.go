// Package bustest has the tests for all implementations of bus.Bus.
package bustest

import (
	"errors"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/server/bus"
)

// received is a frame received by a node.
type received struct {
	from  bus.NodeID
	frame *bus.Frame
}

// Run tests a bus. join adds a node to it. Frames may arrive with a delay.
func Run(t *testing.T, join func(t *testing.T) bus.Bus) {
	t.Helper()
	t.Run("a frame for one node reaches that node alone", func(t *testing.T) { oneNode(t, join) })
	t.Run("a frame for all reaches all but the sender", func(t *testing.T) { allNodes(t, join) })
	t.Run("frames from one node arrive in order, one at a time", func(t *testing.T) { order(t, join) })
	t.Run("a node that has left neither sends nor gets", func(t *testing.T) { left(t, join) })
}

// node joins a node and returns a channel of its received frames.
func node(t *testing.T, join func(t *testing.T) bus.Bus) (bus.Bus, <-chan received) { //nolint:ireturn // the contract
	t.Helper()
	b := join(t)
	if b.Node() == bus.All {
		t.Fatal("the node has the number of all")
	}
	frames := make(chan received, 1000)
	b.Subscribe(func(from bus.NodeID, f *bus.Frame) { frames <- received{from, f} })
	return b, frames
}

// await waits for one frame.
func await(t *testing.T, frames <-chan received) received {
	t.Helper()
	select {
	case r := <-frames:
		return r
	case <-t.Context().Done():
		t.Fatal("no frame arrived")
		return received{}
	}
}

func publish(t *testing.T, b bus.Bus, to bus.NodeID, f *bus.Frame) {
	t.Helper()
	if err := b.Publish(to, f); err != nil {
		t.Fatalf("publish: %v", err)
	}
}

// fence is published after another frame: when it has arrived, the other one has arrived or is lost.
var fence = &bus.Frame{Refresh: true} //nolint:gochecknoglobals // never changed

func oneNode(t *testing.T, join func(t *testing.T) bus.Bus) {
	t.Helper()
	a, _ := node(t, join)
	b, atB := node(t, join)
	_, atC := node(t, join)
	event := bus.Event{UID: 7, Seq: 3, Exp: 5, Raw: []byte("event")}
	publish(t, a, b.Node(), &bus.Frame{
		Events: []bus.Event{event},
		Signal: &bus.Signal{UIDs: []uint32{1, 2}, Raw: []byte("signal"), Droppable: true},
	})
	publish(t, a, bus.All, fence)
	got := await(t, atB)
	if got.from != a.Node() || len(got.frame.Events) != 1 {
		t.Fatalf("got %+v from %d, want one event from %d", got.frame, got.from, a.Node())
	}
	e, s := got.frame.Events[0], got.frame.Signal
	if e.UID != event.UID || e.Seq != event.Seq || e.Exp != event.Exp || string(e.Raw) != string(event.Raw) {
		t.Errorf("got event %+v, want %+v", e, event)
	}
	if s == nil || !slices.Equal(s.UIDs, []uint32{1, 2}) || string(s.Raw) != "signal" || !s.Droppable {
		t.Errorf("got signal %+v", s)
	}
	if got := await(t, atC); !got.frame.Refresh {
		t.Errorf("another node got %+v", got.frame)
	}
}

func allNodes(t *testing.T, join func(t *testing.T) bus.Bus) {
	t.Helper()
	a, atA := node(t, join)
	b, atB := node(t, join)
	_, atC := node(t, join)
	want := []bus.Presence{{UID: 9, Connected: true, Foreground: true}, {UID: 10}}
	publish(t, a, bus.All, &bus.Frame{Presence: want, Kick: []uint32{4}})
	for _, frames := range []<-chan received{atB, atC} {
		got := await(t, frames).frame
		if !slices.Equal(got.Presence, want) || !slices.Equal(got.Kick, []uint32{4}) {
			t.Errorf("got %+v", got)
		}
	}
	publish(t, b, a.Node(), fence)
	if got := await(t, atA); !got.frame.Refresh {
		t.Errorf("the sender got its own %+v", got.frame)
	}
}

func order(t *testing.T, join func(t *testing.T) bus.Bus) {
	t.Helper()
	const frames = 100
	a, _ := node(t, join)
	b, atB := node(t, join)
	for i := range frames {
		publish(t, a, b.Node(), &bus.Frame{Kick: []uint32{uint32(i)}})
	}
	for i := range frames {
		if got := await(t, atB).frame.Kick; len(got) != 1 || got[0] != uint32(i) {
			t.Fatalf("frame %d: got %v", i, got)
		}
	}
}

func left(t *testing.T, join func(t *testing.T) bus.Bus) {
	t.Helper()
	a, _ := node(t, join)
	b, atB := node(t, join)
	c, atC := node(t, join)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	publish(t, a, bus.All, fence)
	await(t, atC)
	if len(atB) != 0 {
		t.Error("a node that has left got a frame")
	}
	if err := b.Publish(c.Node(), fence); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("got error %v from a node that has left, want ErrClosed", err)
	}
}
