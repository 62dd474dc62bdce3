package server_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/parley-chat/parley/internal/server"
)

// TestOpen_keeps_others_out: also of a folder that was there before, and of the lock in it.
func TestOpen_keeps_others_out(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	srv, err := server.Open(t.Context(), server.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	if runtime.GOOS == "windows" {
		return
	}
	for _, path := range []string{dir, filepath.Join(dir, "lock"), filepath.Join(dir, "parley.db")} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got %v, %v, want it for its owner alone", path, info, err)
		}
	}
}
