package transfer_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

func TestUpload(t *testing.T) {
	for name, c := range map[string]struct {
		size    int
		methods string
	}{
		"empty":       {0, "POST"},
		"small":       {1000, "POST"},
		"one_part":    {300 << 10, "POST PATCH"},
		"three_parts": {28 << 20, "POST PATCH PATCH PATCH"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFileServer(t)
			data := noise(c.size)
			var saved []transfer.Place
			var steps []int64
			began := time.Now()
			got, err := s.client().Upload(t.Context(), transfer.Upload{
				Path: write(t, data), Name: "ü.bin", MIME: "x/y",
				Save:     func(p transfer.Place) error { saved = append(saved, p); return nil },
				Progress: func(done, _ int64) { steps = append(steps, done) },
			})
			if err != nil {
				t.Fatal(err)
			}
			// The parts of a slow upload do not grow.
			slow := time.Since(began) >= transfer.Quick && strings.HasPrefix(s.methods(), c.methods)
			if !bytes.Equal(s.stored(got), data) || s.methods() != c.methods && !slow || len(saved) != 1 || saved[0].URL != got {
				t.Errorf("got %s after %s, saved %v", got, s.methods(), saved)
			}
			if !strings.HasPrefix(got, "http://elsewhere.example/v1/files/") {
				t.Errorf("got %s, want the server's own name of it", got)
			}
			if !slices.IsSorted(steps) || c.size > 0 && steps[len(steps)-1] != int64(c.size) {
				t.Errorf("progress: %v", steps)
			}
			want := "filename " + base64.StdEncoding.EncodeToString([]byte("ü.bin")) + ",filetype " +
				base64.StdEncoding.EncodeToString([]byte("x/y"))
			for _, u := range s.uploads {
				if u.meta != want {
					t.Errorf("metadata %q, want %q", u.meta, want)
				}
			}
		})
	}
}

func TestUpload_through_cuts(t *testing.T) {
	s := newFileServer(t)
	random := rand.New(rand.NewPCG(1, 2))
	s.cut = func() int64 { return 200<<10 + random.Int64N(600<<10) }
	data := noise(6 << 20)
	var last int64
	got, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, data), Progress: func(done, _ int64) {
		if done <= last {
			t.Errorf("progress from %d to %d", last, done)
		}
		last = done
	}})
	if err != nil || !bytes.Equal(s.stored(got), data) {
		t.Fatalf("got %v, %d bytes", err, len(s.stored(got)))
	}
	if s.received != int64(len(data)) { // what came before a cut is kept
		t.Errorf("%d bytes arrived for %d", s.received, len(data))
	}
}

func TestUpload_goes_on_in_a_later_run(t *testing.T) {
	s := newFileServer(t)
	data := noise(32 << 20)
	path := write(t, data)
	ctx, cancel := context.WithCancelCause(t.Context())
	patches := 0
	s.answer = func(r *http.Request) int {
		if r.Method == http.MethodPatch {
			if patches++; patches == 3 { // the first run ends here
				cancel(transfer.ErrStopped)
				return http.StatusServiceUnavailable
			}
		}
		return 0
	}
	var place transfer.Place
	u := transfer.Upload{Path: path, Save: func(p transfer.Place) error { place = p; return nil }}
	if _, err := s.client().Upload(ctx, u); !errors.Is(err, transfer.ErrStopped) {
		t.Fatalf("got %v, want ErrStopped", err)
	}
	had := len(s.stored(place.URL))
	if had != 12<<20 {
		t.Fatalf("the server has %d bytes", had)
	}
	s.set(func() { s.received = 0 })
	u.Earlier = place
	got, err := s.client().Upload(t.Context(), u)
	if err != nil || got != place.URL || !bytes.Equal(s.stored(got), data) {
		t.Fatalf("got %s, %v", got, err)
	}
	if int(s.received) != len(data)-had {
		t.Errorf("%d bytes sent, want the missing %d", s.received, len(data)-had)
	}
	// its end was not recorded
	if got, err = s.client().Upload(t.Context(), u); err != nil || got != place.URL {
		t.Errorf("complete already: %s, %v", got, err)
	}
	s.set(func() { clear(s.uploads) })
	// forgotten by the server
	if got, err = s.client().Upload(t.Context(), u); err != nil || !bytes.Equal(s.stored(got), data) {
		t.Errorf("forgotten: %s, %v", got, err)
	}
}

