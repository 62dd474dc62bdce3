package mesibo

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// sentOne gives an instance that is not started, in whose folder a.txt was sent to bob: the server has the message, the file is
// still to be moved.
func sentOne(t *testing.T) (m *Mesibo, db *store.Store, record models.FolderFile) {
	t.Helper()
	m, err := New(Options{
		Path: t.TempDir(), Database: "a.db", AccessToken: wire.NewToken("http://127.0.0.1:1", "alice", nil).String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Reset(); err != nil {
			t.Error(err)
		}
	})
	folder := t.TempDir()
	if err := m.SetSendFolder(SendFolder{Path: folder, Peer: "bob"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "a.txt")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	db, target, err := m.open("bob", 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	row := models.Message{
		Mid: 7, Nonce: newNonce(), Kind: models.KindFile,
		Content: &models.Content{File: &models.File{URL: "u", Path: path, Name: "a.txt", Size: f.size, Modified: f.modified}},
	}
	record = models.FolderFile{AccountID: target.Account, Path: path, Size: f.size, Modified: f.modified, Mid: 7, Peer: "bob"}
	if err := db.QueueFolderFile(target, &row, record); err != nil {
		t.Fatal(err)
	}
	account, err := db.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	sent := store.Settled{Row: row.ID, Status: int(MsgStatusSent), Mid: 1<<32 | 7, Ts: 1, Seq: 1}
	if _, err := db.Settle(account, []store.Settled{sent}); err != nil {
		t.Fatal(err)
	}
	return m, db, record
}

// listing names what is in a folder, and in those in it.
func listing(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestSender_ended_on_the_way lets a run end at each step of moving a file that was sent.
func TestSender_ended_on_the_way(t *testing.T) {
	mkdir := func(r *models.FolderFile) error {
		r.Target = filepath.Join(filepath.Dir(r.Path), sentFiles, "a.txt")
		return os.Mkdir(filepath.Dir(r.Target), 0o700)
	}
	for name, c := range map[string]struct {
		before func(r *models.FolderFile) error
		left   string // of the folder
		fresh  bool   // something is there to be sent
		path   string // of the message
	}{
		"before it was moved":  {func(*models.FolderFile) error { return nil }, "sent/a.txt", false, "sent/a.txt"},
		"the place was stored": {mkdir, "sent/a.txt", false, "sent/a.txt"},
		"two names": {
			func(r *models.FolderFile) error { return errors.Join(mkdir(r), os.Link(r.Path, r.Target)) },
			"sent/a.txt", false, "sent/a.txt",
		},
		"moved":   {func(r *models.FolderFile) error { return errors.Join(mkdir(r), os.Rename(r.Path, r.Target)) }, "sent/a.txt", false, "sent/a.txt"},
		"deleted": {func(r *models.FolderFile) error { return os.Remove(r.Path) }, "", false, "a.txt"},
		"the place is taken": {func(r *models.FolderFile) error {
			return errors.Join(mkdir(r), os.WriteFile(r.Target, []byte("another"), 0o600))
		}, "sent/a (2).txt sent/a.txt", false, "sent/a (2).txt"},
		"another file": {func(r *models.FolderFile) error { return os.WriteFile(r.Path, []byte("another"), 0o600) }, "a.txt", true, "a.txt"},
		"moved, and another file": {func(r *models.FolderFile) error {
			return errors.Join(mkdir(r), os.Rename(r.Path, r.Target), os.WriteFile(r.Path, []byte("another"), 0o600))
		}, "a.txt sent/a.txt", true, "sent/a.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			m, db, record := sentOne(t)
			if err := errors.Join(c.before(&record), db.PutFolderFile(record)); err != nil {
				t.Fatal(err)
			}
			again, err := m.sender.look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			folder := filepath.Dir(record.Path)
			if left := strings.Join(listing(t, folder), " "); left != c.left {
				t.Errorf("left %q, want %q", left, c.left)
			}
			if c.fresh != (again <= time.Second) {
				t.Errorf("looks again after %v", again)
			}
			if files, err := m.GetSendFolderFiles(); err != nil || len(files) != 0 {
				t.Errorf("still known: %+v, %v", files, err)
			}
			places, err := db.FilesIn(t.Context(), record.AccountID, folder)
			if err != nil || len(places) != 1 || places[0].Path != filepath.Join(folder, filepath.FromSlash(c.path)) {
				t.Errorf("the message's file: %+v, %v", places, err)
			}
		})
	}
}

// TestSender_cannot_move leaves a file where it is, and does not send it again.
func TestSender_cannot_move(t *testing.T) {
	m, _, record := sentOne(t)
	folder := filepath.Dir(record.Path)
	if err := os.WriteFile(filepath.Join(folder, sentFiles), nil, 0o600); err != nil { // no folder can be made
		t.Fatal(err)
	}
	for range 2 {
		if _, err := m.sender.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := m.GetSendFolderFiles()
	if err != nil || len(files) != 1 || files[0].State != FolderFileRefused || !errors.Is(files[0].Err, ErrNotMoved) {
		t.Errorf("known: %+v, %v", files, err)
	}
	if left := listing(t, folder); !slices.Equal(left, []string{"a.txt", sentFiles}) {
		t.Errorf("left %q", left)
	}
	if err := os.Remove(filepath.Join(folder, sentFiles)); err != nil {
		t.Fatal(err)
	}
	if _, err := m.sender.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, folder); !slices.Equal(left, []string{"sent/a.txt"}) {
		t.Errorf("when it can be moved: %q", left)
	}
}
