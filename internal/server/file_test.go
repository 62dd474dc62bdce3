package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// head is a request's header: names and values alternate.
type head []string

// answer is a complete response.
type answer struct {
	code int
	head http.Header
	body []byte
}

func (a *answer) String() string {
	return fmt.Sprintf("%d %s", a.code, strings.TrimSpace(string(a.body)))
}

// try sends a request about files; bearer may be empty.
func (h *host) try(method, path, bearer string, header head, body io.Reader) (*answer, error) {
	if path == "" || path[0] != '/' {
		path = wire.FilesPath + path
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.address+path, body)
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := h.web().Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return &answer{res.StatusCode, res.Header, b}, err
}

// web returns a client whose connections are closed at the end of the test.
func (h *host) web() *http.Client {
	if h.client == nil {
		tr := &http.Transport{DisableCompression: true}
		h.client = &http.Client{Transport: tr, Timeout: patience}
		h.t.Cleanup(tr.CloseIdleConnections)
	}
	return h.client
}

func (h *host) do(method, path, bearer string, header head, body []byte) *answer {
	h.t.Helper()
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	a, err := h.try(method, path, bearer, header, r)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// tus adds the headers of every tus request.
func tus(header ...string) head { return append(head{"Tus-Resumable", "1.0.0"}, header...) }

const octets = "application/offset+octet-stream"

// begin creates an upload and returns its id.
func (h *host) begin(bearer string, size int64, header ...string) string {
	h.t.Helper()
	a := h.do("POST", "", bearer, tus(append(header, "Upload-Length", fmt.Sprint(size))...), nil)
	if a.code != http.StatusCreated {
		h.t.Fatalf("create: %v", a)
	}
	return h.idOf(a)
}

// idOf returns the id in the Location of a response.
func (h *host) idOf(a *answer) string {
	h.t.Helper()
	id, ok := strings.CutPrefix(a.head.Get("Location"), "http://"+h.address+wire.FilesPath)
	if !ok {
		h.t.Fatalf("got location %q", a.head.Get("Location"))
	}
	return id
}

func (h *host) patch(bearer, id string, off int64, body []byte, header ...string) *answer {
	h.t.Helper()
	if body == nil {
		body = []byte{}
	}
	return h.do(
		"PATCH",
		id,
		bearer,
		tus(append(header, "Upload-Offset", fmt.Sprint(off), "Content-Type", octets)...),
		body,
	)
}

// offset returns the offset of an upload.
func (h *host) offset(bearer, id string) int64 {
	h.t.Helper()
	a := h.do("HEAD", id, bearer, tus(), nil)
	n, err := strconv.ParseInt(a.head.Get("Upload-Offset"), 10, 64)
	if a.code != http.StatusOK || err != nil {
		h.t.Fatalf("offset of %s: %v", id, a)
	}
	return n
}

// put uploads in one request and returns the id.
func (h *host) put(bearer string, data []byte, header ...string) string {
	h.t.Helper()
	a := h.do(
		"POST",
		"",
		bearer,
		tus(append(header, "Upload-Length", fmt.Sprint(len(data)), "Content-Type", octets)...),
		data,
	)
	if a.code != http.StatusCreated {
		h.t.Fatalf("upload: %v", a)
	}
	return h.idOf(a)
}

func (h *host) get(bearer, id string, header ...string) *answer {
	h.t.Helper()
	return h.do("GET", id, bearer, header, nil)
}

func (h *host) url(id string) string { return "http://" + h.address + wire.FilesPath + id }

// wants fails the test unless a download returns the data, or 404 if data is nil.
func (h *host) wants(bearer, id string, data []byte) {
	h.t.Helper()
	a := h.get(bearer, id)
	switch {
	case data == nil && a.code != http.StatusNotFound:
		h.t.Errorf("get: %d with %d bytes, want 404", a.code, len(a.body))
	case data != nil && (a.code != http.StatusOK || !bytes.Equal(a.body, data)):
		h.t.Errorf("get: %d with %d bytes, want %d bytes", a.code, len(a.body), len(data))
	}
}

// random returns random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// meta encodes Upload-Metadata.
func meta(pairs map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(pairs)) {
		list = append(list, k+" "+base64.StdEncoding.EncodeToString([]byte(pairs[k])))
	}
	return strings.Join(list, ",")
}

