package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// waiting makes a database in which so many messages wait.
func waiting(t *testing.T, path string, n int) {
	t.Helper()
	s := open(t, path)
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m := models.Message{
			Mid: int64(i + 1), Nonce: fmt.Appendf(nil, "nonce %d", i), Data: bytes.Repeat([]byte{'x'}, 300), Ts: int64(i),
		}
		if err := s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Of a damaged database everything is rescued but what was on the damaged page.
func TestRescue(t *testing.T) {
	t.Parallel()
	const messages = 400
	dir := t.TempDir()
	path := filepath.Join(dir, "damaged.db")
	waiting(t, path, messages)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := (len(data)/2 + bytes.Index(data[len(data)/2:], bytes.Repeat([]byte{'x'}, 300))) &^ 4095 // a page of messages
	copy(data[at:at+4096], bytes.Repeat([]byte{0xa5}, 4096))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := open(t, path)
	if err := damaged.Examine(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("examine: got %v, want ErrDamaged", err)
	}
	if err := damaged.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, "new.db"))
	if err := s.Examine(t.Context()); err != nil {
		t.Errorf("examine a new one: %v", err)
	}
	n, err := s.Rescue(t.Context(), path, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if n < messages*9/10 || n >= messages {
		t.Errorf("rescued %d of %d", n, messages)
	}
	if again, err := s.Rescue(t.Context(), path, "alice"); err != nil || again != 0 {
		t.Errorf("again: got %d, %v, want nothing more", again, err)
	}
	if other, err := s.Rescue(t.Context(), path, "carol"); err != nil || other != 0 {
		t.Errorf("of another user: got %d, %v", other, err)
	}
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Outbox(t.Context(), a.ID, 0, messages)
	if err != nil || len(out) != n {
		t.Fatalf("outbox: got %d, %v, want %d", len(out), err, n)
	}
	for i, m := range out {
		if i > 0 && m.Ts <= out[i-1].Ts || m.Peer != "bob" || len(m.Data) != 300 {
			t.Fatalf("message %d: got %+v", i, m)
		}
	}
}

// A statement that meets the damage reports it.
func TestOnDamage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	waiting(t, path, 400)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(data) / 4096 { // every page with a message
		if page := data[at*4096 : (at+1)*4096]; bytes.Contains(page, []byte("xxxxxxxxx")) {
			copy(page, bytes.Repeat([]byte{0xa5}, 4096))
		}
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	told := make(chan struct{})
	s.OnDamage(func() { close(told) })
	if _, err := s.Outbox(t.Context(), 1, 0, 10); err == nil {
		t.Error("the outbox could be read")
	}
	<-told
}

// Files are moved where they are now, and the pictures that were made for messages with them.
func TestMoveFiles(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	a, err := s.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{"/old/a.png", "/else/b.png"} {
		m := models.Message{
			Mid: int64(i + 1), Nonce: []byte{byte(i)}, Kind: models.KindFile, Content: &models.Content{File: &models.File{Path: path}},
		}
		if err := errors.Join(s.NoteCopy(path), s.Queue(store.Target{Account: a.ID, Peer: "bob"}, &m, false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EndCopies([]string{"/old/a.png", "/else/b.png"}, nil); err != nil {
		t.Fatal(err)
	}
	err = s.MoveFiles(func(path string) string {
		if path == "/old/a.png" {
			return "/new/a.png"
		}
		return path
	})
	if err != nil {
		t.Fatal(err)
	}
	paths, err := s.FilePaths(t.Context())
	if err != nil || fmt.Sprint(paths) != "[/else/b.png /new/a.png]" {
		t.Errorf("got %q, %v", paths, err)
	}
	if loose, err := s.LooseCopies(t.Context()); err != nil || len(loose) != 0 {
		t.Errorf("pictures without a message: got %v, %v", loose, err)
	}
}
