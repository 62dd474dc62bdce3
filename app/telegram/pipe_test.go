//go:build !windows

package telegram_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe would be waited for without end.
func TestExport_File_pipe(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "result.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := open(t, folder).File("pipe")
	if err == nil {
		t.Errorf("it was opened: %v", f.Close())
	} else if !errors.Is(err, fs.ErrInvalid) {
		t.Error(err)
	}
}
