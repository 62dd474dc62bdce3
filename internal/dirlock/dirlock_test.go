package dirlock_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/dirlock"
)

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder?", "inside")
	unlock, err := dirlock.Lock(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dirlock.Lock(t.Context(), dir); !errors.Is(err, dirlock.ErrInUse) {
		t.Errorf("second lock: got %v, want ErrInUse", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := dirlock.Lock(t.Context(), dir)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}
