//go:build !linux

package startpages

// Release does nothing: only Linux is known to count such pages.
func Release() (bytes uint64, err error) { return 0, nil }
