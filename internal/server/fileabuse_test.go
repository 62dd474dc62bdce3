package server_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestDownload_range_abuse: no range request transfers more than the file.
func TestDownload_range_abuse(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(10_000)
	id := h.put(tok, data)
	many := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("%d-%d", 2*i, 2*i)
		}
		return "bytes=" + strings.Join(list, ",")
	}
	for _, tc := range []struct {
		name, ranges string
		code, most   int
	}{
		{"as many as are given", many(16), 206, 4000},
		{"one more", many(17), 200, len(data)},
		{"a thousand", many(1000), 200, len(data)},
		{"the same again and again", "bytes=0-" + strings.Repeat(",0-", 9), 200, len(data)},
		{"overlapping", "bytes=0-9000,1-9001", 200, len(data)},
		{"empty ones", "bytes=" + strings.Repeat(",", 3000), 200, len(data)},
		{"a number that is too large", "bytes=0-99999999999999999999", 416, 200},
		{"a beginning that is too large", "bytes=99999999999999999999-", 416, 200},
		{"the largest number", "bytes=0-9223372036854775807", 206, len(data)},
		{"two signs", "bytes=--5", 416, 200},
		{"a sign", "bytes=+1-2", 206, 2},
		{"another unit", "lines=1-2", 416, 200},
		{"control characters", "bytes=\t0-1\t", 206, 2},
	} {
		a := h.get(tok, id, "Range", tc.ranges)
		if a.code != tc.code || len(a.body) > tc.most {
			t.Errorf("%s: got %d with %d bytes, want %d with %d at most", tc.name, a.code, len(a.body), tc.code, tc.most)
		}
	}
}

// raw sends bytes on a new connection and returns the status line of the response.
func (h *host) raw(text string) string {
	h.t.Helper()
	c, err := (&net.Dialer{}).DialContext(h.t.Context(), "tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := &running{h, c}
	_, _ = c.Write([]byte(text)) // it may be refused before its end
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	return r.answer()
}

// TestFiles_broken_http: malformed HTTP requests do no harm and are never stored as content.
func TestFiles_broken_http(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(1000)
	patch := func(id string, off int, header string, body []byte) string {
		return fmt.Sprintf(
			"PATCH %s%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\n"+
				"Content-Type: %s\r\n%s\r\n\r\n%s",
			wire.FilesPath,
			id,
			tok,
			off,
			octets,
			header,
			body,
		)
	}
	for name, tc := range map[string]struct {
		header string
		body   []byte
		want   string // of the status line
		offset int64  // afterwards
	}{
		"longer than its length":      {"Content-Length: 100", data[:300], "204", 100},
		"shorter than its length":     {"Content-Length: 500", data[:300], "400", 300},
		"no body":                     {"Content-Length: 500", nil, "400", 0},
		"longer than the upload":      {"Content-Length: 1001", append(bytes.Clone(data), 1), "413", 0},
		"negative length":             {"Content-Length: -1", data, "400", 0},
		"length that is too large":    {"Content-Length: 99999999999999999999", data, "400", 0},
		"length that is as large":     {"Content-Length: 9223372036854775807", data, "413", 0},
		"two lengths":                 {"Content-Length: 10\r\nContent-Length: 20", data, "400", 0},
		"unknown coding":              {"Transfer-Encoding: gzip, chunked", data, "501", 0},
		"broken chunks":               {"Transfer-Encoding: chunked", []byte("zz\r\n"), "400", 0},
		"chunks that are cut off":     {"Transfer-Encoding: chunked", append([]byte("ff\r\n"), data[:100]...), "400", 100},
		"chunk of an impossible size": {"Transfer-Encoding: chunked", []byte("fffffffffffffffff\r\nx"), "400", 0},
		"a flood of headers": {
			"Content-Length: 1\r\n" + strings.Repeat("X-Flood: yes\r\n", 4000) + "X: y", data,
			"431", 0,
		},
		"a header that is too long": {"Content-Length: 1\r\nX-Flood: " + strings.Repeat("x", 64<<10), data, "431", 0},
		"a header that is none":     {"Content-Length: 1\r\nX Flood\x00", data, "400", 0},
		"metadata that is too long": {
			"Content-Length: 100\r\nUpload-Metadata: a " + strings.Repeat("YWFh", 1500),
			data[:100], "204", 100,
		},
		"an offset that is too large": {
			"Content-Length: 1\r\nUpload-Offset: 18446744073709551616", data[:1],
			"204", 1,
		}, // the first one counts
		"a name as in another request": {
			"Content-Length: 1\r\nContent-Disposition: attachment; filename=../../x",
			data[:1], "204", 1,
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			id := h.begin(tok, int64(len(data)))
			if got := h.raw(patch(id, 0, tc.header, tc.body)); !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %s", got, tc.want)
			}
			if off := h.offset(tok, id); off != tc.offset {
				t.Fatalf("got offset %d, want %d", off, tc.offset)
			}
			if a := h.patch(tok, id, tc.offset, data[tc.offset:]); a.code != http.StatusNoContent {
				t.Fatal(a)
			}
			h.wants(tok, id, data)
		})
	}
}

// TestUpload_never_finished: unfinished uploads are limited and removed after a day.
func TestUpload_never_finished(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, bob := h.token("alice").String(), h.token("bob").String()
	const most = 200
	for range most {
		id := h.begin(alice, 5000)
		if a := h.patch(alice, id, 0, []byte("x")); a.code != http.StatusNoContent {
			t.Fatal(a)
		}
	}
	if n := len(h.stored()); n != most {
		t.Errorf("%d are in the folder", n)
	}
	for range 3 {
		if a := h.do("POST", "", alice, tus("Upload-Length", "1"), nil); a.code != http.StatusTooManyRequests {
			t.Errorf("one more: %v", a)
		}
	}
	h.wants(bob, h.put(bob, []byte("others are not held up")), []byte("others are not held up"))
	now.jump(25 * time.Hour)
	h.collect()
	h.emptied()
	if h.begin(alice, 5000) == "" {
		t.Error("no upload after that")
	}
}

// logged collects the server's log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestFiles_refusals_are_logged: the log has the refusals and no secrets.
func TestFiles_refusals_are_logged(t *testing.T) {
	t.Parallel()
	log := &logged{}
	h := newHost(
		t,
		server.Options{Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
	)
	alice, bob := h.token("alice").String(), h.token("bob").String()
	id := h.put(alice, []byte("secret"))
	up := h.begin(alice, 10)
	for _, tc := range []struct {
		answer *answer
		code   int
		reason string
	}{
		{h.get(bob, id), 404, "not_found"},
		{h.get("", id), 401, "no_token"},
		{h.get("parleygrant_stolen", id), 401, "grant"},
		{h.do("POST", "", alice, tus("Upload-Length", "99999999999999"), nil), 413, "too_large"},
		{h.patch(alice, up, 0, []byte("x"), "Upload-Checksum", sha1sum([]byte("y"))), 460, "checksum"},
	} {
		want := fmt.Sprintf("status=%d reason=%s", tc.code, tc.reason)
		if tc.answer.code != tc.code || !strings.Contains(log.String(), want) {
			t.Errorf("%v: no %q in the log", tc.answer, want)
		}
	}
	for _, secret := range []string{alice, bob, "parleygrant_stolen"} {
		if strings.Contains(log.String(), secret) {
			t.Error("a token is in the log")
		}
	}
}
