package server_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// slow are the limits of these tests: what costs more than the burst takes measurable time.
func slow() server.Options { return server.Options{SendRate: 50, SendBurst: 10} }

// takes fails if f is done in less than some time.
func takes(t *testing.T, atLeast time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took < atLeast {
		t.Errorf("took %v, want at least %v", took, atLeast)
	}
}

// TestRates_outlast_connections: connecting again does not refill what a user may spend, nor does another device.
func TestRates_outlast_connections(t *testing.T) {
	t.Parallel()
	h := newHost(t, slow())
	alice := h.device("alice")
	takes(t, 600*time.Millisecond, func() { // 10 at once, then 50 a second
		for i := range 40 {
			alice.sendText("alice", fmt.Sprint(i))
			if i%10 == 9 {
				alice.close()
				alice.connect()
			}
		}
	})
	second := alice.second()
	takes(t, 200*time.Millisecond, func() {
		for i := range 15 {
			second.sendText("alice", fmt.Sprint(i))
		}
	})
}

// TestRates_count_everything: every request is counted, also those that only read and those that are refused.
func TestRates_count_everything(t *testing.T) {
	t.Parallel()
	h := newHost(t, slow())
	for name, request := range map[string]func(gid uint32) *wire.Request{
		"mark read": func(uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{Peer: "bob", UpTo: 1}}}
		},
		"profile sync": func(uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}}
		},
		"group get": func(gid uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_GroupGet{GroupGet: &wire.GroupGet{GroupId: gid}}}
		},
		"group members": func(gid uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_GroupMembers{GroupMembers: &wire.GroupMembers{GroupId: gid}}}
		},
		"block of nobody": func(uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_Block{Block: &wire.Block{Address: "nobody"}}}
		},
		"history of nobody": func(uint32) *wire.Request {
			return &wire.Request{Op: &wire.Request_History{History: &wire.History{Peer: "nobody", Count: 1}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := *h
			h.t = t
			h.token("bob")
			d := h.device("user of " + name)
			gid := d.createGroup(create())
			d.sendText("bob", "x")
			takes(t, 400*time.Millisecond, func() {
				for range 40 {
					d.call(request(gid))
				}
			})
		})
	}
}

// TestRates_weigh_groups: a message to many members costs more than one to few.
func TestRates_weigh_groups(t *testing.T) {
	t.Parallel()
	const members = 100
	h := newHost(t, slow())
	var names []string
	for i := range members {
		names = append(names, fmt.Sprint("member", i))
		h.token(names[i])
	}
	alice := h.device("alice")
	gid := alice.createGroup(create(names...))
	const count = 20
	takes(t, (count*(1+members/50)-10)*time.Second/50, func() {
		for i := range count {
			alice.send(groupMessage(gid, fmt.Sprint(i)))
		}
	})
}

// TestRates_refuse_later: who is far over the rate is asked to come back later, and then is served.
func TestRates_refuse_later(t *testing.T) {
	// Not parallel: it waits for seconds.
	h := newHost(t, server.Options{SendRate: 10, SendBurst: 10})
	devices := []*device{h.device("alice")}
	devices = append(devices, devices[0].second(), devices[0].second())
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprint("nobody", i))
	}
	var ids []uint64
	for _, d := range devices { // each is more than five seconds can pay for
		ids = append(ids, d.request(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create(names...)}}))
	}
	refused := 0
	for i, d := range devices {
		r := d.answer(ids[i])
		if r.GetResult() == wire.ResultOK {
			continue
		}
		refused++
		if r.GetResult() != wire.ResultRetryLater || r.GetRetryAfter() < 1000 || r.GetGroup() == nil {
			t.Errorf("got %v, want RETRYLATER with a time and the reply of a group", r)
		}
	}
	if refused == 0 {
		t.Error("none was refused")
	}
	r := &wire.Response{Result: wire.ResultRetryLater}
	for r.GetResult() == wire.ResultRetryLater {
		r = devices[0].call(&wire.Request{Op: &wire.Request_Send{Send: message("alice", "back")}})
	}
	if r.GetSend().GetStatus() != wire.StatusSent {
		t.Errorf("got %v, want SENT", r)
	}
}

// TestProfile_news: a change of a profile is announced to those who have a reason to know, not to strangers.
func TestProfile_news(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, wrote, written, stranger := h.device("alice"), h.device("bob"), h.device("carol"), h.device("dave")
	member := h.device("erin")
	other := alice.second()
	newest := alice.second().connect().GetProfileRevision()
	stranger.until("news of the last user", func() bool { return stranger.profileNews() >= newest })
	stranger.signals = nil
	wrote.sendText("alice", "hi")
	alice.sendText("carol", "hi")
	alice.createGroup(create("erin"))
	member.nextChange()
	for round := range 2 { // the second one comes while the first was announced a moment ago
		alice.must(wire.ResultOK, setSelf(&wire.SetSelf{Status: new(fmt.Sprint("busy ", round))}))
		for _, d := range []*device{wrote, written, member, other} {
			d.until("news", func() bool { return d.profileNews() > newest })
		}
		newest = other.profileNews()
	}
	stranger.sendText("dave", "note") // what was sent before has arrived with the answer
	if stranger.profileNews() != 0 {
		t.Error("a stranger was notified")
	}
}

// profileNews returns the newest revision of profiles of which the device was notified, 0 if it was not.
func (d *device) profileNews() (revision uint64) {
	for _, s := range d.signals {
		revision = max(revision, s.GetProfile().GetRevision())
	}
	return revision
}

// TestMessageIDs_of_others: what others do with an id does not keep a sender from using it.
func TestMessageIDs_of_others(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Clock: fixedClock()})
	eve, alice := h.device("eve"), h.device("alice")
	send := func(d *device) *wire.Response {
		m := message(d.token.Address, "x")
		m.Id = 7
		return d.call(&wire.Request{Op: &wire.Request_Send{Send: m}})
	}
	seen := make(map[uint64]bool)
	for range 60 {
		seen[send(eve).GetSend().GetId()] = true
	}
	if r := send(eve); r.GetResult() != wire.ResultBadRequest {
		t.Errorf("got %v for the 61st message with one id, want BADREQUEST", r)
	}
	for range 60 {
		seen[send(alice).GetSend().GetId()] = true
	}
	if len(seen) != 120 || seen[0] {
		t.Errorf("got %d ids, want 120", len(seen))
	}
}

// fixedClock stands still.
func fixedClock() func() time.Time {
	now := time.Now()
	return func() time.Time { return now }
}

// TestShutdown_with_a_backlog: what was queued is committed, and nobody waits for a queue that nobody empties.
func TestShutdown_with_a_backlog(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	for i := range 60 {
		alice.request(&wire.Request{Op: &wire.Request_Send{Send: message("alice", fmt.Sprint(i))}})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- h.srv.Shutdown(ctx) }()
	alice.ended()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
