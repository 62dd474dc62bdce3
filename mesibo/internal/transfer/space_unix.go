//go:build linux || darwin || freebsd

package transfer

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeSpace returns how many bytes this user may still write in a folder.
func freeSpace(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("look up free space: %w", err)
	}
	return uint64(max(0, int64(s.Bavail))) * uint64(s.Bsize), nil
}

// isFull reports whether a file could not be written because there is no room.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
