package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func TestFile_there_and_back(t *testing.T) {
	t.Parallel()
	alice, bob, up, down := couriers(t)
	path := writeFile(t, "letter.pdf", "hello")

	f := alice.GetFileInstance(mesibo.FileTypeAuto, "", path)
	f.Message, f.Thumbnail = "for you", []byte("small")
	alice.sendFile(7, f)
	job := up.job()
	if job.Mode != mesibo.FileModeUpload || job.Path != path || job.Size != 5 || job.Title != "letter.pdf" ||
		job.Type != mesibo.FileTypeOther {
		t.Errorf("the handler got %+v", job)
	}
	if again := alice.GetFileInstance(mesibo.FileTypeAuto, "", path); again != f {
		t.Error("a second file for the same path while it is uploaded")
	}
	up.report(job, 10, mesibo.FileStatusInProgress)
	up.report(job, 5, mesibo.FileStatusInProgress) // lower than before
	up.report(job, 60, mesibo.FileStatusInProgress)
	up.report(job, 100, mesibo.FileStatusInProgress) // the URL is missing
	alice.awaitLine("progress 7 99% 1")
	if f.GetProgress() != 99 || f.IsTransferred() || alice.OutboxCount() != 1 {
		t.Errorf("before the URL: %d%%, %d waiting", f.GetProgress(), alice.OutboxCount())
	}
	up.uploaded(job, "https://files.example/1")
	alice.awaitSent(7)
	alice.wantLines("progress", "progress 7 10% 1", "progress 7 60% 1", "progress 7 99% 1", "progress 7 100% 0")
	if !f.IsTransferred() || f.GetURL() != "https://files.example/1" {
		t.Errorf("after the upload: %+v", f)
	}
	if err := alice.UpdateFileTransferProgress(job); !errors.Is(err, mesibo.ErrTransferEnded) {
		t.Errorf("a report after the end: %v", err)
	}

	in := down.job()
	bob.wantLines("", "CONNECTING", "ONLINE", `file letter.pdf 5 "for you" https://files.example/1`, "begin 0 letter.pdf")
	if in.Mode != mesibo.FileModeDownload || in.Params == nil || in.Params.Peer != "alice" ||
		string(in.Thumbnail) != "small" {
		t.Errorf("the handler got %+v", in)
	}
	down.report(in, 50, mesibo.FileStatusInProgress)
	in.Path = filepath.Join(bob.GetFilePath(in.Type), "letter.pdf")
	bob.must(bob.CreateFile(bob.GetFilePath(in.Type), "letter.pdf", []byte("hello"), false))
	down.report(in, 100, mesibo.FileStatusInProgress)
	bob.awaitLine("progress 7 100% 0")
	msg, err := bob.FindMessage(bob.mid("letter.pdf"))
	bob.must(err)
	if msg.Flag&mesibo.FlagFileTransferred == 0 || msg.File == nil || msg.File.Path != in.Path ||
		!msg.File.IsTransferred() {
		t.Errorf("in the database: %+v, %+v", msg.MessageParams, msg.File)
	}
	bob.must(bob.DeleteFile(in.Path)) // by hand
	if msg, err = bob.FindMessage(msg.Mid); err != nil || msg.File.Path != "" || msg.File.IsTransferred() {
		t.Errorf("with the file deleted: %+v, %v", msg.File, err)
	}
	bob.must(bob.StartFileTransfer(msg.File))
	in = down.job()
	down.report(in, -1, mesibo.FileStatusFailed)
	bob.await("failed", func() bool {
		m, err := bob.FindMessage(msg.Mid)
		return err == nil && m.Flag&mesibo.FlagFileFailed != 0
	})
}

