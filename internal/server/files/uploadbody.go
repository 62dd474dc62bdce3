package files

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

	"github.com/parley-chat/parley/internal/server/fileref"
	"github.com/parley-chat/parley/internal/server/refusal"
)

const (
	// receiveSize is how many bytes are read at a time.
	receiveSize = 256 << 10
	// SaveEvery is the number of received bytes after which an upload is synced and its offset stored.
	SaveEvery = 4 << 20
	// sniffSize is how many bytes are used to detect the type of a file.
	sniffSize = 512
)

// bodyBuffers pools the buffers of uploads and downloads.
var bodyBuffers = sync.Pool{New: func() any { return new([receiveSize]byte) }}

// uploadBody writes the body of one request to disk.
type uploadBody struct {
	s     *Service
	f     *fileref.File
	t     *transfer
	check *checksum // nil: none
	room  *room
	file  *os.File
	sum   hash.Hash // of the bytes up to off
	off   int64
	saved int64      // the offset in the database once the running save has ended
	saves chan error // the result of the running save; nil: none
}

// receive receives the body of a request. It updates f.Off and, once the upload is complete, f.Done.
func (s *Service) receive(r *http.Request, f *fileref.File, t *transfer, check *checksum, room *room) (err error) {
	file, err := s.blobs.create(f.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	c := &uploadBody{s: s, f: f, t: t, check: check, room: room, file: file, off: f.Off, saved: f.Off}
	if c.sum, err = resume(file, f); err != nil {
		return err
	}
	start, err := snapshot(c.sum)
	if err != nil {
		return err
	}
	readErr := c.read(r.Body)
	if readErr == nil {
		t.clearDeadline()
	}
	return c.finish(context.WithoutCancel(r.Context()), readErr, start)
}

// resume truncates the file to the acknowledged offset and returns the hash up to there.
func resume(file *os.File, f *fileref.File) (hash.Hash, error) {
	if err := file.Truncate(f.Off); err != nil {
		return nil, fmt.Errorf("cut upload: %w", err)
	}
	sum := sha256.New()
	if f.Off == 0 {
		return sum, nil
	}
	if u, ok := sum.(encoding.BinaryUnmarshaler); ok && f.State != nil {
		if u.UnmarshalBinary(f.State) == nil {
			return sum, nil
		}
		sum.Reset()
	}
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, f.Off)); err != nil {
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

// read reads the body up to its end.
func (c *uploadBody) read(body io.Reader) error {
	buf, _ := bodyBuffers.Get().(*[receiveSize]byte)
	defer bodyBuffers.Put(buf)
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

// cutError is an error while reading the body.
type cutError struct{ err error }

func (e *cutError) Error() string { return "the upload was cut off: " + e.err.Error() }

func (e *cutError) Unwrap() error { return e.err }

// take writes received bytes.
func (c *uploadBody) take(b []byte) error {
	if int64(len(b)) > c.f.Size-c.off {
		return errBodyTooLong
	}
	if _, err := c.file.WriteAt(b, c.off); err != nil {
		return writeError(err)
	}
	c.sum.Write(b)
	if c.check != nil {
		c.check.sum.Write(b)
	}
	c.off += int64(len(b))
	c.room.use(int64(len(b)))
	c.s.c.Metrics.FileBytes("in", len(b))
	if err := c.t.moved(int64(len(b))); err != nil {
		return err
	}
	// Bytes with an unchecked checksum are not acknowledged, nor is the last byte before finish.
	if c.check == nil && c.off-c.saved >= SaveEvery && c.off < c.f.Size {
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

// save stores the offset while more data is received. It waits for the previous save, so that at most twice SaveEvery
// bytes are lost.
func (c *uploadBody) save() error {
	if c.saves != nil {
		err := <-c.saves
		if c.saves = nil; err != nil {
			return err
		}
		if err := c.t.moved(0); err != nil { // restart the client's timeout: the wait was for our sync
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

// acknowledge syncs the file and stores the offset.
func (c *uploadBody) acknowledge(off int64, state []byte) error {
	if err := c.file.Sync(); err != nil {
		return writeError(err)
	}
	return c.s.c.Log.SaveOffset(c.f.ID, off, state)
}

// finish stores or reverts the received bytes; start is the state of the hash before them.
func (c *uploadBody) finish(ctx context.Context, readErr error, start []byte) error {
	if c.saves != nil {
		if err := <-c.saves; err != nil {
			return err
		}
	}
	switch {
	case c.check != nil && readErr != nil, errors.Is(readErr, errBodyTooLong):
		return c.revert(start, readError(readErr))
	case c.check != nil && !c.check.right():
		return c.revert(start, refusal.HTTP(statusChecksum, "checksum", "the checksum does not match the received data"))
	case c.off == c.f.Size && c.f.Done == 0:
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
	c.f.Off = c.off
	return readError(readErr)
}

// revert drops the whole body and returns why.
func (c *uploadBody) revert(start []byte, why error) error {
	if c.saved > c.f.Off {
		if err := c.s.c.Log.SaveOffset(c.f.ID, c.f.Off, start); err != nil {
			return err
		}
	}
	if err := c.file.Truncate(c.f.Off); err != nil {
		return fmt.Errorf("cut upload: %w", err)
	}
	return why
}

// complete turns the complete upload into a file.
func (c *uploadBody) complete(ctx context.Context) error {
	head := make([]byte, min(sniffSize, c.f.Size))
	if _, err := c.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if err := c.file.Sync(); err != nil {
		return writeError(err)
	}
	c.f.Hash, c.f.MIME = c.sum.Sum(nil), http.DetectContentType(head)
	return c.s.finish(ctx, c.f)
}

// readError returns the refusal for an error while reading the body.
func readError(err error) error {
	cut, ok := errors.AsType[*cutError](err)
	switch {
	case errors.Is(err, errStopped):
		return errInterrupted
	case !ok:
		return err
	case errors.Is(cut.err, os.ErrDeadlineExceeded):
		return errUploadTimeout
	}
	return errCutOff
}
