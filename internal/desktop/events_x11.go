//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// Numbers of events that the server gives to extensions.
const (
	firstExtension = 64
	lastExtension  = 127
)

const extFixes = "XFIXES"

// extensionEvent is an event of an extension, as it came.
type extensionEvent []byte

var _ xgb.Event = extensionEvent{}

// Bytes implements xgb.Event.
func (e extensionEvent) Bytes() []byte { return e }

// String implements xgb.Event.
func (e extensionEvent) String() string { return fmt.Sprintf("event %d", e.number()) }

func (e extensionEvent) number() byte { return e[0] & lastExtension }

// _ makes the library pass on events of all extensions. Its Init functions would do that for one, but they write maps
// that the goroutines of all connections read without a lock; here there are no connections yet.
var _ = func() bool {
	for number := firstExtension; number <= lastExtension; number++ {
		xgb.NewEventFuncs[number] = func(buf []byte) xgb.Event { return extensionEvent(buf) }
	}
	return true
}()

// useFixes makes the extension known to the connection, in place of the library's Init.
func (d *display) useFixes() error {
	reply, err := xproto.QueryExtension(d.conn, uint16(len(extFixes)), extFixes).Reply()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if !reply.Present {
		return fmt.Errorf("%w: the server has no %s", ErrUnsupported, extFixes)
	}
	d.conn.ExtLock.Lock()
	defer d.conn.ExtLock.Unlock()
	d.conn.Extensions[extFixes] = reply.MajorOpcode
	d.fixes = reply.FirstEvent
	return nil
}

// ownerChanged reports whether an event says that a selection has an owner now.
func (d *display) ownerChanged(e xgb.Event) bool {
	raw, ok := e.(extensionEvent)
	if !ok || raw.number() != d.fixes+xfixes.SelectionNotify {
		return false
	}
	n, ok := xfixes.SelectionNotifyEventNew(raw).(xfixes.SelectionNotifyEvent)
	return ok && n.Owner != 0
}
