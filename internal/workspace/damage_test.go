package workspace_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func query(peer string) chat.Query { return chat.Query{Peer: peer, Count: 50} }

// awaitSent waits until the server has an own message.
func awaitSent(t *testing.T, s *app.Session, peer string, id uint32) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		page, err := s.Client.ReadPage(query(peer))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			if m.Mid>>32 != 0 && uint32(m.Mid) == id || m.Status == mesibo.MsgStatusSent && uint32(m.Mid) == id {
				return
			}
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("message %d was not sent: %+v", id, page)
		}
	}
}

// overwrite damages a file from an offset on.
func overwrite(t *testing.T, path string, offset, n int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(n)), offset); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A damaged database is set aside and filled again by the server; what waited in it is sent if it can be read.
func TestDamaged_database(t *testing.T) {
	for name, c := range map[string]struct {
		damage  func(t *testing.T, path string)
		rescued int
	}{
		"the beginning": {func(t *testing.T, path string) {
			t.Helper()
			overwrite(t, path, 0, 4096)
		}, 0},
		"most pages": {func(t *testing.T, path string) {
			t.Helper()
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, 64<<10, info.Size()-64<<10)
		}, -1},
		"one page, far from the messages": {func(t *testing.T, path string) {
			t.Helper()
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := bytes.Index(data, []byte("a value of the application")) &^ 4095
			overwrite(t, path, int64(at), 4096)
		}, 1},
		"not a database": {func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 8192), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			srv := mesibotest.NewServer(t)
			dir := filepath.Join(t.TempDir(), "profile")
			k := keeper(t, dir)
			k.SetCheckAfter(0)
			s, err := k.Join(t.Context(), srv.Token("alice"), "")
			if err != nil {
				t.Fatal(err)
			}
			srv.Token("bob")
			connect(t, s)
			write(t, s, "bob", 1, "one")
			awaitSent(t, s, "bob", 1)
			stopped(t, s)
			s = resumed(t, k)
			write(t, s, "bob", 2, "waits")
			if err := s.Client.SetKey("k", strings.Repeat("a value of the application ", 20)); err != nil {
				t.Fatal(err)
			}
			stopped(t, s)
			c.damage(t, filepath.Join(dir, "messages.db"))

			s = resumed(t, k)
			if s.Rebuilt == nil { // it could be opened: the check finds it
				found := make(chan struct{})
				s.OnDamage(func() { close(found) })
				connect(t, s)
				select {
				case <-found:
				case <-time.After(patience):
					t.Fatal("the damage was not noticed")
				}
				stopped(t, s)
				s = resumed(t, k)
			}
			if s.Rebuilt == nil || c.rescued >= 0 && s.Rebuilt.Rescued != c.rescued {
				t.Fatalf("got %+v, want a new database with %d messages rescued", s.Rebuilt, c.rescued)
			}
			if _, err := os.Stat(filepath.Join(dir, s.Rebuilt.Aside)); err != nil {
				t.Errorf("set aside: %v", err)
			}
			wantNothingLeft(t, dir)
			connect(t, s)
			if s.Rebuilt.Rescued == 1 {
				await(t, s, "bob", "waits", "one")
			} else {
				await(t, s, "bob", "one")
			}
			closed(t, s, k)
		})
	}
}
