//go:build linux

// Command full checks what happens to files when a disk is full: a device's, and the server's. It fills the file system
// of the given folder, which therefore has to be a small one of its own: tools/full-check.sh creates it.
//
//	go run ./bench/full -dir FOLDER
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/mesibo"
)

const (
	mega     = 1 << 20
	fileSize = 40 * mega
	mostDisk = 1024 * mega
	patience = time.Minute
)

func main() {
	dir := flag.String("dir", "", "`folder` on a small file system")
	flag.Parse()
	if err := run(context.Background(), *dir); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "full:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, small string) (err error) {
	free, err := room(small)
	if err != nil {
		return err
	}
	if free > mostDisk {
		return fmt.Errorf("%s has %d MB: that is not a small file system", small, free/mega)
	}
	large, err := os.MkdirTemp("", "parley-full-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(large)) }()
	data := make([]byte, fileSize)
	_, _ = rand.Read(data) // never fails
	file := filepath.Join(large, "file.bin")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	if err := device(ctx, small, large, file, data); err != nil {
		return fmt.Errorf("the disk of a device: %w", err)
	}
	if err := host(ctx, small, large, file, data); err != nil {
		return fmt.Errorf("the disk of the server: %w", err)
	}
	return nil
}

// room returns how many bytes may be written to the file system of a folder.
func room(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// fill fills the small file system but for leave bytes; empty frees the space again.
func fill(small string, leave uint64) error {
	f, err := os.Create(filepath.Join(small, "filler"))
	if err != nil {
		return err
	}
	block := make([]byte, 64<<10)
	for {
		free, err := room(small)
		if err != nil || free <= leave {
			return errors.Join(err, f.Close())
		}
		n := min(uint64(len(block)), free-leave)
		if _, err := f.Write(block[:n]); errors.Is(err, syscall.ENOSPC) {
			return f.Close()
		} else if err != nil {
			return errors.Join(err, f.Close())
		}
	}
}

func empty(small string) error { return os.Remove(filepath.Join(small, "filler")) }

// world is a server and two devices.
type world struct {
	alice, bob *mesibo.Mesibo
	stop       func() error

	mu   sync.Mutex
	said []event
}

// event is a call of a file listener.
type event struct {
	mid     uint64
	percent int
	status  mesibo.FileStatus
	err     error
}

func newWorld(ctx context.Context, serverDir, aliceDir, bobDir string) (w *world, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, err
	}
	srv, err := server.Open(ctx, server.Options{
		Dir: serverDir, Logger: slog.New(slog.DiscardHandler),
		PublicURL: "http://" + ln.Addr().String(),
	})
	if err != nil {
		cancel()
		return nil, err
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }()
	w = &world{}
	w.stop = func() error {
		for _, m := range []*mesibo.Mesibo{w.alice, w.bob} {
			if m != nil {
				m.Stop()
			}
		}
		cancel()
		return <-served
	}
	if w.alice, err = w.device(ctx, srv, "alice", aliceDir); err == nil {
		w.bob, err = w.device(ctx, srv, "bob", bobDir)
	}
	if err != nil {
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

func (w *world) device(ctx context.Context, srv *server.Server, name, dir string) (*mesibo.Mesibo, error) {
	if err := srv.AddUser(ctx, name, name); err != nil {
		return nil, err
	}
	token, err := srv.NewToken(ctx, name, accounts.TokenOptions{})
	if err != nil {
		return nil, err
	}
	m, err := mesibo.New(mesibo.Options{Path: dir, AccessToken: token.String(), Database: "check.db"})
	if err != nil {
		return nil, err
	}
	note := &mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, event{f.Mid, f.Progress, f.Status, f.Err})
	}}
	file := &mesibo.ListenerFuncs{File: func(p *mesibo.MessageParams, _ *mesibo.FileInfo) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, event{mid: p.Mid, percent: -1})
	}}
	return m, errors.Join(m.AddListener(note), m.AddListener(file), m.Start())
}

// await waits for an event, and drops earlier ones.
func (w *world) await(ctx context.Context, what string, is func(event) bool) (event, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		w.mu.Lock()
		for i, e := range w.said {
			if is(e) {
				w.said = w.said[i+1:]
				w.mu.Unlock()
				return e, nil
			}
		}
		w.mu.Unlock()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return event{}, fmt.Errorf("waited in vain for %s: %v", what, w.said)
		}
	}
}

func ended(e event) bool {
	return e.status == mesibo.FileStatusFailed || e.status == mesibo.FileStatusRetryLater
}

func arrived(e event) bool  { return e.percent == -1 }
func complete(e event) bool { return e.percent == 100 && e.status == mesibo.FileStatusIdle }
func underway(e event) bool { return e.percent >= 20 && e.percent < 100 }

