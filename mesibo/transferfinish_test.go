package mesibo

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// offline returns an instance that has a database and no connection.
func offline(t *testing.T) *Mesibo {
	t.Helper()
	m, err := New(Options{
		Path: t.TempDir(), Database: "a.db", AccessToken: wire.NewToken("http://127.0.0.1:1", "alice", nil).String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	return m
}

// receivedFile stores a message of bob with a file that was not fetched yet.
func receivedFile(t *testing.T, m *Mesibo) *models.Message {
	t.Helper()
	row := &models.Message{
		Mid: 1 << 40, Kind: models.KindFile, Status: models.StatusReceivedNew, Sender: "bob",
		Content: &models.Content{File: &models.File{URL: "u", Name: "a"}},
	}
	if err := m.db.Save(store.Target{Account: m.account.ID, Peer: "bob"}, row); err != nil {
		t.Fatal(err)
	}
	return row
}

// TestFinish_when_the_database_fails: listeners get the end of a download that the database cannot store, and it can be
// tried again.
func TestFinish_when_the_database_fails(t *testing.T) {
	fetched := filepath.Join(t.TempDir(), "fetched")
	if err := os.WriteFile(fetched, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		report func(f *FileInfo)
		want   error
	}{
		{"no room for the file", func(f *FileInfo) { f.Status, f.Err = FileStatusFailed, ErrDiskFull }, ErrDiskFull},
		{"no room for the news", func(f *FileInfo) { f.Progress, f.Path = 100, fetched }, store.ErrClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := offline(t)
			var given *FileInfo
			told := make(chan *FileInfo, 10)
			err := m.AddListener(&FileTransferFuncs{
				Start:    func(f *FileInfo) bool { given = f; return true },
				Progress: func(f *FileInfo) { told <- f },
			})
			if err != nil {
				t.Fatal(err)
			}
			row := receivedFile(t, m)
			p := params(row)
			f := m.files.fileOf(row, &p)
			if err := m.StartFileTransfer(f); err != nil {
				t.Fatal(err)
			}
			if err := m.db.Close(); err != nil {
				t.Fatal(err)
			}
			tt.report(given)
			if err := m.UpdateFileTransferProgress(given); !errors.Is(err, ResultFail) {
				t.Errorf("reported: %v", err)
			}
			if last := <-told; last.Status != FileStatusFailed || !errors.Is(last.Err, tt.want) {
				t.Errorf("told %v, %v", last.Status, last.Err)
			}
			if f.GetStatus() != FileStatusFailed || !errors.Is(f.Err, tt.want) {
				t.Errorf("it says %v, %v", f.GetStatus(), f.Err)
			}
			if again := m.files.fileOf(row, &p); again.Status != FileStatusFailed || !errors.Is(again.Err, tt.want) {
				t.Errorf("read again: %v, %v", again.Status, again.Err)
			}
			if _, err := os.Stat(fetched); err != nil {
				t.Error("another handler's file was removed")
			}
		})
	}
}

// TestFinish_file_removed_at_once: a file that disappears before listeners get the end of its download is reported
// after it, and what is known of the file it replaces does not count.
func TestFinish_file_removed_at_once(t *testing.T) {
	t.Parallel()
	m := offline(t)
	row := receivedFile(t, m)
	folder := t.TempDir()
	var given *FileInfo
	seen := make(chan *FileInfo, 10)
	start := func(f *FileInfo) bool { given = f; return true }
	err := m.AddListener(&FileTransferFuncs{Start: start, Progress: func(f *FileInfo) { seen <- f }})
	if err != nil {
		t.Fatal(err)
	}
	var old []store.FilePlace
	for _, name := range []string{"first", "second"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := params(row)
		if err := m.StartFileTransfer(m.files.fileOf(row, &p)); err != nil {
			t.Fatal(err)
		}
		busy, free := make(chan struct{}), make(chan struct{})
		m.listeners.post(t.Context(), func(*snapshot) { close(busy); <-free })
		<-busy
		given.Progress, given.Path = 100, path
		if err := m.UpdateFileTransferProgress(given); err != nil {
			t.Fatal(err)
		}
		if lost := m.files.monitor.news(old); lost != nil {
			t.Error("the file that was replaced is reported")
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		m.files.filesChanged(t.Context(), folder, []string{name})
		close(free)
		if f := <-seen; !f.IsTransferred() {
			t.Errorf("%s: first %d%%, %v", name, f.Progress, f.Err)
		}
		if f := <-seen; f.IsTransferred() || !errors.Is(f.Err, ErrFileMissing) {
			t.Errorf("%s: then %d%%, %v", name, f.Progress, f.Err)
		}
		if lost := m.files.monitor.news(old); lost != nil {
			t.Error("the file that was replaced is reported later")
		}
		if old, err = m.db.FilesAt(t.Context(), m.account.ID, []string{path}); err != nil || len(old) != 1 {
			t.Fatalf("places: %v, %v", old, err)
		}
		if lost := m.files.monitor.news(old); lost != nil {
			t.Error("reported twice")
		}
	}
}
