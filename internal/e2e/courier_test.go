package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// courier is a FileTransferHandler under the control of the test: the test gets each file and reports its progress.
type courier struct {
	d       *device
	jobs    chan *mesibo.FileInfo
	stopped chan *mesibo.FileInfo

	mu     sync.Mutex
	start  func(f *mesibo.FileInfo) bool // answers OnStartFileTransfer; nil: true
	refuse bool                          // answers OnStopFileTransfer with false
}

// withCourier registers a courier. The diary then has messages with files, and transfers that start.
func withCourier(d *device) *courier {
	d.t.Helper()
	c := &courier{d: d, jobs: make(chan *mesibo.FileInfo, 1000), stopped: make(chan *mesibo.FileInfo, 1000)}
	d.must(d.AddListener(c))
	d.must(d.AddListener(&mesibo.ListenerFuncs{File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) {
		d.note(&received{*p, f.Title}, "file %s %d %q %s", f.Title, f.Size, f.Message, f.URL)
	}}))
	return c
}

func (c *courier) OnStartFileTransfer(f *mesibo.FileInfo) bool {
	c.mu.Lock()
	start := c.start
	c.mu.Unlock()
	c.d.note(nil, "begin %d %s", f.Mode, f.Title)
	if start != nil && !start(f) {
		return false
	}
	f.FileTransferContext = "job"
	c.jobs <- f
	return true
}

func (c *courier) OnStopFileTransfer(f *mesibo.FileInfo) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse {
		return false
	}
	c.stopped <- f
	return true
}

func (c *courier) OnFileTransferProgress(f *mesibo.FileInfo) {
	id := uint32(0)
	if f.Params != nil {
		id = uint32(f.Mid)
	}
	c.d.note(nil, "progress %d %d%% %d", id, f.Progress, f.Status)
}

func (c *courier) onStart(start func(f *mesibo.FileInfo) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start = start
}

// job waits for the next transfer to start.
func (c *courier) job() *mesibo.FileInfo {
	c.d.t.Helper()
	var f *mesibo.FileInfo
	c.d.await("a transfer to start", func() bool {
		select {
		case f = <-c.jobs:
			return true
		default:
			return false
		}
	})
	return f
}

func (c *courier) report(f *mesibo.FileInfo, percent int, status mesibo.FileStatus) {
	c.d.t.Helper()
	f.Progress, f.Status = percent, status
	c.d.must(c.d.UpdateFileTransferProgress(f))
}

// uploaded reports that an upload has succeeded.
func (c *courier) uploaded(f *mesibo.FileInfo, url string) {
	c.d.t.Helper()
	f.URL = url
	c.report(f, 100, mesibo.FileStatusInProgress)
}

// courierDevice connects a device whose files a courier transfers.
func courierDevice(t *testing.T, token, dir string) (*device, *courier) {
	t.Helper()
	d := newDevice(t, token, dir)
	c := withCourier(d)
	d.start()
	return d, c
}

// sender connects alice, whose files a courier transfers. bob exists and has no device.
func sender(t *testing.T) (alice *device, up *courier) {
	t.Helper()
	srv := mesibotest.NewServer(t)
	srv.AddUser("bob", "Bob")
	return courierDevice(t, srv.Token("alice"), t.TempDir())
}

// couriers connects alice and bob, whose files couriers transfer.
func couriers(t *testing.T) (alice, bob *device, up, down *courier) {
	t.Helper()
	_, alice, bob = pair(t)
	return alice, bob, withCourier(alice), withCourier(bob)
}

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func toBob() mesibo.MessageParams { return mesibo.NewMessageParams("bob", mesibo.FlagDefault) }

func (d *device) sendFile(id uint32, f *mesibo.FileInfo) {
	d.t.Helper()
	d.must(d.SendFile(toBob(), id, f))
}

func (d *device) awaitSent(id uint32) {
	d.t.Helper()
	d.await("sent", func() bool { return slices.Contains(d.entries(""), fmt.Sprintf("status %d SENT", id)) })
}
