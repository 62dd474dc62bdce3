// Package cachesetting shortens the time for which the window keeps the drawn
// form of texts that are no longer on the screen.
//
// Fyne keeps a texture of every line of text for a minute by default. Scrolling
// through a long chat then holds half a gigabyte, and gives it back in one
// visible hitch. The setting is read while Fyne's packages initialise, so it has
// to be made before: a package whose only import is os is initialised as early
// as its import path sorts, and this one sorts before image, which Fyne needs.
// The test of this package watches that order.
//
// Import it for its effect, beside the package that opens the window.
package cachesetting

import "os"

const (
	variable = "FYNE_CACHE"
	// lifetime is long enough that a tab one returns to is still drawn, and
	// short enough that a minute of scrolling stays under the memory target.
	lifetime = "15s"
)

//nolint:gochecknoinits // it must run before main, and before Fyne's own init
func init() {
	if _, chosen := os.LookupEnv(variable); !chosen {
		// The only failures are an invalid name or value; both are constants.
		_ = os.Setenv(variable, lifetime)
	}
}
