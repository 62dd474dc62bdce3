package store_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// unpack writes a database of an earlier version.
func unpack(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMigrate_from_version_1(t *testing.T) {
	path := unpack(t, "v1.db")
	s := open(t, path)
	a, err := s.Account("alice")
	if err != nil || a.Cursor != 4 || a.Epoch != 99 || a.Visibility != 1 {
		t.Fatalf("account: %+v, %v", a, err)
	}
	wantLines(t, lines(t, s, a, "bob"), "text 1/12", "text 2/2", "text 9/0")
	carol, err := s.Chat(t.Context(), store.Target{Account: a.ID, Peer: "carol"})
	if err != nil || carol.Draft != "not sent" || carol.Unread != 1 || carol.Pinned || carol.MutedUntil != 0 {
		t.Errorf("conversation: %+v, %v", carol, err)
	}
	profiles, err := s.Profiles(t.Context(), a.ID)
	if err != nil || len(profiles) != 1 || profiles[0].Name != "Bob B." {
		t.Errorf("profiles: %+v, %v", profiles, err)
	}
	apply(t, s, &a, incoming(5, 5, "bob"))
	waitIndexed(t, s)
	if got := found(t, s, a, "ext 1"); len(got) != 1 || got[0] != "text 1" {
		t.Errorf("search: got %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path) // nothing to do
	wantLines(t, lines(t, again, a, "bob"), "text 1/12", "text 2/2", "text 5/12", "text 9/0")
}
