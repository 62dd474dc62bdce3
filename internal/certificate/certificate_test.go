package certificate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/certificate"
)

// TestOwn: the certificate stays the same, and one that is damaged is not replaced.
func TestOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, err := certificate.Own(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := certificate.Own(dir)
	if err != nil || !bytes.Equal(first.Certificate[0], again.Certificate[0]) {
		t.Errorf("again: %v, or another one", err)
	}
	if err := os.WriteFile(filepath.Join(dir, certificate.FileName), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := certificate.Own(dir); err == nil {
		t.Error("damaged: got no error")
	}
}
