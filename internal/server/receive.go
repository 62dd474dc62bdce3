package server

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"sync"
)

const (
	// receiveSize is how many bytes are taken at a time.
	receiveSize = 256 << 10
	// saveEvery is after how many bytes what has come is acknowledged on the disk while more is coming.
	saveEvery = 4 << 20
	// sniffSize is how much of a file its type is told from.
	sniffSize = 512
)

// pieces are the buffers of uploads.
var pieces = sync.Pool{New: func() any { return new([receiveSize]byte) }} //nolint:gochecknoglobals // a pool is shared by nature

// reception takes the body of one request to the disk.
type reception struct {
	s     *Server
	f     *fileRow
	t     *transfer
	check *checksum // nil: none
	file  *os.File
	sum   hash.Hash // of all up to off
	off   int64
	saved int64      // what the database knows, or will when saving has ended
	saves chan error // the end of a save that is under way; nil: none
}

// receive takes the body of a request. f.off and, at the end, f.done tell how far the upload has come.
func (s *Server) receive(r *http.Request, f *fileRow, t *transfer, check *checksum) (err error) {
	file, err := s.files.create(f.id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	c := &reception{s: s, f: f, t: t, check: check, file: file, off: f.off, saved: f.off}
	if c.sum, err = resume(file, f); err != nil {
		return err
	}
	start, err := snapshot(c.sum)
	if err != nil {
		return err
	}
	readErr := c.read(r.Body)
	if readErr == nil {
		t.rest()
	}
	return c.conclude(context.WithoutCancel(r.Context()), readErr, start)
}

// resume cuts off what was never acknowledged and returns the hash of the rest.
func resume(file *os.File, f *fileRow) (hash.Hash, error) {
	if err := file.Truncate(f.off); err != nil {
		return nil, fmt.Errorf("cut upload: %w", err)
	}
	sum := sha256.New()
	if f.off == 0 {
		return sum, nil
	}
	if u, ok := sum.(encoding.BinaryUnmarshaler); ok && f.state != nil {
		if u.UnmarshalBinary(f.state) == nil {
			return sum, nil
		}
		sum.Reset()
	}
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, f.off)); err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return sum, nil
}

func snapshot(sum hash.Hash) ([]byte, error) {
	m, ok := sum.(encoding.BinaryMarshaler)
	if !ok {
		return nil, errors.New("the hash cannot be saved")
	}
	b, err := m.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("save hash: %w", err)
	}
	return b, nil
}

// read takes the body up to its end.
func (c *reception) read(body io.Reader) error {
	buf, _ := pieces.Get().(*[receiveSize]byte)
	defer pieces.Put(buf)
	if err := c.t.moved(0); err != nil {
		return err
	}
	for {
		n, err := body.Read(buf[:])
		if n > 0 {
			if err := c.take(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && c.t.isStopped():
			return errStopped
		case err != nil:
			return &cutError{err}
		}
	}
}

// cutError is what has ended a body too early.
type cutError struct{ err error }

func (e *cutError) Error() string { return "the upload was cut off: " + e.err.Error() }

func (e *cutError) Unwrap() error { return e.err }

// take writes a piece.
func (c *reception) take(b []byte) error {
	if int64(len(b)) > c.f.size-c.off {
		return errTooMuch
	}
	if _, err := c.file.WriteAt(b, c.off); err != nil {
		return writeError(err)
	}
	c.sum.Write(b)
	if c.check != nil {
		c.check.sum.Write(b)
	}
	c.off += int64(len(b))
	c.s.metrics.fileBytes("in", len(b))
	if err := c.t.moved(int64(len(b))); err != nil {
		return err
	}
	// What is not known to be right yet is not acknowledged, nor the last byte before the file is made.
	if c.check == nil && c.off-c.saved >= saveEvery && c.off < c.f.size {
		return c.save()
	}
	return nil
}

func writeError(err error) error {
	if diskFull(err) {
		return errNoRoom
	}
	return fmt.Errorf("write upload: %w", err)
}

// save acknowledges what is there, beside what is coming. It waits for the last save, so that never more than twice saveEvery is lost.
func (c *reception) save() error {
	if c.saves != nil {
		err := <-c.saves
		if c.saves = nil; err != nil {
			return err
		}
		if err := c.t.moved(0); err != nil { // the wait was not the client's
			return err
		}
	}
	if err := c.s.checkRoom(0); err != nil {
		return err
	}
	state, err := snapshot(c.sum)
	if err != nil {
		return err
	}
	off := c.off
	c.saved, c.saves = off, make(chan error, 1)
	go func(done chan<- error) { done <- c.acknowledge(off, state) }(c.saves)
	return nil
}

// acknowledge brings what is there to the disk and says so in the database.
func (c *reception) acknowledge(off int64, state []byte) error {
	if err := c.file.Sync(); err != nil {
		return writeError(err)
	}
	return c.s.saveOffset(c.f.id, off, state)
}

// conclude settles what becomes of the body; start is the hash of what was there before it.
func (c *reception) conclude(ctx context.Context, readErr error, start []byte) error {
	if c.saves != nil {
		if err := <-c.saves; err != nil {
			return err
		}
	}
	switch {
	case c.check != nil && readErr != nil, errors.Is(readErr, errTooMuch):
		return c.revert(start, readError(readErr))
	case c.check != nil && !c.check.right():
		return c.revert(start, &fileError{statusChecksum, "checksum", "the checksum is not that of what has come"})
	case c.off == c.f.size && c.f.done == 0:
		return c.complete(ctx)
	}
	if c.off > c.saved {
		state, err := snapshot(c.sum)
		if err != nil {
			return err
		}
		if err := c.acknowledge(c.off, state); err != nil {
			return err
		}
	}
	c.f.off = c.off
	return readError(readErr)
}

// revert forgets the whole body, and returns why.
func (c *reception) revert(start []byte, why error) error {
	if c.saved > c.f.off {
		if err := c.s.saveOffset(c.f.id, c.f.off, start); err != nil {
			return err
		}
	}
	if err := c.file.Truncate(c.f.off); err != nil {
		return fmt.Errorf("cut upload: %w", err)
	}
	return why
}

// complete makes a file of what is there.
func (c *reception) complete(ctx context.Context) error {
	head := make([]byte, min(sniffSize, c.f.size))
	if _, err := c.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if err := c.file.Sync(); err != nil {
		return writeError(err)
	}
	c.f.hash, c.f.mime = c.sum.Sum(nil), http.DetectContentType(head)
	return c.s.finish(ctx, c.f)
}

// readError is what the client is told, if it is still there.
func readError(err error) error {
	cut, ok := errors.AsType[*cutError](err)
	switch {
	case errors.Is(err, errStopped):
		return errInterrupted
	case !ok:
		return err
	case errors.Is(cut.err, os.ErrDeadlineExceeded):
		return errNothingCame
	}
	return errCutOff
}
