//go:build !cgo || ci || !migrated_fynedo || race

package main

import (
	"errors"

	"fyne.io/fyne/v2"
)

// newApp takes the place of the one in window.go, so that vet and tests need no cgo.
func newApp() (fyne.App, error) {
	return nil, errors.New("this build has no window: it needs cgo and -tags migrated_fynedo")
}
