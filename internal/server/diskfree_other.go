//go:build unix && !linux && !darwin && !freebsd

package server

import (
	"errors"
	"math"
	"syscall"
)

// freeSpace is not known on this system; a disk that is full is noticed when a write fails.
func freeSpace(string) (uint64, error) { return math.MaxUint64, nil }

// diskFull tells whether a write failed for want of room.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