func TestUpload_tries_again(t *testing.T) {
	for _, status := range []int{401, 408, 409, 423, 429, 460, 500, 502, 503, 504} {
		s := newFileServer(t)
		left := map[string]int{http.MethodPost: 1, http.MethodPatch: 2, http.MethodHead: 1}
		s.answer = func(r *http.Request) int {
			if left[r.Method]--; left[r.Method] >= 0 {
				return status
			}
			return 0
		}
		data := noise(400 << 10)
		got, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, data)})
		if err != nil || !bytes.Equal(s.stored(got), data) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestUpload_final_errors(t *testing.T) {
	for status, want := range map[int]error{
		400: transfer.ErrRefused, 403: transfer.ErrDenied, 404: transfer.ErrNoService, 405: transfer.ErrNoService,
		410: transfer.ErrNoService, 412: transfer.ErrRefused, 413: transfer.ErrTooLarge, 415: transfer.ErrRefused,
		507: transfer.ErrQuota,
	} {
		s := newFileServer(t)
		s.answer = func(*http.Request) int { return status }
		_, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, noise(300<<10))})
		if !errors.Is(err, want) || len(s.requests) != 1 {
			t.Errorf("%d: got %v after %d requests, want %v after one", status, err, len(s.requests), want)
		}
	}
	s := newFileServer(t)
	s.answer = func(*http.Request) int { return http.StatusBadGateway }
	if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, noise(10))}); !errors.Is(err,
		transfer.ErrLater) {
		t.Errorf("a server that never works: got %v, want ErrLater", err)
	}
	s.answer = func(r *http.Request) int {
		if r.Method == http.MethodPatch {
			return http.StatusBadRequest // as when it was cut off
		}
		return 0
	}
	if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, noise(300<<10))}); !errors.Is(err,
		transfer.ErrRefused) {
		t.Errorf("parts that are not understood: got %v, want ErrRefused", err)
	}
}

// TestUpload_that_fails_for_good: nothing of it stays on the server.
func TestUpload_that_fails_for_good(t *testing.T) {
	s := newFileServer(t)
	s.answer = func(r *http.Request) int {
		if r.Method == http.MethodPatch && len(s.requests) > 2 {
			return http.StatusInsufficientStorage
		}
		return 0
	}
	if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, noise(8<<20))}); !errors.Is(err,
		transfer.ErrQuota) {
		t.Errorf("got %v, want ErrQuota", err)
	}
	if s.methods() != "POST PATCH PATCH DELETE" || len(s.uploads) != 0 {
		t.Errorf("after %s: %d uploads", s.methods(), len(s.uploads))
	}
}

func TestUpload_of_a_file_that_changes(t *testing.T) {
	data := noise(16 << 20)
	for name, change := range map[string]func(path string) error{
		"longer": func(path string) error { return os.WriteFile(path, append(bytes.Clone(data), 1), 0o600) },
		"later": func(path string) error {
			return os.Chtimes(path, time.Now(), time.Now().Add(time.Hour))
		},
		"replaced": func(path string) error {
			info, err := os.Stat(path)
			if err == nil {
				err = os.Rename(path, path+".old")
			}
			return errors.Join(err, os.WriteFile(path, data, 0o600), os.Chtimes(path, info.ModTime(), info.ModTime()))
		},
		"deleted": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			s := newFileServer(t)
			path := write(t, data)
			s.answer = func(r *http.Request) int {
				if r.Method == http.MethodPatch && len(s.requests) == 2 {
					if err := change(path); err != nil {
						t.Error(err)
					}
				}
				return 0
			}
			if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: path}); !errors.Is(err,
				transfer.ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
			if len(s.uploads) != 0 {
				t.Error("the upload was left behind")
			}
		})
	}
	t.Run("between_runs", func(t *testing.T) {
		s := newFileServer(t)
		path := write(t, data)
		var place transfer.Place
		u := transfer.Upload{Path: path, Save: func(p transfer.Place) error { place = p; return nil }}
		if _, err := s.client().Upload(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		other := bytes.Clone(data)
		other[0]++
		if err := errors.Join(os.WriteFile(path, other, 0o600),
			os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
			t.Fatal(err)
		}
		u.Earlier = place
		if _, err := s.client().Upload(t.Context(), u); !errors.Is(err, transfer.ErrChanged) {
			t.Errorf("got %v, want ErrChanged", err)
		}
	})
}

