//go:build cgo && !ci && migrated_fynedo && !race

package main

import (
	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
)

// newApp links the driver of real windows, which needs cgo and the headers of X11 and OpenGL.
func newApp() (fyne.App, error) { return fyneapp.NewWithID("org.parleychat.firstapp"), nil }