func TestFile_refused_at_first(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	up.onStart(func(*mesibo.FileInfo) bool { return false })
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	if f.GetStatus() != mesibo.FileStatusIdle {
		t.Errorf("refused: status %d", f.GetStatus())
	}
	if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ResultRetryLater) {
		t.Errorf("refused again: %v", err)
	}
	alice.send("bob", 2, "does not wait")
	alice.awaitSent(2)
	up.onStart(nil)
	alice.must(alice.StartFileTransfer(f))
	up.uploaded(up.job(), "u1")
	alice.awaitSent(1)
	alice.wantLines("status", "status 2 SENT", "status 1 SENT")
}

func TestFile_stopped(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	first := up.job()
	up.report(first, 40, mesibo.FileStatusInProgress)
	up.mu.Lock()
	up.refuse = true
	up.mu.Unlock()
	if err := alice.StopFileTransfer(f); !errors.Is(err, mesibo.ResultFail) {
		t.Errorf("the handler refused to stop: %v", err)
	}
	up.mu.Lock()
	up.refuse = false
	up.mu.Unlock()
	alice.must(alice.StopFileTransfer(f))
	if stopped := <-up.stopped; stopped != first || stopped.FileTransferContext != "job" {
		t.Errorf("asked to stop %+v", stopped)
	}
	if f.GetStatus() != mesibo.FileStatusIdle || f.GetProgress() != 0 {
		t.Errorf("stopped: %d%%, status %d", f.GetProgress(), f.GetStatus())
	}
	alice.must(alice.StopFileTransfer(f)) // it has stopped already
	alice.must(alice.StartFileTransfer(f))
	second := up.job()
	first.Status = mesibo.FileStatusFailed // the last report of the first run's goroutine
	if err := alice.UpdateFileTransferProgress(first); !errors.Is(err, mesibo.ErrTransferEnded) {
		t.Errorf("a report of the run that was stopped: %v", err)
	}
	up.uploaded(second, "u")
	alice.awaitSent(1)
}

func TestFile_failure_and_trying_again(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	up.report(up.job(), -1, mesibo.FileStatusFailed)
	alice.awaitLine("status 1 FAIL")
	if f.IsTransferred() || f.GetStatus() != mesibo.FileStatusFailed || alice.OutboxCount() != 0 {
		t.Errorf("failed: status %d, %d waiting", f.GetStatus(), alice.OutboxCount())
	}
	alice.must(alice.Resend(toBob(), 1))
	up.report(up.job(), 0, mesibo.FileStatusFailed)
	alice.await("second failure", func() bool { return len(alice.entries("status 1 FAIL")) == 2 })
	alice.must(alice.StartFileTransfer(f)) // the message waits again
	up.report(up.job(), 0, mesibo.FileStatusRetryLater)
	alice.awaitLine("progress 1 0% 2")
	msg, err := alice.FindMessage(1)
	alice.must(err)
	if msg.Status != mesibo.MsgStatusOutbox || msg.File.Status != mesibo.FileStatusRetryLater {
		t.Errorf("to be tried later: %v, file %d", msg.Status, msg.File.Status)
	}
	alice.must(alice.StartFileTransfer(msg.File))
	up.uploaded(up.job(), "u")
	alice.awaitSent(1)
	alice.wantLines("status", "status 1 FAIL", "status 1 FAIL", "status 1 SENT")
}

