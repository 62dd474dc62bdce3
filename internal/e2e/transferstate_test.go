package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// wantCause checks why the transfer of a message's file has failed.
func (d *device) wantCause(mid uint64, want error) {
	d.t.Helper()
	msg, err := d.FindMessage(mid)
	d.must(err)
	if msg.File.Status != mesibo.FileStatusFailed || !errors.Is(msg.File.Err, want) {
		d.t.Errorf("message %d: status %d, %v, want %v", uint32(mid), msg.File.Status, msg.File.Err, want)
	}
}

func TestFile_reasons_are_kept(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	token, dir := srv.Token("alice"), t.TempDir()
	alice, up := courierDevice(t, token, dir)
	changed, gone, full := writeFile(t, "b.txt", "b"), writeFile(t, "c.txt", "c"), writeFile(t, "d.txt", "d")
	for id, path := range []string{changed, gone, full} {
		alice.sendFile(uint32(id+1), &mesibo.FileInfo{Path: path})
	}
	for range 2 {
		up.job()
	}
	last := up.job()
	last.Err = mesibo.ErrFileQuota
	up.report(last, 0, mesibo.FileStatusFailed)
	alice.awaitLine("status 3 FAIL")
	alice.wantCause(3, mesibo.ErrFileQuota)
	alice.end()
	alice.must(errors.Join(os.WriteFile(changed, []byte("longer"), 0o600), os.Remove(gone)))

	for run := range 2 {
		alice = newDevice(t, token, dir)
		up = withCourier(alice)
		alice.start()
		if run == 0 { // this start finds them changed and missing
			alice.awaitLine("progress 1 0% 3")
			alice.awaitLine("progress 2 0% 3")
		}
		alice.wantCause(1, mesibo.ErrFileChanged)
		alice.wantCause(2, fs.ErrNotExist)
		alice.wantCause(3, mesibo.ErrFileQuota)
		if run == 0 {
			alice.end()
		}
	}
	var mid atomic.Uint64
	alice.must(alice.AddListener(&mesibo.ListenerFuncs{MessageStatus: func(p *mesibo.MessageParams) {
		if p.Status == mesibo.MsgStatusSent {
			mid.Store(p.Mid)
		}
	}}))
	alice.must(alice.Resend(toBob(), 3))
	up.uploaded(up.job(), "u")
	alice.await("the message is sent", func() bool { return mid.Load() != 0 })
	if msg, err := alice.FindMessage(mid.Load()); err != nil || msg.File.Err != nil || msg.File.Transferred != 1 {
		t.Errorf("sent after all: %+v, %v", msg.File, err)
	}
}

func TestTransfer_bytes_are_told_and_kept(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	token, dir := srv.Token("alice"), t.TempDir()
	alice := carried(t, token, dir, &cables{})
	const size = 64 << 20
	alice.must(alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: 2 << 20}))
	var told []int64
	alice.must(alice.AddListener(&mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
		if f.Status == mesibo.FileStatusInProgress {
			told = append(told, f.Transferred)
		}
	}}))
	alice.sendFile(1, &mesibo.FileInfo{Path: writeBytes(t, "big.bin", noise(size))})
	alice.percent(1, 3)
	alice.end() // listeners have ended
	const onePercent = size / 100
	between := false
	for i, n := range told {
		if i > 0 && n < told[i-1] {
			t.Errorf("bytes fell from %d to %d", told[i-1], n)
		}
		between = between || i > 0 && n > told[i-1] && n-told[i-1] < onePercent/2
	}
	if !between {
		t.Errorf("got %v; want steps of less than a percent", told)
	}
	later := newDevice(t, token, dir) // it is not started
	msg, err := later.FindMessage(1)
	later.must(err)
	if msg.File.Transferred < 3*onePercent || msg.File.Transferred >= size ||
		msg.File.Status != mesibo.FileStatusRetryLater {
		t.Errorf("kept: %d bytes, status %d", msg.File.Transferred, msg.File.Status)
	}
}

func TestGetFileLimit(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	if _, err := alice.GetFileLimit(t.Context()); !errors.Is(err, mesibo.ResultFail) {
		t.Errorf("while stopped: %v", err)
	}
	alice.start()
	if size, err := alice.GetFileLimit(t.Context()); err != nil || size <= 0 {
		t.Errorf("got %d, %v; want a size", size, err)
	}
	srv.Stop()
	if _, err := alice.GetFileLimit(t.Context()); !errors.Is(err, mesibo.ResultConnectFail) {
		t.Errorf("without a server: %v", err)
	}
}
