package server_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// inFiles returns how often a text is in the files of the database.
func (h *host) inFiles(text string) (n int) {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.opts.Dir, "parley.db*"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			h.t.Fatal(err)
		}
		n += bytes.Count(b, []byte(text))
	}
	return n
}

func (h *host) tidy() {
	h.t.Helper()
	if err := h.srv.Tidy(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// TestRecalled_texts_are_not_on_the_disk: recalled and edited texts, short and long, are in none of the files of a server
// that goes on running.
func TestRecalled_texts_are_not_on_the_disk(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	const secret, rest = "correct horse battery staple", "x"
	var ids []uint64
	for i := range 50 {
		m := message("bob", strings.Repeat(secret, 1+i%2*500))
		m.Id = uint32(i + 1)
		ids = append(ids, alice.send(m).GetId())
		bob.nextMessage()
	}
	h.tidy()
	if h.inFiles(secret) == 0 {
		t.Fatal("the texts are not in the files as they are")
	}
	alice.must(wire.ResultOK, &wire.Request{Op: &wire.Request_Recall{Recall: &wire.Recall{Peer: "bob", Ids: ids[:25]}}})
	for _, id := range ids[25:] {
		alice.must(wire.ResultOK, &wire.Request{Op: &wire.Request_Modify{Modify: &wire.Modify{
			Peer: "bob", Id: id, Content: &wire.Content{Data: []byte(rest)},
		}}})
	}
	h.tidy()
	if n := h.inFiles(secret); n != 0 {
		t.Errorf("the texts are in the files %d times", n)
	}
}
