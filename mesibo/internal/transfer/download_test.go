package transfer_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// into is a download into a folder, to go on with the ETag that it keeps.
func into(folder, url string) *transfer.Download {
	d := &transfer.Download{URL: url, Folder: folder, Title: "letter.pdf", Part: ".part"}
	d.Save = func(etag string) error { d.ETag = etag; return nil }
	return d
}

// wantFolder compares what is in a folder.
func wantFolder(t *testing.T, folder string, want map[string][]byte) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(want) {
		t.Errorf("%d files in the folder: %v", len(entries), entries)
	}
	for name, data := range want {
		if got, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestDownload(t *testing.T) {
	s := newFileServer(t)
	data := noise(3 << 20)
	folder := t.TempDir()
	var last, total int64
	d := into(folder, strings.Replace(s.put(data), s.srv.URL, "http://another.name", 1))
	d.Progress = func(done, all int64) {
		if done <= last {
			t.Errorf("progress from %d to %d", last, done)
		}
		last, total = done, all
	}
	got, err := s.client().Download(t.Context(), *d)
	if err != nil || got != filepath.Join(folder, "letter.pdf") || last != int64(len(data)) || total != last {
		t.Fatalf("got %s, %v, progress %d of %d", got, err, last, total)
	}
	empty := into(folder, s.put(nil))
	if got, err = s.client().Download(t.Context(), *empty); err != nil ||
		got != filepath.Join(folder, "letter (2).pdf") {
		t.Errorf("a second one: %s, %v", got, err)
	}
	named := into("", s.put(data))
	named.Path = filepath.Join(folder, "letter (2).pdf")
	if got, err = s.client().Download(t.Context(), *named); err != nil || got != named.Path {
		t.Errorf("to a path: %s, %v", got, err)
	}
	wantFolder(t, folder, map[string][]byte{"letter.pdf": data, "letter (2).pdf": data})
}

func TestDownload_through_cuts(t *testing.T) {
	s := newFileServer(t)
	random := rand.New(rand.NewPCG(3, 4))
	s.cut = func() int64 { return 100<<10 + random.Int64N(600<<10) }
	data := noise(6 << 20)
	folder := t.TempDir()
	if _, err := s.client().Download(t.Context(), *into(folder, s.put(data))); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, folder, map[string][]byte{"letter.pdf": data})
	if len(s.requests) < 5 {
		t.Errorf("only %d requests", len(s.requests))
	}
}

func TestDownload_goes_on_in_a_later_run(t *testing.T) {
	s := newFileServer(t)
	data := noise(2 << 20)
	folder := t.TempDir()
	d := into(folder, s.put(data))
	ctx, cancel := context.WithCancelCause(t.Context())
	d.Progress = func(done, _ int64) {
		if done > 1<<20 {
			cancel(transfer.ErrStopped)
		}
	}
	if _, err := s.client().Download(ctx, *d); !errors.Is(err, transfer.ErrStopped) {
		t.Fatalf("got %v, want ErrStopped", err)
	}
	info, err := os.Stat(filepath.Join(folder, ".part"))
	if err != nil || info.Size() < 1<<20 {
		t.Fatalf("unfinished: %v, %v", info, err)
	}
	asked := ""
	s.answer = func(r *http.Request) int { asked = r.Header.Get("Range") + " " + r.Header.Get("If-Range"); return 0 }
	d.Progress = nil
	if _, err := s.client().Download(t.Context(), *d); err != nil {
		t.Fatal(err)
	}
	if want := "bytes=" + strconv.FormatInt(info.Size(), 10) + "- " + d.ETag; asked != want {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	wantFolder(t, folder, map[string][]byte{"letter.pdf": data})

	// What is complete but has not got its name yet.
	if err := os.Rename(filepath.Join(folder, "letter.pdf"), filepath.Join(folder, ".part")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client().Download(t.Context(), *d); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, folder, map[string][]byte{"letter.pdf": data})
}

func TestDownload_of_another_file_under_the_same_URL(t *testing.T) {
	s := newFileServer(t)
	data := noise(100 << 10)
	for name, unfinished := range map[string][]byte{"shorter": []byte("old"), "longer": make([]byte, 200<<10)} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, ".part"), unfinished, 0o600); err != nil {
			t.Fatal(err)
		}
		d := into(folder, s.put(data))
		d.ETag = `"of another"`
		if _, err := s.client().Download(t.Context(), *d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantFolder(t, folder, map[string][]byte{"letter.pdf": data})
	}
}

func TestDownload_damaged(t *testing.T) {
	data := noise(100 << 10)
	damage := func(b []byte) []byte { b[5]++; return b }
	t.Run("once", func(t *testing.T) {
		s := newFileServer(t)
		folder := t.TempDir()
		times := 0
		s.spoil = func(b []byte) []byte {
			if times++; times == 1 {
				return damage(b)
			}
			return b
		}
		if _, err := s.client().Download(t.Context(), *into(folder, s.put(data))); err != nil {
			t.Fatal(err)
		}
		wantFolder(t, folder, map[string][]byte{"letter.pdf": data})
	})
	t.Run("always", func(t *testing.T) {
		s := newFileServer(t)
		folder := t.TempDir()
		s.spoil = damage
		_, err := s.client().Download(t.Context(), *into(folder, s.put(data)))
		if !errors.Is(err, transfer.ErrDamaged) || len(s.requests) != 2 {
			t.Errorf("got %v after %d requests", err, len(s.requests))
		}
		wantFolder(t, folder, nil)
	})
	t.Run("what_was_here", func(t *testing.T) { // as after a loss of power
		s := newFileServer(t)
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, ".part"), make([]byte, 50<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		d := into(folder, s.put(data))
		d.ETag = s.etag(data)
		if _, err := s.client().Download(t.Context(), *d); err != nil {
			t.Fatal(err)
		}
		wantFolder(t, folder, map[string][]byte{"letter.pdf": data})
	})
}

