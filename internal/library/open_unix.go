//go:build darwin || freebsd || linux

package library

import (
	"path/filepath"
	"runtime"

	"github.com/ebitengine/purego"
)

// files returns what to try; on a Mac also where Homebrew and MacPorts put libraries, which the loader does not look
// at.
func files(n Names) []string {
	if runtime.GOOS != "darwin" {
		return n.Unix
	}
	var all []string
	for _, name := range n.Darwin {
		for _, folder := range []string{"", "/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib"} {
			all = append(all, filepath.Join(folder, name))
		}
	}
	return all
}

func open(file string) (uintptr, error) {
	return purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_LOCAL) //nolint:wrapcheck // it names the file
}

// C returns the C library, which the program has loaded.
func C() (*Library, error) { return &Library{purego.RTLD_DEFAULT}, nil }
