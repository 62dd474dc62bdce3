package apptest

import (
	"os"
	"path/filepath"
	"testing"
)

// Want fails the test unless two values are equal.
func Want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// Files writes files into a new folder; the result returns their paths.
func Files(t testing.TB, content map[string][]byte) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range content {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string { return filepath.Join(dir, name) }
}
