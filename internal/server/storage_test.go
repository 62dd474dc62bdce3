package server_test

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestSlowConsumer: a slow device gets all events in order, from the log once its queue is full, and never more than
// it may have unacknowledged.
func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	const count = 1000
	h := newHost(t, server.Options{DeadAfter: time.Hour}) // bob answers no ping while the messages are sent
	alice, bob := h.device("alice"), h.device("bob")
	bob.acks = false
	more := 0
	alice.sendTexts("bob", count, func(i int) string { return fmt.Sprint(i, strings.Repeat(".", 700)) })
	for i := range count {
		if got, want := strings.TrimRight(text(bob.nextMessage()), "."), fmt.Sprint(i); got != want {
			t.Fatalf("got message %s, want %s", got, want)
		}
		switch {
		case i+1 == wire.MaxUnacked:
			if len(bob.events) != 0 {
				t.Fatalf("got %d events more than may be unacknowledged", len(bob.events))
			}
			bob.acks = true
			bob.ack(bob.cursor)
		case i > wire.MaxUnacked && i%wire.MaxBatch == 0:
			alice.sendText("bob", "more") // live, while the log is being read
			more++
		}
	}
	for range more {
		if got := text(bob.nextMessage()); got != "more" {
			t.Fatalf("got %q, want the messages sent meanwhile", got)
		}
	}
}

// copyDatabase copies the files of a running server's database in the state that a crash would leave. The write-ahead
// log only grows while it is small, so it is copied last.
func copyDatabase(t testing.TB, from, to string) {
	t.Helper()
	for _, name := range []string{"parley.db", "parley.db-wal"} {
		src, err := os.Open(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		dst, err := os.Create(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(dst, src)
		_ = src.Close()
		if cerr := dst.Close(); err != nil || cerr != nil {
			t.Fatalf("copy: %v, %v", err, cerr)
		}
	}
}

// integrity returns the result of SQLite's integrity check.
func integrity(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var result string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&result); err != nil {
		t.Fatal(err)
	}
	return result
}

// TestCrash: at any moment, the files contain everything that was acknowledged before.
func TestCrash(t *testing.T) {
	t.Parallel()
	const rounds, perRound = 5, 40
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	bob := h.token("bob")
	acked := 0
	for round := range rounds {
		// Requests are in flight while the files are copied.
		var ids []uint64
		for range perRound {
			ids = append(ids, alice.request(&wire.Request{Op: &wire.Request_Send{
				Send: message("bob", fmt.Sprintf("%d", round*perRound+len(ids))),
			}}))
		}
		for _, id := range ids[:perRound/2] {
			if alice.answer(id).GetSend().GetStatus() == wire.StatusSent {
				acked = round*perRound + perRound/2
			}
		}
		crashed := &host{t: t, opts: server.Options{Dir: t.TempDir(), Logger: h.opts.Logger}, address: "127.0.0.1:0"}
		copyDatabase(t, h.opts.Dir, crashed.opts.Dir)
		crashed.start()
		d := &device{t: t, h: crashed, token: bob, acks: true}
		head := d.connect().GetHead()
		if head < uint64(acked) {
			t.Errorf("round %d: the copy holds %d events, %d were acknowledged", round, head, acked)
		}
		for i := range head {
			if got, want := text(d.nextMessage()), fmt.Sprint(i); got != want {
				t.Fatalf("round %d: got message %s, want %s", round, got, want)
			}
		}
		d.close()
		crashed.stop()
		if got := integrity(t, crashed.opts.Dir); got != "ok" {
			t.Errorf("round %d: the database is damaged: %s", round, got)
		}
		for _, id := range ids {
			alice.answer(id)
		}
	}
}

// TestFailingDisk: a failed commit closes the connections that submitted changes, without a gap in what was committed;
// once the disk has space again, the server continues.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	var pages atomic.Int64
	h := newHost(t, server.WithWriterPragmas(server.Options{Logger: discard()}, func() []string {
		if n := pages.Load(); n != 0 {
			return []string{fmt.Sprintf("max_page_count(%d)", n)}
		}
		return nil
	}))
	pages.Store(60)
	h.restart()
	alice, bob := h.device("alice"), h.device("bob")
	long := strings.Repeat("x", 4000)
	var queue []*wire.Send
	for i := range 200 {
		queue = append(queue, message("bob", fmt.Sprint(i, long)))
	}
	// Like a client: in order, several in flight, and from the first unanswered one after a lost connection.
	failures := 0
	for done := 0; done < len(queue); {
		answered, ok := alice.pipeline(queue[done:])
		done += answered
		if ok {
			continue
		}
		failures++
		if alice.bye.GetStatus() != wire.ConnOffline || !strings.Contains(alice.bye.GetReason(), "store your changes") {
			t.Fatalf("got goodbye %v, want OFFLINE because storing failed", alice.bye)
		}
		if failures == 3 {
			pages.Store(1 << 20) // space was freed
		}
		alice.connect()
	}
	if failures < 3 {
		t.Fatalf("the disk never failed")
	}
	for i := range queue {
		if got, want := text(bob.nextMessage()), fmt.Sprint(i, long); got != want {
			t.Fatalf("got message %.10q, want %.10q", got, want)
		}
	}
}

