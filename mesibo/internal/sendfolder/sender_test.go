package sendfolder

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// fakeHost is a Host that sends nothing: its files become stable later than these tests last.
type fakeHost struct {
	db      *store.Store
	account int64
}

func (h *fakeHost) Store() (*store.Store, int64, error)           { return h.db, h.account, nil }
func (h *fakeHost) Watch(string, string) bool                     { return true }
func (h *fakeHost) Outcome(row *models.Message) (bool, error)     { return row.Status == 0, nil }
func (h *fakeHost) Code(reason error) string                      { return reason.Error() }
func (h *fakeHost) Queued(*models.Message)                        {}
func (h *fakeHost) Notify(*models.FolderFile, bool)               {}
func (h *fakeHost) Moved(context.Context, []int64) error          { return nil }
func (h *fakeHost) Send(string, store.Target, Queue) (_, _ error) { return nil, errUnstable }

// sentOne returns a sender in whose folder a.txt was sent to bob: the server has the message, the file is still to be
// moved.
func sentOne(t *testing.T) (s *Sender, db *store.Store, record models.FolderFile) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := store.Open(filepath.Join(t.TempDir(), "a.db"), "", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	account, err := db.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := db.PutSendFolder(models.SendFolder{AccountID: account.ID, Path: folder, Peer: "bob"}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "a.txt")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := lookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	row := models.Message{
		Mid: 7, Nonce: []byte("0123456789abcdef"), Kind: models.KindFile,
		Content: &models.Content{File: &models.File{
			URL: "u", Path: path, Name: "a.txt", Size: f.size,
			Modified: f.modified,
		}},
	}
	record = models.FolderFile{
		AccountID: account.ID, Path: path, Size: f.size, Modified: f.modified, Mid: 7,
		Peer: "bob",
	}
	if err := db.QueueFolderFile(targetOf(&record), &row, record); err != nil {
		t.Fatal(err)
	}
	sent := store.SendResult{Row: row.ID, Status: models.StatusSent, Mid: 1<<32 | 7, Ts: 1, Seq: 1}
	if _, err := db.ApplySendResults(account, []store.SendResult{sent}); err != nil {
		t.Fatal(err)
	}
	return New(&fakeHost{db, account.ID}, log), db, record
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

// TestLook_resumes_at_each_step ends a run at each step of moving a file that was sent.
func TestLook_resumes_at_each_step(t *testing.T) {
	mkdir := func(r *models.FolderFile) error {
		r.Target = filepath.Join(filepath.Dir(r.Path), sentFolder, "a.txt")
		return os.Mkdir(filepath.Dir(r.Target), 0o700)
	}
	for name, c := range map[string]struct {
		before func(r *models.FolderFile) error
		left   string // of the folder
		fresh  bool   // there is something to send
		path   string // of the message
	}{
		"before it was moved":  {func(*models.FolderFile) error { return nil }, "sent/a.txt", false, "sent/a.txt"},
		"the place was stored": {mkdir, "sent/a.txt", false, "sent/a.txt"},
		"two names": {
			func(r *models.FolderFile) error { return errors.Join(mkdir(r), os.Link(r.Path, r.Target)) },
			"sent/a.txt", false, "sent/a.txt",
		},
		"moved": {
			func(r *models.FolderFile) error { return errors.Join(mkdir(r), os.Rename(r.Path, r.Target)) },
			"sent/a.txt", false, "sent/a.txt",
		},
		"deleted": {func(r *models.FolderFile) error { return os.Remove(r.Path) }, "", false, "a.txt"},
		"the place is taken": {func(r *models.FolderFile) error {
			return errors.Join(mkdir(r), os.WriteFile(r.Target, []byte("another"), 0o600))
		}, "sent/a (2).txt sent/a.txt", false, "sent/a (2).txt"},
		"another file": {
			func(r *models.FolderFile) error { return os.WriteFile(r.Path, []byte("another"), 0o600) },
			"a.txt", true, "a.txt",
		},
		"moved, and another file": {func(r *models.FolderFile) error {
			return errors.Join(mkdir(r), os.Rename(r.Path, r.Target), os.WriteFile(r.Path, []byte("another"), 0o600))
		}, "a.txt sent/a.txt", true, "sent/a.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			s, db, record := sentOne(t)
			if err := errors.Join(c.before(&record), db.PutFolderFile(record)); err != nil {
				t.Fatal(err)
			}
			again, err := s.look(t.Context())
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
			if files, err := db.FolderFiles(t.Context(), record.AccountID); err != nil || len(files) != 0 {
				t.Errorf("still known: %+v, %v", files, err)
			}
			places, err := db.FilesIn(t.Context(), record.AccountID, folder)
			if err != nil || len(places) != 1 || places[0].Path != filepath.Join(folder, filepath.FromSlash(c.path)) {
				t.Errorf("the message's file: %+v, %v", places, err)
			}
		})
	}
}

// TestLook_when_a_file_cannot_be_moved leaves a file where it is, and does not send it again.
func TestLook_when_a_file_cannot_be_moved(t *testing.T) {
	s, db, record := sentOne(t)
	folder := filepath.Dir(record.Path)
	if err := os.WriteFile(filepath.Join(folder, sentFolder), nil, 0o600); err != nil { // no folder can be made
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	files, err := db.FolderFiles(t.Context(), record.AccountID)
	if err != nil || len(files) != 1 || files[0].Refusal != ErrNotMoved.Error() {
		t.Errorf("known: %+v, %v", files, err)
	}
	if left := listing(t, folder); !slices.Equal(left, []string{"a.txt", sentFolder}) {
		t.Errorf("left %q", left)
	}
	if err := os.Remove(filepath.Join(folder, sentFolder)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, folder); !slices.Equal(left, []string{"sent/a.txt"}) {
		t.Errorf("when it can be moved: %q", left)
	}
}
