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

// TestUnstored: what becomes of a download is told though the database cannot take it, and it can be tried again.
func TestUnstored(t *testing.T) {
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
			m, err := New(Options{
				Path: t.TempDir(), Database: "a.db", AccessToken: wire.NewToken("http://127.0.0.1:1", "alice", nil).String(),
			})
			if err != nil {
				t.Fatal(err)
			}
			var given *FileInfo
			told := make(chan *FileInfo, 10)
			err = m.AddListener(&FileTransferFuncs{
				Start:    func(f *FileInfo) bool { given = f; return true },
				Progress: func(f *FileInfo) { told <- f },
			})
			if err != nil {
				t.Fatal(err)
			}
			row := models.Message{
				Mid: 1 << 40, Kind: models.KindFile, Status: int64(MsgStatusReceivedNew), Sender: "bob",
				Content: &models.Content{File: &models.File{URL: "u", Name: "a"}},
			}
			if err := m.db.Save(store.Target{Account: m.account.ID, Peer: "bob"}, &row); err != nil {
				t.Fatal(err)
			}
			p := params(&row)
			f := m.fileOf(&row, &p)
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
			if again := m.fileOf(&row, &p); again.Status != FileStatusFailed || !errors.Is(again.Err, tt.want) {
				t.Errorf("read again: %v, %v", again.Status, again.Err)
			}
			if _, err := os.Stat(fetched); err != nil {
				t.Error("another handler's file was removed")
			}
		})
	}
}
