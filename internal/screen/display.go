//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/parley-chat/parley/mesibo/call"
)

// quiet silences the library's log: it returns its errors as well.
var quiet = sync.OnceFunc(func() { xgb.Logger.SetOutput(io.Discard) })

// Names of extensions.
const (
	extMemory  = "MIT-SHM"
	extMonitor = "RANDR"
	extCursor  = "XFIXES"
	extWayland = "XWAYLAND"
)

// display is a connection to the X server. Its methods are used by one goroutine at a time.
type display struct {
	conn   *xgb.Conn
	root   xproto.Window
	screen *xproto.ScreenInfo
	local  bool // the server is on this machine
	randr  bool // it knows monitors
}

// open connects to a display; an empty name stands for the one of the environment.
func open(name string) (*display, error) {
	quiet()
	if name == "" {
		name = os.Getenv("DISPLAY")
	}
	switch {
	case name == "" && os.Getenv("WAYLAND_DISPLAY") != "":
		return nil, ErrWayland
	case name == "":
		return nil, fmt.Errorf("%w: there is no display", call.ErrNoDevice)
	}
	conn, err := xgb.NewConnDisplay(name)
	if err != nil {
		return nil, fmt.Errorf("%w: open display: %w", call.ErrNoDevice, err)
	}
	d := &display{conn: conn, local: strings.HasPrefix(name, ":") || strings.HasPrefix(name, "unix:")}
	if err := d.check(); err != nil {
		conn.Close()
		return nil, err
	}
	return d, nil
}

// check reports why the display cannot be captured, and finds out what it can do.
func (d *display) check() error {
	setup := xproto.Setup(d.conn)
	if d.conn.DefaultScreen >= len(setup.Roots) {
		return fmt.Errorf("%w: the display has no screen %d", call.ErrNoDevice, d.conn.DefaultScreen)
	}
	d.screen = setup.DefaultScreen(d.conn)
	d.root = d.screen.Root
	if !isBGRX(setup, d.screen) {
		return fmt.Errorf("%w: the display has other colours than 24 bits in 32", call.ErrNoDevice)
	}
	if d.extension(extWayland) {
		return ErrWayland
	}
	return d.checkMonitors()
}

// isBGRX reports whether the pixels of the screen are four bytes: blue, green, red and one that is not used.
func isBGRX(setup *xproto.SetupInfo, screen *xproto.ScreenInfo) bool {
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return false
	}
	bits := byte(0)
	for _, f := range setup.PixmapFormats {
		if f.Depth == screen.RootDepth {
			bits = f.BitsPerPixel
		}
	}
	for _, depth := range screen.AllowedDepths {
		for _, v := range depth.Visuals {
			if v.VisualId == screen.RootVisual {
				return bits == 32 && v.RedMask == 0xff0000 && v.GreenMask == 0xff00 && v.BlueMask == 0xff
			}
		}
	}
	return false
}

// extension reports whether the server has an extension, and makes it known to the connection. The Init functions of
// the library also write maps that the goroutines of all connections read without a lock; they are for events and
// errors of extensions, which are not used here.
func (d *display) extension(name string) bool {
	reply, err := xproto.QueryExtension(d.conn, uint16(len(name)), name).Reply()
	if err != nil || !reply.Present {
		return false
	}
	d.conn.ExtLock.Lock()
	defer d.conn.ExtLock.Unlock()
	d.conn.Extensions[name] = reply.MajorOpcode
	return true
}