// pipeline sends messages, several in flight, and returns how many from the front were answered; ok is false if the
// connection ended.
func (d *device) pipeline(queue []*wire.Send) (answered int, ok bool) {
	d.t.Helper()
	ids := make([]uint64, 0, len(queue))
	for _, m := range queue[:min(len(queue), 20)] {
		ids = append(ids, d.request(&wire.Request{Op: &wire.Request_Send{Send: m}}))
	}
	for _, id := range ids {
		for d.responses[id] == nil {
			if !d.read() {
				return answered, false
			}
		}
		if got := d.responses[id].GetSend().GetStatus(); got != wire.StatusSent {
			d.t.Fatalf("got %v, want SENT", d.responses[id])
		}
		answered++
	}
	return answered, true
}

// TestRate: messages of a too fast sender are delayed in order and never refused.
func TestRate(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{SendRate: 50, SendBurst: 5})
	alice, bob := h.device("alice"), h.device("bob")
	start := time.Now()
	for i := range 30 {
		alice.sendText("bob", fmt.Sprint(i))
	}
	if took := time.Since(start); took < 400*time.Millisecond {
		t.Errorf("30 messages took %v, want at least half a second", took)
	}
	for i := range 30 {
		if got, want := text(bob.nextMessage()), fmt.Sprint(i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// TestNonces_are_forgotten: a nonce is free again after the window and not before.
func TestNonces_are_forgotten(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	old, recent := message("alice", "old"), message("alice", "recent")
	oldReply, recentReply := alice.send(old), alice.send(recent)
	db, err := sql.Open("sqlite", filepath.Join(h.opts.Dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	before := time.Now().Add(-wire.DedupWindow - time.Hour).UnixMilli()
	_, err = db.ExecContext(t.Context(), `UPDATE dedups SET ts = ? WHERE nonce = ?`, before, old.GetNonce())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.srv.ForgetNonces(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := alice.send(recent); got.GetId() != recentReply.GetId() {
		t.Errorf("recent: got %v, want %v", got, recentReply)
	}
	if got := alice.send(old); got.GetId() == oldReply.GetId() {
		t.Errorf("old: got %v, want a new message", got)
	}
}

// untilUnread sends transient messages to bob, who reads nothing, until one does not get through.
func (d *device) untilUnread() {
	d.t.Helper()
	long := strings.Repeat("x", wire.MaxText)
	status := uint32(wire.StatusSent)
	for i := 0; status == wire.StatusSent; i++ {
		if i > 2_000 {
			d.t.Fatal("all transient messages are queued")
		}
		m := message("bob", long)
		m.Flags = wire.FlagTransient
		status = d.send(m).GetStatus()
	}
	if status != wire.StatusUserOffline {
		d.t.Errorf("got status %#x, want USEROFFLINE", status)
	}
}

// TestSlow_client: transient messages for a client with much to read are dropped, and it stays connected.
func TestSlow_client(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{WriteTimeout: time.Hour})
	alice, bob := h.device("alice"), h.device("bob")
	alice.untilUnread()
	alice.sendText("bob", "still there?")
	if got := text(bob.nextMessage()); got != "still there?" {
		t.Errorf("got %.20q", got)
	}
}

// TestClient_that_does_not_read: a client that reads nothing is disconnected, without an effect on others.
func TestClient_that_does_not_read(t *testing.T) {
	// Not parallel: a write may take 500 ms at most.
	h := newHost(t, server.Options{WriteTimeout: 500 * time.Millisecond, MetricsAddr: "127.0.0.1:0"})
	alice, bob := h.device("alice"), h.device("bob")
	alice.untilUnread()
	for connections := ""; !strings.Contains(connections, "parley_connections 1\n"); {
		_, connections = get(t, "http://"+h.srv.MetricsAddr().String()+"/metrics")
	}
	bob.ended()
	alice.sendText("bob", "are you back?")
	bob.connect()
	if got := text(bob.nextMessage()); got != "are you back?" {
		t.Errorf("got %.20q", got)
	}
}

// TestRequests_without_reading: a client that asks for much and does not read it waits, without being disconnected, and
// little is kept for it.
func TestRequests_without_reading(t *testing.T) {
	// Not parallel: it measures memory.
	h := newHost(t, server.Options{WriteTimeout: time.Hour})
	alice := h.device("alice")
	alice.sendTexts("alice", 10, func(int) string { return strings.Repeat("x", 20_000) })
	before := memory()
	var ids []uint64
	for range 60 {
		ids = append(ids, alice.request(&wire.Request{Op: &wire.Request_History{
			History: &wire.History{Peer: "alice", Count: 200},
		}}))
	}
	for range 3 { // other requests are served meanwhile
		h.device("bob").sendText("bob", "x")
	}
	if used := memory() - before; used > 8<<20 {
		t.Errorf("%d bytes are kept for a client that does not read", used)
	}
	for _, id := range ids {
		if got := len(alice.answer(id).GetHistory().GetEvents()); got != 10 {
			t.Errorf("got %d messages, want 10", got)
		}
	}
}
