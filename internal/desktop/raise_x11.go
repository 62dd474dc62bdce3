//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/jezek/xgb/xproto"
)

// Raise implements system.Windows: the window manager is asked as a pager asks it, because the user has asked for the
// window elsewhere. Without a window manager it returns ErrUnsupported.
func (*Desktop) Raise(window uintptr, token string) error {
	d, err := openDisplay()
	if err != nil {
		return err
	}
	defer d.close()
	managed, err := d.cards(d.root, "_NET_SUPPORTING_WM_CHECK", 1)
	if err != nil {
		return err
	}
	if len(managed) == 0 {
		return fmt.Errorf("%w: there is no window manager", ErrUnsupported)
	}
	const pager = 2
	return d.tellManager(xproto.Window(window), "_NET_ACTIVE_WINDOW", pager, timeIn(token))
}

var startupTime = regexp.MustCompile(`_TIME(\d+)$`)

// timeIn returns the display's time in a startup notification ID, 0 when there is none.
func timeIn(token string) uint32 {
	m := startupTime.FindStringSubmatch(token)
	if m == nil {
		return 0
	}
	ms, err := strconv.ParseUint(m[1], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(ms)
}

// SetAttention implements system.Windows, in the way of old window managers and of new ones.
func (*Desktop) SetAttention(window uintptr, on bool) error {
	d, err := openDisplay()
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.setUrgent(xproto.Window(window), on); err != nil {
		return err
	}
	demands, err := d.atom("_NET_WM_STATE_DEMANDS_ATTENTION")
	if err != nil {
		return err
	}
	action := uint32(0) // remove
	if on {
		action = 1 // add
	}
	return d.tellManager(xproto.Window(window), "_NET_WM_STATE", action, uint32(demands), 0, 1)
}

// setUrgent changes UrgencyHint in WM_HINTS.
func (d *display) setUrgent(window xproto.Window, on bool) error {
	const (
		hints  = 9 // numbers, the first of them the flags
		urgent = 1 << 8
	)
	list, err := d.cards(window, "WM_HINTS", hints)
	if err != nil {
		return err
	}
	for len(list) < hints {
		list = append(list, 0)
	}
	if list[0]&urgent != 0 == on {
		return nil
	}
	list[0] ^= urgent
	data := make([]byte, 0, 4*hints)
	for _, v := range list {
		data = binary.LittleEndian.AppendUint32(data, v)
	}
	atom, err := d.atom("WM_HINTS")
	if err != nil {
		return err
	}
	if err := xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, window, atom, atom, 32, hints,
		data).Check(); err != nil {
		return fmt.Errorf("change WM_HINTS: %w", err)
	}
	return nil
}

// tellManager sends the window manager a message about a window.
func (d *display) tellManager(window xproto.Window, kind string, data ...uint32) error {
	atom, err := d.atom(kind)
	if err != nil {
		return err
	}
	for len(data) < 5 {
		data = append(data, 0)
	}
	message := xproto.ClientMessageEvent{
		Format: 32, Window: window, Type: atom, Data: xproto.ClientMessageDataUnionData32New(data),
	}
	const manager = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	if err := xproto.SendEventChecked(d.conn, false, d.root, manager, string(message.Bytes())).Check(); err != nil {
		return fmt.Errorf("send %s: %w", kind, err)
	}
	return nil
}

// cards reads a property of 32-bit numbers, at most so many; none when there is no such property.
func (d *display) cards(window xproto.Window, name string, most uint32) ([]uint32, error) {
	atom, err := d.atom(name)
	if err != nil {
		return nil, err
	}
	reply, err := xproto.GetProperty(d.conn, false, window, atom, xproto.AtomAny, 0, most).Reply()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if reply.Format != 32 {
		return nil, nil
	}
	var list []uint32
	for i := 0; i+4 <= len(reply.Value); i += 4 {
		list = append(list, binary.LittleEndian.Uint32(reply.Value[i:]))
	}
	return list, nil
}

// fullScreen reports whether the window that has the keyboard fills the screen, such as a film or a talk.
func fullScreen() bool {
	d, err := openDisplay()
	if err != nil {
		return false
	}
	defer d.close()
	active, err := d.cards(d.root, "_NET_ACTIVE_WINDOW", 1)
	if err != nil || len(active) == 0 || active[0] == 0 {
		return false
	}
	full, err := d.atom("_NET_WM_STATE_FULLSCREEN")
	if err != nil {
		return false
	}
	const most = 32
	states, err := d.cards(xproto.Window(active[0]), "_NET_WM_STATE", most)
	return err == nil && slices.Contains(states, uint32(full))
}
