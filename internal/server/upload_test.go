package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/wire"
)

// running is a running PATCH whose body the test writes in parts.
type running struct {
	h    *host
	conn net.Conn
}

// running starts a PATCH on a new connection.
func (h *host) running(bearer, id string, off, length int64, header ...string) *running {
	h.t.Helper()
	c, err := (&net.Dialer{}).DialContext(h.t.Context(), "tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	r := &running{h, c}
	var extra strings.Builder
	for i := 0; i < len(header); i += 2 {
		fmt.Fprintf(&extra, "%s: %s\r\n", header[i], header[i+1])
	}
	r.write(
		fmt.Appendf(
			nil,
			"PATCH %s%s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\nContent-Type: %s\r\n"+
				"Content-Length: %d\r\nAuthorization: Bearer %s\r\n%s\r\n",
			wire.FilesPath,
			id,
			off,
			octets,
			length,
			bearer,
			extra.String(),
		),
	)
	return r
}

func (r *running) write(b []byte) {
	r.h.t.Helper()
	if _, err := r.conn.Write(b); err != nil {
		r.h.t.Fatalf("write: %v", err)
	}
}

// answer reads the status line.
func (r *running) answer() string {
	r.h.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(r.conn)
	if err != nil && len(b) == 0 {
		return err.Error()
	}
	line, _, _ := strings.Cut(string(b), "\r\n")
	return line
}

// bytesOf returns the size of an upload in the folder.
func (h *host) bytesOf(id string) int64 {
	info, err := os.Stat(filepath.Join(h.opts.Dir, "files", id[:2], id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return info.Size()
}

// until waits for a condition.
func (h *host) until(what string, cond func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			h.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// copyFiles copies the folder of files in the state that a crash would leave.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(to, "files"), os.DirFS(filepath.Join(from, "files"))); err != nil {
		t.Fatal(err)
	}
}

// TestUpload_crash: after a crash during a PATCH, the upload continues at or after the acknowledged offset.
func TestUpload_crash(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(2*files.SaveEvery + 500_000)
	id := h.begin(tok, int64(len(data)))
	if a := h.patch(tok, id, 0, data[:100]); a.code != http.StatusNoContent {
		t.Fatal(a)
	}
	r := h.running(tok, id, 100, int64(len(data))-100)
	var crashes []*host
	for off := 100; off < len(data)-1; {
		n := min(files.SaveEvery/2, len(data)-1-off)
		r.write(data[off : off+n])
		off += n
		h.until("the piece", func() bool { return h.bytesOf(id) >= int64(off) })
		crashed := &host{t: t, opts: server.Options{Dir: t.TempDir(), Logger: h.opts.Logger}, address: "127.0.0.1:0"}
		copyDatabase(t, h.opts.Dir, crashed.opts.Dir) // before the files, because they are written first
		copyFiles(t, h.opts.Dir, crashed.opts.Dir)
		crashes = append(crashes, crashed)
	}
	_ = r.conn.Close()
	best := int64(0)
	for i, c := range crashes {
		c.start()
		off := c.offset(tok, id)
		if off < 100 {
			t.Errorf("crash %d: %d bytes are left, 100 were acknowledged", i, off)
		}
		best = max(best, off)
		if a := c.patch(tok, id, off, data[off:]); a.code != http.StatusNoContent {
			t.Errorf("crash %d: go on at %d: %v", i, off, a)
		}
		c.wants(tok, id, data)
		c.stop()
	}
	if best < files.SaveEvery {
		t.Errorf("no crash left more than %d bytes", best)
	}
	off := h.offset(tok, id) // the connection was lost; the received bytes are saved
	if off != int64(len(data)-1) {
		t.Errorf("got offset %d, want %d", off, len(data)-1)
	}
	if a := h.patch(tok, id, off, data[off:]); a.code != http.StatusNoContent {
		t.Error(a)
	}
	h.wants(tok, id, data)
}

// TestUpload_close_and_shutdown: an upload continues after a stop of the server.
func TestUpload_close_and_shutdown(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	tok := h.token("alice").String()
	data := random(300_000)
	id := h.begin(tok, int64(len(data)))
	off := int64(0)
	for i, stop := range []func(){func() { _ = h.srv.Close() }, func() { h.stop() }} {
		r := h.running(tok, id, off, int64(len(data))-off)
		r.write(data[off : off+100_000])
		h.until("the piece", func() bool { return h.bytesOf(id) >= off+100_000 })
		stop()
		h.stop()
		h.start()
		if off += 100_000; h.offset(tok, id) != off {
			t.Errorf("stop %d: got offset %d, want %d", i, h.offset(tok, id), off)
		}
	}
	if a := h.patch(tok, id, off, data[off:]); a.code != http.StatusNoContent {
		t.Error(a)
	}
	h.wants(tok, id, data)
}

// TestUpload_damaged: bytes missing from the folder are requested again, and excess bytes are cut off.
func TestUpload_damaged(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(50_000)
	for _, tc := range []struct {
		name   string
		damage func(path string) error
		want   int64
	}{
		{"cut", func(path string) error { return os.Truncate(path, 12_345) }, 12_345},
		{"gone", os.Remove, 0},
		{"more than acknowledged", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write(random(7000))
			return errors.Join(err, f.Close())
		}, 30_000},
	} {
		id := h.begin(tok, int64(len(data)))
		if a := h.patch(tok, id, 0, data[:30_000]); a.code != http.StatusNoContent {
			t.Fatalf("%s: %v", tc.name, a)
		}
		h.stop()
		if err := tc.damage(filepath.Join(h.opts.Dir, "files", id[:2], id)); err != nil {
			t.Fatal(err)
		}
		h.start()
		if got := h.offset(tok, id); got != tc.want {
			t.Errorf("%s: got offset %d, want %d", tc.name, got, tc.want)
		}
		if a := h.patch(tok, id, tc.want, data[tc.want:]); a.code != http.StatusNoContent {
			t.Errorf("%s: go on: %v", tc.name, a)
		}
		h.wants(tok, id, data)
	}
}

// TestUpload_two_at_once: a second PATCH is refused with 423, and HEAD interrupts the first.
func TestUpload_two_at_once(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(200_000)
	id := h.begin(tok, int64(len(data)))
	first := h.running(tok, id, 0, int64(len(data)))
	first.write(data[:50_000])
	h.until("the piece", func() bool { return h.bytesOf(id) >= 50_000 })
	if a := h.patch(tok, id, 0, data); a.code != http.StatusLocked {
		t.Errorf("second: got %v, want 423", a)
	}
	if got := h.offset(tok, id); got != 50_000 {
		t.Errorf("got offset %d, want 50000", got)
	}
	if got := first.answer(); !strings.Contains(got, "503") {
		t.Errorf("first: got %q, want 503", got)
	}
	if a := h.patch(tok, id, 50_000, data[50_000:]); a.code != http.StatusNoContent {
		t.Error(a)
	}
	h.wants(tok, id, data)

	id = h.begin(tok, int64(len(data)))
	first = h.running(tok, id, 0, int64(len(data)))
	first.write(data[:50_000])
	h.until("the piece", func() bool { return h.bytesOf(id) >= 50_000 })
	if a := h.do("DELETE", id, tok, tus(), nil); a.code != http.StatusNoContent {
		t.Errorf("end: %v", a)
	}
	if a := h.do("HEAD", id, tok, tus(), nil); a.code != http.StatusNotFound {
		t.Errorf("ended: %v", a)
	}
}

// TestUpload_race: of many PATCHes at the same offset exactly one is accepted.
func TestUpload_race(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	h.web()
	data := random(20_000)
	for range 10 {
		id := h.begin(tok, int64(len(data)))
		var taken atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				a, err := h.try("PATCH", id, tok, tus("Upload-Offset", "0", "Content-Type", octets), bytes.NewReader(data))
				switch {
				case err != nil:
					t.Error(err)
				case a.code == http.StatusNoContent:
					taken.Add(1)
				case a.code != http.StatusLocked && a.code != http.StatusConflict:
					t.Error(a)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 {
			t.Errorf("%d were taken", taken.Load())
		}
		h.wants(tok, id, data)
	}
}

// TestUpload_cut_off_with_checksum: nothing is kept of a part whose checksum could not be verified.
func TestUpload_cut_off_with_checksum(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(100_000)
	id := h.begin(tok, int64(len(data)))
	if a := h.patch(tok, id, 0, data[:1000], "Upload-Checksum", sha1sum(data[:1000])); a.code != http.StatusNoContent {
		t.Fatal(a)
	}
	r := h.running(tok, id, 1000, int64(len(data))-1000, "Upload-Checksum", sha1sum(data[1000:]))
	r.write(data[1000:60_000])
	h.until("the piece", func() bool { return h.bytesOf(id) >= 60_000 })
	if got := h.offset(tok, id); got != 1000 {
		t.Errorf("got offset %d, want 1000", got)
	}
	if a := h.patch(tok, id, 1000, data[1000:], "Upload-Checksum", sha1sum(data[1000:])); a.code != http.StatusNoContent {
		t.Error(a)
	}
	h.wants(tok, id, data)
}

// TestUpload_stalled: a client that sends nothing or too little is cut off, and the received bytes are kept.
func TestUpload_stalled(t *testing.T) {
	// Not parallel: the timeout is 300 ms.
	h := newHost(t, server.Options{FileTimeout: 300 * time.Millisecond})
	tok := h.token("alice").String()
	data := random(50_000)
	for name, dribble := range map[string]bool{"nothing": false, "a byte now and then": true} {
		id := h.begin(tok, int64(len(data)))
		r := h.running(tok, id, 0, int64(len(data)))
		r.write(data[:20_000])
		ended := make(chan string, 1)
		go func() { ended <- r.answer() }()
		tick := time.NewTicker(20 * time.Millisecond)
		sent, got := 20_000, ""
		for got == "" {
			select {
			case got = <-ended:
			case <-tick.C:
				if dribble {
					if _, err := r.conn.Write(data[sent : sent+1]); err == nil {
						sent++
					}
				}
			}
		}
		tick.Stop()
		if !strings.Contains(got, "408") && !strings.Contains(got, "reset") {
			t.Errorf("%s: got %q, want 408", name, got)
		}
		off := h.offset(tok, id)
		if off < 20_000 || off > int64(sent) {
			t.Errorf("%s: got offset %d, %d were sent", name, off, sent)
		}
		if a := h.patch(tok, id, off, data[off:]); a.code != http.StatusNoContent {
			t.Errorf("%s: %v", name, a)
		}
		h.wants(tok, id, data)
	}
}

// TestUpload_disk_full: the disk is full before and during an upload.
func TestUpload_disk_full(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	free.Store(1 << 40)
	h := newHost(t, server.WithFreeSpace(server.Options{}, func(string) (uint64, error) { return free.Load(), nil }))
	tok := h.token("alice").String()
	data := random(files.SaveEvery + 2_000_000)
	id := h.begin(tok, int64(len(data)))
	r := h.running(tok, id, 0, int64(len(data)))
	r.write(data[:1_000_000])
	h.until("the piece", func() bool { return h.bytesOf(id) >= 1_000_000 })
	free.Store(1)
	go func() { _, _ = r.conn.Write(data[1_000_000:]) }() // cut off in the middle
	if got := r.answer(); !strings.Contains(got, "507") && !strings.Contains(got, "reset") {
		t.Errorf("while it comes: got %q, want 507", got)
	}
	if a := h.do("POST", "", tok, tus("Upload-Length", "1"), nil); a.code != http.StatusInsufficientStorage {
		t.Errorf("before: got %v, want 507", a)
	}
	off := h.offset(tok, id)
	if off < 1_000_000 || off >= int64(len(data)) {
		t.Errorf("got offset %d", off)
	}
	if a := h.patch(tok, id, off, data[off:]); a.code != http.StatusInsufficientStorage {
		t.Errorf("go on: got %v, want 507", a)
	}
	free.Store(1 << 40)
	if a := h.patch(tok, id, off, data[off:]); a.code != http.StatusNoContent {
		t.Errorf("with room again: %v", a)
	}
	h.wants(tok, id, data)
}

// TestUpload_announced: what a running upload has announced is not room for another one.
func TestUpload_announced(t *testing.T) {
	t.Parallel()
	const size, reserve = 8 << 20, 64 << 20
	h := newHost(t, server.WithFreeSpace(server.Options{}, func(string) (uint64, error) {
		return size + size/2 + reserve, nil
	}))
	tok := h.token("alice").String()
	first, second := h.begin(tok, size), h.begin(tok, size)
	r := h.running(tok, first, 0, size)
	r.write(make([]byte, 1_000_000))
	h.until("the piece", func() bool { return h.bytesOf(first) >= 1_000_000 })
	if a := h.patch(tok, second, 0, make([]byte, size)); a.code != http.StatusInsufficientStorage {
		t.Errorf("beside a running one: got %v, want 507", a)
	}
	r.write(make([]byte, size-1_000_000))
	if got := r.answer(); !strings.Contains(got, "204") {
		t.Fatalf("the running one: got %q, want 204", got)
	}
	if a := h.patch(tok, second, 0, make([]byte, size)); a.code != http.StatusNoContent {
		t.Errorf("afterwards: got %v, want 204", a)
	}
}

// TestUpload_failing_database: an offset that could not be stored is not acknowledged.
func TestUpload_failing_database(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	h := newHost(t, server.WithWriterPragmas(server.Options{Logger: discard()}, func() []string {
		if broken.Load() {
			return []string{"max_page_count(1)", "query_only(1)"}
		}
		return nil
	}))
	tok := h.token("alice").String()
	data := random(10_000)
	id := h.begin(tok, int64(len(data)))
	if a := h.patch(tok, id, 0, data[:4000]); a.code != http.StatusNoContent {
		t.Fatal(a)
	}
	broken.Store(true)
	h.restart()
	for _, end := range []int{8000, len(data)} {
		if a := h.patch(tok, id, 4000, data[4000:end]); a.code != http.StatusServiceUnavailable {
			t.Errorf("got %v, want 503", a)
		}
		if got := h.offset(tok, id); got != 4000 {
			t.Errorf("got offset %d, want 4000", got)
		}
	}
	broken.Store(false)
	h.restart()
	if a := h.patch(tok, id, 4000, data[4000:]); a.code != http.StatusNoContent {
		t.Errorf("repaired: %v", a)
	}
	h.wants(tok, id, data)
}

// TestUpload_limits: quota, rate, unfinished uploads.
func TestUpload_limits(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Quota: 100_000, FileRate: 2})
	alice, bob := h.token("alice").String(), h.token("bob").String()
	first := h.begin(alice, 60_000)
	a := h.do("POST", "", alice, tus("Upload-Length", "40000"), nil)
	if a.code != http.StatusInsufficientStorage || !strings.Contains(string(a.body), "100000 bytes") {
		t.Errorf("over the quota: %v", a)
	}
	h.begin(bob, 60_000)
	h.begin(alice, 20_000)
	if a := h.do("DELETE", first, alice, tus(), nil); a.code != http.StatusNoContent {
		t.Fatal(a)
	}
	h.begin(alice, 60_000)
	codes := make(map[int]int)
	for range 100 {
		codes[h.do("HEAD", strings.Repeat("ab", 16), bob, tus(), nil).code]++
	}
	if codes[404] < 15 || codes[429] == 0 {
		t.Errorf("got %v", codes)
	}
}

