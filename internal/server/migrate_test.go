package server_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// TestMigrate_from_the_first_release: all data is kept, and contacts are derived from the messages.
func TestMigrate_from_the_first_release(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	tok := wire.NewToken("http://127.0.0.1:1", "alice", nil)
	hash := tok.Hash()
	body, err := proto.Marshal(&wire.Event{Body: &wire.Event_Message{Message: &wire.Message{
		Id: 77, From: "bob", Peer: "alice", Time: 5, Content: &wire.Content{Data: []byte("old")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := os.ReadFile(filepath.Join("testdata", "first_release.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(tables)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO users(uid, address, folded, name, created, rev)
			VALUES(1, 'alice', 'alice', 'Alice', 5, 1), (2, 'bob', 'bob', 'Bob', 5, 2)`, nil},
		{`INSERT INTO tokens(hash, id, uid, app, label, created, expires) VALUES(?, 'x', 1, '', '', 5, 0)`, []any{hash[:]}},
		{`INSERT INTO heads(uid, last) VALUES(1, 1), (2, 1)`, nil},
		{`INSERT INTO msgs(mid, sender, sseq, peer, gid, ts, exp, flags, body)
			VALUES(77, 2, 1, 1, 0, 5, 0, 0, ?)`, []any{body}},
		{`INSERT INTO events(id, ts, kind, mid) VALUES((1 << 32) + 1, 5, 1, 77), ((2 << 32) + 1, 5, 2, 77)`, nil},
	} {
		if _, err := db.ExecContext(t.Context(), row.text, row.args...); err != nil {
			t.Fatalf("%s: %v", row.text, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, opts: server.Options{Dir: dir, Logger: discard()}, address: "127.0.0.1:0"}
	h.start()
	t.Cleanup(func() { h.stop() })
	alice := &device{t: t, h: h, token: tok, acks: true}
	alice.connect()
	t.Cleanup(alice.close)
	if m := alice.nextMessage(); text(m) != "old" {
		t.Errorf("got %v", m)
	}
	tok, err = h.srv.NewToken(t.Context(), "bob", accounts.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bob := &device{t: t, h: h, token: tok, acks: true}
	bob.connect()
	t.Cleanup(bob.close)
	bob.must(wire.ResultOK, setSelf(&wire.SetSelf{Visibility: new(uint32(wire.VisibilityContact))}))
	bob.must(wire.ResultOK, foreground(true))
	if got := alice.watch("bob"); len(got) != 1 || !got[0].GetOnline() {
		t.Errorf("got %v, want a contact", got)
	}
}
