//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

const (
	pngType = "image/png"
	// pieceSize is the largest transfer in one property; larger pictures are sent in pieces (INCR).
	pieceSize = 128 << 10
	// mostReaders bounds the programs that may fetch the picture in pieces at the same time.
	mostReaders = 16
	// finishWait bounds how long they may go on when another program has copied something.
	finishWait = 30 * time.Second
)

// owner serves what was copied until another program copies something: the X11 clipboard keeps no data of its own.
type owner struct {
	mu    sync.Mutex
	serve map[*served]context.CancelFunc // the newest, and those with readers that have not finished
	ended sync.WaitGroup
}

// CopyImage puts a PNG on the clipboard. It stays there until another program copies something, or Close.
func (k *Desktop) CopyImage(png []byte) error {
	d, err := openDisplay()
	if err != nil {
		return err
	}
	s := &served{d: d, png: bytes.Clone(png), readers: make(map[reader][]byte)}
	if err := s.begin(); err != nil {
		d.close()
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.owner.mu.Lock()
	defer k.owner.mu.Unlock()
	if k.owner.serve == nil {
		k.owner.serve = make(map[*served]context.CancelFunc)
	}
	k.owner.serve[s] = cancel
	k.owner.ended.Go(func() {
		s.serve(ctx)
		d.close()
		cancel()
		k.owner.mu.Lock()
		defer k.owner.mu.Unlock()
		delete(k.owner.serve, s)
	})
	return nil
}

// Close gives up the clipboard.
func (k *Desktop) Close() {
	k.owner.mu.Lock()
	for _, cancel := range k.owner.serve {
		cancel()
	}
	k.owner.mu.Unlock()
	k.owner.ended.Wait()
}

// served is a picture on the clipboard.
type served struct {
	d       *display
	png     []byte
	form    xproto.Atom
	targets xproto.Atom
	pieces  xproto.Atom
	readers map[reader][]byte // pending INCR transfers, with the bytes that are still to be sent
}

// reader is a pending INCR transfer to another client.
type reader struct {
	window   xproto.Window
	property xproto.Atom
}

// begin becomes the owner of the clipboard.
func (s *served) begin() (err error) {
	if s.form, err = s.d.atom(pngType); err != nil {
		return err
	}
	if s.targets, err = s.d.atom(targetList); err != nil {
		return err
	}
	if s.pieces, err = s.d.atom(incremental); err != nil {
		return err
	}
	board, err := s.d.atom(selection)
	if err != nil {
		return err
	}
	if err := xproto.SetSelectionOwnerChecked(s.d.conn, s.d.window, board, xproto.TimeCurrentTime).Check(); err != nil {
		return fmt.Errorf("take hold of the clipboard: %w", err)
	}
	return nil
}

// serve answers requests for the picture until another program owns the clipboard and those that had begun to fetch it
// have it, or ctx or the connection ends.
func (s *served) serve(ctx context.Context) {
	for owns := true; owns || len(s.readers) > 0; {
		event, err := s.d.next(ctx, func(xgb.Event) bool { return true })
		if err != nil {
			return
		}
		switch e := event.(type) {
		case xproto.SelectionClearEvent:
			owns = false
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, finishWait)
			defer cancel()
		case xproto.SelectionRequestEvent:
			s.answer(e)
		case xproto.PropertyNotifyEvent:
			if e.State == xproto.PropertyDelete {
				s.more(reader{e.Window, e.Atom})
			}
		case xproto.DestroyNotifyEvent:
			for r := range s.readers {
				if r.window == e.Window {
					delete(s.readers, r)
				}
			}
		}
	}
}

// answer sends the picture, or the list of its forms.
func (s *served) answer(e xproto.SelectionRequestEvent) {
	conn, into := s.d.conn, e.Property
	if into == 0 { // a request of an obsolete client
		into = e.Target
	}
	switch {
	case e.Target == s.targets:
		list := make([]byte, 8)
		xgb.Put32(list, uint32(s.targets))
		xgb.Put32(list[4:], uint32(s.form))
		xproto.ChangeProperty(conn, xproto.PropModeReplace, e.Requestor, into, xproto.AtomAtom, 32, 2, list)
	case e.Target != s.form, len(s.png) > pieceSize && len(s.readers) >= mostReaders:
		into = 0
	case len(s.png) <= pieceSize:
		xproto.ChangeProperty(conn, xproto.PropModeReplace, e.Requestor, into, s.form, 8, uint32(len(s.png)), s.png)
	default:
		xproto.ChangeWindowAttributes(conn, e.Requestor, xproto.CwEventMask,
			[]uint32{xproto.EventMaskPropertyChange | xproto.EventMaskStructureNotify})
		size := make([]byte, 4)
		xgb.Put32(size, uint32(len(s.png)))
		xproto.ChangeProperty(conn, xproto.PropModeReplace, e.Requestor, into, s.pieces, 32, 1, size)
		s.readers[reader{e.Requestor, into}] = s.png
	}
	note := xproto.SelectionNotifyEvent{
		Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: into,
	}
	xproto.SendEvent(conn, false, e.Requestor, 0, string(note.Bytes()))
}

// more sends the next piece to a client that has read the last one; an empty piece ends the transfer.
func (s *served) more(r reader) {
	rest, ok := s.readers[r]
	if !ok {
		return
	}
	piece := rest[:min(len(rest), pieceSize)]
	xproto.ChangeProperty(s.d.conn, xproto.PropModeReplace, r.window, r.property, s.form, 8, uint32(len(piece)), piece)
	if len(piece) == 0 {
		delete(s.readers, r)
		return
	}
	s.readers[r] = rest[len(piece):]
}
