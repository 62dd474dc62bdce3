//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// lookEvery is how often the pointer is queried during a drag.
const lookEvery = 50 * time.Millisecond

const anyButton = xproto.KeyButMaskButton1 | xproto.KeyButMaskButton2 | xproto.KeyButMaskButton3

// WatchDrags reports drags over a window, which is given by its id on the display: the position of the pointer, each
// coordinate from 0 to 1 of width and height, and that the pointer has left. It returns when ctx ends, which is no
// error, or when there is no display. told is called on the caller's goroutine.
//
// The toolkit handles the drop itself. A drag starts when a program becomes the owner of the selection that drags use;
// from then on, while a button is pressed, the pointer is queried.
func (*Desktop) WatchDrags(ctx context.Context, window uintptr, told func(over bool, x, y float32)) error {
	d, err := openDisplay()
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.announceDrags(); err != nil {
		return err
	}
	for {
		_, err := d.next(ctx, d.ownerChanged)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := d.follow(ctx, xproto.Window(window), told); err != nil {
			return err
		}
	}
}

// announceDrags subscribes to the events of drags.
func (d *display) announceDrags() error {
	if err := d.useFixes(); err != nil {
		return err
	}
	const major, minor = 5, 0
	if _, err := xfixes.QueryVersion(d.conn, major, minor).Reply(); err != nil {
		return fmt.Errorf("ask for drags: %w", err)
	}
	selection, err := d.atom("XdndSelection")
	if err != nil {
		return err
	}
	err = xfixes.SelectSelectionInputChecked(d.conn, d.root, selection, xfixes.SelectionEventMaskSetSelectionOwner).Check()
	if err != nil {
		return fmt.Errorf("ask for drags: %w", err)
	}
	return nil
}

// follow queries the pointer until all buttons are released.
func (d *display) follow(ctx context.Context, window xproto.Window, told func(over bool, x, y float32)) error {
	over := false
	defer func() {
		if over {
			told(false, 0, 0)
		}
	}()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		at, err := xproto.QueryPointer(d.conn, window).Reply()
		if err != nil {
			return fmt.Errorf("look for the pointer: %w", err)
		}
		if at.Mask&anyButton == 0 {
			return nil
		}
		size, err := xproto.GetGeometry(d.conn, xproto.Drawable(window)).Reply()
		if err != nil {
			return fmt.Errorf("look for the window: %w", err)
		}
		x, y, inside := share(at.SameScreen, int(at.WinX), int(at.WinY), int(size.Width), int(size.Height))
		if inside || over {
			told(inside, x, y)
		}
		over = inside
		select {
		case <-tick.C:
		case _, ok := <-d.events: // another drag has started, or the connection has ended
			if !ok {
				return errDisplay
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// share returns the position in a window as a part of its width and height.
func share(here bool, x, y, width, height int) (right, down float32, inside bool) {
	if !here || x < 0 || y < 0 || x >= width || y >= height {
		return 0, 0, false
	}
	return float32(x) / float32(width), float32(y) / float32(height), true
}
