package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// edge is how much of a file's beginning and end its print covers.
const edge = 64 << 10

// source is the file that is uploaded, as it was at the beginning.
type source struct {
	path  string
	file  *os.File
	info  fs.FileInfo
	trace string // of its beginning and end
}

// openSource opens a file that is to be uploaded.
func openSource(path string) (*source, error) {
	info, err := os.Stat(path) // before opening: what is no regular file may make that wait
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open file: %w", fs.ErrInvalid)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	s := &source{path: path, file: f}
	if s.info, err = f.Stat(); err == nil {
		s.trace, err = s.takeTrace()
	}
	if err == nil && s.size() == 0 && !s.isEmpty() {
		err = ErrUnreadable
	}
	if errors.Is(err, ErrUnreadable) {
		_ = f.Close() // it was only read
		return nil, ErrUnreadable
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open file: %w", err), f.Close())
	}
	return s, nil
}

// CheckSource reports whether a file can be uploaded as it is: ErrUnreadable when it holds something else than its
// size says.
func CheckSource(path string) error {
	s, err := openSource(path)
	if err != nil {
		return err
	}
	_ = s.file.Close() // it was only read
	return nil
}

// isEmpty reports whether there is nothing to read.
func (s *source) isEmpty() bool {
	_, err := s.file.ReadAt(make([]byte, 1), 0)
	return errors.Is(err, io.EOF)
}

// short is the reason why there is less to read than the size says.
func (s *source) short() error {
	if err := s.check(); err != nil {
		return err
	}
	return ErrUnreadable
}

// full returns the n bytes from a place in the file; when there are less, reading ends with the reason.
func (s *source) full(at, n int64) io.Reader {
	return &fullReader{s: s, r: io.NewSectionReader(s.file, at, n), left: n}
}

type fullReader struct {
	s    *source
	r    io.Reader
	left int64
}

func (r *fullReader) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.left -= int64(n)
	if errors.Is(err, io.EOF) && r.left > 0 {
		err = r.s.short()
	}
	return n, err
}

func (s *source) size() int64 { return s.info.Size() }

// takeTrace sums up the file's beginning and end, to know it again.
func (s *source) takeTrace() (string, error) {
	sum := sha256.New()
	size := s.size()
	parts := []struct{ at, n int64 }{{0, min(edge, size)}, {max(0, size-edge), min(edge, size)}}
	for _, p := range parts {
		n, err := io.Copy(sum, io.NewSectionReader(s.file, p.at, p.n))
		if err != nil {
			return "", fmt.Errorf("read file: %w", err)
		}
		if n < p.n {
			return "", s.short()
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// check reports whether the file is still the one that was opened.
func (s *source) check() error {
	now, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: it is not there any more", ErrChanged)
	}
	if err != nil {
		return fmt.Errorf("look up file: %w", err)
	}
	if !os.SameFile(now, s.info) || now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime()) {
		return ErrChanged
	}
	return nil
}

// checkTrace is check, and compares the beginning and the end.
func (s *source) checkTrace() error {
	if err := s.check(); err != nil {
		return err
	}
	now, err := s.takeTrace()
	if err != nil {
		return err
	}
	if now != s.trace {
		return ErrChanged
	}
	return nil
}

// follower sums up the file while it is sent. What was sent by an earlier run it reads again, beside what is sent now.
type follower struct {
	src    *source
	ctx    context.Context //nolint:containedctx // ends with stop
	cancel context.CancelFunc
	upTo   atomic.Int64
	more   chan struct{} // upTo has grown
	done   chan struct{} // closed when err is set
	err    error

	mu  sync.Mutex
	sum hash.Hash // of the first at bytes
	at  int64
}

// follow starts to sum up the file. stop has to be called.
func (s *source) follow() *follower {
	f := &follower{src: s, more: make(chan struct{}, 1), done: make(chan struct{}), sum: sha256.New()}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	go func() { // stop waits for it
		defer close(f.done)
		f.err = f.run()
	}()
	return f
}

// run sums up what feed has left out.
func (f *follower) run() error {
	buffer := make([]byte, min(piece, f.src.size()))
	for f.ctx.Err() == nil {
		behind, err := f.catchUp(buffer)
		if err != nil || behind < 0 {
			return err
		}
		if behind == 0 {
			select {
			case <-f.more:
			case <-f.ctx.Done():
			}
		}
	}
	return context.Cause(f.ctx) //nolint:wrapcheck // it is not looked at
}

// catchUp sums up a piece, and returns how much was missing; negative: it has the whole.
func (f *follower) catchUp(buffer []byte) (behind int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at == f.src.size() {
		return -1, nil
	}
	if behind = f.upTo.Load() - f.at; behind <= 0 {
		return 0, nil
	}
	n, err := f.src.file.ReadAt(buffer[:min(behind, int64(len(buffer)))], f.at)
	if n == 0 && errors.Is(err, io.EOF) {
		return 0, ErrChanged
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read file: %w", err)
	}
	f.sum.Write(buffer[:n])
	f.at += int64(n)
	return behind, nil
}

// feed returns what is sent, from a place in the file. It is called by one goroutine at a time.
func (f *follower) feed(from int64, b []byte) {
	if f.mu.TryLock() {
		if skip := f.at - from; skip >= 0 && skip < int64(len(b)) {
			f.sum.Write(b[skip:])
			f.at = from + int64(len(b))
		}
		f.mu.Unlock()
	}
	f.reach(from + int64(len(b)))
}

// reach lets it get as far as n.
func (f *follower) reach(n int64) {
	if n <= f.upTo.Load() {
		return
	}
	f.upTo.Store(n)
	f.mu.Lock()
	needed := f.at < n || f.at == f.src.size()
	f.mu.Unlock()
	if !needed {
		return
	}
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// digest returns the SHA-256 of the file, which reach has let it get through.
func (f *follower) digest(ctx context.Context) ([]byte, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx) //nolint:wrapcheck // cancellation is returned unchanged
	}
	if f.err != nil {
		return nil, f.err
	}
	return f.sum.Sum(nil), nil
}

// whole is digest in the form of HTTP.
func (f *follower) whole(ctx context.Context) (string, error) {
	sum, err := f.digest(ctx)
	if err != nil {
		return "", err
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":", nil
}

func (f *follower) stop() {
	f.cancel()
	<-f.done
}
