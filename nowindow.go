//go:build !cgo || ci || (!window && (!migrated_fynedo || race))

package main

import (
	"errors"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
)

// newWindowedApp is the twin for builds that leave the window's driver out.
func newWindowedApp(string) (fyne.App, error) {
	return nil, errors.New("this build has no window (it needs cgo, -tags migrated_fynedo and no -race): " +
		"run `make run` to build one that has, or `make demo` to see the same program without a display")
}

// newDesktop is the twin: without windows there is nothing to do for a desktop.
func newDesktop() (d app.Desktop, end func()) { return nil, func() {} } //nolint:ireturn // as its twin
