// Package cachesetting shortens the time for which the window caches the textures of text that is no longer on the
// screen.
//
// Fyne keeps a texture of every line of text for a minute by default. Scrolling through a long chat then holds half a
// gigabyte, and frees it in one visible hitch. Fyne reads the setting while its packages are initialized, so it has
// to be set earlier: a package whose only import is os is initialized in the order of its import path, and this one
// sorts before image, which Fyne needs. The test of this package checks that order.
//
// Import it for its effect, beside the package that opens the window.
package cachesetting

import "os"

const (
	variable = "FYNE_CACHE"
	// lifetime is long enough that a tab the user returns to is still drawn, and short enough that a minute of
	// scrolling stays under the memory target.
	lifetime = "15s"
)

//nolint:gochecknoinits // it must run before main, and before Fyne's own init
func init() {
	if _, chosen := os.LookupEnv(variable); !chosen {
		// It fails only for an invalid name or value; both are constants.
		_ = os.Setenv(variable, lifetime)
	}
}
