package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

// Desktop is what the program needs of the system beyond its window. Methods that the system cannot support return an
// error. They are called on goroutines of their own. A window is identified by the system's number for it.
type Desktop interface {
	// ChooseFiles lets the user choose files in the system's own dialog; none when that was cancelled.
	ChooseFiles(ctx context.Context, window uintptr, title string) (paths []string, err error)
	// ChoosePicture is ChooseFiles for one picture; the path is empty when that was cancelled.
	ChoosePicture(ctx context.Context, window uintptr, title string) (path string, err error)
	// ChooseFolder is ChoosePicture for a folder, ChooseSave for a file to be written, whose name is suggested.
	ChooseFolder(ctx context.Context, window uintptr, title string) (path string, err error)
	ChooseSave(ctx context.Context, window uintptr, title, name string) (path string, err error)
	// Paste returns the files or the picture on the clipboard; nothing when there is only text.
	Paste(ctx context.Context) (files []string, image []byte, err error)
	// CopyImage puts a PNG on the clipboard.
	CopyImage(png []byte) error
	// WatchDrags reports what is dragged over a window: its position, from 0 to 1 of width and height, and when it has
	// left. It returns when ctx ends.
	WatchDrags(ctx context.Context, window uintptr, told func(over bool, x, y float32)) error
}

// windowHandle is the system's number for a window, 0 when it is unknown.
func windowHandle(w fyne.Window) uintptr {
	native, ok := w.(driver.NativeWindow)
	if !ok {
		return 0
	}
	id := uintptr(0)
	native.RunNative(func(known any) {
		if x11, ok := known.(driver.X11WindowContext); ok {
			id = x11.WindowHandle
		}
	})
	return id
}

// dragging shows where files can be dropped while they are over the window.
type dragging struct {
	home  *home
	zones *widgets.DropZones
	stop  context.CancelFunc
	ended func() // cancels the timer that hides the zones
}

func newDragging(h *home) *dragging {
	d := &dragging{home: h, zones: widgets.NewDropZones()}
	d.zones.Hide()
	return d
}

// watch starts to watch drags; the window must be on the screen.
func (d *dragging) watch() {
	a := d.home.app
	window := windowHandle(a.window)
	if a.cfg.Desktop == nil || window == 0 {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	a.cfg.UI.Async(func(closed context.Context) {
		defer context.AfterFunc(closed, stop)()
		err := a.cfg.Desktop.WatchDrags(ctx, window, func(over bool, x, y float32) {
			a.cfg.UI.Post(func() { a.Dragged(over, x, y) })
		})
		if err != nil {
			a.cfg.Logger.Debug("drags are not seen before the drop", errorAttr(err))
		}
	}, func() {})
}

// dropWithin is how long the zones stay when nothing is over the window any more: the drop is reported later.
const dropWithin = 300 * time.Millisecond

// moved shows or hides the zones as something is dragged over the window.
func (d *dragging) moved(over bool, x, y float32) {
	h := d.home
	m := h.chat.Model()
	if d.ended != nil {
		d.ended()
		d.ended = nil
	}
	switch {
	case h.closed:
		return
	case !over:
		d.ended = h.app.cfg.UI.After(dropWithin, d.zones.Hide)
		return
	case m == nil || m.FilesRefused() != "" || h.app.sheet.Shown() || h.app.viewer != nil:
		d.zones.Hide()
		return
	}
	size := h.app.window.Canvas().Size()
	words := tr.L("Drop to send to {{.Name}}", "Name", m.Title())
	if m.Saved() {
		words = tr.L("Drop to save")
	}
	d.zones.Set(words, d.at(fyne.NewPos(x*size.Width, y*size.Height)))
	d.zones.Show()
}

// at returns the zone at a position in the window.
func (d *dragging) at(pos fyne.Position) widgets.DropZone {
	corner := fyne.CurrentApp().Driver().AbsolutePositionForObject(d.zones)
	return d.zones.At(pos.Subtract(corner))
}

// take returns the zone that something was dropped on, and hides the zones.
func (d *dragging) take(pos fyne.Position) widgets.DropZone {
	if !d.zones.Visible() {
		return widgets.ZoneNone
	}
	zone := d.at(pos)
	d.zones.Hide()
	return zone
}

func (d *dragging) close() {
	if d.stop != nil {
		d.stop()
	}
	if d.ended != nil {
		d.ended()
	}
}
