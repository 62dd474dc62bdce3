package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// TestMain fails the run when goroutines are left at its end.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

const folder = "/v1/files/"

// fileServer speaks as much of tus as the client needs, and misbehaves as a test says.
type fileServer struct {
	t   *testing.T
	srv *httptest.Server

	mu       sync.Mutex
	uploads  map[string]*upload
	requests []string
	answer   func(r *http.Request) int // a status to answer with instead of working, 0: work; under mu
	cut      func() int64              // after how many bytes a connection breaks, 0: never
	mostPart int64                     // longest body that a proxy before it lets through, 0: any
	digest   func(data []byte) string
	garble   func(data []byte) // what happens to a part on its way
	etag     func(data []byte) string
	spoil    func(data []byte) []byte
	received int64 // bytes of bodies that came
}

type upload struct {
	size int64
	data []byte
	meta string
}

func newFileServer(t *testing.T) *fileServer {
	t.Helper()
	s := &fileServer{t: t, uploads: make(map[string]*upload), etag: func(data []byte) string {
		sum := sha256.Sum256(data)
		return `"` + hex.EncodeToString(sum[:]) + `"`
	}, digest: digest}
	s.srv = httptest.NewUnstartedServer(s)
	s.srv.Listener = &cutting{s.srv.Listener, s}
	s.srv.Start()
	t.Cleanup(s.srv.Close)
	return s
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// cutting breaks connections.
type cutting struct {
	net.Listener

	s *fileServer
}

func (l *cutting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.cut == nil {
		return c, nil
	}
	return &cutConn{Conn: c, left: l.s.cut()}, nil
}

type cutConn struct {
	net.Conn

	mu   sync.Mutex
	left int64
}

func (c *cutConn) spend(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left -= int64(n); c.left < 0 {
		return errors.Join(errors.New("cut"), c.Close())
	}
	return nil
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil {
		err = c.spend(n)
	}
	return n, err
}

func (c *cutConn) Write(b []byte) (int, error) {
	if err := c.spend(len(b)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (s *fileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method)
	if r.Header.Get("Authorization") != "Bearer secret" {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	if s.answer != nil {
		if status := s.answer(r); status != 0 {
			http.Error(w, "because", status)
			return
		}
	}
	if r.Method == http.MethodPost {
		s.create(w, r)
		return
	}
	u := s.uploads[strings.TrimPrefix(r.URL.Path, folder)]
	if u == nil {
		http.NotFound(w, r)
		return
	}
	switch r.Method {
	case http.MethodHead:
		w.Header().Set("Upload-Length", strconv.FormatInt(u.size, 10))
		s.tell(w, u)
	case http.MethodPatch:
		if r.Header.Get("Upload-Offset") != strconv.Itoa(len(u.data)) {
			http.Error(w, "offset", http.StatusConflict)
			return
		}
		if status := s.take(r, u); status != 0 {
			http.Error(w, "part", status)
			return
		}
		s.tell(w, u)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodDelete:
		delete(s.uploads, strings.TrimPrefix(r.URL.Path, folder))
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet:
		data := u.data
		w.Header().Set("ETag", s.etag(data))
		if s.spoil != nil {
			data = s.spoil(bytes.Clone(data))
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

func (s *fileServer) create(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || r.Header.Get("Tus-Resumable") != "1.0.0" {
		http.Error(w, "length", http.StatusBadRequest)
		return
	}
	id := fmt.Sprintf("%032x", len(s.uploads)+1)
	u := &upload{size: size, meta: r.Header.Get("Upload-Metadata")}
	s.uploads[id] = u
	if status := s.take(r, u); status != 0 {
		http.Error(w, "part", status)
		return
	}
	w.Header().Set("Location", "http://elsewhere.example"+folder+id)
	s.tell(w, u)
	w.WriteHeader(http.StatusCreated)
}

// tell says how far an upload is.
func (s *fileServer) tell(w http.ResponseWriter, u *upload) {
	w.Header().Set("Upload-Offset", strconv.Itoa(len(u.data)))
	if int64(len(u.data)) == u.size {
		w.Header().Set("Repr-Digest", s.digest(u.data))
	}
}

// take takes a part, as far as it comes.
func (s *fileServer) take(r *http.Request, u *upload) (status int) {
	if s.mostPart > 0 && r.ContentLength > s.mostPart {
		return http.StatusRequestEntityTooLarge
	}
	data, err := io.ReadAll(r.Body)
	s.received += int64(len(data))
	if int64(len(u.data)+len(data)) > u.size {
		return http.StatusBadRequest
	}
	if s.garble != nil && len(data) > 0 {
		s.garble(data)
	}
	u.data = append(u.data, data...)
	if err != nil {
		return http.StatusBadRequest
	}
	return 0
}

// put makes a file that is there.
func (s *fileServer) put(data []byte) (url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprintf("%032x", len(s.uploads)+1)
	s.uploads[id] = &upload{size: int64(len(data)), data: data}
	return s.srv.URL + folder + id
}

func (s *fileServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// methods returns the requests so far.
func (s *fileServer) methods() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.requests, " ")
}

// stored returns the only upload.
func (s *fileServer) stored(url string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[url[strings.LastIndex(url, "/")+1:]]
	if u == nil {
		return nil
	}
	return u.data
}

func (s *fileServer) client() *transfer.Client {
	s.t.Helper()
	base, err := url.Parse(s.srv.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	own := &http.Transport{DisableCompression: true}
	s.t.Cleanup(own.CloseIdleConnections)
	return &transfer.Client{
		HTTP: &http.Client{Transport: own}, Base: base, Bearer: func() string { return "secret" }, Folder: folder, Backoff: time.Millisecond,
		Free: func(string) (uint64, error) { return 1 << 40, nil },
	}
}

// noise is data of which no part is like another.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b)
	return b
}

func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.bin")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
