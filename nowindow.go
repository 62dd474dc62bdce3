//go:build !cgo || ci || (!window && (!migrated_fynedo || race))

package main

import (
	"errors"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/system"
)

// newWindowedApp replaces the one in window.go in builds without the window's driver.
func newWindowedApp(string) (fyne.App, error) {
	return nil, errors.New("this build has no window (it needs cgo, -tags migrated_fynedo and no -race): " +
		"run `make run` to build one that has, or `make demo` to see the same program without a display")
}

// newDesktop replaces the one in window.go: without windows, there is no desktop to use.
func newDesktop(desktopOptions) (app.Desktop, system.System, func()) { //nolint:ireturn // as its twin
	return nil, nil, func() {}
}

// newScale replaces the one in window.go: nothing is drawn.
func newScale() func(percent int) { return nil }
