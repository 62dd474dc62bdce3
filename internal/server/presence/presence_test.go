package presence_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/presence"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	alice = 1
	bob   = 2
)

// node is a node of a service with its presence and what it has stored.
type node struct {
	*presence.Presence

	bus bus.Bus

	mu    sync.Mutex
	saves []map[uint32]int64
	err   error // of the next saves
}

// newNode joins a node to a bus. cfg has the fields that the test needs.
func newNode(t *testing.T, l *bus.Local, cfg presence.Config) *node {
	t.Helper()
	n := &node{bus: l.Join()}
	cfg.Bus, cfg.Logger, cfg.Clock = n.bus, slog.New(slog.DiscardHandler), time.Now
	cfg.EitherBlocks = func(_, _ uint32) bool { return false }
	cfg.SaveSeen = n.save
	n.Presence = presence.New(cfg)
	n.bus.Subscribe(func(from bus.NodeID, f *bus.Frame) { n.Handle(from, f.Presence) })
	t.Cleanup(func() { _ = n.bus.Close() })
	return n
}

func (n *node) save(seen map[uint32]int64) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.saves = append(n.saves, maps.Clone(seen))
	return n.err
}

func (n *node) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.err = err
}

func (n *node) saved() []map[uint32]int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.saves)
}

// watcher is a connection of a user that counts changes.
type watcher struct {
	uid     uint32
	mu      sync.Mutex
	changes []uint32
}

func (w *watcher) User() uint32 { return w.uid }

func (w *watcher) PresenceChanged(uid uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, uid)
}

func (w *watcher) take() []uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes := w.changes
	w.changes = nil
	return changes
}

// TestOnline: all nodes know the connected users, and Elsewhere names the nodes of their connections.
func TestOnline(t *testing.T) {
	t.Parallel()
	var l bus.Local
	a, b := newNode(t, &l, presence.Config{}), newNode(t, &l, presence.Config{})
	check := func(what string, online bool, fromA, fromB []bus.NodeID) {
		t.Helper()
		for name, n := range map[string]*node{"A": a, "B": b} {
			if n.Online(alice) != online {
				t.Errorf("%s: online on node %s: got %v", what, name, !online)
			}
		}
		if got := a.Elsewhere(alice); !slices.Equal(got, fromA) {
			t.Errorf("%s: elsewhere from node A: got %v, want %v", what, got, fromA)
		}
		if got := b.Elsewhere(alice); !slices.Equal(got, fromB) {
			t.Errorf("%s: elsewhere from node B: got %v, want %v", what, got, fromB)
		}
	}
	nodeA, nodeB := []bus.NodeID{a.bus.Node()}, []bus.NodeID{b.bus.Node()}
	check("not connected", false, nil, nil)
	a.Connect(alice)
	check("connected to A", true, nil, nodeA)
	a.Connect(alice)
	b.Connect(alice)
	check("connected to both", true, nodeB, nodeA)
	a.Disconnect(alice)
	check("one of two connections to A has ended", true, nodeB, nodeA)
	a.Disconnect(alice)
	check("connected to B", true, nodeB, nil)
	b.Disconnect(alice)
	check("disconnected", false, nil, nil)
	if a.Online(bob) {
		t.Error("another user is online")
	}
}

// TestForeground: watchers on all nodes are notified when a user's first device enters the foreground and when the last
// one leaves it.
func TestForeground(t *testing.T) {
	t.Parallel()
	rec, err := sqlite.Open(t.TempDir(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.Close() })
	if err := accounts.New(rec).AddUser(t.Context(), "alice", "Alice"); err != nil {
		t.Fatal(err)
	}
	user, err := accounts.New(rec).Find(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	uid := user.UID
	var l bus.Local
	cfg := presence.Config{Record: rec}
	nodes := []*node{newNode(t, &l, cfg), newNode(t, &l, cfg)}
	watchers := []*watcher{{uid: uid + 1}, {uid: uid + 1}}
	for i, n := range nodes {
		states, err := n.Watch(t.Context(), watchers[i], []accounts.UserRef{{UID: uid, Address: "alice"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(states) != 1 || states[0].GetAddress() != "alice" || states[0].GetOnline() || states[0].GetLastSeen() != 0 {
			t.Fatalf("got %v, want alice, never seen", states)
		}
	}
	check := func(what string, changed, online bool) {
		t.Helper()
		for i, n := range nodes {
			changes := watchers[i].take()
			if changed != (len(changes) == 1) || (changed && changes[0] != uid) {
				t.Errorf("%s: node %d: got changes %v, want one: %v", what, i, changes, changed)
			}
			state, visible := n.State(uid, watchers[i])
			if !visible || state.GetOnline() != online || (changed && state.GetLastSeen() == 0) {
				t.Errorf("%s: node %d: got %v, %v, want online %v", what, i, state, visible, online)
			}
		}
	}
	nodes[0].Connect(uid)
	check("connected", false, false)
	nodes[0].Foreground(uid, true, false)
	check("in the foreground on A", true, true)
	nodes[1].Connect(uid)
	nodes[1].Foreground(uid, true, false)
	for _, w := range watchers {
		w.take() // a second device may be announced again
	}
	check("in the foreground on both", false, true)
	nodes[0].Foreground(uid, false, false)
	for _, w := range watchers {
		w.take()
	}
	check("left on A", false, true)
	nodes[1].Foreground(uid, false, true)
	check("left on B", true, false)

	nodes[1].SetVisibility(uid, wire.VisibilityNone)
	if _, visible := nodes[1].State(uid, watchers[1]); visible || len(watchers[1].take()) != 1 {
		t.Error("the presence is visible to other users after VISIBILITY_NONE, or the watcher was not notified")
	}
	nodes[0].Unwatch(watchers[0], []uint32{uid})
	if state, _ := nodes[0].State(uid, watchers[0]); state != nil {
		t.Errorf("got %v after Unwatch", state)
	}
}

// TestRun_retries: last-seen times that could not be stored are stored by the next attempt, with newer ones.
func TestRun_retries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l bus.Local
		n := newNode(t, &l, presence.Config{})
		n.fail(errors.New("disk failure"))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { n.Run(ctx) })
		defer running.Wait()
		defer cancel()

		n.Connect(alice)
		n.Foreground(alice, true, false)
		n.Foreground(alice, false, true) // the connection ends: Run stores at once
		synctest.Wait()
		first := n.saved()
		if len(first) != 1 || first[0][alice] != time.Now().UnixMilli() {
			t.Fatalf("got %v, want alice now", first)
		}
		n.fail(nil)
		n.Connect(bob)
		n.Foreground(bob, true, false)
		<-time.After(2 * time.Minute) // past the next attempt
		second := n.saved()
		if len(second) != 2 || second[1][alice] != first[0][alice] || second[1][bob] == 0 {
			t.Fatalf("got %v, want alice again, and bob", second)
		}
		cancel()
		running.Wait()
		if got := n.saved(); len(got) != 2 {
			t.Errorf("got %v, want nothing stored twice", got)
		}
	})
}

// TestRun_stores_at_the_end: times are stored when the context ends.
func TestRun_stores_at_the_end(t *testing.T) {
	t.Parallel()
	var l bus.Local
	n := newNode(t, &l, presence.Config{})
	n.Connect(alice)
	n.Foreground(alice, true, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n.Run(ctx)
	if got := n.saved(); len(got) != 1 || got[0][alice] == 0 {
		t.Errorf("got %v, want alice", got)
	}
}