// TestUpload_running_is_not_disturbed: requests of other users, and parts at a wrong offset, do not interrupt a running
// PATCH, although HEAD and DELETE of its owner would.
func TestUpload_running_is_not_disturbed(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.token("alice").String(), h.token("bob").String()
	stranger := h.mustGrant(alice, map[string]any{"purpose": "upload"}) // it did not make the upload
	data := random(200_000)
	id := h.begin(alice, int64(len(data)))
	r := h.running(alice, id, 0, int64(len(data)), "Connection", "close")
	r.write(data[:50_000])
	h.until("the piece", func() bool { return h.bytesOf(id) >= 50_000 })

	at := func(off string) head { return tus("Upload-Offset", off, "Content-Type", octets) }
	for _, tc := range []struct {
		name, method, bearer string
		header               head
		body                 []byte
		want                 int
	}{
		{"offset, another user", "HEAD", bob, tus(), nil, http.StatusNotFound},
		{"piece, another user", "PATCH", bob, at("50000"), data[50_000:], http.StatusNotFound},
		{"end, another user", "DELETE", bob, tus(), nil, http.StatusNotFound},
		{"offset, another grant", "HEAD", stranger, tus(), nil, http.StatusNotFound},
		{"end, another grant", "DELETE", stranger, tus(), nil, http.StatusNotFound},
		{"piece at another offset", "PATCH", alice, at("777"), data[777:], http.StatusLocked},
		{"piece at the right offset", "PATCH", alice, at("50000"), data[50_000:], http.StatusLocked},
	} {
		if a := h.do(tc.method, id, tc.bearer, tc.header, tc.body); a.code != tc.want {
			t.Errorf("%s: got %v, want %d", tc.name, a, tc.want)
		}
	}

	r.write(data[50_000:])
	if got := r.answer(); !strings.Contains(got, "204") {
		t.Errorf("the running PATCH: got %q, want 204", got)
	}
	h.wants(alice, id, data)
}
