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

// TestGuard looks at the file of an upload though the system says nothing.
func TestGuard(t *testing.T) {
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
		up := &transfer{mode: FileModeUpload, path: path, source: source}
		ctx, release := m.guard(t.Context(), up)
		<-time.After(20 * sourceEvery)
		if ctx.Err() != nil {
			t.Errorf("nothing has changed: %v", context.Cause(ctx))
		}
		if err := os.WriteFile(path, []byte("longer"), 0o600); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		<-ctx.Done()
		if err := context.Cause(ctx); !errors.Is(err, ErrFileChanged) || time.Since(begin) > sourceEvery {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		release()
		_, release = m.guard(t.Context(), up)
		release() // waits for nothing
	})
}
