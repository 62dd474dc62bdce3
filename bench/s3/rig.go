package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/mesibo"
)

// rig is an S3 server and a Parley server that keeps its files there.
type rig struct {
	dir, parleyd, bucket string
	s3Addr, addr         string
	gateway, server      *program
	tokens               map[string]string
	devices              []*mesibo.Mesibo

	url  string // of the file
	sum  [32]byte
	data []byte
}

// program is a child process.
type program struct {
	cmd *exec.Cmd
	log bytes.Buffer
}

func start(ctx context.Context, env []string, name string, args ...string) (*program, error) {
	p := &program{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	return p, p.cmd.Start()
}

func (p *program) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = p.cmd.Wait() // it was killed
	return nil
}

func freeAddress(ctx context.Context) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// up waits until the program listens.
func up(ctx context.Context, p *program, addr string) error {
	err := until(ctx, addr, func() (bool, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return false, nil //nolint:nilerr // not yet
		}
		return true, c.Close()
	})
	if err != nil {
		err = errors.Join(err, p.kill(), errors.New(p.log.String()))
	}
	return err
}

const (
	accessKey = "check"
	secretKey = "only-for-this-check"
)

func (r *rig) open(ctx context.Context, gateway string) (err error) {
	for _, dir := range []string{r.bucket, filepath.Join(r.dir, "about")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if r.s3Addr, err = freeAddress(ctx); err != nil {
		return err
	}
	if r.addr, err = freeAddress(ctx); err != nil {
		return err
	}
	if err := r.serveS3(ctx, gateway); err != nil {
		return err
	}
	r.tokens = make(map[string]string)
	for _, name := range []string{"alice", "bob"} {
		out, err := exec.CommandContext(ctx, r.parleyd, "user", "add", "--data", filepath.Join(r.dir, "data"), "--server",
			"http://"+r.addr, name).Output()
		if err != nil {
			return fmt.Errorf("parleyd user add: %w", err)
		}
		r.tokens[name] = strings.TrimSpace(string(out))
	}
	return r.serve(ctx)
}

func (r *rig) serveS3(ctx context.Context, gateway string) (err error) {
	r.gateway, err = start(ctx, []string{"ROOT_ACCESS_KEY=" + accessKey, "ROOT_SECRET_KEY=" + secretKey}, gateway,
		"--quiet", "--port", r.s3Addr, "posix", "--sidecar", filepath.Join(r.dir, "about"), filepath.Dir(r.bucket))
	if err != nil {
		return err
	}
	return up(ctx, r.gateway, r.s3Addr)
}

func (r *rig) serve(ctx context.Context) (err error) {
	r.server, err = start(ctx, []string{"AWS_ACCESS_KEY_ID=" + accessKey, "AWS_SECRET_ACCESS_KEY=" + secretKey}, r.parleyd,
		"serve", "--data", filepath.Join(r.dir, "data"), "--addr", r.addr,
		"--files", "s3://parley?region=us-east-1&use_path_style=true&endpoint=http://"+r.s3Addr)
	if err != nil {
		return err
	}
	return up(ctx, r.server, r.addr)
}

func (r *rig) close() error {
	for _, d := range r.devices {
		d.Stop()
	}
	var err error
	for _, p := range []*program{r.server, r.gateway} {
		if p != nil && p.cmd.ProcessState == nil {
			err = errors.Join(err, p.kill())
		}
	}
	return err
}

// request sends a request as alice, unless a header names another user.
func (r *rig) request(ctx context.Context, method, url string, header ...string) ([]byte, error) {
	b, _, err := r.exchange(ctx, method, url, nil, header...)
	return b, err
}

func (r *rig) exchange(ctx context.Context, method, url string, body []byte, header ...string) (
	[]byte, http.Header, error,
) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.tokens["alice"])
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s: %s", method, res.Status, b)
	}
	return b, res.Header, err
}

// put uploads in one request and returns the file's URL.
func (r *rig) put(ctx context.Context, name string, data []byte) (string, error) {
	_, head, err := r.exchange(ctx, http.MethodPost, "http://"+r.addr+"/v1/files/", data, "Authorization",
		"Bearer "+r.tokens[name],
		"Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(data)), "Content-Type", "application/offset+octet-stream")
	if err != nil {
		return "", err
	}
	return head.Get("Location"), nil
}
