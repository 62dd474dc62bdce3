//go:build darwin || freebsd || linux || windows

package library

import "github.com/ebitengine/purego"

// register panics when the library has no such function.
func register(f any, handle uintptr, name string) { purego.RegisterLibFunc(f, handle, name) }
