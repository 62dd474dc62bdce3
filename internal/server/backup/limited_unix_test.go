//go:build unix

package backup_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server/backup"
)

// limited is a part that may write files of a megabyte at most.
func limited(part, from, to string) error {
	signal.Ignore(syscall.SIGXFSZ)
	const most = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return err
	}
	switch part {
	case "create limited":
		_, err := backup.Create(context.Background(), from, to, time.Now())
		return err
	case "restore limited":
		_, _, err := backup.Restore(context.Background(), from, to, time.Now())
		return err
	}
	return fmt.Errorf("no such part: %s", part)
}

// TestNo_room: where a file cannot be written, nothing is left of a backup, and a folder stays as it was.
func TestNo_room(t *testing.T) {
	t.Parallel()
	dir, other, to := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	fill(t, dir, "old")
	fill(t, other, "new")
	if err := child(t, 0, "create limited", dir, to); err == nil {
		t.Error("a backup was made")
	}
	if left, err := filepath.Glob(to + "*"); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := backup.Create(t.Context(), other, to, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := child(t, 0, "restore limited", to, dir); err == nil {
		t.Error("it was restored")
	}
	if !holds(t, dir, "old") {
		t.Error("the folder is not as it was")
	}
	if left, err := os.ReadDir(filepath.Join(dir, "restore.partial")); err == nil {
		t.Errorf("left %v", left)
	}
}
