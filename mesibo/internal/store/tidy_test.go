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

// TestDeleted_texts_are_not_on_the_disk: recalled, edited and deleted texts, short and long, are in none of the files.
func TestDeleted_texts_are_not_on_the_disk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "m.db"))
	a := account(t, s)
	const secret = "correct horse battery staple"
	var events []store.Event
	for i := 1; i <= 60; i++ {
		e := incoming(i, i, "bob")
		e.Message.Row.Data = bytes.Repeat(fmt.Appendf(nil, "%s %d,", secret, i), 1+i%3*200)
		events = append(events, e)
	}
	apply(t, s, &a, events...)
	waitIndexed(t, s)
	found := func() (n int) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(b, []byte(secret))
		}
		return n
	}
	if _, err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
	if found() == 0 {
		t.Fatal("the texts are not in the files as they are")
	}
	var recalled []uint64
	for i := 1; i <= 20; i++ {
		recalled = append(recalled, mid(1000, i))
	}
	next := []store.Event{{Seq: 61, Recalled: &store.Recalled{By: "bob", Mids: recalled, Ts: 5}}}
	for i := 21; i <= 40; i++ {
		next = append(next, store.Event{Seq: uint64(41 + i), Modified: &store.Modified{
			By: "bob", Mid: mid(1000, i), Row: models.Message{Data: []byte("edited")},
		}})
	}
	apply(t, s, &a, next...)
	bob := store.Target{Account: a.ID, Peer: "bob"}
	_, _, err := s.Delete(a.ID, store.Deletion{Mids: []uint64{mid(1000, 41)}})
	if err := errors.Join(err, s.DeleteBefore(bob, 0)); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Tidy(); !done || err != nil {
		t.Fatalf("tidy: %v, %v", done, err)
	}
	if n := found(); n != 0 {
		t.Errorf("deleted texts are in the files %d times", n)
	}
}