func TestFile_shared_by_two_messages(t *testing.T) {
	t.Parallel()
	alice, bob, up, down := couriers(t)
	path := writeFile(t, "a.txt", "a")
	alice.sendFile(1, &mesibo.FileInfo{Path: path})
	alice.sendFile(2, alice.GetFileInstance(mesibo.FileTypeAuto, "", path))
	alice.sendFile(3, &mesibo.FileInfo{Path: path, Message: "third"})
	job := up.job()
	alice.must(alice.Cancel(toBob(), 2))
	up.uploaded(job, "u")
	alice.awaitSent(1)
	alice.awaitSent(3)
	if n := len(alice.entries("begin")); n != 1 {
		t.Errorf("%d uploads of one file", n)
	}
	in := down.job()
	bob.await("both messages", func() bool { return len(bob.entries("file")) == 2 })
	in.Path = writeFile(t, "b.txt", "a")
	down.report(in, 100, mesibo.FileStatusInProgress)
	bob.awaitLine("progress 1 100% 0")
	bob.awaitLine("progress 3 100% 0")
	if n := len(bob.entries("begin")); n != 1 {
		t.Errorf("%d downloads of one URL", n)
	}
	for _, m := range bob.messages() {
		msg, err := bob.FindMessage(m.Mid)
		bob.must(err)
		if msg.File.Path != in.Path || msg.Flag&mesibo.FlagFileTransferred == 0 {
			t.Errorf("message %d: %+v", uint32(m.Mid), msg.File)
		}
	}
}

func TestFile_survives_a_restart(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	token, dir := srv.Token("alice"), t.TempDir()
	alice, up := courierDevice(t, token, dir)
	kept, changed, gone := writeFile(t, "a.txt", "a"), writeFile(t, "b.txt", "b"), writeFile(t, "c.txt", "c")
	for id, path := range []string{kept, changed, gone} {
		alice.sendFile(uint32(id+1), &mesibo.FileInfo{Path: path})
		up.job()
	}
	alice.end()
	alice.must(errors.Join(os.WriteFile(changed, []byte("longer"), 0o600), os.Remove(gone)))

	alice, up = courierDevice(t, token, dir)
	job := up.job()
	if job.Path != kept || job.Params == nil || job.Params.Peer != "bob" {
		t.Errorf("started again: %+v", job)
	}
	up.uploaded(job, "u")
	alice.awaitSent(1)
	alice.awaitLine("status 2 FAIL")
	alice.awaitLine("status 3 FAIL")
}

func TestFile_changed_while_it_is_uploaded(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	path := writeFile(t, "a.txt", "a")
	alice.sendFile(1, &mesibo.FileInfo{Path: path})
	alice.must(os.WriteFile(path, []byte("other"), 0o600))
	up.uploaded(up.job(), "u")
	alice.awaitLine("status 1 FAIL")
	alice.awaitLine("progress 1 0% 3")
}

func TestFile_download_that_brings_nothing(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	down := withCourier(bob)
	alice.sendFile(1, &mesibo.FileInfo{URL: "u", Title: "a.txt"}) // uploaded before: no handler needed
	in := down.job()
	down.report(in, 100, mesibo.FileStatusInProgress) // no path yet
	bob.awaitLine("progress 1 99% 1")
	in.Path = filepath.Join(t.TempDir(), "missing")
	down.report(in, 100, mesibo.FileStatusInProgress)
	bob.awaitLine("progress 1 0% 3")
}

func TestFile_handler_that_panics(t *testing.T) {
	t.Parallel()
	alice, bob, up, down := couriers(t)
	broken := func(*mesibo.FileInfo) bool { panic("broken") }
	up.onStart(broken)
	down.onStart(broken)
	f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
	alice.sendFile(1, f)
	if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ResultFail) {
		t.Errorf("got %v", err)
	}
	up.onStart(func(f *mesibo.FileInfo) bool { // it ends before it returns
		up.uploaded(f, "u")
		return true
	})
	alice.must(alice.StartFileTransfer(f))
	alice.awaitSent(1)
	bob.awaitLine("begin 0 a.txt")
	alice.send("bob", 2, "still there")
	bob.awaitLine("message still there RECEIVEDNEW")
}

