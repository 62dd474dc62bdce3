//go:build !darwin && !freebsd && !linux && !windows

package libopus

import (
	"errors"
	"runtime"
)

func open() (uintptr, error) { return 0, errors.New("no library can be loaded on " + runtime.GOOS) }
