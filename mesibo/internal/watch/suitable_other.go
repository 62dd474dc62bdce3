//go:build !linux && !windows && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package watch

// unsuitable knows nothing against any folder.
func unsuitable(string) string { return "" }
