// Command tus uploads a file with tus-js-client, a third-party client, through a proxy that cuts its connections at
// random, and compares the server's file. tools/tus-check.sh runs it.
//
//	go run ./bench/tus -client upload.mjs -size 200
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

const mega = 1 << 20

func main() {
	client := flag.String("client", "", "`script` for node that uploads")
	size := flag.Int64("size", 200, "length of the file in `megabytes`")
	flag.Parse()
	if err := run(context.Background(), *client, *size*mega); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "tus:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, client string, size int64) (err error) {
	dir, err := os.MkdirTemp("", "tus")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ln, err := listen(ctx)
	if err != nil {
		return err
	}
	front, err := listen(ctx)
	if err != nil {
		return err
	}
	p := &proxy{to: ln.Addr().String()}
	go p.serve(front)
	url := "http://" + front.Addr().String()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	srv, err := server.Open(ctx, server.Options{Dir: filepath.Join(dir, "data"), Logger: log, PublicURL: url})
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, ln) }()
	defer func() {
		cancel()
		err = errors.Join(err, front.Close(), <-served)
	}()
	if err := srv.AddUser(ctx, "alice", "Alice"); err != nil {
		return err
	}
	token, err := srv.NewToken(ctx, "alice", accounts.TokenOptions{})
	if err != nil {
		return err
	}
	return check(ctx, p, url, token.String(), client, filepath.Join(dir, "upload"), size)
}

// check uploads through the proxy and compares.
func check(ctx context.Context, p *proxy, url, token, client, path string, size int64) error {
	want, err := writeRandom(path, size)
	if err != nil {
		return err
	}
	direct := "http://" + p.to
	grant, err := askGrant(ctx, direct, token)
	if err != nil {
		return err
	}
	start := time.Now()
	cmd := exec.CommandContext(ctx, "node", client, url+wire.FilesPath, grant, path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	took := time.Since(start)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	got, err := download(ctx, direct+strings.TrimPrefix(lines[len(lines)-1], url), token)
	if err != nil {
		return err
	}
	fmt.Printf("%d MB in %.1f s, %d connections cut, %d MB sent: ", size/mega, took.Seconds(), p.cuts.Load(),
		p.sent.Load()/mega)
	if !bytes.Equal(got, want) {
		return errors.New("the SHA-256 is wrong")
	}
	fmt.Printf("SHA-256 %x is right\n", got)
	if p.cuts.Load() == 0 {
		return errors.New("no connection was cut")
	}
	return nil
}

func listen(ctx context.Context) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
}

// writeRandom creates a file and returns its hash.
func writeRandom(path string, size int64) (sum []byte, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, h), rand.Reader, size)
	return h.Sum(nil), errors.Join(err, f.Close())
}

func askGrant(ctx context.Context, url, token string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+wire.GrantsPath,
		strings.NewReader(`{"purpose":"upload"}`))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var reply struct{ Grant string }
	if err := json.NewDecoder(res.Body).Decode(&reply); err != nil {
		return "", fmt.Errorf("grant: %s: %w", res.Status, err)
	}
	return reply.Grant, nil
}

// download returns the hash of the server's file.
func download(ctx context.Context, url, token string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("download: %s", res.Status)
	}
	h := sha256.New()
	_, err = io.Copy(h, res.Body)
	return h.Sum(nil), err
}

// proxy forwards connections and cuts each after a random number of bytes, up to 20 MB.
type proxy struct {
	to         string
	cuts, sent atomic.Int64
}

func (p *proxy) serve(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return // the listener was closed
		}
		go p.pass(c)
	}
}

func (p *proxy) pass(c net.Conn) {
	defer func() { _ = c.Close() }()
	up, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	go func() {
		_, _ = io.Copy(c, up)
		_ = c.Close()
	}()
	limit := mathrand.Int64N(20 * mega)
	n, err := io.CopyN(up, c, limit)
	p.sent.Add(n)
	if err == nil {
		p.cuts.Add(1)
	}
}
