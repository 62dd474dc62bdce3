package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// cables are the connections of a device: they count bytes, and break when a test says so.
type cables struct {
	up, down atomic.Int64                 // bytes
	cut      atomic.Pointer[func() int64] // after how many bytes a connection breaks
}

func (w *cables) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &cable{Conn: conn, w: w}
	c.left.Store(1 << 60)
	if cut := w.cut.Load(); cut != nil {
		c.left.Store((*cut)())
	}
	return c, nil
}

type cable struct {
	net.Conn

	w    *cables
	left atomic.Int64
}

func (c *cable) spend(n int) error {
	if c.left.Add(-int64(n)) < 0 {
		return errors.Join(errors.New("the cable is cut"), c.Close())
	}
	return nil
}

func (c *cable) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.w.down.Add(int64(n))
	if err == nil {
		err = c.spend(n)
	}
	return n, err
}

func (c *cable) Write(b []byte) (int, error) {
	if err := c.spend(len(b)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	c.w.up.Add(int64(n))
	return n, err
}

// carried starts a device whose files the default handler transfers. Its diary has messages with files and progress.
func carried(t *testing.T, token, dir string, w *cables) *device {
	t.Helper()
	d := openDevice(t, mesibo.Options{Path: dir, AccessToken: token, NetDial: w.dial})
	d.must(d.AddListener(&mesibo.ListenerFuncs{File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) {
		d.note(&received{*p, f.Title}, "file %s %d %s", f.Title, f.Size, f.MimeType)
	}}))
	last := make(map[uint64]int)
	d.must(d.AddListener(&mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
		if f.Status == mesibo.FileStatusInProgress && f.Progress < last[f.Mid] {
			t.Errorf("progress from %d%% to %d%%", last[f.Mid], f.Progress)
		}
		last[f.Mid] = f.Progress % 100 // the next run starts at 0
		d.note(nil, "progress %d %d%% %d", uint32(f.Mid), f.Progress, f.Status)
		if f.Err != nil {
			d.note(nil, "failed %d: %v", uint32(f.Mid), f.Err)
		}
	}}))
	d.must(d.Start())
	return d
}

// carriedPair starts alice and bob, whose files the default handler transfers.
func carriedPair(t *testing.T) (srv *mesibotest.Server, alice, bob *device) {
	t.Helper()
	srv = mesibotest.NewServer(t)
	alice = carried(t, srv.Token("alice"), t.TempDir(), &cables{})
	return srv, alice, carried(t, srv.Token("bob"), t.TempDir(), &cables{})
}

// carriedAlone starts alice, whose files the default handler transfers. bob exists and has no device.
func carriedAlone(t *testing.T) (srv *mesibotest.Server, alice *device) {
	t.Helper()
	srv = mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	return srv, carried(t, srv.Token("alice"), t.TempDir(), &cables{})
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func writeBytes(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// midOf is mid, but returns 0 for a message that has not arrived.
func (d *device) midOf(title string) uint64 {
	for _, r := range d.messages() {
		if r.text == title {
			return r.Mid
		}
	}
	return 0
}

// furthest returns the largest percentage in the diary for the file of a message.
func (d *device) furthest(id uint32) int {
	most := -1
	for _, line := range d.entries(fmt.Sprintf("progress %d ", id)) {
		var percent, status int
		if _, err := fmt.Sscanf(line, fmt.Sprintf("progress %d %%d%%%% %%d", id), &percent, &status); err == nil {
			most = max(most, percent)
		}
	}
	return most
}

// percent waits until a transfer has reached a percentage.
func (d *device) percent(id uint32, least int) {
	d.t.Helper()
	d.await("progress", func() bool { return d.furthest(id) >= least })
}

// awaitFetched waits for the download of a message's file, compares the content and returns the path.
func (d *device) awaitFetched(title string, want []byte) string {
	d.t.Helper()
	var f *mesibo.FileInfo
	d.await(title+" is fetched", func() bool {
		mid := d.midOf(title)
		msg, err := d.FindMessage(mid)
		if err != nil || msg.Flag&mesibo.FlagFileTransferred == 0 {
			return false
		}
		f = msg.File
		return true
	})
	got, err := os.ReadFile(f.Path)
	if err != nil || !bytes.Equal(got, want) {
		d.t.Errorf("%s: %d bytes, %v", f.Path, len(got), err)
	}
	if !strings.HasPrefix(f.Path, d.dir) || !f.IsTransferred() {
		d.t.Errorf("fetched: %+v", f)
	}
	return f.Path
}

// everything makes a device download all files up to 1 GiB automatically.
func (d *device) everything() {
	d.t.Helper()
	all := make(map[mesibo.FileType]int64)
	for _, t := range []mesibo.FileType{
		mesibo.FileTypeImage, mesibo.FileTypeVideo, mesibo.FileTypeAudio,
		mesibo.FileTypeOther,
	} {
		all[t] = 1 << 30
	}
	d.must(d.SetFileTransferLimits(mesibo.FileTransferLimits{AutoDownload: all}))
}

// wantNoParts fails when an unfinished download was left behind.
func (d *device) wantNoParts() {
	d.t.Helper()
	left, err := filepath.Glob(filepath.Join(d.dir, "files", "*", ".*"))
	if err != nil || len(left) > 0 {
		d.t.Errorf("left behind: %v, %v", left, err)
	}
}
