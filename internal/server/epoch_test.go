package server_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestHello_ahead_of_the_log: a cursor that the log does not have gets a new epoch, of this user alone.
func TestHello_ahead_of_the_log(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	alice, bob := h.device("alice"), h.device("bob")
	sent := bob.sendText("alice", "one")
	alice.next()
	status := bob.nextStatus() // event 2 of bob's
	other := alice.second()
	for _, tc := range []struct {
		name  string
		token wire.Token
		hello *wire.Hello
		stays bool
	}{
		{"cursor beyond", alice.token, &wire.Hello{Cursor: new(uint64(9))}, false},
		{"another message", alice.token, &wire.Hello{Cursor: new(uint64(1)), CursorId: sent.GetId() + 1}, false},
		{"no message", alice.token, &wire.Hello{Cursor: new(uint64(1)), CursorTime: sent.GetTime()}, false},
		{"the message", alice.token, &wire.Hello{Cursor: new(uint64(1)), CursorId: sent.GetId()}, true},
		{"the status", bob.token, &wire.Hello{Cursor: new(uint64(2)), CursorTime: status.GetTime()}, true},
		{"another status", bob.token, &wire.Hello{Cursor: new(uint64(2)), CursorTime: status.GetTime() + 1}, false},
		{"a message for the status", bob.token, &wire.Hello{Cursor: new(uint64(2)), CursorId: sent.GetId()}, false},
		{"unknown", bob.token, &wire.Hello{Cursor: new(uint64(2))}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := &device{t: t, h: h, token: tc.token}
			d.open()
			defer d.close()
			now := d.call(hello(&wire.Hello{Cursor: new(uint64(0))})).GetHello().GetEpoch()
			d.open()
			tc.hello.Epoch = now
			got := d.call(hello(tc.hello)).GetHello()
			if (got.GetEpoch() == now) != tc.stays || (got.GetStart() == tc.hello.GetCursor()) != tc.stays {
				t.Errorf("got %v after epoch %d; want it to stay: %v", got, now, tc.stays)
			}
			if !tc.stays {
				d.open()
				if again := d.call(hello(&wire.Hello{Epoch: got.GetEpoch(), Cursor: new(uint64(1))})).GetHello(); again.GetStart() != 1 {
					t.Errorf("with the new epoch: got %v", again)
				}
			}
		})
	}
	if bye := other.ended(); bye.GetStatus() != wire.ConnOffline {
		t.Errorf("another device of the same user: got %v, want to connect again", bye)
	}
	carol := h.device("carol")
	if carol.epoch != alice.epoch {
		t.Errorf("another user: got epoch %d, want %d", carol.epoch, alice.epoch)
	}
}

// TestLog_shorter_than_before: a database that was put back to an earlier state, and one whose write-ahead log was
// deleted, gets a new epoch at the start.
func TestLog_shorter_than_before(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	alice, bob := h.device("alice"), h.device("bob")
	alice.sendText("bob", "one")
	bob.next()
	h.restart()
	if got := bob.connect(); got.GetStart() != 1 {
		t.Fatalf("after a restart: got %v", got)
	}
	bob.close()
	h.stop()
	copied := filepath.Join(t.TempDir(), "parley.db")
	copyFile(t, filepath.Join(h.opts.Dir, "parley.db"), copied)
	h.start()
	alice.connect()
	alice.sendText("bob", "lost")
	alice.close()
	h.stop()
	copyFile(t, copied, filepath.Join(h.opts.Dir, "parley.db"))
	h.start()
	alice.connect()
	for range 5 { // the log grows past what bob had
		alice.sendText("bob", "new")
	}
	before := bob.epoch
	if got := bob.connect(); got.GetEpoch() == before || got.GetStart() != 0 {
		t.Fatalf("after it was put back: got %v, want another epoch than %d", got, before)
	}
	if got := text(bob.nextMessage()); got != "one" {
		t.Errorf("got %q", got)
	}
	for range 5 {
		if got := text(bob.nextMessage()); got != "new" {
			t.Errorf("got %q", got)
		}
	}
	before = bob.epoch
	h.restart()
	if got := bob.connect(); got.GetEpoch() != before {
		t.Errorf("after one more restart: got %v, want epoch %d", got, before)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openRaw opens the database of a server's folder.
func openRaw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// query1 returns the first column of the first row.
func query1(t *testing.T, db *sql.DB, text string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRowContext(context.WithoutCancel(t.Context()), text, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}
