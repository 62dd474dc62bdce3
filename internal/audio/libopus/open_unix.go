//go:build darwin || freebsd || linux

package libopus

import (
	"errors"
	"runtime"

	"github.com/ebitengine/purego"
)

func names() []string {
	if runtime.GOOS == "darwin" {
		return []string{"libopus.0.dylib", "/opt/homebrew/lib/libopus.0.dylib", "/usr/local/lib/libopus.0.dylib"}
	}
	return []string{"libopus.so.0"}
}

func open() (uintptr, error) {
	var all []error
	for _, name := range names() {
		handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err == nil {
			return handle, nil
		}
		all = append(all, err)
	}
	return 0, errors.Join(all...)
}
