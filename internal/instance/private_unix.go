//go:build unix

package instance

import (
	"os"
	"syscall"
)

// private reports whether a folder belongs to this user, and others may not write there.
func private(dir string) bool {
	info, err := os.Stat(dir) //nolint:gosec // the user's own setting
	if err != nil || !info.IsDir() {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid() && info.Mode().Perm()&0o022 == 0
}
