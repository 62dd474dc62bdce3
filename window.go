//go:build cgo && !ci && (window || (migrated_fynedo && !race))

// The one file that links the window's driver, with its cgo, X11 and OpenGL. It requires the tag that every build of
// the program needs anyway, so that plain go test and go vet leave the driver out. So do tests under the race
// detector: none of them needs X11 headers. The tag window forces the driver in, to look for races in the window.

package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/go-gl/glfw/v3.3/glfw"

	parley "github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/system"
	_ "github.com/parley-chat/parley/internal/cachesetting" // before Fyne reads it
	"github.com/parley-chat/parley/internal/desktop"
)

// newWindowedApp returns the application that draws real windows. Without a usable display it returns an error that
// is one sentence for the user. Call it on main's goroutine.
func newWindowedApp(id string) (fyne.App, error) {
	if err := probeDisplay(); err != nil {
		return nil, fmt.Errorf("no window can be opened here (%w): "+
			"run `make demo` to see the same program without a display", err)
	}
	// Without this, Fyne takes name and icon from any FyneApp.toml in the current folder.
	app.SetMetadata(fyne.AppMetadata{ID: id, Name: "Parley", Version: version})
	return app.NewWithID(id), nil
}

// newDesktop returns the user's desktop, what is around the windows, and a function that releases both.
func newDesktop(o desktopOptions) (parley.Desktop, system.System, func()) { //nolint:ireturn // its twin has none
	own := desktop.New(desktop.Options{Command: o.command, Instance: o.instance, Logger: o.log})
	return own, own, own.Close
}

// newScale returns what sets how large everything is drawn, in percent of how the user's desktop has it.
func newScale() func(percent int) {
	const variable, whole = "FYNE_SCALE", 100 // the toolkit reads it whenever its settings change
	base, err := strconv.ParseFloat(os.Getenv(variable), 32)
	if err != nil || base <= 0 {
		base = 1
	}
	return func(percent int) {
		_ = os.Setenv(variable, strconv.FormatFloat(base*float64(percent)/whole, 'f', 2, 32)) // the name is valid
	}
}

// probeDisplay opens and closes a hidden window. Fyne itself panics when there is no display, and when the display
// has no OpenGL it only logs that and goes on without a window.
func probeDisplay() (err error) {
	switch runtime.GOOS {
	case "windows", "darwin":
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return errors.New("DISPLAY is not set")
		}
	}
	defer func() {
		// The binding panics on errors that it considers the caller's fault, among them a display that does not
		// answer.
		if r := recover(); r != nil {
			err = fmt.Errorf("the display does not answer: %v", r)
		}
	}()
	if err := glfw.Init(); err != nil {
		return fmt.Errorf("the display does not answer: %w", err)
	}
	glfw.WindowHint(glfw.Visible, glfw.False)
	w, err := glfw.CreateWindow(1, 1, "", nil, nil)
	if err != nil {
		return fmt.Errorf("the display has no OpenGL: %w", err)
	}
	w.Destroy()
	return nil
}
