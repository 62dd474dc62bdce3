//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// answerWithin is how long the owner of the clipboard may take for each piece.
const answerWithin = 5 * time.Second

const (
	selection   = "CLIPBOARD"
	arrived     = "PARLEY_CLIPBOARD" // the property that receives it
	targetList  = "TARGETS"
	incremental = "INCR"
)

var (
	fileTypes  = []string{"text/uri-list", "x-special/gnome-copied-files"}
	imageTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

	errSilent = errors.New("the program from which it was copied does not answer")
	errLarge  = errors.New("what was copied is too large")
)

// Paste returns what is on the clipboard: the paths of files, or the bytes of a PNG, JPEG, WebP or GIF. Both are empty
// when there is neither, for example only text. It takes as long as the other program does; do not call it on the
// goroutine of the user interface, which may be the one that has to answer.
func (*Desktop) Paste(ctx context.Context) (files []string, image []byte, err error) {
	d, err := openDisplay()
	if err != nil {
		return nil, nil, err
	}
	defer d.close()
	offered, err := d.offered(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range fileTypes {
		if !offered[name] {
			continue
		}
		list, err := d.convert(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		if files := filesOf(string(list)); len(files) > 0 {
			return files, nil, nil
		}
	}
	for _, name := range imageTypes {
		if offered[name] {
			image, err := d.convert(ctx, name)
			return nil, image, err
		}
	}
	return nil, nil, nil
}

// offered returns the forms in which the clipboard is available.
func (d *display) offered(ctx context.Context) (map[string]bool, error) {
	list, err := d.convert(ctx, targetList)
	if err != nil {
		return nil, err
	}
	offered := make(map[string]bool)
	for _, name := range slices.Concat(fileTypes, imageTypes) {
		atom, err := d.atom(name)
		if err != nil {
			return nil, err
		}
		for rest := list; len(rest) >= 4; rest = rest[4:] {
			if xproto.Atom(xgb.Get32(rest)) == atom {
				offered[name] = true
			}
		}
	}
	return offered, nil
}

// convert returns the clipboard in one form; nil, when it is empty or not available in it.
func (d *display) convert(ctx context.Context, name string) ([]byte, error) {
	into, err := d.request(ctx, name)
	if err != nil || into == 0 {
		return nil, err
	}
	return d.collect(ctx, into)
}

// request requests the clipboard in one form, and returns the property to collect it from; 0, when it is empty or not
// available in that form.
func (d *display) request(ctx context.Context, name string) (xproto.Atom, error) {
	from, err := d.atom(selection)
	if err != nil {
		return 0, err
	}
	form, err := d.atom(name)
	if err != nil {
		return 0, err
	}
	into, err := d.atom(arrived)
	if err != nil {
		return 0, err
	}
	xproto.DeleteProperty(d.conn, d.window, into)
	xproto.ConvertSelection(d.conn, d.window, from, form, into, xproto.TimeCurrentTime)
	event, err := d.await(ctx, func(e xgb.Event) bool {
		n, ok := e.(xproto.SelectionNotifyEvent)
		return ok && n.Selection == from && n.Target == form
	})
	if err != nil {
		return 0, err
	}
	if n, ok := event.(xproto.SelectionNotifyEvent); !ok || n.Property == 0 {
		return 0, nil
	}
	return into, nil
}

// await waits for an event, but not for ever.
func (d *display) await(ctx context.Context, fits func(xgb.Event) bool) (xgb.Event, error) { //nolint:ireturn // theirs
	ctx, cancel := context.WithTimeoutCause(ctx, answerWithin, errSilent)
	defer cancel()
	return d.next(ctx, fits)
}

// collect reads a property, all at once or in pieces.
func (d *display) collect(ctx context.Context, from xproto.Atom) ([]byte, error) {
	pieces, err := d.atom(incremental)
	if err != nil {
		return nil, err
	}
	form, all, err := d.take(from)
	if err != nil || form != pieces {
		return all, err
	}
	var out bytes.Buffer
	for {
		if _, err := d.await(ctx, func(e xgb.Event) bool {
			n, ok := e.(xproto.PropertyNotifyEvent)
			return ok && n.Atom == from && n.State == xproto.PropertyNewValue
		}); err != nil {
			return nil, err
		}
		_, piece, err := d.take(from)
		if err != nil {
			return nil, err
		}
		if len(piece) == 0 {
			return out.Bytes(), nil
		}
		if out.Len()+len(piece) > maxPaste {
			return nil, errLarge
		}
		out.Write(piece)
	}
}

// take reads a property and deletes it, which requests the next piece.
func (d *display) take(from xproto.Atom) (form xproto.Atom, value []byte, err error) {
	const part = 1 << 16 // in units of four bytes
	for {
		reply, err := xproto.GetProperty(d.conn, false, d.window, from, xproto.GetPropertyTypeAny, uint32(len(value)/4),
			part).Reply()
		if err != nil {
			return 0, nil, fmt.Errorf("take from the clipboard: %w", err)
		}
		form = reply.Type
		if len(value)+len(reply.Value) > maxPaste {
			return 0, nil, errLarge
		}
		value = append(value, reply.Value...)
		if reply.BytesAfter == 0 || len(reply.Value) == 0 {
			break
		}
	}
	if err := xproto.DeletePropertyChecked(d.conn, d.window, from).Check(); err != nil {
		return 0, nil, fmt.Errorf("take from the clipboard: %w", err)
	}
	return form, value, nil
}