func sha1sum(b []byte) string {
	s := sha1.Sum(b)
	return "sha1 " + base64.StdEncoding.EncodeToString(s[:])
}

func sha256sum(b []byte) string {
	s := sha256.Sum256(b)
	return "sha256 " + base64.StdEncoding.EncodeToString(s[:])
}

func TestFiles_upload_and_download(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.token("alice").String()
	png := append([]byte("\x89PNG\r\n\x1a\n"), random(100_000)...)
	m := meta(map[string]string{"filename": "mön bild.png", "filetype": "text/html", "unknown": "kept"})
	id := h.begin(alice, int64(len(png)), "Upload-Metadata", m)
	if a := h.get(alice, id); a.code != http.StatusNotFound {
		t.Errorf("unfinished: %v", a)
	}
	if a := h.patch(alice, id, 0, png[:40_000]); a.code != http.StatusNoContent ||
		a.head.Get("Upload-Offset") != "40000" ||
		a.head.Get("Upload-Expires") == "" {
		t.Errorf("first piece: %v %v", a, a.head)
	}
	a := h.do("HEAD", id, alice, tus(), nil)
	if a.head.Get("Upload-Offset") != "40000" || a.head.Get("Upload-Length") != fmt.Sprint(len(png)) ||
		a.head.Get(
			"Upload-Metadata",
		) != m || a.head.Get("Cache-Control") != "no-store" || a.head.Get("Tus-Resumable") != "1.0.0" {
		t.Errorf("offset: %v %v", a, a.head)
	}
	a = h.patch(alice, id, 40_000, png[40_000:], "Upload-Checksum", sha256sum(png[40_000:]))
	sum := sha256.Sum256(png)
	if a.code != http.StatusNoContent || a.head.Get("Content-Location") != h.url(id) ||
		a.head.Get("Upload-Length") != fmt.Sprint(len(png)) ||
		a.head.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" ||
		a.head.Get("Parley-Content-Type") != "image/png" {
		t.Errorf("last piece: %v %v", a, a.head)
	}
	if got := h.offset(alice, id); got != int64(len(png)) {
		t.Errorf("offset of the finished file: %d", got)
	}
	a = h.get(alice, id)
	if !bytes.Equal(a.body, png) || a.head.Get("Content-Type") != "image/png" ||
		a.head.Get("X-Content-Type-Options") != "nosniff" ||
		a.head.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` ||
		a.head.Get("Content-Disposition") != "attachment; filename*=utf-8''m%C3%B6n%20bild.png" {
		t.Errorf("download: %d bytes, %v", len(a.body), a.head)
	}
	h.restart()
	h.wants(alice, id, png)
}

// TestFiles_in_one_request: uploads with the creation request, including an empty file and a body without a length.
func TestFiles_in_one_request(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.token("alice").String()
	for _, data := range [][]byte{{}, []byte("x"), random(600_000)} {
		h.wants(alice, h.put(alice, data), data)
	}
	empty := h.begin(alice, 0)
	h.wants(alice, empty, []byte{})
	if a := h.patch(alice, empty, 0, nil); a.code != http.StatusNoContent {
		t.Errorf("nothing more: %v", a)
	}
	data := random(10_000)
	a, err := h.try(
		"POST",
		"",
		alice,
		tus("Upload-Length", "10000", "Content-Type", octets),
		io.MultiReader(bytes.NewReader(data)),
	)
	if err != nil || a.code != http.StatusCreated {
		t.Fatalf("chunked: %v, %v", a, err)
	}
	h.wants(alice, h.idOf(a), data)
	a = h.do("POST", "", alice, tus("Upload-Length", "20000", "Content-Type", octets), data)
	if a.code != http.StatusCreated || a.head.Get("Upload-Offset") != "10000" {
		t.Errorf("the first half: %v %v", a, a.head)
	}
}

// TestTus: invalid requests get the status of the protocol.
func TestTus(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MaxFile: 1000})
	alice, bob := h.token("alice").String(), h.token("bob").String()
	piece := []byte("0123456789")
	id := h.begin(alice, 100)
	if a := h.patch(alice, id, 0, piece); a.code != http.StatusNoContent {
		t.Fatal(a)
	}
	patch := func(off string, more ...string) head {
		return tus(append([]string{"Upload-Offset", off, "Content-Type", octets}, more...)...)
	}
	withMeta := func(key, value string) head {
		return tus("Upload-Length", "1", "Upload-Metadata", meta(map[string]string{key: value}))
	}
	long := meta(map[string]string{"filename": strings.Repeat("n", 4000)})
	for _, tc := range []struct {
		name, method, path, bearer string
		header                     head
		body                       []byte
		want                       int
	}{
		{"no version", "PATCH", id, alice, head{"Upload-Offset", "10", "Content-Type", octets}, piece, 412},
		{"another version", "POST", "", alice, head{"Tus-Resumable", "0.2.2", "Upload-Length", "1"}, nil, 412},
		{"not signed in", "POST", "", "", tus("Upload-Length", "1"), nil, 401},
		{"damaged token", "POST", "", "parley1_x", tus("Upload-Length", "1"), nil, 401},
		{"damaged grant", "POST", "", "parleygrant_x", tus("Upload-Length", "1"), nil, 401},
		{"no length", "POST", "", alice, tus(), nil, 400},
		{"negative length", "POST", "", alice, tus("Upload-Length", "-1"), nil, 400},
		{"length with a sign", "POST", "", alice, tus("Upload-Length", "+1"), nil, 400},
		{"huge length", "POST", "", alice, tus("Upload-Length", "99999999999999999999"), nil, 400},
		{"too large", "POST", "", alice, tus("Upload-Length", "1001"), nil, 413},
		{"deferred length", "POST", "", alice, tus("Upload-Defer-Length", "1"), nil, 400},
		{"part of another", "POST", "", alice, tus("Upload-Length", "1", "Upload-Concat", "partial"), nil, 400},
		{"body of another type", "POST", "", alice, tus("Upload-Length", "10", "Content-Type", "text/plain"), piece, 415},
		{"body too long", "POST", "", alice, tus("Upload-Length", "9", "Content-Type", octets), piece, 413},
		{
			"metadata that is not base64", "POST", "", alice, tus("Upload-Length", "1", "Upload-Metadata", "filename %%"),
			nil, 400,
		},
		{"key twice", "POST", "", alice, tus("Upload-Length", "1", "Upload-Metadata", "a YQ==,a YQ=="), nil, 400},
		{"empty key", "POST", "", alice, tus("Upload-Length", "1", "Upload-Metadata", "a YQ==,,"), nil, 400},
		{"name of 4000 characters", "POST", "", alice, tus("Upload-Length", "1", "Upload-Metadata", long), nil, 400},
		{"name with NUL", "POST", "", alice, withMeta("filename", "a\x00b"), nil, 400},
		{"name that is not UTF-8", "POST", "", alice, withMeta("filename", "a\xff"), nil, 400},
		{"other expiry", "POST", "", alice, withMeta("expires", "never"), nil, 400},
		{"no such upload", "HEAD", strings.Repeat("ab", 16), alice, tus(), nil, 404},
		{"no id", "PATCH", "..%2f..%2fparley.db", alice, patch("0"), piece, 404},
		{"id in capitals", "HEAD", strings.ToUpper(id), alice, tus(), nil, 404},
		{"upload of another user", "PATCH", id, bob, patch("10"), piece, 404},
		{"offset for another user", "HEAD", id, bob, tus(), nil, 404},
		{"deleted by another user", "DELETE", id, bob, tus(), nil, 404},
		{"no offset", "PATCH", id, alice, tus("Content-Type", octets), piece, 400},
		{"offset behind", "PATCH", id, alice, patch("9"), piece, 409},
		{"offset ahead", "PATCH", id, alice, patch("11"), piece, 409},
		{"offset that is no number", "PATCH", id, alice, patch("1e1"), piece, 400},
		{"another type", "PATCH", id, alice, tus("Upload-Offset", "10", "Content-Type", "application/json"), piece, 415},
		{"more than announced", "PATCH", id, alice, patch("10"), make([]byte, 91), 413},
		{"wrong checksum", "PATCH", id, alice, patch("10", "Upload-Checksum", sha1sum([]byte("other"))), piece, 460},
		{
			"wrong checksum of 256 bits", "PATCH", id, alice, patch("10", "Upload-Checksum", sha256sum([]byte("other"))),
			piece, 460,
		},
		{"unknown checksum", "PATCH", id, alice, patch("10", "Upload-Checksum", "md5 AAAA"), piece, 400},
		{"damaged checksum", "PATCH", id, alice, patch("10", "Upload-Checksum", "sha1 ????"), piece, 400},
		{"short checksum", "PATCH", id, alice, patch("10", "Upload-Checksum", "sha1 AAAA"), piece, 400},
		{"another method", "PUT", id, alice, tus(), piece, 405},
		{"the collection", "PATCH", "", alice, patch("0"), piece, 405},
		{"the collection's content", "GET", "", alice, nil, nil, 404},
		{"download unfinished", "GET", id, alice, nil, nil, 404},
	} {
		a := h.do(tc.method, tc.path, tc.bearer, tc.header, tc.body)
		if a.code != tc.want {
			t.Errorf("%s: got %v, want %d", tc.name, a, tc.want)
		}
		if tc.method != "GET" && a.head.Get("Tus-Resumable") != "1.0.0" && a.code != 404 {
			t.Errorf("%s: the answer does not say its version", tc.name)
		}
		if a.code == 412 && a.head.Get("Tus-Version") != "1.0.0" {
			t.Errorf("%s: the answer does not say which versions there are", tc.name)
		}
	}
	if got := h.offset(alice, id); got != 10 {
		t.Errorf("after all that the offset is %d, want 10", got)
	}
	a := h.do("OPTIONS", "", "", nil, nil)
	if a.code != 204 || a.head.Get("Tus-Version") != "1.0.0" || a.head.Get("Tus-Max-Size") != "1000" ||
		a.head.Get("Tus-Extension") != "creation,creation-with-upload,checksum,termination,expiration" ||
		a.head.Get("Tus-Checksum-Algorithm") != "sha1,sha256" {
		t.Errorf("options: %v %v", a, a.head)
	}
	a = h.do("POST", id, alice, patch("10", "X-HTTP-Method-Override", "PATCH", "Upload-Checksum", sha1sum(piece)), piece)
	if a.code != 204 || a.head.Get("Upload-Offset") != "20" {
		t.Errorf("patch by another name: %v", a)
	}
	// A body without a length that is longer than announced: nothing is kept.
	a, err := h.try("PATCH", id, alice, patch("20"), io.MultiReader(bytes.NewReader(make([]byte, 81))))
	if err != nil || a.code != 413 || h.offset(alice, id) != 20 {
		t.Errorf("too long without a length: %v, %v", a, err)
	}
	if a = h.do("DELETE", id, alice, tus(), nil); a.code != 204 {
		t.Errorf("end: %v", a)
	}
	if a = h.do("HEAD", id, alice, tus(), nil); a.code != 404 || a.head.Get("Upload-Offset") != "" {
		t.Errorf("ended: %v", a)
	}
	h.emptied()
}

// stored returns the names of the content in the data folder.
func (h *host) stored() []string {
	h.t.Helper()
	list, err := filepath.Glob(filepath.Join(h.opts.Dir, "files", "*", "*"))
	if err != nil {
		h.t.Fatal(err)
	}
	return slices.DeleteFunc(list, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || info.IsDir()
	})
}

// emptied waits until the folder of files is empty.
func (h *host) emptied() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(h.stored()) > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			h.t.Fatalf("left behind: %v", h.stored())
		}
	}
}
