package mesibo

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

// TestStop_ends_all_members: after Stop nothing of the run works, and an upload waits for the next Start.
func TestStop_ends_all_members(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := New(Options{
		Path: t.TempDir(), Database: "a.db", AccessToken: wire.NewToken("http://127.0.0.1:1", "alice", nil).String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	connecting := make(chan struct{}, 100)
	status := make(chan FileStatus, 100)
	err = m.AddListener(&ListenerFuncs{ConnectionStatus: func(s ConnectionStatus) {
		if s == StatusConnecting {
			connecting <- struct{}{}
		}
	}})
	if err == nil {
		err = m.AddListener(&FileTransferFuncs{Progress: func(f *FileInfo) { status <- f.Status }})
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &FileInfo{Path: path}
	for n := range 2 {
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		<-connecting
		if m.files.handler.running() == nil || m.files.monitor.running() == nil {
			t.Fatal("started, and nothing runs")
		}
		if n == 0 {
			if err := m.SendFile(NewMessageParams("bob", FlagDefault), 1, f); err != nil {
				t.Fatal(err)
			}
		}
		m.Stop()
		for len(connecting) > 0 { // from further attempts
			<-connecting
		}
		if m.files.handler.running() != nil || m.files.monitor.running() != nil || m.running() != nil {
			t.Error("stopped, and something runs")
		}
		if s := <-status; s != FileStatusRetryLater {
			t.Errorf("run %d: the upload ended with %v", n, s)
		}
	}
	db, target, err := m.open("", 0)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.PendingUploads(t.Context(), target.Account, 1<<62)
	if err != nil || len(rows) != 1 || rows[0].Content.File.Stopped {
		t.Errorf("pending: %+v, %v", rows, err)
	}
	if err := m.Reset(); err != nil {
		t.Error(err)
	}
}

// TestStart_takes_files: a file that is sent as soon as Start has returned is uploaded, also by a run that waits for
// the end of the one before.
func TestStart_takes_files(t *testing.T) {
	t.Parallel()
	m, err := New(Options{
		Path: t.TempDir(), Database: "a.db", AccessToken: wire.NewToken("http://127.0.0.1:1", "alice", nil).String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Stop)
	var before *transferService
	for range 20 {
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		service := m.files.handler.running()
		if service == nil || service == before {
			t.Fatal("started, and no file is taken")
		}
		before = service
		r := m.running()
		r.stopping.Store(true) // as Stop that was called by a listener
		r.cancel()
	}
}
