package mesibo

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestMimeType(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	if _, err := z.Create("a"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	const png = "\x89PNG\r\n\x1a\n"
	for name, c := range map[string]struct{ data, want string }{
		"a.png":  {png, "image/png"},
		"a.txt":  {png, "image/png"}, // the content is right
		"b.png":  {"hello", "text/plain"},
		"a.css":  {"hello", "text/css; charset=utf-8"},
		"a.json": {"{}", "application/json"},
		"a.svg":  {"<svg/>", "image/svg+xml"},
		"a.pdf":  {"%PDF-1.7", "application/pdf"},
		"b.pdf":  {"", "application/pdf"},
		"a":      {"hello", "text/plain"},
		"b":      {"", ""},
		"c":      {"\x00\x01\x02", "application/octet-stream"},
		"a.zip":  {archive.String(), "application/zip"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := mimeType(path); got != c.want {
			t.Errorf("%s with %q: got %q, want %q", name, c.data, got, c.want)
		}
	}
	if got := mimeType(filepath.Join(t.TempDir(), "missing")); got != "" {
		t.Errorf("missing: got %q", got)
	}
}
