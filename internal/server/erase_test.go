package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/wire"
)

// TestExportUser: the log, the files and what else belongs to a user are in the folder.
func TestExportUser(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	data := random(3000)
	file := h.put(alice.token.String(), data)
	alice.sent(fileMessage("bob", h.url(file)))
	alice.sendText("bob", "from alice")
	bob.sendText("alice", "from bob")
	bob.sendText("bob", "not for alice")
	gid := alice.createGroup(create("bob"))
	to := filepath.Join(t.TempDir(), "alice")
	x, err := backup.ExportUser(t.Context(), h.opts.Dir, "ALICE", to)
	if err != nil {
		t.Fatal(err)
	}
	if x.Address != "alice" || len(x.Devices) != 1 || len(x.Groups) != 1 || x.Groups[0].ID != gid || len(x.Files) != 1 ||
		len(x.Contacts) != 1 || x.Contacts[0] != "bob" {
		t.Errorf("got %+v", x)
	}
	b, err := os.ReadFile(filepath.Join(to, "files", file))
	if err != nil || string(b) != string(data) {
		t.Errorf("file: %d bytes, %v", len(b), err)
	}
	lines, err := os.ReadFile(filepath.Join(to, "messages.jsonl"))
	if err != nil || !strings.Contains(string(lines), `"text":"from alice"`) ||
		!strings.Contains(string(lines), `"text":"from bob"`) || strings.Contains(string(lines), "not for alice") {
		t.Errorf("messages: %s, %v", lines, err)
	}
	for line := range strings.Lines(string(lines)) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

// TestEraseUser: what is the user's own disappears. What others have received stays, unless it is erased everywhere;
// then their devices are told to remove it.
func TestEraseUser(t *testing.T) {
	t.Parallel()
	for _, everywhere := range []bool{false, true} {
		t.Run(fmt.Sprint(everywhere), func(t *testing.T) {
			t.Parallel()
			h := newHost(t, server.Options{})
			alice, bob := h.device("alice"), h.device("bob")
			alice.must(wire.ResultOK, setSelf(&wire.SetSelf{Status: new("a secret of alice")}))
			alice.sendText("alice", "note to self")
			for i := range 150 {
				alice.sendText("bob", fmt.Sprint("to bob ", i))
			}
			gid := alice.createGroup(create("bob"))
			m := message("", "to the group")
			m.Peer, m.GroupId = "", gid
			alice.send(m)
			bob.sendText("alice", "to alice")
			bob.until("all", func() bool { return bob.cursor >= 153 })
			if err := h.srv.EraseUser(t.Context(), "alice", everywhere); err != nil {
				t.Fatal(err)
			}
			if bye := alice.ended(); bye.GetStatus() != wire.ConnAuthFail {
				t.Errorf("got %v, want alice to be signed out", bye)
			}
			h.tidy()
			for _, text := range []string{"note to self", "a secret of alice"} {
				if h.inFiles(text) != 0 {
					t.Errorf("%q is still in the files", text)
				}
			}
			if left := h.inFiles("to bob 77") + h.inFiles("to the group"); (left == 0) != everywhere {
				t.Errorf("what others got is in the files %d times", left)
			}
			if h.inFiles("to alice") == 0 {
				t.Error("what bob has written is gone")
			}
			db := openRaw(t, h.opts.Dir)
			for _, query := range []string{
				`SELECT count(*) FROM tokens WHERE uid = 1`, `SELECT count(*) FROM members WHERE uid = 1`,
				`SELECT count(*) FROM events WHERE id >> 32 = 1`, `SELECT count(*) FROM erasures`,
			} {
				if n := query1(t, db, query); n != 0 {
					t.Errorf("%s: %d", query, n)
				}
			}
			recalled := make(map[uint64]bool)
			bob.until("what happened to the group", func() bool {
				for _, e := range bob.events {
					for _, id := range e.GetRecalled().GetIds() {
						recalled[id] = true
					}
					if c := e.GetMessage().GetContent().GetGroup(); c.GetKind() == wire.GroupChange_REMOVED {
						return true
					}
				}
				return false
			})
			if want := map[bool]int{true: 151}[everywhere]; len(recalled) != want {
				t.Errorf("bob was told of %d recalled messages, want %d", len(recalled), want)
			}
			if r := bob.send(message("alice", "are you there?")); r.GetStatus() != wire.StatusInvalidDest {
				t.Errorf("got %v, want INVALIDDEST", r)
			}
			h.stop()
			if got := problems(t, h.opts.Dir); got != nil {
				t.Errorf("afterwards: %q", got)
			}
			if _, err := backup.ExportUser(t.Context(), h.opts.Dir, "alice", filepath.Join(t.TempDir(), "x")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEraseUser_without_a_server removes everything at once.
func TestEraseUser_without_a_server(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	alice.sendText("alice", "note to self")
	if done, err := server.EraseUser(t.Context(), h.opts.Dir, "nobody", false); err == nil || done {
		t.Errorf("a user that does not exist: %v, %v", done, err)
	}
	if done, err := server.EraseUser(t.Context(), h.opts.Dir, "alice", false); err != nil || done {
		t.Errorf("while the server runs: %v, %v", done, err)
	}
	alice.ended()
	h.stop()
	if done, err := server.EraseUser(t.Context(), h.opts.Dir, "alice", false); err != nil || !done {
		t.Errorf("while it does not: %v, %v", done, err)
	}
	if h.inFiles("note to self") != 0 {
		t.Error("the text is still in the files")
	}
}
