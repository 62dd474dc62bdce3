package private_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/parley-chat/parley/internal/private"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	for _, before := range []os.FileMode{0, 0o644, 0o600} {
		if before != 0 {
			if err := os.Chmod(path, before); err != nil {
				t.Fatal(err)
			}
		}
		if err := private.File(path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != 0o600 {
			t.Errorf("file with mode %v: got %v, want 0600", before, got)
		}
	}
}