func TestDownload_final_errors(t *testing.T) {
	for status, want := range map[int]error{
		400: transfer.ErrRefused, 403: transfer.ErrDenied, 404: transfer.ErrGone, 410: transfer.ErrGone,
		302: transfer.ErrRefused,
	} {
		s := newFileServer(t)
		folder := t.TempDir()
		s.answer = func(*http.Request) int { return status }
		if _, err := s.client().Download(t.Context(), *into(folder, s.put(nil))); !errors.Is(err, want) ||
			len(s.requests) != 1 {
			t.Errorf("%d: got %v after %d requests, want %v after one", status, err, len(s.requests), want)
		}
		wantFolder(t, folder, nil)
	}
}

func TestDownload_without_room(t *testing.T) {
	s := newFileServer(t)
	c := s.client()
	c.Free = func(string) (uint64, error) { return 17 << 20, nil }
	if _, err := c.Download(t.Context(), *into(t.TempDir(), s.put(noise(2<<20)))); !errors.Is(err,
		transfer.ErrDiskFull) {
		t.Errorf("a full disk: got %v, want ErrDiskFull", err)
	}
	d := into(t.TempDir(), s.put(noise(2<<20)))
	d.MaxSize = 1 << 20
	if _, err := s.client().Download(t.Context(), *d); !errors.Is(err, transfer.ErrTooLarge) {
		t.Errorf("more than is wanted: got %v, want ErrTooLarge", err)
	}
	if _, err := s.client().Download(t.Context(), *into(filepath.Join(t.TempDir(), "no"), s.put(nil))); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	trap := t.TempDir()
	if err := os.Symlink("/dev/full", filepath.Join(trap, ".part")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client().Download(t.Context(), *into(trap, s.put(noise(10)))); err == nil {
		t.Error("wrote through a symbolic link")
	}
}

func TestDownload_from_elsewhere(t *testing.T) {
	s := newFileServer(t)
	told := ""
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(elsewhere.Close)
	c := s.client()
	own := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(own.CloseIdleConnections)
	c.Elsewhere = &http.Client{Transport: own}
	folder := t.TempDir()
	d := into(folder, elsewhere.URL+"/x")
	if _, err := c.Download(t.Context(), *d); !errors.Is(err, transfer.ErrURL) {
		t.Errorf("unasked: got %v, want ErrURL", err)
	}
	d.Asked = true
	if _, err := c.Download(t.Context(), *d); err != nil || told != "" {
		t.Errorf("asked: %v, told %q", err, told)
	}
	wantFolder(t, folder, map[string][]byte{"letter.pdf": []byte("hello")})
	for _, url := range []string{
		"http://example.com/x", "ftp://example.com/x", "", "/etc/passwd", "file:///etc/passwd",
		s.srv.URL + "/v1/groups", s.srv.URL + folder + "../x", "https://user:password@example.com/x", "https://", ":",
	} {
		d.URL = url
		if _, err := c.Download(t.Context(), *d); !errors.Is(err, transfer.ErrURL) {
			t.Errorf("%q: got %v, want ErrURL", url, err)
		}
	}
}

func TestSafeName(t *testing.T) {
	for title, want := range map[string]string{
		"letter.pdf":                        "letter.pdf",
		"../../etc/passwd":                  "passwd",
		`C:\Windows\system.ini`:             "system.ini",
		"":                                  "file",
		"..":                                "file",
		".bashrc":                           "bashrc",
		"a\x00b\n.txt":                      "ab.txt",
		"exe\u202egnp.exe":                  "exegnp.exe",
		"👨\u200d👩\u200d👧.png":               "👨\u200d👩\u200d👧.png",
		"❤\ufe0f می\u200cروم.txt":           "❤\ufe0f می\u200cروم.txt",
		"\u200d\u200c":                      "file",
		"\u200d.bashrc\u200d":               "bashrc",
		"x.\u200d":                          "x",
		"CON":                               "_CON",
		"nul.txt":                           "_nul.txt",
		"com1.tar.gz":                       "_com1.tar.gz",
		"COM¹":                              "_COM¹",
		"common.txt":                        "common.txt",
		"what? <why>.txt":                   "what_ _why_.txt",
		"dots...":                           "dots",
		"\xff\xfe":                          "file",
		"größe €.txt":                       "größe €.txt",
		"a.thisisnoextensionbut":            "a.thisisnoextensionbut",
		strings.Repeat("ü", 2000) + ".jpeg": strings.Repeat("ü", 57) + ".jpeg",
	} {
		if got := transfer.SafeName(title); got != want {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	f.Add("../x")
	f.Add("nul. .txt")
	f.Add(strings.Repeat("é", 500))
	f.Fuzz(func(t *testing.T, title string) {
		got := transfer.SafeName(title)
		if got == "" || len(got) > 130 || strings.ContainsAny(got, "/\\\x00") || !filepath.IsLocal(got) ||
			got[0] == '.' {
			t.Errorf("%q: got %q", title, got)
		}
	})
}
