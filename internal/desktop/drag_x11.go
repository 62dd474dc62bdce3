//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// lookEvery is how often the pointer is looked for while something is dragged.
const lookEvery = 50 * time.Millisecond

const anyButton = xproto.KeyButMaskButton1 | xproto.KeyButMaskButton2 | xproto.KeyButMaskButton3

// WatchDrags tells of what is dragged over a window, by its number on the display: where the pointer is, each from 0 to 1 of
// width and height, and in the end that it is not over it any more. It returns when ctx ends, which is no error, or when there is no
// display. told is called on the goroutine of the caller.
//
// The toolkit takes the drop itself. That a drag is under way shows in that a program takes hold of the selection that drags use;
// from then on, and while a button is pressed, the pointer is looked for.
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
		_, err := d.next(ctx, func(e xgb.Event) bool {
			n, ok := e.(xfixes.SelectionNotifyEvent)
			return ok && n.Owner != 0
		})
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

// announceDrags asks to be told of drags.
func (d *display) announceDrags() error {
	if err := xfixes.Init(d.conn); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
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

// follow looks for the pointer until all buttons are released.
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
		case _, ok := <-d.events: // another drag has begun, or the end
			if !ok {
				return errDisplay
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// share tells how far across and down a window of a size a place in it is.
func share(here bool, x, y, width, height int) (right, down float32, inside bool) {
	if !here || x < 0 || y < 0 || x >= width || y >= height {
		return 0, 0, false
	}
	return float32(x) / float32(width), float32(y) / float32(height), true
}
