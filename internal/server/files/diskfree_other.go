//go:build unix && !linux && !darwin && !freebsd

package files

import (
	"errors"
	"math"
	"syscall"
)

// FreeSpace is unknown on this system; a full disk is noticed when a write fails.
func FreeSpace(string) (uint64, error) { return math.MaxUint64, nil }

// diskFull reports whether a write failed because the disk is full.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