func TestFile_withdrawn(t *testing.T) {
	t.Parallel()
	alice, up := sender(t)
	for id, withdraw := range map[uint32]func() error{
		1: func() error { return alice.Cancel(toBob(), 1) },
		2: func() error { return alice.DeleteMessage(2, mesibo.DeleteDefault) },
		3: func() error { return alice.DeleteMessages(mesibo.MessageParams{Peer: "bob"}) },
	} {
		f := &mesibo.FileInfo{Path: writeFile(t, "a.txt", "a")}
		alice.sendFile(id, f)
		job := up.job()
		alice.must(withdraw())
		if stopped := <-up.stopped; stopped != job {
			t.Errorf("%d: stopped %+v", id, stopped)
		}
		if err := alice.UpdateFileTransferProgress(job); !errors.Is(err, mesibo.ErrTransferEnded) {
			t.Errorf("%d: a report after it: %v", id, err)
		}
		if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ErrNotFound) {
			t.Errorf("%d: started again: %v", id, err)
		}
	}
	// A transfer that the application itself has started continues.
	f := alice.GetFileInstance(mesibo.FileTypeAuto, "", writeFile(t, "b.txt", "b"))
	alice.must(alice.StartFileTransfer(f))
	job := up.job()
	alice.sendFile(4, f)
	alice.must(alice.Cancel(toBob(), 4))
	up.uploaded(job, "u")
	if !f.IsTransferred() || len(alice.entries("status")) > 0 {
		t.Errorf("after all: %+v, %q", f, alice.entries("status"))
	}
}

func TestFile_deleted_messages_do_not_hide_later_ones(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	alice := online(t, srv.Token("alice"))
	for id := range uint32(3) {
		alice.send("bob", id+1, "x")
		alice.awaitSent(id + 1)
	}
	alice.must(alice.DeleteMessages(mesibo.MessageParams{Peer: "bob"}))
	alice.send("bob", 9, "y")
	alice.awaitSent(9)
}