// send sends the file from alice to bob.
func (w *world) send(file string) (*mesibo.FileInfo, error) {
	f := &mesibo.FileInfo{Path: file, Type: mesibo.FileTypeOther}
	return f, w.alice.SendFile(mesibo.NewMessageParams("bob", mesibo.FlagDefault), 1, f)
}

// fetch has bob download the file of a message.
func (w *world) fetch(mid uint64) error {
	msg, err := w.bob.FindMessage(mid)
	if err != nil {
		return err
	}
	return w.bob.StartFileTransfer(msg.File)
}

// refused waits for a failure. A transfer whose state the device cannot even store keeps waiting.
func (w *world) refused(ctx context.Context, what string, want error) error {
	e, err := w.await(ctx, "a failure "+what, ended)
	if err == nil && e.status == mesibo.FileStatusFailed && !errors.Is(e.err, want) {
		err = fmt.Errorf("%s: got %w", what, e.err)
	}
	fmt.Printf("%s: status %d, %v\n", what, e.status, e.err)
	return err
}

// right waits until bob has the file, and compares it.
func (w *world) right(ctx context.Context, mid uint64, data []byte) error {
	if _, err := w.await(ctx, "the whole", func(e event) bool { return complete(e) && e.mid == mid }); err != nil {
		return err
	}
	msg, err := w.bob.FindMessage(mid)
	if err != nil {
		return err
	}
	got, err := os.ReadFile(msg.File.Path)
	if err == nil && !bytes.Equal(got, data) {
		err = errors.New("the file is another one")
	}
	return err
}

// inTheMiddle fills the disk during a transfer.
func (w *world) inTheMiddle(ctx context.Context, small, what string, want error) error {
	if _, err := w.await(ctx, "a part", underway); err != nil {
		return err
	}
	return errors.Join(fill(small, 0), w.refused(ctx, what, want))
}

// device fills the downloader's disk: before, and during a download.
func device(ctx context.Context, small, large, file string, data []byte) (err error) {
	w, err := newWorld(ctx, filepath.Join(large, "server"), filepath.Join(large, "alice"), filepath.Join(small, "bob"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.stop(), os.RemoveAll(filepath.Join(small, "bob"))) }()
	if _, err := w.send(file); err != nil {
		return err
	}
	e, err := w.await(ctx, "the message", arrived)
	if err != nil {
		return err
	}
	full := mesibo.ErrDiskFull
	if err := errors.Join(fill(small, fileSize/2), w.fetch(e.mid),
		w.refused(ctx, "device, too little room before", full)); err != nil {
		return err
	}
	slow := mesibo.FileTransferLimits{DownloadRate: fileSize / 4}
	if err := errors.Join(empty(small), w.bob.SetFileTransferLimits(slow), w.fetch(e.mid)); err != nil {
		return err
	}
	if err := w.inTheMiddle(ctx, small, "device, full in the middle", full); err != nil {
		return err
	}
	if err := errors.Join(empty(small), w.fetch(e.mid), w.right(ctx, e.mid, data)); err != nil {
		return err
	}
	fmt.Println("device, room again: the file is right")
	return nil
}

// host fills the server's disk: before, and during an upload.
func host(ctx context.Context, small, large, file string, data []byte) (err error) {
	w, err := newWorld(ctx, filepath.Join(small, "server"), filepath.Join(large, "alice2"), filepath.Join(large, "bob2"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	if err := fill(small, 2*mega); err != nil {
		return err
	}
	f, err := w.send(file)
	if err != nil {
		return err
	}
	full := mesibo.ErrFileQuota
	if err := errors.Join(w.refused(ctx, "server, too little room before", full), empty(small)); err != nil {
		return err
	}
	slow := mesibo.FileTransferLimits{UploadRate: fileSize / 4}
	if err := errors.Join(w.alice.SetFileTransferLimits(slow), w.alice.StartFileTransfer(f)); err != nil {
		return err
	}
	if err := w.inTheMiddle(ctx, small, "server, full in the middle", full); err != nil {
		return err
	}
	text := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	if err := w.alice.SendMessage(text, 2, []byte("while the disk is full")); err != nil {
		return err
	}
	if err := errors.Join(empty(small), w.alice.SetFileTransferLimits(mesibo.FileTransferLimits{}),
		w.alice.StartFileTransfer(f)); err != nil {
		return err
	}
	e, err := w.await(ctx, "the message", arrived)
	if err != nil {
		return err
	}
	if err := errors.Join(w.fetch(e.mid), w.right(ctx, e.mid, data), w.sentAll(ctx)); err != nil {
		return err
	}
	fmt.Println("server, room again: the file is right, and no message is missing")
	return nil
}

// sentAll waits until nothing is left to be sent.
func (w *world) sentAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for tick := time.Tick(time.Millisecond); w.alice.OutboxCount() > 0; {
		select {
		case <-tick:
		case <-ctx.Done():
			return errors.New("what was sent while the disk was full has not gone out")
		}
	}
	return nil
}
