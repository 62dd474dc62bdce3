package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// backend is an application's own server, a client of the backend API.
type backend struct {
	url, token string
	client     *http.Client
}

func newBackend(srv *mesibotest.Server) *backend {
	return &backend{srv.BackendURL(), srv.AppToken(), &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// answer is a response of the backend API.
type answer struct {
	Op     string `json:"op"`
	Result bool   `json:"result"`
	Error  string `json:"error"`
	Cause  string `json:"cause"`
	Group  struct {
		GID uint32 `json:"gid"`
	} `json:"group"`
}

func (b *backend) post(t *testing.T, text string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.token)
	resp, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var a answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

// ask fails the test when the backend API refuses.
func (b *backend) ask(t *testing.T, text string) answer {
	t.Helper()
	a := b.post(t, text)
	if !a.Result {
		t.Fatalf("%s: %s: %s", text, a.Error, a.Cause)
	}
	return a
}

// group is ask for a request that creates a group. It returns the group's id.
func (b *backend) group(t *testing.T, text string) uint32 {
	t.Helper()
	return b.ask(t, text).Group.GID
}

func (b *backend) refused(t *testing.T, why, text string) {
	t.Helper()
	if a := b.post(t, text); a.Result || a.Error != why {
		t.Errorf("%s: got %+v, want %s", text, a, why)
	}
}

// fileServer keeps the files of an application. Each transfer waits at 90 percent until it is let through.
type fileServer struct {
	t          *testing.T
	url        string
	letThrough chan struct{}

	mu    sync.Mutex
	files [][]byte
}

func newFileServer(t *testing.T) *fileServer {
	t.Helper()
	s := &fileServer{t: t, letThrough: make(chan struct{})}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// ServeHTTP keeps what is posted, answers with its URL, and serves it there.
func (s *fileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.files = append(s.files, data)
		_, _ = fmt.Fprintf(w, "%s/%d", s.url, len(s.files)-1)
		return
	}
	var n int
	if _, err := fmt.Sscanf(path.Base(r.URL.Path), "%d", &n); err != nil || n < 0 || n >= len(s.files) {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write(s.files[n])
}

func (s *fileServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.files)
}

// carrier is a FileTransferHandler like that of an application: it transfers each file on a goroutine of its own.
type carrier struct {
	d       *device
	files   *fileServer
	client  *http.Client
	running sync.WaitGroup

	mu      sync.Mutex
	refuses bool
	last    uint64
}

// carry registers a carrier. The diary then has messages with files and progress.
func (s *fileServer) carry(d *device) *carrier {
	c := &carrier{d: d, files: s, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	d.must(d.AddListener(c))
	d.must(d.AddListener(&mesibo.ListenerFuncs{File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) {
		c.mu.Lock()
		c.last = p.Mid
		c.mu.Unlock()
		d.note(nil, "file %s %s", f.Title, f.Message)
	}}))
	s.t.Cleanup(c.running.Wait) // the test's context has ended before
	return c
}

func (c *carrier) refuse(refuse bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = refuse
}

// mid returns the id of the newest message with a file.
func (c *carrier) mid() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *carrier) OnStartFileTransfer(f *mesibo.FileInfo) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuses {
		return false
	}
	ctx, cancel := context.WithCancel(c.files.t.Context())
	f.FileTransferContext = cancel
	c.running.Go(func() {
		defer cancel()
		if err := c.move(ctx, f); err != nil && ctx.Err() == nil {
			f.SetProgress(-1, mesibo.FileStatusFailed)
			c.report(f)
		}
	})
	return true
}

func (c *carrier) OnStopFileTransfer(f *mesibo.FileInfo) bool {
	f.FileTransferContext.(context.CancelFunc)()
	return true
}

func (c *carrier) OnFileTransferProgress(f *mesibo.FileInfo) {
	c.d.note(nil, "progress %d %d", uint32(f.Mid), f.Progress)
}

// report passes progress on. After StopFileTransfer it is refused, which does not matter.
func (c *carrier) report(f *mesibo.FileInfo) { _ = c.d.UpdateFileTransferProgress(f) }

// move uploads or downloads a file.
func (c *carrier) move(ctx context.Context, f *mesibo.FileInfo) error {
	for percent := 10; percent < 100; percent += 10 {
		f.SetProgress(percent, mesibo.FileStatusInProgress)
		c.report(f)
	}
	select {
	case <-c.files.letThrough:
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.Mode == mesibo.FileModeUpload {
		data, err := os.ReadFile(f.Path)
		if err != nil {
			return err
		}
		url, err := c.do(ctx, http.MethodPost, c.files.url, data)
		if err != nil {
			return err
		}
		f.SetURL(string(url))
	} else {
		data, err := c.do(ctx, http.MethodGet, f.URL, nil)
		if err != nil {
			return err
		}
		folder := c.d.GetFilePath(f.Type)
		if err := c.d.CreateFile(folder, f.Title, data, true); err != nil {
			return err
		}
		f.SetPath(path.Join(folder, f.Title))
	}
	f.SetProgress(100, mesibo.FileStatusInProgress)
	c.report(f)
	return nil
}

func (c *carrier) do(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the file server said %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
