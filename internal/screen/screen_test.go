package screen

import (
	"errors"
	"image"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo/call"
)

func nothing(*image.YCbCr) {}

// hasX11 reports whether screens can be captured on this system at all.
func hasX11() bool {
	return slices.Contains([]string{"linux", "freebsd", "netbsd", "openbsd"}, runtime.GOOS)
}

// TestNoDisplay: without a display there is no device, and where it is Wayland's the error says so.
func TestNoDisplay(t *testing.T) {
	for name, c := range map[string]struct {
		display, wayland string
		is               error
	}{
		"nothing":        {"", "", call.ErrNoDevice},
		"only Wayland":   {"", "wayland-0", ErrWayland},
		"not running":    {":99999", "", call.ErrNoDevice},
		"not a display":  {"what is this", "", call.ErrNoDevice},
		"wrong number":   {":-1", "wayland-0", call.ErrNoDevice},
		"another system": {"no-such-host.invalid:0", "", call.ErrNoDevice},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DISPLAY", c.display)
			t.Setenv("WAYLAND_DISPLAY", c.wayland)
			_, listed := List()
			_, started := Screen{}.Start(640, 480, 15, nothing, func() {})
			for _, err := range []error{listed, started} {
				if !errors.Is(err, call.ErrNoDevice) || hasX11() && !errors.Is(err, c.is) {
					t.Errorf("got %v, want %v", err, c.is)
				}
				if hasX11() && errors.Is(c.is, ErrWayland) != strings.Contains(err.Error(), "not on Wayland") {
					t.Errorf("the sentence is %q", err)
				}
			}
		})
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{0, 480, 15}, {640, -1, 15}, {640, 480, 0}} {
		if _, err := (Screen{}).Start(c[0], c[1], c[2], nothing, func() {}); err == nil || errors.Is(err, call.ErrNoDevice) {
			t.Errorf("%v: got %v", c, err)
		}
	}
}
