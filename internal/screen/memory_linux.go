package screen

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"
)

// probeWidth is how many pixels show that the server sees our memory.
const probeWidth = 16

var errForeign = errors.New("the server sees other memory")

// memory is memory that the X server writes to.
type memory struct {
	display *display
	segment shm.Seg
	bytes   []byte
}

// newMemory returns size bytes of memory; nil when the server cannot share it.
func newMemory(d *display, size int) *memory {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, max(size, probeWidth*pixelSize), unix.IPC_CREAT|0o600)
	if err != nil {
		return nil
	}
	// The kernel keeps it while it is attached, and no longer.
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil) //nolint:errcheck // it is not there any more
	m := &memory{display: d}
	if m.bytes, err = unix.SysvShmAttach(id, 0, 0); err != nil {
		return nil
	}
	if m.segment, err = shm.NewSegId(d.conn); err == nil {
		err = shm.AttachChecked(d.conn, m.segment, uint32(id), false).Check()
	}
	if err != nil {
		_ = unix.SysvShmDetach(m.bytes)
		return nil
	}
	if m.probe() != nil {
		m.close()
		return nil
	}
	return m
}

// probe checks that the server sees this memory. In a container the same number may be that of memory of another
// program, which a picture would overwrite.
func (m *memory) probe() error {
	conn, root, depth := m.display.conn, m.display.root, m.display.screen.RootDepth
	pixmap, err := xproto.NewPixmapId(conn)
	if err != nil {
		return fmt.Errorf("probe memory: %w", err)
	}
	context, err := xproto.NewGcontextId(conn)
	if err != nil {
		return fmt.Errorf("probe memory: %w", err)
	}
	secret := m.bytes[:probeWidth*pixelSize]
	_, _ = rand.Read(secret) // never fails
	xproto.CreatePixmap(conn, depth, pixmap, xproto.Drawable(root), probeWidth, 1)
	defer xproto.FreePixmap(conn, pixmap)
	xproto.CreateGC(conn, context, xproto.Drawable(pixmap), 0, nil)
	defer xproto.FreeGC(conn, context)
	if err := shm.PutImageChecked(conn, xproto.Drawable(pixmap), context, probeWidth, 1, 0, 0, probeWidth, 1, 0, 0, depth,
		xproto.ImageFormatZPixmap, 0, m.segment, 0).Check(); err != nil {
		return fmt.Errorf("probe memory: %w", err)
	}
	reply, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), 0, 0, probeWidth, 1,
		allPlanes).Reply()
	if err != nil {
		return fmt.Errorf("probe memory: %w", err)
	}
	if len(reply.Data) < len(secret) {
		return errForeign
	}
	for i := 0; i < len(secret); i += pixelSize {
		if !bytes.Equal(reply.Data[i:i+3], secret[i:i+3]) { // the fourth byte of a pixel is not kept
			return errForeign
		}
	}
	return nil
}

// close releases the memory; m may be nil.
func (m *memory) close() {
	if m == nil {
		return
	}
	shm.Detach(m.display.conn, m.segment)
	_ = unix.SysvShmDetach(m.bytes) // fails only for memory that was never attached
}