func TestSendFile_refusals(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	path := writeFile(t, "a.txt", "a")
	if !alice.IsFileTransferEnabled() {
		t.Error("the default handler is off")
	}
	alice.EnableFileTransfer(false)
	if err := alice.SendFile(toBob(), 1, &mesibo.FileInfo{Path: path}); !errors.Is(err, mesibo.ErrNoFileHandler) ||
		alice.IsFileTransferEnabled() {
		t.Errorf("without a handler: %v", err)
	}
	upload := &mesibo.FileInfo{Mode: mesibo.FileModeUpload, Path: path}
	if err := alice.StartFileTransfer(upload); !errors.Is(err, mesibo.ErrNoFileHandler) {
		t.Errorf("without a handler: %v", err)
	}
	withCourier(alice)
	if !alice.IsFileTransferEnabled() {
		t.Error("the handler is not seen")
	}
	transient := toBob()
	transient.Flag |= mesibo.FlagTransient
	for name, c := range map[string]struct {
		p    mesibo.MessageParams
		f    *mesibo.FileInfo
		want error
	}{
		"nil":       {toBob(), nil, mesibo.ResultBadRequest},
		"nothing":   {toBob(), &mesibo.FileInfo{}, mesibo.ResultBadRequest},
		"missing":   {toBob(), &mesibo.FileInfo{Path: path + "x"}, fs.ErrNotExist},
		"folder":    {toBob(), &mesibo.FileInfo{Path: filepath.Dir(path)}, mesibo.ErrFileKind},
		"device":    {toBob(), &mesibo.FileInfo{Path: os.DevNull}, mesibo.ErrFileKind},
		"NUL":       {toBob(), &mesibo.FileInfo{Path: "a\x00"}, mesibo.ErrFileName},
		"transient": {transient, &mesibo.FileInfo{Path: path}, mesibo.ResultBadRequest},
		"nobody":    {mesibo.MessageParams{}, &mesibo.FileInfo{Path: path}, mesibo.ResultBadRequest},
		"long caption": {
			toBob(), &mesibo.FileInfo{Path: path, Message: strings.Repeat("x", 64<<10+1)},
			mesibo.ErrTooLarge,
		},
		"long title":      {toBob(), &mesibo.FileInfo{Path: path, Title: strings.Repeat("x", 256)}, mesibo.ErrTooLarge},
		"large thumbnail": {toBob(), &mesibo.FileInfo{Path: path, Thumbnail: make([]byte, 24<<10+1)}, mesibo.ErrTooLarge},
		"long URL":        {toBob(), &mesibo.FileInfo{URL: strings.Repeat("x", 2049)}, mesibo.ErrTooLarge},
		"negative width":  {toBob(), &mesibo.FileInfo{Path: path, Width: -1}, mesibo.ResultBadRequest},
		"no text":         {toBob(), &mesibo.FileInfo{Path: path, Title: "\xff"}, mesibo.ResultBadRequest},
	} {
		if err := alice.SendFile(c.p, 5, c.f); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := alice.OutboxCount(); n != 0 {
		t.Errorf("%d messages were queued", n)
	}
	for _, f := range []*mesibo.FileInfo{nil, {Path: "x"}, {Mode: mesibo.FileModeUpload, Path: path + "x"}} {
		if err := alice.StartFileTransfer(f); !errors.Is(err, mesibo.ResultBadRequest) {
			t.Errorf("start %+v: %v", f, err)
		}
	}
	if !errors.Is(alice.StopFileTransfer(nil), mesibo.ResultBadRequest) ||
		!errors.Is(alice.UpdateFileTransferProgress(nil), mesibo.ResultBadRequest) ||
		!errors.Is(alice.UpdateFileTransferProgress(&mesibo.FileInfo{}), mesibo.ErrTransferEnded) {
		t.Error("nil files are taken")
	}
}

// Many messages, each with a goroutine of the handler, while the application reads, stops and restarts transfers.
func TestFile_many_at_once(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	alice := online(t, srv.Token("alice"))
	var running sync.WaitGroup
	defer running.Wait()
	alice.must(alice.AddListener(&mesibo.FileTransferFuncs{
		Start: func(f *mesibo.FileInfo) bool {
			stop := make(chan struct{})
			f.FileTransferContext = stop
			running.Go(func() {
				for percent := 10; percent <= 90; percent += 10 {
					select {
					case <-stop:
						f.Status = mesibo.FileStatusFailed
						_ = alice.UpdateFileTransferProgress(f) // too late, but harmless
						return
					default:
					}
					f.Progress, f.Status = percent, mesibo.FileStatusInProgress
					_ = alice.UpdateFileTransferProgress(f)
				}
				f.URL, f.Progress = "u", 100
				_ = alice.UpdateFileTransferProgress(f)
			})
			return true
		},
		Stop: func(f *mesibo.FileInfo) bool { close(f.FileTransferContext.(chan struct{})); return true },
		Progress: func(f *mesibo.FileInfo) {
			f.Params.Peer, f.Progress = "mine", 7 // a copy
		},
	}))
	const messages = 24
	paths := []string{writeFile(t, "a.txt", "a"), writeFile(t, "b.txt", "b"), writeFile(t, "c.txt", "c")}
	var senders sync.WaitGroup
	for i := range messages {
		senders.Go(func() {
			f := alice.GetFileInstance(mesibo.FileTypeAuto, "", paths[i%len(paths)])
			if err := alice.SendFile(toBob(), uint32(i+1), f); err != nil {
				t.Error(err)
			}
			for range 20 {
				_, _, _ = f.GetProgress(), f.IsTransferred(), f.GetURL()
			}
			if i%5 == 0 {
				if err := alice.StopFileTransfer(f); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	alice.await("all sent", func() bool {
		for id := range uint32(messages) {
			if msg, err := alice.FindMessage(uint64(id + 1)); err == nil && msg.Status == mesibo.MsgStatusOutbox {
				_ = alice.StartFileTransfer(msg.File)
			}
		}
		return len(alice.entries("status")) >= messages
	})
	for _, line := range alice.entries("status") {
		if !strings.HasSuffix(line, "SENT") {
			t.Errorf("got %s", line)
		}
	}
}
