//go:build !linux && !darwin && !freebsd && !windows

package transfer

import (
	"errors"
	"math"
	"syscall"
)

// freeSpace is unknown here; writing fails when the disk is full.
func freeSpace(string) (uint64, error) { return math.MaxUint64, nil }

// isFull reports whether a file could not be written because there is no room.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
