// Command s3 checks a server that keeps its files in S3, with a third-party S3 server: uploads, downloads and ranges of
// them, the same content twice, a kill during an upload, and deletion. tools/s3-check.sh runs it.
//
//	go run ./bench/s3 -gateway versitygw -parleyd parleyd
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

const (
	mega     = 1 << 20
	patience = time.Minute
)

func main() {
	gateway := flag.String("gateway", "versitygw", "`program` of the S3 server")
	parleyd := flag.String("parleyd", "parleyd", "`program` of our server")
	size := flag.Int("size", 64, "length of the file in `megabytes`")
	flag.Parse()
	if err := run(context.Background(), *gateway, *parleyd, *size*mega); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "s3:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, gateway, parleyd string, size int) (err error) {
	dir, err := os.MkdirTemp("", "parley-s3-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	r := &rig{dir: dir, parleyd: parleyd, bucket: filepath.Join(dir, "s3", "parley")}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(ctx, gateway); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		work func(context.Context) error
	}{
		{"uploaded by the SDK, killed in the middle", func(ctx context.Context) error { return r.send(ctx, size) }},
		{"downloaded by the SDK, the SHA-256 is right", r.fetch},
		{"parts of it are right", r.parts},
		{"the same content again is kept once", r.again},
		{"what is deleted goes", r.remove},
		{"the bucket away and back: nothing is lost", func(ctx context.Context) error { return r.away(ctx, gateway) }},
	} {
		began := time.Now()
		if err := step.work(ctx); err != nil {
			return fmt.Errorf("not %s: %w", step.name, err)
		}
		fmt.Printf("%s (%.1f s)\n", step.name, time.Since(began).Seconds())
	}
	return nil
}

// random writes a file of random bytes.
func (r *rig) random(name string, size int) (path string, data []byte, err error) {
	data = make([]byte, size)
	_, _ = rand.Read(data) // never fails
	path = filepath.Join(r.dir, name)
	return path, data, os.WriteFile(path, data, 0o600)
}

// device starts the SDK for a user.
func (r *rig) device(name string) (*mesibo.Mesibo, error) {
	m, err := mesibo.New(mesibo.Options{
		Path: filepath.Join(r.dir, name), AccessToken: r.tokens[name],
		Database: "check.db",
	})
	if err != nil {
		return nil, err
	}
	r.devices = append(r.devices, m)
	return m, m.Start()
}

// until waits for a condition.
func until(ctx context.Context, what string, cond func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := cond(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s", what)
		}
	}
}

// objects lists the content of the bucket.
func (r *rig) objects() (list []string, err error) {
	err = filepath.WalkDir(r.bucket, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, filepath.Base(path))
		}
		return err
	})
	return list, err
}

// holds waits until the bucket has n objects, and the server's own folder none.
func (r *rig) holds(ctx context.Context, n int) error {
	return until(ctx, fmt.Sprintf("%d objects in the bucket and none beside", n), func() (bool, error) {
		list, err := r.objects()
		if err != nil {
			return false, err
		}
		beside, err := filepath.Glob(filepath.Join(r.dir, "data", "files", "*", "*"))
		return len(list) == n && len(beside) == 0, err
	})
}

func (r *rig) send(ctx context.Context, size int) error {
	path, data, err := r.random("file.bin", size)
	if err != nil {
		return err
	}
	r.sum = sha256.Sum256(data)
	r.data = data
	alice, err := r.device("alice")
	if err != nil {
		return err
	}
	moved := make(chan struct{}, 1)
	f := &mesibo.FileInfo{
		Path: path, Type: mesibo.FileTypeOther,
		Listener: &mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
			if f.Progress > 30 {
				select {
				case moved <- struct{}{}:
				default:
				}
			}
		}},
	}
	if err := alice.SetFileTransferLimits(mesibo.FileTransferLimits{UploadRate: int64(size) / 2}); err != nil {
		return err
	}
	if err := alice.SendFile(mesibo.NewMessageParams("bob", mesibo.FlagDefault), 1, f); err != nil {
		return err
	}
	<-moved
	if err := errors.Join(r.server.kill(), r.serve(ctx)); err != nil {
		return err
	}
	sent := func() (bool, error) { return alice.OutboxCount() == 0, nil }
	if err := until(ctx, "the message to go out", sent); err != nil {
		return err
	}
	r.url = f.GetURL()
	return r.holds(ctx, 1)
}

