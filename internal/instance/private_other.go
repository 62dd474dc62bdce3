//go:build !unix

package instance

import "os"

// private reports whether a folder is there: the user's own folders are private by default.
func private(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}
