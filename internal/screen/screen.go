// Package screen captures what is on a screen, for calls. It knows X11; where there is none, it has no screens.
package screen

import (
	"fmt"
	"image"

	"github.com/parley-chat/parley/mesibo/call"
)

// ErrWayland means that the session's screens belong to Wayland, where only X11 programs could be seen.
var ErrWayland = fmt.Errorf("%w: screens can be shared on X11, not on Wayland", call.ErrNoDevice)

// Screen is a monitor, or the whole display where its monitors are not known. The zero value is the primary monitor.
type Screen struct {
	Name  string      // of its connector, such as "HDMI-1"; empty for the whole display
	Size  image.Point // pixels
	Whole bool        // all monitors together; the others are of no account

	display string // empty for the one of the environment
}

var _ call.VideoSource = Screen{}

// List returns the screens, the primary one first. The error wraps call.ErrNoDevice when there is no display, and is
// ErrWayland when the display shows X11 programs only.
func List() ([]Screen, error) { return list("") }

// Start implements call.VideoSource. Frames show the mouse cursor, keep the aspect ratio of the screen and are never
// larger than it; their size changes with the screen's. lost is called when the connection to the display ends or the
// monitor is disconnected. The error is like that of List.
func (s Screen) Start(width, height, fps int, take func(frame *image.YCbCr), lost func()) (stop func(), err error) {
	if min(width, height, fps) <= 0 {
		return nil, fmt.Errorf("capture screen: %dx%d, %d frames a second", width, height, fps)
	}
	return s.start(options{image.Pt(width, height), fps, take, lost})
}

// options are the arguments of Start.
type options struct {
	box  image.Point
	fps  int
	take func(frame *image.YCbCr)
	lost func()
}
