package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

const day = 24 * time.Hour

// retain removes what is not to be kept, after a day in which a jump of the clock comes to be believed.
func (h *host) retain(now *clock) {
	h.t.Helper()
	if err := h.srv.Retain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	now.pass(day + time.Hour)
	if err := h.srv.Retain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// pass lets real time pass.
func (c *clock) pass(d time.Duration) {
	c.real.Add(int64(d))
	c.jump(d)
}

// newClockHost is newHost with another clock.
func newClockHost(t *testing.T, now *clock, opts server.Options) *host {
	t.Helper()
	started := time.Now()
	opts.Clock = now.time
	return newHost(t, server.WithElapsed(opts, func() time.Duration {
		return time.Since(started) + time.Duration(now.real.Load())
	}))
}

// TestRetention: messages older than the age are removed with their files, from logs and history; devices that are behind
// go on after them, and what is newer stays.
func TestRetention(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newClockHost(t, now, server.Options{Retention: eventlog.Retention{Age: 30 * day}})
	alice, bob := h.device("alice"), h.device("bob")
	behind := bob.second()
	behind.acks = false
	data := random(1000)
	file := h.put(alice.token.String(), data)
	alice.sent(fileMessage("bob", h.url(file)))
	alice.sendTexts("bob", 600, func(i int) string { return fmt.Sprint("old ", i) })
	bob.until("old messages", func() bool { return bob.cursor == 601 })
	alice.until("receipts", func() bool { return alice.cursor > 601 })
	waits := message("carol", "waits for long")
	waits.Expiry = int32((60 * day).Seconds())
	carol := h.token("carol")
	alice.send(waits)
	behind.close()
	now.jump(20 * day)
	for i := range 3 {
		alice.send(message("bob", fmt.Sprint("new ", i)))
	}
	bob.until("new messages", func() bool { return bob.cursor == 604 })
	now.jump(11 * day)
	h.retain(now)
	h.collect()
	now.jump(25 * time.Hour)
	h.collect()

	if n := query1(t, openRaw(t, h.opts.Dir), `SELECT count(*) FROM msgs`); n != 4 {
		t.Errorf("%d messages are left, want 4", n)
	}
	if h.tidy(); h.inFiles("old 7") != 0 {
		t.Error("an old text is in the files")
	}
	h.wants(alice.token.String(), file, nil)
	behind.cursor = 5
	if reply := behind.connect(); reply.GetStart() != 601 || reply.GetEpoch() != bob.epoch {
		t.Errorf("a device that is behind: got %v, want to start after 601", reply)
	}
	behind.acks = true
	if got := text(behind.nextMessage()); got != "new 0" {
		t.Errorf("got %q, want new 0", got)
	}
	history := bob.call(&wire.Request{Op: &wire.Request_History{History: &wire.History{
		Peer: "alice", Before: 604, Count: 100,
	}}}).GetHistory()
	if len(history.GetEvents()) != 2 || history.GetBefore() != 0 {
		t.Errorf("history: got %d events, before %d", len(history.GetEvents()), history.GetBefore())
	}
	late := &device{t: t, h: h, token: carol, acks: true}
	late.connect()
	t.Cleanup(late.close)
	if got := text(late.nextMessage()); got != "waits for long" {
		t.Errorf("got %q, want the message that waited", got)
	}
	alice.sendText("bob", "after")
	if got := text(behind.nextMessage()); got != "new 1" {
		t.Errorf("got %q, want new 1", got)
	}
	h.stop()
	if got := problems(t, h.opts.Dir); got != nil {
		t.Errorf("afterwards: %q", got)
	}
}

// TestRetention_by_size: the oldest messages are removed until the database is small enough.
func TestRetention_by_size(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newClockHost(t, now, server.Options{Retention: eventlog.Retention{Size: 2 << 20}})
	alice := h.device("alice")
	for i := range 300 {
		alice.send(message("alice", fmt.Sprint(i, strings.Repeat("x", 10_000))))
		now.jump(time.Second)
	}
	now.jump(2 * time.Hour)
	h.retain(now)
	db := openRaw(t, h.opts.Dir)
	left, oldest := query1(t, db, `SELECT count(*) FROM msgs`), query1(t, db, `SELECT min(sseq) FROM msgs`)
	if left < 100 || left > 200 || oldest != 301-left {
		t.Errorf("%d messages are left, the oldest is %d; want the newest 100 to 200", left, oldest)
	}
	alice.cursor = 0
	if got := alice.connect(); int64(got.GetStart()) != oldest-1 {
		t.Errorf("got %v, want to start at %d", got, oldest)
	}
}

// TestRetention_of_a_group: a group may keep its messages for a shorter time than the server.
func TestRetention_of_a_group(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newClockHost(t, now, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	gid := alice.createGroup(create("bob"))
	other := alice.createGroup(create("bob"))
	for _, g := range []uint32{gid, other} {
		m := message("", fmt.Sprint("to ", g))
		m.Peer, m.GroupId = "", g
		alice.send(m)
	}
	bob.until("messages", func() bool { return bob.cursor == 4 })
	app := h.appToken()
	for _, age := range []int{-1, 59, 52_560_001} {
		if code, _ := h.backend(app, map[string]any{"op": "groupkeep", "gid": gid, "age": age}); code != http.StatusBadRequest {
			t.Errorf("an age of %d minutes: got %d", age, code)
		}
	}
	if code, _ := h.backend(app, map[string]any{"op": "groupkeep", "gid": gid + other, "age": 60}); code != http.StatusNotFound {
		t.Errorf("a group that does not exist: got %d", code)
	}
	for _, age := range []time.Duration{day, 0, 7 * day} {
		h.works(app, map[string]any{"op": "groupkeep", "gid": gid, "age": int(age.Minutes())})
	}
	if got := h.audited(audit.Filter{Actor: "apptoken", Target: fmt.Sprint("group ", gid)}); len(got) != 3 {
		t.Errorf("got %q in the audit log, want three entries", got)
	}
	now.jump(8 * day)
	h.retain(now)
	bob.cursor = 0
	bob.connect()
	var got []string
	for range 4 {
		if m := bob.next().GetMessage(); m != nil && m.GetContent().GetGroup() == nil {
			got = append(got, text(m))
		}
	}
	if len(got) != 1 || got[0] != fmt.Sprint("to ", other) {
		t.Errorf("got %q, want the message to the other group alone", got)
	}
}

// TestMessage_quota: messages beyond what is kept of one user are refused until something has been removed.
func TestMessage_quota(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newClockHost(t, now, server.Options{Retention: eventlog.Retention{Age: day, Quota: 100_000}})
	alice, bob := h.device("alice"), h.device("bob")
	long := strings.Repeat("x", 10_000)
	refusals := 0
	for range 12 {
		r := alice.call(&wire.Request{Op: &wire.Request_Send{Send: message("bob", long)}})
		if r.GetResult() == wire.ResultOverCapacity {
			refusals++
		}
	}
	if refusals != 3 {
		t.Errorf("%d of 12 messages were refused, want 3", refusals)
	}
	bob.sendText("alice", "another user is free to write")
	h.restart()
	alice.connect()
	if err := h.srv.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := alice.call(&wire.Request{Op: &wire.Request_Send{Send: message("bob", long)}}); r.GetResult() != wire.ResultOverCapacity {
		t.Errorf("after a restart: got %v, want it to be refused", r)
	}
	bob.connect()
	bob.until("messages", func() bool { return bob.cursor >= 10 })
	now.jump(2 * day)
	h.retain(now)
	alice.sendText("bob", long)
}

// TestClock_jumps_forward: messages that wait do not expire at once when the clock jumps: their recipients have ten
// minutes to fetch them. New messages have their own deadlines.
func TestClock_jumps_forward(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newClockHost(t, now, server.Options{Retention: eventlog.Retention{Age: 3 * day}})
	alice := h.device("alice")
	bob, carol := h.token("bob"), h.token("carol")
	alice.sendTexts("bob", 20, func(i int) string { return fmt.Sprint(i) })
	toCarol := alice.sendText("carol", "late")
	now.jump(8 * day)
	short := message("carol", "short")
	short.Expiry = 1
	reply := alice.send(short)
	if st := alice.nextStatus(); st.GetStatus() != wire.StatusExpired || st.GetId() != reply.GetId() {
		t.Fatalf("got %v, want only the new message to expire", st)
	}
	if err := h.srv.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, h: h, token: bob, acks: true}
	d.connect()
	t.Cleanup(d.close)
	for i := range 20 {
		if got := text(d.nextMessage()); got != fmt.Sprint(i) {
			t.Fatalf("got %q, want %d", got, i)
		}
	}
	now.pass(time.Hour)
	late := &device{t: t, h: h, token: carol}
	late.connect()
	t.Cleanup(late.close)
	for {
		if st := alice.nextStatus(); st.GetStatus() == wire.StatusExpired {
			if st.GetId() != toCarol.GetId() {
				t.Errorf("got %v, want EXPIRED for %d", st, toCarol.GetId())
			}
			break
		}
	}
}

// TestClock_behind: with a clock that is an hour behind, messages with a short expiry arrive.
func TestClock_behind(t *testing.T) {
	t.Parallel()
	now := &clock{}
	now.jump(-time.Hour)
	h := newClockHost(t, now, server.Options{})
	alice := h.device("alice")
	bob := h.token("bob")
	m := message("bob", "in time")
	m.Expiry = 1800
	if got := alice.send(m).GetStatus(); got != wire.StatusSent {
		t.Fatalf("got status %#x", got)
	}
	d := &device{t: t, h: h, token: bob, acks: true}
	d.connect()
	t.Cleanup(d.close)
	if e := d.next(); text(e.GetMessage()) != "in time" {
		t.Errorf("got %v", e)
	}
}
