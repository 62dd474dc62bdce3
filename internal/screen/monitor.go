//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// monitor is a part of the display.
type monitor struct {
	name    string // empty for all of it
	area    image.Rectangle
	primary bool
}

// primaryFirst compares so that the primary monitor comes first.
func primaryFirst(a, b monitor) int {
	switch {
	case a.primary == b.primary:
		return 0
	case a.primary:
		return -1
	}
	return 1
}

func list(display string) ([]Screen, error) {
	d, err := open(display)
	if err != nil {
		return nil, err
	}
	defer d.conn.Close()
	monitors, err := d.monitors()
	if err != nil {
		return nil, err
	}
	screens := make([]Screen, len(monitors))
	for i, m := range monitors {
		screens[i] = Screen{Name: m.name, Size: m.area.Size(), display: display}
	}
	return screens, nil
}

// checkMonitors finds out whether the display knows its monitors, and whether Wayland has them: older servers that run
// inside Wayland have no extension that says so.
func (d *display) checkMonitors() error {
	if !d.extension(extMonitor) {
		return nil
	}
	version, err := randr.QueryVersion(d.conn, 1, 5).Reply()
	if err != nil || version.MajorVersion == 1 && version.MinorVersion < 5 {
		return nil //nolint:nilerr // the whole display is captured
	}
	d.randr = true
	monitors, err := d.monitors()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(monitors, func(m monitor) bool { return strings.HasPrefix(m.name, extWayland) }) {
		return ErrWayland
	}
	return nil
}

// monitors returns the monitors, the primary one first; where they are not known, the whole display as one.
func (d *display) monitors() ([]monitor, error) {
	var all []monitor
	if d.randr {
		reply, err := randr.GetMonitors(d.conn, d.root, true).Reply()
		if err != nil {
			return nil, fmt.Errorf("list monitors: %w", err)
		}
		for _, info := range reply.Monitors {
			name, err := xproto.GetAtomName(d.conn, info.Name).Reply()
			if err != nil {
				return nil, fmt.Errorf("list monitors: %w", err)
			}
			at := image.Pt(int(info.X), int(info.Y))
			size := image.Pt(int(info.Width), int(info.Height))
			if size.X > 0 && size.Y > 0 {
				all = append(all, monitor{name.Name, image.Rectangle{at, at.Add(size)}, info.Primary})
			}
		}
		slices.SortStableFunc(all, primaryFirst)
	}
	if len(all) == 0 {
		return d.wholeDisplay()
	}
	return all, nil
}

// wholeDisplay returns the display as one monitor.
func (d *display) wholeDisplay() ([]monitor, error) {
	size, err := xproto.GetGeometry(d.conn, xproto.Drawable(d.root)).Reply()
	if err != nil {
		return nil, fmt.Errorf("measure display: %w", err)
	}
	return []monitor{{area: image.Rect(0, 0, int(size.Width), int(size.Height))}}, nil
}
