package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests what the reference says about file transfers where it is easily broken.

func TestFileContract_withdrawing_is_told(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	srv.AddUser("carol", "Carol")
	alice := online(t, srv.Token("alice"))
	up := withCourier(alice)
	path := writeFile(t, "a.txt", "a")
	toCarol := mesibo.NewMessageParams("carol", mesibo.FlagDefault)
	alice.sendFile(1, &mesibo.FileInfo{Path: path})
	alice.must(alice.SendFile(toCarol, 2, &mesibo.FileInfo{Path: path})) // two chats, one upload
	job := up.job()
	up.report(job, 40, mesibo.FileStatusInProgress)
	alice.must(alice.Cancel(toCarol, 2))
	alice.awaitLine("progress 2 0% 0")
	up.report(job, 60, mesibo.FileStatusInProgress)
	alice.awaitLine("progress 1 60% 1")
	if lines := alice.entries("progress 2"); len(lines) != 2 {
		t.Errorf("progress of the cancelled message: %q", lines)
	}
	alice.must(alice.DeleteMessage(1, mesibo.DeleteDefault))
	alice.awaitLine("progress 1 0% 0")
	if stopped := <-up.stopped; stopped != job {
		t.Errorf("stopped %+v", stopped)
	}
	if n := len(alice.entries("begin")); n != 1 {
		t.Errorf("%d uploads of one file", n)
	}
	// A transfer that the application has started continues without the message.
	f := alice.GetFileInstance(mesibo.FileTypeAuto, "", path)
	alice.must(alice.StartFileTransfer(f))
	job = up.job()
	alice.sendFile(3, f)
	up.report(job, 50, mesibo.FileStatusInProgress)
	alice.must(alice.Cancel(toBob(), 3))
	alice.awaitLine("progress 3 0% 0")
	if f.GetProgress() != 50 || f.GetStatus() != mesibo.FileStatusInProgress {
		t.Errorf("it goes on: %d%%, status %d", f.GetProgress(), f.GetStatus())
	}
	up.uploaded(job, "u")
	if !f.IsTransferred() {
		t.Errorf("after all: %+v", f)
	}
}

func TestFileContract_two_chats_share(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	wires := &cables{}
	alice := carried(t, srv.Token("alice"), t.TempDir(), wires)
	bob := carried(t, srv.Token("bob"), t.TempDir(), &cables{})
	carol := carried(t, srv.Token("carol"), t.TempDir(), &cables{})
	bob.everything()
	carol.everything()
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 1 << 20}))
	data := noise(1 << 20)
	path := writeBytes(t, "a.bin", data)
	alice.sendFile(1, &mesibo.FileInfo{Path: path})
	alice.percent(1, 5)
	toCarol := mesibo.NewMessageParams("carol", mesibo.FlagDefault)
	alice.must(alice.SendFile(toCarol, 2, &mesibo.FileInfo{Path: path}))
	if err := alice.ForwardMessage(toCarol, 3, 1); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("forwarded before it is uploaded: %v", err)
	}
	alice.Stop() // in the middle
	alice.must(alice.Start())
	alice.awaitSent(1)
	alice.awaitSent(2)
	bob.awaitFetched("a.bin", data)
	carol.awaitFetched("a.bin", data)
	if n := wires.up.Load(); n > 3*int64(len(data))/2+1<<20 {
		t.Errorf("%d bytes sent for %d", n, len(data))
	}
}

func TestFileContract_failed_and_gone(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	up.report(up.job(), -1, mesibo.FileStatusFailed)
	alice.awaitLine("status 1 FAIL")
	must(t, os.Remove(f.Path))
	if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ErrFileMissing) ||
		!errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("started again without its file: %v", err)
	}
	if msg, err := alice.FindMessage(1); err != nil || msg.Status != mesibo.MsgStatusFail || alice.OutboxCount() != 0 {
		t.Errorf("the message: %+v, %v", msg, err)
	}
}

func TestFileContract_own_file_fetched_back(t *testing.T) {
	t.Parallel()
	_, alice := carriedAlone(t)
	data := noise(5000)
	f := &mesibo.FileInfo{Path: writeBytes(t, "a.bin", data)}
	alice.sendFile(1, f)
	alice.awaitSent(1)
	alice.must(alice.StartFileTransfer(f)) // the file exists: nothing happens
	must(t, os.Remove(f.GetPath()))
	alice.must(alice.StartFileTransfer(f)) // into the application's own object
	alice.await("fetched", func() bool { return f.IsTransferred() && f.GetPath() != "" })
	if got, err := os.ReadFile(f.GetPath()); err != nil || !bytes.Equal(got, data) {
		t.Errorf("fetched: %d bytes, %v", len(got), err)
	}
	if kept := alice.file(alice.lastFile("bob")); kept.Path != f.GetPath() || !kept.IsTransferred() {
		t.Errorf("in the database: %+v", kept)
	}
}

func TestFileContract_downloads(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	down := withCourier(bob)
	for id := range uint32(2) {
		alice.sendFile(id+1, &mesibo.FileInfo{URL: "u", Title: fmt.Sprintf("%d.txt", id+1)})
	}
	job := down.job()
	bob.await("both", func() bool { return len(bob.entries("file")) == 2 })
	down.report(job, 30, mesibo.FileStatusInProgress)
	bob.awaitLine("progress 1 30% 1")
	bob.awaitLine("progress 2 30% 1")
	one := bob.GetFileInstance(mesibo.FileTypeAuto, "u", "")
	if again := bob.GetFileInstance(mesibo.FileTypeAuto, "u", ""); again != one || one.GetProgress() != 30 {
		t.Errorf("another object for a download that runs: %d%%", one.GetProgress())
	}
	bob.must(bob.DeleteMessage(bob.mid("1.txt"), mesibo.DeleteLocal))
	bob.awaitLine("progress 1 0% 0")
	second, err := bob.FindMessage(bob.mid("2.txt"))
	bob.must(err)
	if second.File.Status != mesibo.FileStatusInProgress {
		t.Errorf("the other message: %+v", second.File)
	}
	bob.must(bob.DeleteMessage(bob.mid("2.txt"), mesibo.DeleteLocal))
	if stopped := <-down.stopped; stopped != job {
		t.Errorf("stopped %+v", stopped)
	}
	if err := bob.StartFileTransfer(second.File); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("the file of a deleted message: %v", err)
	}
	// A relative path is below the base path, wherever the program runs.
	alice.sendFile(4, &mesibo.FileInfo{URL: "w", Title: "4.txt"})
	job = down.job()
	bob.must(bob.CreateFile("", "4.txt", []byte("4"), false))
	job.Path = "4.txt"
	down.report(job, 100, mesibo.FileStatusInProgress)
	bob.awaitLine("progress 4 100% 0")
	if f := bob.file(bob.mid("4.txt")); f.Path != filepath.Join(bob.GetBasePath(), "4.txt") || !f.IsTransferred() {
		t.Errorf("to a relative path: %+v", f)
	}
	// The state of a transfer is not forwarded.
	alice.sendFile(3, &mesibo.FileInfo{URL: "v", Title: "3.txt"})
	job = down.job()
	down.report(job, 0, mesibo.FileStatusRetryLater)
	bob.awaitLine("progress 3 0% 2")
	bob.must(bob.ForwardMessage(mesibo.NewMessageParams("alice", mesibo.FlagDefault), 9, bob.mid("3.txt")))
	bob.awaitSent(9)
	if f := bob.file(bob.lastFile("alice")); f.Status != mesibo.FileStatusIdle || f.Err != nil || f.Title != "3.txt" {
		t.Errorf("forwarded: %+v", f)
	}
}
