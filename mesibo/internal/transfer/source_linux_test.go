package transfer_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// TestCheckSource: files that the system makes up hold something else than their size says.
func TestCheckSource(t *testing.T) {
	folder := t.TempDir()
	for name, data := range map[string]string{"empty": "", "full": "x"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newFileServer(t)
	for path, want := range map[string]error{
		filepath.Join(folder, "empty"):    nil,
		filepath.Join(folder, "full"):     nil,
		"/proc/self/status":               transfer.ErrUnreadable, // 0 bytes
		"/proc/self/mem":                  transfer.ErrUnreadable, // 0 bytes, and an error at the first
		"/sys/devices/system/cpu/online":  transfer.ErrUnreadable, // 4096 bytes
		"/sys/devices/system/cpu/present": transfer.ErrUnreadable,
	} {
		if err := transfer.CheckSource(path); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
		if _, err := s.client().Upload(t.Context(), transfer.Upload{Path: path}); !errors.Is(err, want) {
			t.Errorf("upload of %s: got %v, want %v", path, err, want)
		}
	}
}
