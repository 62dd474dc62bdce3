package watch_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/parley-chat/parley/mesibo/internal/watch"
)

func TestWritten(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		return // the system does not say
	}
	path := filepath.Join(t.TempDir(), "a")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if !watch.Written(path) {
		t.Error("open to be written: not known")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if watch.Written(path) || watch.Written(path+"x") {
		t.Error("closed, or missing: said to be written")
	}
}
