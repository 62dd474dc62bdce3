package audio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// The bounds of a file.
const (
	MaxBytes    = 512 << 20
	MaxDuration = 24 * time.Hour
	minRate     = 4000
	maxRate     = 192000
	maxChannels = 8
)

// Errors of this package.
var (
	// ErrTooLarge: the file has too many bytes, or lasts too long.
	ErrTooLarge = errors.New("sound is too large")
	// ErrFormat: the file is damaged, or not a sound of a known format.
	ErrFormat = errors.New("not a sound that can be read")
	// ErrNoDecoder: the file is a sound of a kind that cannot be decoded here.
	ErrNoDecoder = errors.New("no decoder for this kind of sound")
)

// Info describes a sound, as its file does.
type Info struct {
	MIME     string
	Duration time.Duration
	Rate     int // samples per second of each channel
	Channels int // 1 or 2: more are mixed down
}

// frames returns how many samples each channel has in d.
func (i Info) frames(d time.Duration) int64 {
	return int64(d/time.Second)*int64(i.Rate) + int64(d%time.Second)*int64(i.Rate)/int64(time.Second)
}

// lasting returns the duration of this many samples of each channel.
func lasting(frames int64, rate int) time.Duration {
	seconds, rest := frames/int64(rate), frames%int64(rate)
	return time.Duration(seconds)*time.Second + time.Duration(rest)*time.Second/time.Duration(rate)
}

// decoder is one format's part of a Stream.
type decoder interface {
	// read returns at least one sample of each channel, interleaved, or an error.
	read() ([]float32, error)
	// seek goes to a sample, or to an earlier one, and returns the position.
	seek(frame int64) (at int64, err error)
}

// sound is what newStream found out about a file.
type sound struct {
	info  Info
	total int64   // samples of each channel
	dec   decoder // decoder; nil with ErrNoDecoder
}

// Stream is an open sound. It is not safe for concurrent use.
type Stream struct {
	sound

	closer io.Closer
	left   []float32 // decoded, not yet read
	at     int64     // the next sample of each channel
}

// Open opens a sound file.
func Open(path string) (*Stream, error) {
	f, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	s, err := newStream(f, size)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.closer = f
	return s, nil
}

// Probe returns what a sound file says about itself, also for formats that cannot be decoded here.
func Probe(path string) (info Info, err error) {
	f, size, err := openFile(path)
	if err != nil {
		return Info{}, err
	}
	info, err = probe(f, size)
	return info, errors.Join(err, f.Close())
}

// openFile opens a regular file: opening anything else might block for ever.
func openFile(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("open sound: %w", err)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%w: %s is no regular file", ErrFormat, info.Name())
	case info.Size() > MaxBytes:
		return nil, 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxBytes)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("open sound: %w", err)
	}
	return f, info.Size(), nil
}

func probe(r io.ReadSeeker, size int64) (Info, error) {
	s, err := newStream(r, size)
	if errors.Is(err, ErrNoDecoder) {
		return s.info, s.info.check()
	}
	if err != nil {
		return Info{}, err
	}
	return s.info, nil
}

// newStream detects the format by the content. With ErrNoDecoder it still returns what is known.
func newStream(r io.ReadSeeker, size int64) (s *Stream, err error) {
	head := make([]byte, 64)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read sound: %w", err)
	}
	defer saved(&err)
	s = &Stream{}
	switch Sniff(head[:n]) {
	case MIMEWave:
		s.sound, err = newWave(r, size)
	case MIMEOgg:
		s.sound, err = newOgg(r, size)
	case MIMEFlac:
		s.sound, err = newFlac(r, size)
	case MIMEMP3:
		s.sound, err = newMP3(r)
	default:
		err = fmt.Errorf("%w: unknown format", ErrFormat)
	}
	if err == nil {
		err = s.info.check()
	}
	if err != nil && !errors.Is(err, ErrNoDecoder) {
		return nil, err
	}
	return s, err
}

func (i Info) check() error {
	switch {
	case i.Rate < minRate || i.Rate > maxRate || i.Channels < 1 || i.Channels > 2:
		return fmt.Errorf("%w: %d samples per second, %d channels", ErrFormat, i.Rate, i.Channels)
	case i.Duration <= 0:
		return fmt.Errorf("%w: it has no sound", ErrFormat)
	case i.Duration > MaxDuration:
		return fmt.Errorf("%w: it lasts %s", ErrTooLarge, i.Duration)
	}
	return nil
}

// saved turns a panic into an error: the third-party decoders use numbers of damaged files as indexes.
func saved(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrFormat, r)
	}
}

// Info describes the sound.
func (s *Stream) Info() Info { return s.info }

// Position is the time of the next sample.
func (s *Stream) Position() time.Duration { return lasting(s.at, s.info.Rate) }

// Read fills p, whose length is a multiple of the channels, with interleaved samples from -1 to 1, and returns how
// many it wrote. At the end it returns io.EOF.
func (s *Stream) Read(p []float32) (n int, err error) {
	defer saved(&err)
	channels := s.info.Channels
	for n+channels <= len(p) {
		if s.at >= s.total {
			break
		}
		if len(s.left) < channels {
			if s.left, err = s.dec.read(); err != nil {
				break
			}
		}
		most := min(len(p)-n, len(s.left), int(min(s.total-s.at, int64(len(p))))*channels)
		most -= most % channels
		copy(p[n:], s.left[:most])
		s.left = s.left[most:]
		n += most
		s.at += int64(most / channels)
	}
	if n > 0 {
		return n, nil // the error comes again with the next Read
	}
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, io.EOF
	}
	return 0, fmt.Errorf("%w: %w", ErrFormat, err)
}

// Seek goes to a time.
func (s *Stream) Seek(to time.Duration) (err error) {
	defer saved(&err)
	want := min(max(0, s.info.frames(to)), s.total)
	s.left = nil
	if s.at, err = s.dec.seek(want); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	rest := make([]float32, 4096*s.info.Channels)
	for s.at < want {
		most := int(min(want-s.at, 4096)) * s.info.Channels
		if _, err := s.Read(rest[:most]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return nil
}

// Close closes the file.
func (s *Stream) Close() error {
	if s.closer == nil {
		return nil
	}
	return s.closer.Close() //nolint:wrapcheck // the file was only read
}
