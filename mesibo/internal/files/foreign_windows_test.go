package files_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/files"
)

func TestMarkForeign(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "setup.exe")
	if err := os.WriteFile(path, []byte("MZ"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := files.MarkForeign(path); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(filepath.Dir(path), "moved.exe")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	mark, err := os.ReadFile(moved + ":Zone.Identifier")
	if err != nil || !strings.Contains(string(mark), "ZoneId=3") {
		t.Errorf("mark: got %q, %v, want zone 3", mark, err)
	}
}
