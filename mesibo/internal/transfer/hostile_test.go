package transfer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// liar is a server that answers every request in the same way.
func liar(t *testing.T, answer http.HandlerFunc) (s *fileServer, url string) {
	t.Helper()
	s = newFileServer(t)
	url = s.put(nil)
	s.srv.Config.Handler = answer
	return s, url
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// ReadAt implements io.ReaderAt.
func (zeros) ReadAt(b []byte, _ int64) (int, error) {
	clear(b)
	return len(b), nil
}

// bomb is ten megabytes of nothing, packed.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.CopyN(w, zeros{}, 10<<20); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDownload_from_a_liar: nothing that a server says makes more of a file than there is, or leaves anything behind.
func TestDownload_from_a_liar(t *testing.T) {
	data := noise(100 << 10)
	packed := bomb(t)
	etag := `"` + strings.Repeat("ab", 32) + `"`
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"an ETag of something else": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", etag)
			_, _ = w.Write(data[:1000])
		}, transfer.ErrDamaged},
		"without end": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, zeros{})
		}, transfer.ErrRefused},
		"more than it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", etag)
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(data[:1000])
			_, _ = w.Write(data)
		}, transfer.ErrDamaged},
		"packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", etag)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		}, transfer.ErrRefused},
		"a part that nobody asked for": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", etag)
			w.Header().Set("Content-Range", "bytes 5-9/10")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(data[:5])
		}, transfer.ErrLater},
		"a part of an impossible file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-9223372036854775807/9223372036854775808")
			w.WriteHeader(http.StatusPartialContent)
		}, transfer.ErrLater},
		"an impossible file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9223372036854775807")
			_, _ = w.Write(data)
		}, transfer.ErrDiskFull},
		"nothing is missing": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes */1000000")
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}, transfer.ErrLater},
		"somewhere else": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, transfer.ErrRefused},
		"success without content": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}, transfer.ErrRefused},
		"a long story": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.CopyN(w, zeros{}, 100<<20)
		}, transfer.ErrDenied},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s, url := liar(t, c.answer)
			client := s.client()
			// as in transport
			client.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			folder := t.TempDir()
			_, err := client.Download(t.Context(), *into(folder, url))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			if info, err := os.Stat(filepath.Join(folder, ".part")); err == nil && info.Size() > 0 {
				t.Errorf("%d bytes are left", info.Size())
			}
			if _, err := os.Stat(filepath.Join(folder, "letter.pdf")); err == nil {
				t.Error("it passes for a file")
			}
		})
	}
}

// TestDownload_room_is_looked_at_again: what fills the disk meanwhile ends a download before it is full, and what
// has come gives its room back.
func TestDownload_room_is_looked_at_again(t *testing.T) {
	const size = 90 << 20
	s, url := liar(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"big"`)
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(zeros{}, 0, size))
	})
	c := s.client()
	looked := 0
	c.Free = func(string) (uint64, error) {
		if looked++; looked == 2 {
			return 17 << 20, nil
		}
		return 1 << 40, nil
	}
	folder := t.TempDir()
	d := into(folder, url)
	if _, err := c.Download(t.Context(), *d); !errors.Is(err, transfer.ErrDiskFull) {
		t.Errorf("got %v, want ErrDiskFull", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Fatalf("left: %v, %v", left, err)
	}
	d.ETag = `"big"` // as it was kept
	path, err := c.Download(t.Context(), *d)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != size {
		t.Errorf("with room again: %v, %v", info, err)
	}
}

// TestUpload_to_a_liar: what a server says of an upload never leads elsewhere, nor round in circles.
func TestUpload_to_a_liar(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s at another server", r.Method, r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	created := func(w http.ResponseWriter, location string, header ...string) { // also said to what does not create
		w.Header().Set("Location", location)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(http.StatusCreated)
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"a place elsewhere": {
			func(w http.ResponseWriter, _ *http.Request) { created(w, elsewhere.URL+"/x") },
			transfer.ErrRefused,
		},
		"a place above": {
			func(w http.ResponseWriter, _ *http.Request) { created(w, folder+"../x") },
			transfer.ErrRefused,
		},
		"no place": {func(w http.ResponseWriter, _ *http.Request) { created(w, "") }, transfer.ErrRefused},
		// our folder there: it is looked for here
		"the file of another host": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				created(w, elsewhere.URL+folder+"a", "Upload-Offset", "0")
				return
			}
			w.WriteHeader(http.StatusForbidden)
		}, transfer.ErrDenied},
		"an offset behind the end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upload-Length", fmt.Sprint(300<<10))
			created(w, folder+"a", "Upload-Offset", "99999999999")
		}, transfer.ErrLater},
		"a negative offset": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upload-Length", fmt.Sprint(300<<10))
			created(w, folder+"a", "Upload-Offset", "-1")
		}, transfer.ErrLater},
		"an offset that stays": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Upload-Length", fmt.Sprint(300<<10))
			created(w, folder+"a", "Upload-Offset", "0")
		}, transfer.ErrLater},
		"complete at once, but not this file": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			created(w, folder+"a", "Upload-Offset", fmt.Sprint(300<<10), "Repr-Digest", digest([]byte("other")))
		}, transfer.ErrDamaged},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			s, _ := liar(t, func(w http.ResponseWriter, r *http.Request) { c.answer(&okay{w, r.Method}, r) })
			if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, noise(300<<10))}); !errors.Is(
				err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// okay says OK where nothing is created.
type okay struct {
	http.ResponseWriter

	method string
}

// WriteHeader implements http.ResponseWriter.
func (w *okay) WriteHeader(status int) {
	if status == http.StatusCreated && w.method != http.MethodPost {
		status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(status)
}

// TestTransfer_silence: a connection that is dead without a word is given up, and the transfer goes on over another.
func TestTransfer_silence(t *testing.T) {
	s := newFileServer(t)
	data := noise(3 << 20)
	deaf := make(chan net.Conn, 10)
	var dials atomic.Int64
	c := s.client()
	c.Patience = 200 * time.Millisecond
	tr := &http.Transport{
		DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if n := dials.Add(1); err != nil || n > 1 && n != 3 {
				return conn, err
			}
			dead := &silent{Conn: conn, left: 1 << 20, closed: make(chan struct{})}
			deaf <- dead
			return dead, nil
		},
	}
	t.Cleanup(tr.CloseIdleConnections)
	c.HTTP = &http.Client{Transport: tr}
	at, err := c.Upload(t.Context(), transfer.Upload{Path: write(t, data)})
	if err != nil || !bytes.Equal(s.stored(at), data) {
		t.Fatalf("upload: %v", err)
	}
	tr.CloseIdleConnections()
	into := into(t.TempDir(), strings.Replace(at, "http://elsewhere.example", s.srv.URL, 1))
	if _, err := c.Download(t.Context(), *into); err != nil {
		t.Fatalf("download: %v", err)
	}
	wantFolder(t, into.Folder, map[string][]byte{"letter.pdf": data})
	if len(deaf) != 2 {
		t.Errorf("%d connections fell silent, want 2", len(deaf))
	}
}

// silent is a connection that after a number of bytes neither carries any more nor says so, as after a sleep.
type silent struct {
	net.Conn

	mu     sync.Mutex
	left   int
	closed chan struct{}
	once   sync.Once
}

func (c *silent) spend(n int) (dead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left -= n
	return c.left < 0
}

func (c *silent) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.spend(n) {
		<-c.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *silent) Write(b []byte) (int, error) {
	if c.spend(len(b)) {
		<-c.closed
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

func (c *silent) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
