//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// quiet silences the library's log: it returns its errors as well.
var quiet = sync.OnceFunc(func() { xgb.Logger.SetOutput(io.Discard) })

// display is a connection to the X server, with a window of its own that is never shown.
type display struct {
	conn   *xgb.Conn
	window xproto.Window
	root   xproto.Window
	events chan xgb.Event // closed when the connection ends
	atoms  map[string]xproto.Atom
	fixes  byte // the number of the first event of XFIXES, see useFixes
}

func openDisplay() (*display, error) {
	quiet()
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	d := &display{
		conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root, events: make(chan xgb.Event),
		atoms: make(map[string]xproto.Atom),
	}
	if d.window, err = xproto.NewWindowId(conn); err == nil {
		err = xproto.CreateWindowChecked(conn, 0, d.window, d.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0,
			xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("make window: %w", err)
	}
	go d.listen()
	return d, nil
}

// listen forwards events until the connection ends. Errors of requests go to their callers.
func (d *display) listen() {
	defer close(d.events)
	for {
		event, err := d.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if event != nil {
			d.events <- event
		}
	}
}

// close closes the connection and waits for its goroutine.
func (d *display) close() {
	d.conn.Close()
	for range d.events { // drain what arrives meanwhile
	}
}

var errDisplay = errors.New("the connection to the display has ended")

// next waits for an event that fits.
func (d *display) next(ctx context.Context, fits func(xgb.Event) bool) (xgb.Event, error) { //nolint:ireturn // theirs
	for {
		select {
		case event, ok := <-d.events:
			if !ok {
				return nil, errDisplay
			}
			if fits(event) {
				return event, nil
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx) //nolint:wrapcheck // cancellation is not wrapped
		}
	}
}

func (d *display) atom(name string) (xproto.Atom, error) {
	if a, ok := d.atoms[name]; ok {
		return a, nil
	}
	reply, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("name atom: %w", err)
	}
	d.atoms[name] = reply.Atom
	return reply.Atom, nil
}
