package e2e_test

import (
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests downloads whose message was deleted.

// left returns the downloaded files, finished or not.
func (d *device) left() []string {
	d.t.Helper()
	var all []string
	for _, pattern := range []string{"*.bin", ".*.part"} {
		found, err := filepath.Glob(filepath.Join(d.dir, "files", "*", pattern))
		d.must(err)
		all = append(all, found...)
	}
	return all
}

// fetching makes bob slowly download a large file from alice.
func fetching(t *testing.T, srv *mesibotest.Server) (alice, bob *device, f *mesibo.FileInfo) {
	t.Helper()
	alice = carried(t, srv.Token("alice"), t.TempDir(), &cables{})
	bob = carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	bob.must(bob.SetFileTransferLimits(mesibo.FileTransferLimits{DownloadRate: 4 << 20}))
	alice.sendFile(7, &mesibo.FileInfo{Path: writeBytes(t, "x.bin", noise(24<<20))})
	bob.await("the message", func() bool { return bob.midOf("x.bin") != 0 })
	f = bob.file(bob.midOf("x.bin"))
	f.UserInteraction = true
	bob.must(bob.StartFileTransfer(f))
	bob.await("it is on its way", func() bool { return f.GetProgress() > 10 })
	return alice, bob, f
}

// TestUnwanted_download_stops checks that a download started by the user ends with its message and leaves no file.
func TestUnwanted_download_stops(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(alice, bob *device)
	}{
		{"recalled", func(alice, _ *device) {
			alice.must(alice.DeleteMessage(alice.lastFile("bob"), mesibo.DeleteRecall))
		}},
		{"deleted", func(_, bob *device) { bob.must(bob.DeleteMessage(bob.midOf("x.bin"), mesibo.DeleteLocal)) }},
		{"chat deleted", func(_, bob *device) {
			bob.must(bob.DeleteMessages(mesibo.NewMessageParams("alice", mesibo.FlagDefault)))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alice, bob, f := fetching(t, mesibotest.NewServer(t))
			slow := mesibo.FileTransferLimits{DownloadRate: 64 << 10} // it does not end by itself
			bob.must(bob.SetFileTransferLimits(slow))
			tt.do(alice, bob)
			bob.await("it stops", func() bool { return f.GetStatus() == mesibo.FileStatusIdle })
			bob.await("nothing is left", func() bool { return len(bob.left()) == 0 })
			if f.GetProgress() == 100 {
				t.Error("it was fetched")
			}
		})
	}
}

// TestUnwanted_but_by_others checks that a download continues when the application has started it itself.
func TestUnwanted_but_by_others(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bob, f := fetching(t, srv)
	own := &mesibo.FileInfo{Mode: mesibo.FileModeDownload, URL: f.GetURL(), Title: f.Title, Type: f.Type}
	bob.must(bob.StartFileTransfer(own))
	alice.must(alice.DeleteMessage(alice.lastFile("bob"), mesibo.DeleteRecall))
	bob.await("it is deleted", func() bool { return f.GetStatus() == mesibo.FileStatusIdle })
	bob.must(bob.SetFileTransferLimits(mesibo.FileTransferLimits{}))
	bob.await("it is fetched", func() bool { return own.GetProgress() == 100 })
}

// TestUnwanted_after_the_process_ended checks that Start removes what is left of a download whose message was deleted
// meanwhile.
func TestUnwanted_after_the_process_ended(t *testing.T) {
	t.Parallel()
	_, bob, _ := fetching(t, mesibotest.NewServer(t))
	bob.Stop()
	if left := bob.left(); len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	bob.must(bob.DeleteMessage(bob.midOf("x.bin"), mesibo.DeleteLocal))
	if left := bob.left(); len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	bob.must(bob.Start())
	bob.await("nothing is left", func() bool { return len(bob.left()) == 0 })
}
