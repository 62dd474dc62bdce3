package telegram

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	largestPart = 8 << 20 // bytes of a message, or of any one value
	deepest     = 64      // levels of values that are skipped
)

// escapes replaces \xHH in strings, which Telegram Desktop writes for control characters and JSON does not have.
type escapes struct {
	in      *bufio.Reader
	pending []byte // to be returned
	taken   []byte // the part of the buffer that pending stands for
}

func (e *escapes) Read(p []byte) (int, error) {
	if len(e.pending) == 0 {
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.pending)
	e.pending = e.pending[n:]
	return n, nil
}

// fill makes the next bytes pending: those up to a backslash, or the two of an escape.
func (e *escapes) fill() error {
	if len(e.taken) > 0 {
		if _, err := e.in.Discard(len(e.taken)); err != nil {
			return err //nolint:wrapcheck // by the stream
		}
		e.taken = nil
	}
	if _, err := e.in.Peek(1); err != nil {
		return err //nolint:wrapcheck // io.EOF is returned unchanged
	}
	next, err := e.in.Peek(e.in.Buffered())
	if err != nil {
		return err //nolint:wrapcheck // by the stream
	}
	switch i := bytes.IndexByte(next, '\\'); {
	case i < 0:
		e.taken = next
	case i > 0:
		e.taken = next[:i]
	default:
		if next, err = e.in.Peek(2); err != nil { // it ends here
			e.taken = next[:1]
			break
		}
		if e.taken = next; next[1] == 'x' {
			e.pending = []byte(`\u00`)
			return nil
		}
	}
	e.pending = e.taken
	return nil
}

// bounded ends with its context, and when more is read for one part than there may be.
type bounded struct {
	ctx  context.Context //nolint:containedctx // of the one reading
	in   io.Reader
	left int64
	read int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.read += int64(n)
	return n, err //nolint:wrapcheck // by the stream
}

// stream reads the tokens and values of a file.
type stream struct {
	in   *bounded
	json *json.Decoder
}

func newStream(ctx context.Context, in io.Reader) *stream {
	const buffer = 1 << 16
	b := &bounded{ctx: ctx, in: &escapes{in: bufio.NewReaderSize(in, buffer)}}
	return &stream{in: b, json: json.NewDecoder(b)}
}

// part starts a new part, which may be as large as one may be.
func (s *stream) part() { s.in.left = largestPart }

func (s *stream) token() (json.Token, error) {
	s.part()
	t, err := s.json.Token()
	if err != nil {
		return nil, s.failed(err)
	}
	return t, nil
}

func (s *stream) failed(err error) error {
	switch {
	case errors.Is(err, ErrTooLarge), s.in.ctx.Err() != nil:
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends in the middle", ErrFormat)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return fmt.Errorf("read export: %w", err)
}

// value reads the next value; a member of another type than expected is left out.
func (s *stream) value(v any) error {
	s.part()
	err := s.json.Decode(v)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok || err == nil {
		return nil
	}
	return s.failed(err)
}

// skip skips the next value, however large it is.
func (s *stream) skip() error {
	for depth := 0; ; {
		t, err := s.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > deepest {
				return fmt.Errorf("%w: it is nested too deeply", ErrFormat)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// object calls member for each member of the object that follows; member reads the value. A value of another type is
// skipped.
func (s *stream) object(member func(key string) error) error {
	return s.each('{', '}', func() error {
		t, err := s.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		return member(key)
	})
}

// array calls element for each element of the array that follows; element reads it.
func (s *stream) array(element func() error) error { return s.each('[', ']', element) }

func (s *stream) each(opens, closes json.Delim, one func() error) error {
	t, err := s.token()
	if err != nil {
		return err
	}
	d, ok := t.(json.Delim)
	switch {
	case !ok:
		return nil
	case d != opens:
		return s.rest()
	}
	for s.more() {
		if err := one(); err != nil {
			return err
		}
	}
	t, err = s.token()
	if err == nil && t != closes {
		return ErrFormat
	}
	return err
}

func (s *stream) more() bool {
	s.part()
	return s.json.More()
}

// rest skips what is left of the array or object that has just begun.
func (s *stream) rest() error {
	for s.more() {
		if err := s.skip(); err != nil {
			return err
		}
	}
	_, err := s.token()
	return err
}
