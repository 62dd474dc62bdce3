//go:build !darwin && !freebsd && !linux && !windows

package library

import (
	"errors"
	"runtime"
)

func files(n Names) []string { return n.Unix }

func open(file string) (uintptr, error) {
	return 0, errors.New(file + ": no library can be loaded on " + runtime.GOOS)
}

// C returns an error.
func C() (*Library, error) { return Open(Names{Unix: []string{"libc.so"}}) }

func register(any, uintptr, string) { panic("no library is loaded") } // open loads none
