package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func TestByteCount(t *testing.T) {
	for s, want := range map[string]int64{
		"1": 1, "1000": 1000, "2k": 2048, "500M": 500 << 20, "4G": 4 << 30, "1T": 1 << 40, "8388607T": 8388607 << 40,
		"": 0, "0": 0, "-1": 0, "G": 0, "1.5G": 0, "4GB": 0, "8388608T": 0, "99999999999999999999": 0,
	} {
		var b byteCount
		if err := b.UnmarshalText([]byte(s)); (err == nil) != (want != 0) || int64(b) != want {
			t.Errorf("%q: got %d, %v, want %d", s, b, err, want)
		}
	}
}

// TestRun_serve_files_in_a_bucket: uploads are stored in the folder of --files, and refused above --max-file.
func TestRun_serve_files_in_a_bucket(t *testing.T) {
	data, bucket := t.TempDir(), t.TempDir()
	url, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--files", "file://"+filepath.ToSlash(bucket),
		"--max-file", "1K",
		"--quota", "8K")
	token := parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	upload := func(size, body string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+wire.FilesPath, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{
			"Authorization": {"Bearer " + token}, "Tus-Resumable": {"1.0.0"}, "Upload-Length": {size},
			"Content-Type": {"application/offset+octet-stream"},
		}
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	if res := upload("1025", "x"); res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("above --max-file: got %s", res.Status)
	}
	res := upload("5", "hello")
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("got %s", res.Status)
	}
	b, err := os.ReadFile(filepath.Join(bucket, filepath.Base(res.Header.Get("Location"))))
	if err != nil || string(b) != "hello" {
		t.Errorf("the bucket holds %q, %v", b, err)
	}
	if res := upload("1000", "x"); res.StatusCode != http.StatusInsufficientStorage {
		t.Errorf("above --quota: got %s", res.Status)
	}
	stop()
}
