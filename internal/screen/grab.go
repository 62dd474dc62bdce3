//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"github.com/parley-chat/parley/internal/video/yuv"
)

const (
	allPlanes = 0xffffffff
	pixelSize = 4

	// locateEvery is how often the place of the monitor is looked up.
	locateEvery = time.Second
)

var (
	errMonitor = errors.New("the monitor is disconnected")
	errPicture = errors.New("the picture of the screen is too small")
)

// grabber takes pictures of a monitor.
type grabber struct {
	*display

	name    string // of the monitor; empty for the first
	whole   bool   // all monitors
	area    image.Rectangle
	located time.Time
	memory  *memory // nil where the server cannot share it
	share   bool
	cursor  bool
}

func newGrabber(d *display, s Screen) (*grabber, error) {
	g := &grabber{display: d, name: s.Name, whole: s.Whole}
	g.share = d.local && d.extension(extMemory)
	if d.extension(extCursor) {
		_, err := xfixes.QueryVersion(d.conn, 4, 0).Reply()
		g.cursor = err == nil
	}
	if err := g.locate(); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// locate finds the area of the monitor, and has memory for it.
func (g *grabber) locate() error {
	list := g.monitors
	if g.whole {
		list = g.wholeDisplay
	}
	monitors, err := list()
	if err != nil {
		return err
	}
	g.located = time.Now()
	for _, m := range monitors {
		if g.name != "" && m.name != g.name {
			continue
		}
		g.area = image.Rectangle{m.area.Min, m.area.Min.Add(yuv.Even(m.area.Size()))}
		g.allocate(pixelSize * g.area.Dx() * g.area.Dy())
		return nil
	}
	return errMonitor
}

// allocate has at least size bytes of shared memory, if the server can share it.
func (g *grabber) allocate(size int) {
	if !g.share || g.memory != nil && len(g.memory.bytes) >= size {
		return
	}
	g.memory.close()
	g.memory = newMemory(g.display, size)
	g.share = g.memory != nil
}

// grab returns the pixels of the area, as isBGRX has them, valid until the next call.
func (g *grabber) grab() ([]byte, error) {
	if time.Since(g.located) >= locateEvery {
		if err := g.locate(); err != nil {
			return nil, err
		}
	}
	var cookie xfixes.GetCursorImageCookie
	if g.cursor {
		cookie = xfixes.GetCursorImage(g.conn) // under way together with the picture
	}
	pix, err := g.picture()
	if err != nil {
		return nil, err
	}
	if g.cursor {
		cursor, err := cookie.Reply()
		if err != nil {
			g.cursor = false
			return pix, nil //nolint:nilerr // the next picture finds out whether the connection has ended
		}
		drawCursor(pix, g.area, cursor)
	}
	return pix, nil
}

func (g *grabber) picture() ([]byte, error) {
	x, y := int16(g.area.Min.X), int16(g.area.Min.Y)
	width, height := uint16(g.area.Dx()), uint16(g.area.Dy())
	var pix []byte
	if g.memory != nil {
		_, err := shm.GetImage(g.conn, xproto.Drawable(g.root), x, y, width, height, allPlanes,
			xproto.ImageFormatZPixmap, g.memory.segment, 0).Reply()
		if err != nil {
			return nil, fmt.Errorf("get picture: %w", err)
		}
		pix = g.memory.bytes
	} else {
		reply, err := xproto.GetImage(g.conn, xproto.ImageFormatZPixmap, xproto.Drawable(g.root), x, y, width, height,
			allPlanes).Reply()
		if err != nil {
			return nil, fmt.Errorf("get picture: %w", err)
		}
		pix = reply.Data
	}
	size := pixelSize * g.area.Dx() * g.area.Dy()
	if len(pix) < size {
		return nil, errPicture
	}
	return pix[:size], nil
}

// refused reports whether the server refused a request, as it does for an area that has just become smaller.
func refused(err error) bool {
	_, ok := errors.AsType[xgb.Error](err)
	return ok
}

func (g *grabber) close() {
	g.memory.close()
	g.conn.Close()
}
