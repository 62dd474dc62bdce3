package libopus_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/library/librarytest"
)

// microphone hands the test's samples to a recording.
type microphone struct{ take func([]float32) }

func (m *microphone) Record(_ int, take func([]float32), _ func()) (func(), error) {
	m.take = take
	return func() {}, nil
}

// The library encodes, or New reports that it is missing: one of both is right on any machine.
func TestEncoder(t *testing.T) {
	t.Parallel()
	enc, err := libopus.New()
	if librarytest.Missing(t, err, audio.ErrNoEncoder) {
		return
	}
	if _, err := enc.Encode(make([]float32, 100)); err == nil {
		t.Error("half a packet was encoded")
	}
	path := filepath.Join(t.TempDir(), "a.opus")
	var m microphone
	r, err := audio.Record(&m, enc, path)
	if err != nil {
		t.Fatal(err)
	}
	const rate, hz = 48000, 440.0
	for i := 0; i < 3*rate; i += 480 {
		piece := make([]float32, 480)
		for j := range piece {
			piece[j] = float32(0.4 * math.Sin(2*math.Pi*hz*float64(i+j)/rate))
		}
		m.take(piece)
	}
	done, err := r.Finish()
	if err != nil || done.Duration != 3*time.Second {
		t.Fatalf("%+v, %v", done, err)
	}
	s, err := audio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Info().Duration != 3*time.Second {
		t.Errorf("it lasts %s", s.Info().Duration)
	}
	if err := s.Seek(time.Second); err != nil {
		t.Fatal(err)
	}
	samples := make([]float32, rate)
	for n := 0; n < rate; {
		k, err := s.Read(samples[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	rises := 0
	for i := 1; i < rate; i++ {
		if samples[i-1] < 0 && samples[i] >= 0 {
			rises++
		}
	}
	if math.Abs(float64(rises)-hz) > 2 {
		t.Errorf("it sounds at %d Hz", rises)
	}
	if loud := audio.Loudness(samples); math.Abs(loud-0.4/math.Sqrt2) > 0.03 {
		t.Errorf("it is %.3f loud", loud)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > 3*8000 || s.Close() != nil {
		t.Errorf("%v, %v", info.Size(), err)
	}
	enc.Close()
	if _, err := enc.Encode(make([]float32, 960)); err == nil {
		t.Error("a closed encoder encodes")
	}
}
