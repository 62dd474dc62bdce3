package audio

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// microphone is an Input without a device: it records the samples of a test.
type microphone struct {
	take    func([]float32)
	lost    func()
	stopped bool
	err     error
}

func (m *microphone) Record(_ int, take func([]float32), lost func()) (func(), error) {
	m.take, m.lost = take, lost
	return func() { m.stopped = true }, m.err
}

// silentEncoder returns packets that every decoder decodes as silence: it replaces the library, which not every
// machine has.
type silentEncoder struct {
	closed bool
	err    error
	frames int
}

func (e *silentEncoder) Encode(samples []float32) ([]byte, error) {
	e.frames++
	if len(samples) != opusFrame {
		return nil, errors.New("wrong frame")
	}
	return []byte{0xf8, 0xff, 0xfe}, e.err
}
func (*silentEncoder) Lookahead() int { return 312 }
func (e *silentEncoder) Close()       { e.closed = true }

func recordTo(t *testing.T) (*Recording, *microphone, *silentEncoder, string) {
	t.Helper()
	m, e, path := &microphone{}, &silentEncoder{}, filepath.Join(t.TempDir(), "a.part")
	r, err := Record(m, e, path)
	if err != nil {
		t.Fatal(err)
	}
	return r, m, e, path
}

func TestRecord(t *testing.T) {
	r, m, e, path := recordTo(t)
	loud := make([]float32, 480)
	for i := range loud {
		loud[i] = 0.5
	}
	for range 250 {
		m.take(loud)
	}
	if r.Level() < 0.5 || r.Elapsed() != 2500*time.Millisecond {
		t.Errorf("level %.2f after %s", r.Level(), r.Elapsed())
	}
	m.take(make([]float32, 480*50+7))
	if r.Level() != 0 {
		t.Errorf("in silence the level is %.2f", r.Level())
	}
	done, err := r.Finish()
	if err != nil || len(done.Waveform) != Bars || done.Waveform[0] != 255 || done.Waveform[Bars-1] != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	if !m.stopped || !e.closed {
		t.Error("device or encoder was left open")
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want := int64(480*300 + 7)
	if s.total != want || len(readAll(t, s)[0]) != int(want) || done.Duration != s.info.Duration {
		t.Errorf("%d samples, want %d; %s", s.total, want, done.Duration)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// After a crash, everything up to the last second can still be played.
func TestRecord_cut_off(t *testing.T) {
	r, m, _, path := recordTo(t)
	m.take(make([]float32, 5*opusRate))
	var s *Stream
	for s == nil { // the pages are written meanwhile
		if data, err := os.ReadFile(path); err == nil {
			if s, err = Open(file(t, "cut", data)); err == nil && s.info.Duration < 4*time.Second {
				err = s.Close()
				s = nil
			}
			if err != nil && !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
		}
	}
	if got := len(readAll(t, s)[0]); got < 4*opusRate {
		t.Errorf("%d samples", got)
	}
	if err := errors.Join(s.Close(), r.Cancel()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Cancel: %v", err)
	}
}

func TestRecord_ends(t *testing.T) {
	r, m, _, _ := recordTo(t)
	m.take(make([]float32, opusRate))
	m.lost()
	<-r.Done()
	if done, err := r.Finish(); err != nil || done.Duration != time.Second {
		t.Errorf("after the device went: %+v, %v", done, err)
	}

	r, m, e, path := recordTo(t)
	e.err = errors.New("broken")
	m.take(make([]float32, opusRate))
	<-r.Done()
	if _, err := r.Finish(); !errors.Is(err, e.err) {
		t.Errorf("a broken encoder: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a failure: %v", err)
	}

	if r, _, _, _ := recordTo(t); r.Cancel() != nil {
		t.Error("an empty recording cannot be cancelled")
	}

	e, none := &silentEncoder{}, errors.New("none")
	if _, err := Record(&microphone{err: none}, e, filepath.Join(t.TempDir(), "x")); !errors.Is(err, none) || !e.closed {
		t.Errorf("without a device: %v", err)
	}
	e = &silentEncoder{}
	if _, err := Record(&microphone{}, e, t.TempDir()); err == nil || !e.closed {
		t.Errorf("into a folder: %v", err)
	}
}

func TestRecord_has_a_limit(t *testing.T) {
	r, m, _, _ := recordTo(t)
	second := make([]float32, opusRate)
	r.mu.Lock()
	r.taken = int64(MaxRecording/time.Second)*opusRate - opusRate/2
	r.mu.Unlock()
	m.take(second)
	<-r.Done()
	m.take(second)
	if r.Elapsed() != MaxRecording {
		t.Errorf("recorded %s", r.Elapsed())
	}
	r.mu.Lock()
	r.taken = opusRate / 2 // the true number
	r.mu.Unlock()
	if _, err := r.Finish(); err != nil {
		t.Error(err)
	}
}
