package transfer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open file: %w", err), f.Close())
	}
	return s, nil
}

func (s *source) size() int64 { return s.info.Size() }

// takeTrace sums up the file's beginning and end, to know it again.
func (s *source) takeTrace() (string, error) {
	sum := sha256.New()
	size := s.size()
	parts := []struct{ at, n int64 }{{0, min(edge, size)}, {max(0, size-edge), min(edge, size)}}
	for _, p := range parts {
		if _, err := io.Copy(sum, io.NewSectionReader(s.file, p.at, p.n)); err != nil {
			return "", fmt.Errorf("read file: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// check tells whether the file is still the one that was opened.
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

// checksum sums up a part, in the form of tus.
func (s *source) checksum(at, n int64) (string, error) {
	sum := sha256.New()
	copied, err := io.Copy(sum, io.NewSectionReader(s.file, at, n))
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	if copied != n {
		return "", ErrChanged
	}
	return "sha256 " + base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}

// ahead is the checksum of the part that is likely to be next, made while the one before it is sent.
type ahead struct {
	at, n int64
	done  chan struct{} // closed when sum and err are there
	sum   string
	err   error
}

// lookAhead begins with the checksum of a part.
func (s *source) lookAhead(at, n int64) *ahead {
	a := &ahead{at: at, n: n, done: make(chan struct{})}
	go func() { // whoever has it waits for it
		defer close(a.done)
		a.sum, a.err = s.checksum(at, n)
	}()
	return a
}