func (r *rig) fetch(ctx context.Context) error {
	bob, err := mesibo.New(mesibo.Options{
		Path: filepath.Join(r.dir, "bob"), AccessToken: r.tokens["bob"],
		Database: "check.db",
	})
	if err != nil {
		return err
	}
	r.devices = append(r.devices, bob)
	mids := make(chan uint64, 1)
	if err := errors.Join(
		bob.SetFileTransferLimits(mesibo.FileTransferLimits{AutoDownload: map[mesibo.FileType]int64{mesibo.FileTypeOther: 1 << 40}}),
		bob.AddListener(&mesibo.ListenerFuncs{
			File: func(p *mesibo.MessageParams, _ *mesibo.FileInfo) { mids <- p.Mid },
		}),
		bob.Start(),
	); err != nil {
		return err
	}
	mid := <-mids
	path := ""
	if err := until(ctx, "the file", func() (bool, error) {
		msg, err := bob.FindMessage(mid)
		if err != nil || msg.Flag&mesibo.FlagFileTransferred == 0 {
			return false, err
		}
		path = msg.File.Path
		return true, nil
	}); err != nil {
		return err
	}
	got, err := os.ReadFile(path)
	if err == nil && sha256.Sum256(got) != r.sum {
		err = errors.New("the SHA-256 is wrong")
	}
	return err
}

func (r *rig) parts(ctx context.Context) error {
	size := len(r.data)
	for _, p := range [][2]int{{0, 1}, {size - 1, size}, {size / 2, size/2 + mega}, {0, size}} {
		got, err := r.request(ctx, "GET", r.url, "Range", fmt.Sprintf("bytes=%d-%d", p[0], p[1]-1))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, r.data[p[0]:p[1]]) {
			return fmt.Errorf("bytes %d to %d are %d others", p[0], p[1], len(got))
		}
	}
	return nil
}

func (r *rig) again(ctx context.Context) error {
	id, err := r.put(ctx, "bob", r.data)
	if err != nil {
		return err
	}
	if err := r.holds(ctx, 1); err != nil {
		return err
	}
	_, err = r.request(ctx, "DELETE", id, "Tus-Resumable", "1.0.0", "Authorization", "Bearer "+r.tokens["bob"])
	return errors.Join(err, r.holds(ctx, 1)) // alice's still exists
}

func (r *rig) remove(ctx context.Context) error {
	id, err := r.put(ctx, "alice", []byte("something else"))
	if err != nil {
		return err
	}
	if err := r.holds(ctx, 2); err != nil {
		return err
	}
	if _, err := r.request(ctx, "DELETE", id, "Tus-Resumable", "1.0.0"); err != nil {
		return err
	}
	return r.holds(ctx, 1)
}

// away uploads while the S3 server is down.
func (r *rig) away(ctx context.Context, gateway string) error {
	if err := r.gateway.kill(); err != nil {
		return err
	}
	_, err := r.put(ctx, "alice", []byte("later"))
	if err == nil || !strings.Contains(err.Error(), "503") {
		return fmt.Errorf("without the bucket: %w", err)
	}
	if err := r.serveS3(ctx, gateway); err != nil {
		return err
	}
	if _, err := r.put(ctx, "alice", []byte("later")); err != nil {
		return err
	}
	if err := r.parts(ctx); err != nil {
		return err
	}
	list, err := r.objects()
	if err == nil && len(list) != 2 {
		err = fmt.Errorf("the bucket holds %v", list)
	}
	return err
}