// TestUpload_damaged: what the server has at the end is not what was sent.
func TestUpload_damaged(t *testing.T) {
	data := noise(1 << 20)
	for name, c := range map[string]struct {
		spoil   func(s *fileServer)
		want    error
		methods string
	}{
		"once": {func(s *fileServer) {
			s.garble = func(b []byte) { s.garble = nil; b[0]++ }
		}, nil, "POST PATCH DELETE POST PATCH"},
		"always": {func(s *fileServer) {
			s.garble = func(b []byte) { b[len(b)/2]++ }
		}, transfer.ErrDamaged, "POST PATCH DELETE POST PATCH DELETE"},
		"a_server_that_does_not_say": {func(s *fileServer) {
			s.digest = func([]byte) string { return "" }
		}, transfer.ErrRefused, "POST PATCH DELETE"},
		"a_server_that_lies": {func(s *fileServer) {
			s.digest = func([]byte) string { return digest(nil) }
		}, transfer.ErrDamaged, "POST PATCH DELETE POST PATCH DELETE"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFileServer(t)
			s.set(func() { c.spoil(s) })
			got, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, data)})
			if !errors.Is(err, c.want) || c.want == nil && (err != nil || !bytes.Equal(s.stored(got), data)) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if s.methods() != c.methods {
				t.Errorf("got %s, want %s", s.methods(), c.methods)
			}
		})
	}
}

// TestUpload_through_a_proxy_with_a_limit: parts become as small as they have to be.
func TestUpload_through_a_proxy_with_a_limit(t *testing.T) {
	s := newFileServer(t)
	s.mostPart = 1 << 20
	data := noise(5<<20 + 100)
	got, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, data)})
	if err != nil || !bytes.Equal(s.stored(got), data) {
		t.Errorf("got %v", err)
	}
	s.mostPart = 1000
	if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: write(t, data)}); !errors.Is(err,
		transfer.ErrTooLarge) {
		t.Errorf("nothing is let through: got %v, want ErrTooLarge", err)
	}
}

func TestUpload_of_what_is_no_file(t *testing.T) {
	c := newFileServer(t).client()
	if _, err := c.Upload(t.Context(), transfer.Upload{Path: t.TempDir()}); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := c.Upload(t.Context(), transfer.Upload{Path: "nowhere"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := newFileServer(t).client().Upload(t.Context(), transfer.Upload{
		Path: write(t, noise(10)), Save: func(transfer.Place) error { return fs.ErrPermission },
	}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a place that cannot be kept: %v", err)
	}
}

// roundTrip is a server without sockets, for time that does not pass.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestUpload_waits(t *testing.T) {
	path := write(t, noise(10))
	s := newFileServer(t)
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		c := s.client()
		c.Patience, c.Backoff = time.Minute, time.Second
		c.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			switch requests++; requests {
			case 1: // silence
				<-r.Context().Done()
				return nil, context.Cause(r.Context())
			case 2:
				return &http.Response{
					StatusCode: http.StatusTooManyRequests,
					Header:     http.Header{"Retry-After": {"90"}}, Body: http.NoBody,
				}, nil
			}
			return &http.Response{
				StatusCode: http.StatusCreated,
				Header: http.Header{
					"Location": {"/v1/files/a"}, "Upload-Offset": {"10"},
					"Repr-Digest": {digest(noise(10))},
				}, Body: http.NoBody,
			}, nil
		})}
		begin := time.Now()
		if _, err := c.Upload(t.Context(), transfer.Upload{Path: path}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 150*time.Second || took > 152*time.Second {
			t.Errorf("took %v, want a minute of patience and the 90 seconds that the server asked for", took)
		}
	})
}

func TestUpload_keeps_the_limit(t *testing.T) {
	path := write(t, noise(200<<10))
	s := newFileServer(t)
	synctest.Test(t, func(t *testing.T) {
		c := s.client()
		c.UploadRate = transfer.NewLimiter(20 << 10)
		c.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
			return &http.Response{
				StatusCode: http.StatusCreated,
				Header: http.Header{
					"Location": {"/v1/files/a"}, "Upload-Offset": {"204800"},
					"Repr-Digest": {digest(noise(200 << 10))},
				}, Body: http.NoBody,
			}, nil
		})}
		begin := time.Now()
		if _, err := c.Upload(t.Context(), transfer.Upload{Path: path}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 3*time.Second || took > 11*time.Second {
			t.Errorf("200 KiB at 20 KiB a second took %v", took)
		}
	})
}
