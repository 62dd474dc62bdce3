package mesibo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhileUnchanged checks the file of an upload though the system reports nothing.
func TestWhileUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		m, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		up := &fileTransfer{mode: FileModeUpload, path: path, source: source}
		err = m.files.whileUnchanged(t.Context(), up, func(ctx context.Context) error {
			<-time.After(20 * sourceEvery)
			if ctx.Err() != nil {
				t.Errorf("nothing has changed: %v", context.Cause(ctx))
			}
			if err := os.WriteFile(path, []byte("longer"), 0o600); err != nil {
				t.Error(err)
			}
			start := time.Now()
			<-ctx.Done()
			if d := time.Since(start); d > sourceEvery {
				t.Errorf("noticed after %v", d)
			}
			return context.Cause(ctx)
		})
		if !errors.Is(err, ErrFileChanged) {
			t.Errorf("got %v", err)
		}
		if err := m.files.whileUnchanged(t.Context(), up, func(context.Context) error { return nil }); err != nil {
			t.Errorf("without work: %v", err)
		}
	})
}
